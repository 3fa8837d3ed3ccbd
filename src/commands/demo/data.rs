//! The demo merchant: made once, in development, with credentials that are derived and not remembered.
//!
//! Password and API key come from the key ring of the data directory, so they can be printed at every start although the
//! database keeps only their hashes.

use std::path::Path;

use data_encoding::BASE32_NOPAD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::super::{Failed, failed};
use crate::accounts::api_keys::{create as api_keys, store as keys, token};
use crate::accounts::{passwords, register, store as accounts};
use crate::catalog::{add_ons, offers, products};
use crate::checkouts::create::NewCheckout;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::codes;
use crate::http::state::State;
use crate::kernel::ids::CheckoutId;
use crate::kernel::permission::OrganizationRole;
use crate::kernel::problem::Problem;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Slug;
use crate::{checkouts, links, organizations};

const SLUG: &str = "demo";
const LINK: &str = "course";
const EMAIL: &str = "owner@demo.example";
const KEY_NAME: &str = "Demo key";
const FILE: &str = "demo.json";

/// How to reach the demo merchant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::commands) struct Demo {
    /// Where the server is.
    pub url: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// A test key of the owner's organization.
    pub api_key: String,
    /// The checkout.
    pub checkout_id: CheckoutId,
    /// Its slug.
    pub checkout: String,
    /// The slug of its link.
    pub link: String,
}

impl Demo {
    /// Leaves word for `kassa demo`, readable by this user alone.
    pub(in crate::commands) fn remember(&self, data_dir: &Path) -> Result<(), Failed> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let text = serde_json::to_string_pretty(self).map_err(failed)?;
        // Written aside and renamed: a demo that starts now reads the old word or the new one, never half of it.
        let (path, aside) = (
            data_dir.join(FILE),
            data_dir.join(format!("{FILE}.{}", std::process::id())),
        );
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)
            .map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        std::fs::rename(aside, path).map_err(failed)
    }

    /// What the server that started last with this data directory left.
    pub(in crate::commands) fn recall(data_dir: &Path) -> Result<Self, Failed> {
        let path = data_dir.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|_| {
            Failed(format!(
                "no development server has been started here ({} is missing): run `kassa` first",
                path.display()
            ))
        })?;
        serde_json::from_str(&text).map_err(|error| Failed(format!("{}: {error}", path.display())))
    }
}

/// Makes the demo merchant unless it is there, and says how to reach it.
pub(in crate::commands) async fn ensure(state: &State) -> Result<Demo, Failed> {
    let slug: Slug = SLUG.parse().map_err(failed)?;
    if find(state, &slug).await?.is_none() {
        let hash = passwords::hash(&state.hashing, SecretString::from(password(&state.keys)))
            .await
            .map_err(failed)?;
        match make(state, hash).await {
            Ok(()) => {}
            // Another instance made it in this very moment.
            Err(problem)
                if problem
                    .cause
                    .as_deref()
                    .is_some_and(|cause| cause.contains("checkout_slugs_pkey")) => {}
            Err(problem) => return Err(failed(problem)),
        }
    }
    name_storefront(state, &slug).await.map_err(failed)?;
    let found = find(state, &slug).await?;
    found.ok_or_else(|| Failed("the demo merchant could not be made".to_owned()))
}

/// The page that the demo link opens is where this server is, which a start with other settings changes.
async fn name_storefront(state: &State, slug: &Slug) -> Result<(), Problem> {
    let address = format!("{}/storefront/{SLUG}", state.public_url);
    state
        .db
        .write(async |tx: &mut Tx| -> Result<(), Problem> {
            let found = checkouts::store::find_by_slug(tx.conn(), slug).await?;
            let Some(shop) = found.filter(|shop| shop.storefront_url.as_ref() != Some(&address)) else {
                return Ok(());
            };
            let Some(mut shop) = checkouts::store::lock(tx, shop.id).await? else {
                return Ok(());
            };
            shop.storefront_url = Some(address.clone());
            Ok(checkouts::store::update(tx, &shop).await.map(drop)?)
        })
        .await
}

