//! A shop with one action, and orders of it.

use kassa::actions::action::Services;
use serde_json::{Value, json};

use super::double::Double;
use crate::actions::scene::{confirm, open_shop, pay};
use crate::support::app::Settings;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// What the buyer goes by.
pub const EMAIL: &str = "aino.virtanen@example.com";

/// A shop that sells one course for 39.00 EUR by the test link `course`.
pub struct Shop {
    pub test: TestApp,
    pub merchant: Merchant,
    pub product: String,
}

impl Shop {
    /// A shop whose services are all at this double.
    pub async fn new(slug: &str, double: &Double) -> Self {
        let test = TestApp::with(Settings {
            services: Some(Services {
                systeme_io: double.url.clone(),
                mailchimp: format!("{}/{{dc}}", double.url),
                any_host: true,
            }),
            ..Settings::default()
        })
        .await;
        let merchant = Merchant::new(&test, slug).await;
        let product = json!({"name": "The course", "type": "online_course", "vat_type": "commercial_education",
            "prices": [{"currency": "EUR", "amount": 3900}]});
        let product = text(&merchant.create(&test, "products", product).await["id"]);
        let offer = json!({"name": "Course", "title": "The course",
            "items": [{"product_id": product, "quantity": {"default": 1, "min": 1, "max": 5}}]});
        let offer = merchant.create(&test, "offers", offer).await;
        let link = json!({"name": "Course", "offer_id": offer["id"], "slug": "course", "test_mode": true});
        merchant.create(&test, "checkout-links", link).await;
        Self {
            test,
            merchant,
            product,
        }
    }

    /// Makes an action of the checkout; gives what was answered.
    pub async fn action(&self, kind: &str, config: Value) -> Value {
        let body =
            json!({"level": "checkout", "type": kind, "name": "The action", "run_in_test": true, "config": config});
        self.merchant.create(&self.test, "actions", body).await
    }

    /// Makes an action of the product; gives what was answered.
    pub async fn product_action(&self, kind: &str, config: Value) -> Value {
        let body = json!({"level": "product", "owner_id": self.product, "type": kind, "name": "The action",
            "run_in_test": true, "config": config});
        self.merchant.create(&self.test, "actions", body).await
    }

    /// Sets up an account at a service.
    pub async fn account(&self, service: &str, body: Value) -> Value {
        let path = self.merchant.path(&format!("integrations/{service}"));
        let call = Call::new("PUT", path).json(body);
        self.merchant.call(&self.test, call).await.expect(200)
    }

    /// A paid order of so many, as it stands after everything that was due.
    pub async fn sell_of(&self, quantity: i64, marketing: bool) -> Value {
        let body = json!({"checkout": self.merchant.slug, "link": "course", "quantity": quantity,
            "customer": {"email": EMAIL, "country": "FI", "first_name": "Aino", "last_name": "Virtanen"}});
        let opened = self
            .test
            .call(Call::post("/v1/storefront/sessions", body))
            .await
            .expect(201);
        let mut visit = Visit::of(&opened);
        let patch = json!({"consents": {"marketing": marketing}});
        let call = Call::patch(visit.path(""), patch).bearer(&visit.secret);
        visit.session = self.test.call(call).await.expect(200);
        let order = text(&visit.confirm(&self.test).await["order"]["id"]);
        visit.pay(&self.test, "succeeded").await.expect(200);
        self.order(&order).await
    }

    /// An order of so many in earnest, paid by bank, as it stands after everything that was due: what test orders get is no license.
    pub async fn sell_live(&self, quantity: i32) -> Value {
        open_shop(&self.test, &self.merchant).await;
        let offer = self.merchant.read(&self.test, "offers").await["data"][0]["id"].clone();
        let link = json!({"name": "Live", "offer_id": offer, "slug": "live"});
        self.merchant.create(&self.test, "checkout-links", link).await;
        let confirmed = confirm(&self.test, &self.merchant, "live", EMAIL, quantity).await;
        pay(&self.test, &self.merchant, &confirmed).await.expect(200);
        self.order(&confirmed.order).await
    }

