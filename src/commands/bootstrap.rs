//! `kassa bootstrap`: the first organization, its owner and an API key.

use secrecy::SecretString;

use super::boot::{Database, clock};
use super::{Failed, failed, say};
use crate::accounts::api_keys::create as api_keys;
use crate::accounts::store as accounts;
use crate::accounts::{passwords, register};
use crate::checkouts::create::{self as checkout, NewCheckout};
use crate::config::Config;
use crate::db::pool::Pool;
use crate::db::{Db, Tx};
use crate::http::heavy_work::HeavyWork;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId, UserId};
use crate::kernel::money::Currency;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::problem::Problem;
use crate::kernel::secret::random_bytes;
use crate::kernel::text::{Email, Name, Slug};
use crate::organizations;

/// What `bootstrap` takes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// The organization's name.
    #[arg(long)]
    organization: Name,
    /// The owner's address.
    #[arg(long)]
    email: Email,
    /// Where the organization is established (an EU country).
    #[arg(long, default_value = "FI")]
    country: Country,
    /// Make a checkout with this slug as well.
    #[arg(long, value_name = "SLUG")]
    checkout: Option<Slug>,
    /// The checkout's currency.
    #[arg(long, default_value = "EUR")]
    currency: Currency,
    /// Read the owner's password from standard input; without it the owner signs in after a reset only.
    #[arg(long)]
    password_stdin: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

struct Made {
    organization: OrganizationId,
    user: UserId,
    checkout: Option<CheckoutId>,
    api_key: String,
}

/// Makes everything in one transaction, and prints the key for the only time.
pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failed> {
    let json = arguments.json;
    let password = password(arguments.password_stdin)?;
    let hash = passwords::hash(&HeavyWork::of_cores(), password)
        .await
        .map_err(failed)?;
    let database = Database::open(&config).await?;
    let outcome = make(&config, &database, arguments, hash).await;
    database.close().await;
    let made = outcome?;
    let answer = serde_json::json!({
        "organization_id": made.organization, "user_id": made.user, "checkout_id": made.checkout, "api_key": made.api_key,
    });
    let said = if json {
        say(answer)
    } else {
        let lines = answer.as_object().into_iter().flatten();
        lines
            .map(|(name, value)| format!("{name:16} {}", value.as_str().unwrap_or("-")))
            .try_for_each(say)
    };
    said.map_err(|Failed(why)| {
        Failed(format!(
            "{why}; organization {} and its owner are made, and nobody has seen their API key: sign in as the owner (after a password reset, \
             unless a password was given) and make another",
            made.organization
        ))
    })
}

fn password(from_stdin: bool) -> Result<SecretString, Failed> {
    if !from_stdin {
        return Ok(data_encoding::BASE64.encode(&random_bytes::<32>()).into());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(failed)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < 12 {
        return Err(Failed("the password must have at least 12 characters".to_owned()));
    }
    Ok(password.into())
}

async fn make(config: &Config, database: &Database, arguments: Arguments, hash: String) -> Result<Made, Failed> {
    database.prepare_schema(config.environment).await?;
    let db = Db::new(Pool::new(&database.serve, 1).map_err(failed)?, clock(config));
    let made = db.write(async |tx: &mut Tx| -> Result<Made, Problem> {
        let Arguments {
            organization,
            email,
            country,
            checkout,
            currency,
            ..
        } = arguments.clone();
        let user = register::register(tx, organization.clone(), email.clone(), hash.clone()).await?;
        // The operator names the owner, and so vouches for the address.
        accounts::verify_email(tx, user).await?;
        let made = organizations::create::create(tx, organization.clone(), country, user).await?;
        let name = "bootstrap".parse().map_err(Problem::internal)?;
        let key = api_keys::NewApiKey::of_organization(made, name, OrganizationRole::Owner, false);
        let (_, api_key) = api_keys::create(tx, key).await?;
        let checkout = match checkout {
            None => None,
            Some(slug) => {
                let new = NewCheckout {
                    organization: made,
                    name: organization,
                    slug,
                    country,
                    currency,
                    locale: "en".parse().map_err(Problem::internal)?,
                    storefront_url: None,
                    support_email: Some(email),
                };
                let id = checkout::create(tx, new).await?;
                Some(id)
            }
        };
        Ok(Made {
            organization: made,
            user,
            checkout,
            api_key,
        })
    });
    made.await.map_err(|problem| match problem.cause.as_deref() {
        Some(cause) if cause.contains("users_email_unique") => {
            Failed("a user with this address exists already".to_owned())
        }
        Some(cause) if cause.contains("checkout_slugs_pkey") => {
            Failed("a checkout with this slug exists already".to_owned())
        }
        _ => failed(problem),
    })
}