fn password(keys: &Keyring) -> String {
    let text = BASE32_NOPAD.encode(&keys.derived("demo password")[..10]).to_lowercase();
    format!("demo-{text}")
}

async fn find(state: &State, slug: &Slug) -> Result<Option<Demo>, Failed> {
    let conn = state.db.read().await.map_err(failed)?;
    let Some(shop) = checkouts::store::find_by_slug(&conn, slug).await.map_err(failed)? else {
        return Ok(None);
    };
    let key = keys::named(&conn, shop.organization_id, KEY_NAME)
        .await
        .map_err(failed)?;
    let Some(key) = key else {
        return Err(Failed(format!(
            "a checkout with the slug `{SLUG}` exists, and it is not the demo merchant's"
        )));
    };
    Ok(Some(Demo {
        url: state.public_url.clone(),
        email: EMAIL.to_owned(),
        password: password(&state.keys),
        api_key: token::format(shop.organization_id, key.id, &state.keys.derived("demo key"), true),
        checkout_id: shop.id,
        checkout: SLUG.to_owned(),
        link: LINK.to_owned(),
    }))
}

async fn make(state: &State, password_hash: String) -> Result<(), Problem> {
    let secret = state.keys.derived("demo key");
    state
        .db
        .write(async |tx: &mut Tx| -> Result<(), Problem> {
            let checkout = make_shop(tx, password_hash.clone(), secret).await?;
            make_catalogue(tx, checkout).await
        })
        .await
}

/// The owner, the organization, the key and the checkout.
async fn make_shop(tx: &mut Tx, password_hash: String, secret: [u8; 32]) -> Result<CheckoutId, Problem> {
    let country = "FI".parse().map_err(Problem::internal)?;
    let owner_name = "Demo Owner".parse().map_err(Problem::internal)?;
    let email = EMAIL.parse().map_err(Problem::internal)?;
    let owner = register::register(tx, owner_name, email, password_hash).await?;
    accounts::verify_email(tx, owner).await?;
    let name = "Demo Merchant".parse().map_err(Problem::internal)?;
    let organization = organizations::create::create(tx, name, country, owner).await?;
    let key_name = KEY_NAME.parse().map_err(Problem::internal)?;
    let key = api_keys::NewApiKey::of_organization(organization, key_name, OrganizationRole::Owner, true);
    api_keys::create_with(tx, key, secret).await?;
    let new = NewCheckout {
        organization,
        name: "Demo Courses".parse().map_err(Problem::internal)?,
        slug: SLUG.parse().map_err(Problem::internal)?,
        country,
        currency: "EUR".parse().map_err(Problem::internal)?,
        locale: "en".parse().map_err(Problem::internal)?,
        storefront_url: None,
        support_email: Some("support@demo.example".parse().map_err(Problem::internal)?),
    };
    let checkout = checkouts::create::create(tx, new).await?;
    let Some(mut shop) = checkouts::store::lock(tx, checkout).await? else {
        return Err(Problem::internal("a checkout vanished in the transaction that made it"));
    };
    shop.locales = body(serde_json::json!(["en", "fi"]))?;
    shop.currencies = body(serde_json::json!(["EUR", "SEK", "JPY"]))?;
    shop.policies = serde_json::json!({
        "terms": {"url": "https://demo.example/terms", "version": "1"},
        "privacy": {"url": "https://demo.example/privacy", "version": "1"},
    });
    checkouts::store::update(tx, &shop).await?;
    Ok(checkout)
}

fn prices(eur: i64, sek: i64, jpy: i64) -> serde_json::Value {
    serde_json::json!([
        {"currency": "EUR", "amount": eur},
        {"currency": "SEK", "amount": sek},
        {"currency": "JPY", "amount": jpy},
    ])
}