    /// A paid order of one by a buyer who agreed to marketing.
    pub async fn sell(&self) -> Value {
        self.sell_of(1, true).await
    }

    /// An order as it stands after everything that is due.
    pub async fn order(&self, id: &str) -> Value {
        self.test.drain_jobs().await;
        self.merchant.read(&self.test, &format!("orders/{id}")).await
    }

    /// The same order later, so much that what failed was tried again.
    pub async fn later(&self, order: &Value) -> Value {
        self.test.advance(chrono::TimeDelta::seconds(15));
        self.order(&text(&order["id"])).await
    }

    /// Runs an action of an order again, and gives the order.
    pub async fn again(&self, order: &Value, run: &Value) -> Value {
        let (order, run) = (text(&order["id"]), text(&run["id"]));
        let path = self.merchant.path(&format!("orders/{order}/actions/{run}/rerun"));
        self.merchant
            .call(&self.test, Call::post(path, json!({})))
            .await
            .expect(202);
        self.order(&order).await
    }

    /// Refunds an order in full and takes away what was given by its line and by the order as a whole; gives the order.
    pub async fn take_away(&self, order: &Value) -> Value {
        let line = json!({"order_line_id": order["lines"][0]["id"], "amount": order["total"], "remove_access": true});
        let mut body = json!({"lines": [line]});
        if order["can_remove_offer_access"] == true {
            body["remove_offer_access"] = true.into();
        }
        let id = text(&order["id"]);
        let call = Call::post(self.merchant.path(&format!("orders/{id}/refunds")), body);
        let call = call.header("idempotency-key", "take-away");
        self.merchant.call(&self.test, call).await.expect(201);
        self.order(&id).await
    }

    /// Something of the checkout as it was answered.
    pub async fn get(&self, rest: &str) -> Reply {
        self.merchant
            .call(&self.test, Call::get(self.merchant.path(rest)))
            .await
    }

    /// Asserts that none of these words stands in the database or in what the API shows of actions, orders, events and the audit log.
    pub async fn keeps_secret(&self, words: &[&str]) {
        assert_eq!(self.test.traces_of(words).await, Vec::<String>::new(), "in the clear");
        let audit = self.merchant.organization_path("audit-log");
        let mut shown = vec![self.merchant.call(&self.test, Call::get(audit)).await];
        for rest in [
            "actions",
            "integrations",
            "orders?test_mode=true",
            "events?test_mode=true&limit=100",
        ] {
            shown.push(self.get(rest).await);
        }
        for order in shown[3].json()["data"].as_array().expect("orders") {
            let id = text(&order["id"]);
            shown.push(self.get(&format!("orders/{id}")).await);
            shown.push(self.get(&format!("orders/{id}/actions")).await);
        }
        for reply in shown {
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!(reply.status, 200, "{body}");
            for word in words {
                assert!(!body.contains(word), "{word} in {body}");
            }
        }
    }
}

/// The run of an order that is not its receipt and undoes nothing.
pub fn run_of(order: &Value) -> Value {
    find(order, |run| run["type"] != "receipt_email" && run["revokes"].is_null())
}

/// The run of an order that undoes another.
pub fn revocation_of(order: &Value) -> Value {
    find(order, |run| !run["revokes"].is_null())
}

fn find(order: &Value, is: impl Fn(&&Value) -> bool) -> Value {
    let runs = order["actions"].as_array().expect("actions");
    let found = runs.iter().find(is);
    found.unwrap_or_else(|| panic!("no such run: {order:#}")).clone()
}

/// Where a run stands: its status, the number of attempts, and what went wrong last.
pub fn state(run: &Value) -> Value {
    json!([run["status"], run["attempts"], run["last_error"]])
}
