//! A merchant with something to sell, made through the use cases and the API.

use kassa::accounts::api_keys::create as api_keys;
use kassa::accounts::{register, store as accounts};
use kassa::checkouts::create::NewCheckout;
use kassa::db::Tx;
use kassa::kernel::ids::{CheckoutId, OrganizationId, UserId};
use kassa::kernel::permission::OrganizationRole;
use kassa::kernel::problem::Problem;
use kassa::{checkouts, organizations};
use serde_json::{Value, json};

use super::people::text;
use super::request::{Call, Reply};
use super::{TestApp, app};

/// A merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub owner: UserId,
    pub organization: OrganizationId,
    pub checkout: CheckoutId,
    pub slug: String,
    /// A live key of an owner.
    pub api_key: String,
}

/// A buyer's visit.
#[derive(Clone, Debug)]
pub struct Visit {
    pub id: String,
    pub secret: String,
    pub session: Value,
}

impl Merchant {
    /// A merchant in Finland with a checkout of this slug, and nothing to sell yet.
    pub async fn new(test: &TestApp, slug: &str) -> Self {
        let (owner, organization, checkout, api_key) = test
            .db()
            .write(async |tx: &mut Tx| -> Result<_, Problem> {
                let email = format!("owner@{slug}.example").parse().map_err(Problem::internal)?;
                // A hash no password has: tests that sign in make their own user.
                let owner =
                    register::register(tx, "Owner".parse().map_err(Problem::internal)?, email, "!".to_owned()).await?;
                accounts::verify_email(tx, owner).await?;
                let country = "FI".parse().map_err(Problem::internal)?;
                let organization =
                    organizations::create::create(tx, slug.parse().map_err(Problem::internal)?, country, owner).await?;
                let name = "tests".parse().map_err(Problem::internal)?;
                let key = api_keys::NewApiKey::of_organization(organization, name, OrganizationRole::Owner, false);
                let (_, api_key) = api_keys::create(tx, key).await?;
                let new = NewCheckout {
                    organization,
                    name: format!("Shop {slug}").parse().map_err(Problem::internal)?,
                    slug: slug.parse().map_err(Problem::internal)?,
                    country,
                    currency: "EUR".parse().map_err(Problem::internal)?,
                    locale: "en".parse().map_err(Problem::internal)?,
                    storefront_url: Some("https://shop.example.com".to_owned()),
                    support_email: Some("help@shop.example.com".parse().map_err(Problem::internal)?),
                };
                let checkout = checkouts::create::create(tx, new).await?;
                Ok((owner, organization, checkout, api_key))
            })
            .await
            .expect("a merchant");
        Self {
            owner,
            organization,
            checkout,
            slug: slug.to_owned(),
            api_key,
        }
    }

    /// A merchant who sells one course for 49.00, now 39.00 EUR, by the test link `course`.
    pub async fn with_course(test: &TestApp, slug: &str) -> Self {
        let merchant = Self::new(test, slug).await;
        merchant.sell_course(test).await;
        merchant
    }

    async fn sell_course(&self, test: &TestApp) {
        let product = self.create(test, "products", course()).await;
        let offer = json!({"name": "Course", "title": "The course", "items": [{"product_id": product["id"]}]});
        let offer = self.create(test, "offers", offer).await;
        let link = json!({"name": "Course", "offer_id": offer["id"], "slug": "course", "source": "newsletter",
            "tags": ["spring"], "test_mode": true});
        self.create(test, "checkout-links", link).await;
    }

    /// The path of something of this checkout.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/checkouts/{}/{rest}", self.checkout)
    }

    /// The path of something of this organization.
    pub fn organization_path(&self, rest: &str) -> String {
        format!("/v1/organizations/{}/{rest}", self.organization)
    }

    /// A request with the owner's key.
    pub async fn call(&self, test: &TestApp, call: Call) -> Reply {
        test.call(call.bearer(&self.api_key)).await
    }

    /// Creates a resource.
    pub async fn create(&self, test: &TestApp, resource: &str, body: Value) -> Value {
        self.call(test, Call::post(self.path(resource), body)).await.expect(201)
    }

    /// Reads something of this checkout.
    pub async fn read(&self, test: &TestApp, rest: &str) -> Value {
        self.call(test, Call::get(self.path(rest))).await.expect(200)
    }

    /// A buyer opens the course's link and says who they are.
    pub async fn visit(&self, test: &TestApp) -> Visit {
        let body = json!({"checkout": self.slug, "link": "course",
            "customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}});
        let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
        Visit::of(&opened)
    }
}

impl Visit {
    /// The visit that an opened session begins.
    pub fn of(opened: &Value) -> Self {
        Self {
            id: text(&opened["session"]["id"]),
            secret: text(&opened["client_secret"]),
            session: opened["session"].clone(),
        }
    }

    /// The path of something of this session.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/storefront/sessions/{}{rest}", self.id)
    }

    /// The confirmation of what the buyer saw.
    pub fn confirmation(&self) -> Call {
        let body = json!({"expected_total": self.session["totals"]["total"], "provider": "test",
            "consents": {"terms": true, "privacy": true}});
        Call::post(self.path("/confirm"), body).bearer(&self.secret)
    }

    /// Confirms.
    pub async fn confirm(&self, test: &TestApp) -> Value {
        test.call(self.confirmation()).await.expect(200)
    }

    /// Ends the test payment.
    pub async fn pay(&self, test: &TestApp, outcome: &str) -> Reply {
        let body = json!({"outcome": outcome});
        test.call(Call::post(self.path("/test-payment"), body).bearer(&self.secret))
            .await
    }
}

/// A course with prices in three currencies of zero and two decimals.
pub fn course() -> Value {
    json!({
        "name": "The course", "type": "online_course", "vat_type": "commercial_education",
        "prices": [
            {"currency": "EUR", "amount": 4900, "discounted_amount": 3900},
            {"currency": "SEK", "amount": 54900},
            {"currency": "JPY", "amount": 7800},
        ],
    })
}

/// A second instance over the same database.
pub async fn second_instance(test: &TestApp) -> TestApp {
    TestApp::with(app::Settings {
        database: Some(test.database.clone()),
        ..app::Settings::default()
    })
    .await
}