/// A course with a price in three currencies, an offer of it with an order bump and a pre-upsell, a test link to the offer, and a
/// discount code.
async fn make_catalogue(tx: &mut Tx, checkout: CheckoutId) -> Result<(), Problem> {
    let mut course_prices = prices(4900, 54_900, 7800);
    course_prices[0]["discounted_amount"] = 3900.into();
    let course = serde_json::json!({
        "name": "Baking sourdough bread", "description": "Six weeks, twelve lessons.",
        "translations": {"fi": {"name": "Hapanleivän leivonta", "description": "Kuusi viikkoa, kaksitoista oppituntia."}},
        "type": "online_course", "vat_type": "commercial_education", "prices": course_prices,
        "variants": [{"name": "Online"}, {"name": "Online, with a mentor", "prices": prices(8900, 99_900, 14_200)}],
    });
    let course = products::create::create(tx, checkout, body(course)?).await?;
    let notebook = serde_json::json!({
        "name": "The baker's notebook", "type": "e_book", "vat_type": "digital_book", "prices": prices(900, 9900, 1400),
    });
    let notebook = products::create::create(tx, checkout, body(notebook)?).await?;
    let pizza = serde_json::json!({
        "name": "Pizza from your starter", "type": "online_course", "vat_type": "commercial_education",
        "prices": prices(2900, 32_900, 4600),
    });
    let pizza = products::create::create(tx, checkout, body(pizza)?).await?;
    let bump = serde_json::json!({
        "kind": "add", "variant_id": notebook.variants[0].variant.id, "name": "The baker's notebook",
        "description": "Forty recipes to print or to read on a phone.",
        "translations": {"fi": {"name": "Leipurin muistikirja", "description": "Neljäkymmentä reseptiä tulostettavaksi tai puhelimesta luettavaksi."}},
        "prices": [{"currency": "EUR", "amount": 900, "discounted_amount": 700}],
    });
    let bump = add_ons::create::create(tx, checkout, body(bump)?).await?;
    let upsell = serde_json::json!({
        "kind": "add", "variant_id": pizza.variants[0].variant.id, "name": "Pizza from your starter",
        "description": "One more evening course, at a third less than later.",
        "translations": {"fi": {"name": "Pizzaa omasta juuresta", "description": "Vielä yksi iltakurssi, kolmanneksen halvemmalla kuin myöhemmin."}},
        "prices": [{"currency": "EUR", "amount": 2900, "discounted_amount": 1900}],
    });
    let upsell = add_ons::create::create(tx, checkout, body(upsell)?).await?;
    let offer = serde_json::json!({
        "name": "Sourdough, spring", "title": "Baking sourdough bread",
        "description": "Everything from the starter to the crust.",
        "translations": {"fi": {"title": "Hapanleivän leivonta", "description": "Kaikki juuresta kuoreen."}},
        "items": [{"product_id": course.product.id, "quantity": {"default": 1, "min": 1, "max": 10}}],
        "add_ons": [
            {"add_on_id": bump.add_on.id, "position": "order_bump", "sort": 1},
            {"add_on_id": upsell.add_on.id, "position": "pre_upsell", "sort": 2},
        ],
    });
    let offer = offers::create::create(tx, checkout, body(offer)?).await?;
    let code = serde_json::json!({"code": "BREAD10", "type": "percentage", "percentage": "10", "usage_limit": 1000});
    codes::create::create(tx, checkout, body(code)?).await?;
    let link = serde_json::json!({
        "name": "Demo link", "offer_id": offer.offer.id, "slug": LINK, "source": "demo", "tags": ["first-sale"], "test_mode": true,
    });
    links::create::create(tx, checkout, body(link)?).await.map(drop)
}

/// The same shapes that clients send, so that the demo cannot have what the API would refuse.
fn body<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| DbError::Defect(error.to_string()).into())
}
