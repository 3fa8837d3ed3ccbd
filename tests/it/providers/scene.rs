//! What these tests do to a shop.

use serde_json::{Value, json};

use crate::support::app::Settings;
use crate::support::merchant::Visit;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// An application and a merchant with a course.
pub struct Shop {
    pub test: TestApp,
    pub merchant: Merchant,
}

impl Shop {
    pub async fn open(settings: Settings, slug: &str) -> Self {
        let test = TestApp::with(settings).await;
        let merchant = Merchant::with_course(&test, slug).await;
        Self { test, merchant }
    }

    /// Confirms what the buyer saw, with more in the body.
    pub async fn confirm(&self, visit: &Visit, more: Value) -> Reply {
        let mut body = json!({"expected_total": visit.session["totals"]["total"],
            "consents": {"terms": true, "privacy": true}});
        let all = body.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        let call = Call::post(visit.path("/confirm"), body).bearer(&visit.secret);
        self.test.call(call).await
    }

    /// The order as staff see it.
    pub async fn order(&self, id: &str) -> Value {
        self.merchant.read(&self.test, &format!("orders/{id}")).await
    }

    /// An order is raised for this reason and no other.
    pub async fn raised(&self, order: &str, code: &str) {
        let read = self.order(order).await;
        let reasons = read["attention_reasons"].as_array().expect("reasons");
        let codes: Vec<_> = reasons.iter().map(|reason| &reason["code"]).collect();
        assert_eq!((codes, &read["requires_attention"]), (vec![&json!(code)], &json!(true)));
    }
}

/// How many events of a type the shop's test sales have made.
pub async fn events(shop: &Shop, kind: &str) -> usize {
    shop.test.drain_jobs().await;
    let path = format!("events?test_mode=true&limit=100&types={kind}");
    let read = shop.merchant.read(&shop.test, &path).await;
    let events = read["data"].as_array().expect("events");
    assert!(events.iter().all(|event| event["type"] == kind), "only {kind}");
    events.len()
}

/// Path and query of an address that leads back to the application.
pub fn path_of(address: &str) -> String {
    let rest = address.strip_prefix("http://kassa.test");
    rest.unwrap_or_else(|| panic!("{address} leads elsewhere")).to_owned()
}
