//! Sets up a payment method, or changes it. A secret that is not given again stays.

use super::model::{Minimum, Settings, Setup};
use super::seal::{Secrets, open, seal};
use super::store;
use super::views::{EpassiInput, OfflineInput, PaytrailInput, StripeInput};
use crate::catalog::products::benefits::benefit_words;
use crate::db::Tx;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::payments::model::ProviderKind;
use crate::payments::providers::offline;

/// The public accounts that Paytrail gives away for trials.
const PAYTRAIL_TEST_ACCOUNTS: [&str; 2] = ["375917", "695861"];

/// What one of the four bodies says, in one form.
#[derive(Clone)]
pub(super) struct Wanted {
    provider: ProviderKind,
    said: Option<ProviderKind>,
    test_mode: bool,
    enabled: bool,
    minimums: Vec<Minimum>,
    settings: Settings,
    /// The secrets that this provider needs: each by its name, and as it was given.
    secrets: Vec<(&'static str, Option<String>)>,
}

impl TryFrom<StripeInput> for Wanted {
    type Error = Problem;
    fn try_from(input: StripeInput) -> Result<Self, Problem> {
        let mode = |key: &str, kinds: &[&str]| {
            kinds.iter().find_map(|kind| match key.strip_prefix(kind)? {
                rest if rest.starts_with("_test_") => Some(true),
                rest if rest.starts_with("_live_") => Some(false),
                _ => None,
            })
        };
        let wrong = |pointer, detail| Problem::invalid(pointer, "invalid", detail);
        let test_mode = mode(&input.publishable_key, &["pk"])
            .ok_or_else(|| wrong("/publishable_key", "must begin with pk_test_ or pk_live_"))?;
        if let Some(key) = &input.secret_key {
            let of_key = mode(key, &["sk", "rk"]).ok_or_else(|| {
                wrong(
                    "/secret_key",
                    "must begin with sk_test_, sk_live_, rk_test_ or rk_live_",
                )
            })?;
            if of_key != test_mode {
                return Err(wrong("/secret_key", "must be of the same mode as the publishable key"));
            }
        }
        if input
            .webhook_secret
            .as_ref()
            .is_some_and(|secret| !secret.starts_with("whsec_"))
        {
            return Err(wrong("/webhook_secret", "must begin with whsec_"));
        }
        plain("/publishable_key", &input.publishable_key)?;
        Ok(Self {
            provider: ProviderKind::Stripe,
            said: input.provider,
            test_mode,
            enabled: input.enabled,
            minimums: input.minimums,
            settings: Settings {
                publishable_key: Some(input.publishable_key),
                ..Settings::default()
            },
            secrets: vec![
                ("secret_key", input.secret_key),
                ("webhook_secret", input.webhook_secret),
            ],
        })
    }
}

impl TryFrom<PaytrailInput> for Wanted {
    type Error = Problem;
    fn try_from(input: PaytrailInput) -> Result<Self, Problem> {
        plain("/merchant_id", &input.merchant_id)?;
        if PAYTRAIL_TEST_ACCOUNTS.contains(&input.merchant_id.as_str()) && !input.test_mode {
            let detail = "Paytrail's public test account is for test sales: send test_mode true";
            return Err(Problem::invalid("/merchant_id", "invalid", detail));
        }
        Ok(Self {
            provider: ProviderKind::Paytrail,
            said: input.provider,
            test_mode: input.test_mode,
            enabled: input.enabled,
            minimums: input.minimums,
            settings: Settings {
                merchant_id: Some(input.merchant_id),
                ..Settings::default()
            },
            secrets: vec![("secret_key", input.secret_key)],
        })
    }
}

impl TryFrom<EpassiInput> for Wanted {
    type Error = Problem;
    fn try_from(input: EpassiInput) -> Result<Self, Problem> {
        plain("/site", &input.site)?;
        Ok(Self {
            provider: ProviderKind::Epassi,
            said: input.provider,
            test_mode: input.test_mode,
            enabled: input.enabled,
            minimums: input.minimums,
            settings: Settings {
                site: Some(input.site),
                benefits: benefit_words(&input.benefits),
                ..Settings::default()
            },
            secrets: vec![("mac_key", input.mac_key)],
        })
    }
}

impl TryFrom<OfflineInput> for Wanted {
    type Error = Problem;
    fn try_from(input: OfflineInput) -> Result<Self, Problem> {
        let iban = offline::iban(&input.iban)
            .ok_or_else(|| Problem::invalid("/iban", "invalid", "is no IBAN: its check digits do not fit"))?;
        let bic = input.bic.map(|bic| bic.to_ascii_uppercase());
        if let Some(bic) = &bic
            && !([8, 11].contains(&bic.len()) && bic.bytes().all(|letter| letter.is_ascii_alphanumeric()))
        {
            return Err(Problem::invalid(
                "/bic",
                "invalid",
                "must be 8 or 11 letters and digits",
            ));
        }
        Ok(Self {
            provider: ProviderKind::Offline,
            said: input.provider,
            test_mode: input.test_mode,
            enabled: input.enabled,
            minimums: input.minimums,
            settings: Settings {
                payee: Some(input.payee.to_string()),
                iban: Some(iban),
                bic,
                due_days: Some(input.due_days),
                instructions: input.instructions.map(|text| text.to_string()),
                ..Settings::default()
            },
            secrets: Vec::new(),
        })
    }
}

fn plain(pointer: &str, text: &str) -> Result<(), Problem> {
    let fits = text
        .bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-');
    if fits {
        Ok(())
    } else {
        Err(Problem::invalid(pointer, "invalid", "must be letters, digits, _ and -"))
    }
}

/// Writes the account; returns what there was, and what there is.
pub(super) async fn put(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    wanted: &Wanted,
) -> Result<(Option<Setup>, Setup), Problem> {
    if wanted.said.is_some_and(|said| said != wanted.provider) {
        return Err(Problem::invalid(
            "/provider",
            "invalid",
            "must be the provider of the path",
        ));
    }
    let mut currencies: Vec<_> = wanted.minimums.iter().map(|least| least.currency.code()).collect();
    currencies.sort_unstable();
    if currencies.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Problem::invalid("/minimums", "duplicate", "each currency at most once"));
    }
    let before = store::find(tx.conn(), checkout, wanted.provider, wanted.test_mode).await?;
    let known = match &before {
        Some(before) => open(keys, before).map_err(Problem::internal)?,
        None => Secrets::default(),
    };
    let mut settings = wanted.settings.clone();
    let mut secrets = Secrets::default();
    for (name, given) in &wanted.secrets {
        let (kept, ending) = match *name {
            "webhook_secret" => (&known.webhook_secret, &mut settings.webhook_secret_last4),
            "mac_key" => (&known.mac_key, &mut settings.mac_key_last4),
            _ => (&known.secret_key, &mut settings.secret_key_last4),
        };
        let pointer = format!("/{name}");
        let Some(secret) = given.clone().or_else(|| kept.clone()) else {
            // Stripe tells it once the address is registered that this answer shows.
            if *name == "webhook_secret" {
                continue;
            }
            return Err(Problem::invalid(
                pointer.as_str(),
                "required",
                "is required the first time",
            ));
        };
        if !secret.bytes().all(|letter| letter.is_ascii_graphic()) {
            return Err(Problem::invalid(
                pointer.as_str(),
                "invalid",
                "must be visible ASCII characters",
            ));
        }
        *ending = Some(secret[secret.len() - 4..].to_owned());
        match *name {
            "webhook_secret" => secrets.webhook_secret = Some(secret),
            "mac_key" => secrets.mac_key = Some(secret),
            _ => secrets.secret_key = Some(secret),
        }
    }
    let now = tx.clock().now();
    let setup = Setup {
        checkout_id: checkout,
        provider: wanted.provider,
        test_mode: wanted.test_mode,
        enabled: wanted.enabled,
        minimums: serde_json::to_value(&wanted.minimums).map_err(Problem::internal)?,
        settings: serde_json::to_value(&settings).map_err(Problem::internal)?,
        secrets: seal(keys, (checkout, wanted.provider, wanted.test_mode), &secrets),
        created_at: now,
        updated_at: now,
    };
    store::put(tx, &setup).await?;
    let after = store::find(tx.conn(), checkout, wanted.provider, wanted.test_mode).await?;
    let after = after.ok_or_else(|| Problem::internal("a payment method vanished in its own transaction"))?;
    Ok((before, after))
}

/// Forgets the account; returns what there was. Payments that have begun with it are not asked about any more.
pub(super) async fn delete(
    tx: &mut Tx,
    checkout: CheckoutId,
    provider: ProviderKind,
    test_mode: bool,
) -> Result<Setup, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let before = store::find(tx.conn(), checkout, provider, test_mode)
        .await?
        .ok_or_else(not_found)?;
    if !store::delete(tx, checkout, provider, test_mode).await? {
        return Err(not_found());
    }
    Ok(before)
}
