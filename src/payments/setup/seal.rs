//! Seals what may not be read of an account, and opens it for who calls the provider.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::model::{Account, Setup};
use crate::kernel::ids::CheckoutId;
use crate::kernel::secret::{Keyring, NotOurs};
use crate::payments::model::ProviderKind;
use crate::payments::providers::{epassi, offline, paytrail, stripe};

/// The secrets of one account. Never printed: there is no Debug.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Secrets {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_key: Option<String>,
}

/// The row the sealed secrets are bound to.
pub(super) fn place(checkout: CheckoutId, provider: ProviderKind, test_mode: bool) -> String {
    format!("{checkout}/payment_methods.secrets/{provider}/{test_mode}")
}

pub(super) fn seal(
    keys: &Keyring,
    (checkout, provider, test_mode): (CheckoutId, ProviderKind, bool),
    secrets: &Secrets,
) -> Vec<u8> {
    let plain = serde_json::to_vec(secrets).unwrap_or_default();
    keys.seal(&place(checkout, provider, test_mode), &plain)
}

pub(super) fn open(keys: &Keyring, setup: &Setup) -> Result<Secrets, NotOurs> {
    let place = place(setup.checkout_id, setup.provider, setup.test_mode);
    let plain = keys.open(&place, &setup.secrets)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}

/// The account of a row, ready for use.
pub fn account(keys: &Keyring, setup: &Setup) -> Result<Option<Account>, NotOurs> {
    let secrets = open(keys, setup)?;
    let settings = setup.settings();
    let secret = |text: Option<String>| SecretString::from(text.unwrap_or_default());
    Ok(match setup.provider {
        ProviderKind::Stripe => Some(Account::Stripe(stripe::Config {
            secret_key: secret(secrets.secret_key),
            publishable_key: settings.publishable_key.unwrap_or_default(),
            webhook_secret: secret(secrets.webhook_secret),
        })),
        ProviderKind::Paytrail => Some(Account::Paytrail(paytrail::Config {
            merchant_id: settings.merchant_id.unwrap_or_default(),
            secret_key: secret(secrets.secret_key),
        })),
        ProviderKind::Epassi => Some(Account::Epassi(epassi::Config {
            site: settings.site.unwrap_or_default(),
            mac_key: secret(secrets.mac_key),
            benefits: settings.benefits,
        })),
        ProviderKind::Offline => Some(Account::Offline(offline::Config {
            payee: settings.payee.unwrap_or_default(),
            iban: settings.iban.unwrap_or_default(),
            bic: settings.bic,
            due_days: settings.due_days.unwrap_or_default(),
            instructions: settings.instructions,
        })),
        ProviderKind::Test | ProviderKind::Free => None,
    })
}
