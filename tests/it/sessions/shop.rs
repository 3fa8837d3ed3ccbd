//! A shop with something of everything, and buyers who do what pages do.

use kassa::kernel::ids::DiscountCodeId;
use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// A course (39.00, was 49.00), an optional workshop (25.00), a book as a bump (10.05), and a better course (79.00) in the place of
/// the course.
pub struct Shop {
    pub test: TestApp,
    /// Another instance over the same database.
    pub other: Option<TestApp>,
    pub merchant: Merchant,
    pub course: Value,
    pub workshop: Value,
    pub book: Value,
    pub bump: String,
    pub upgrade: String,
    pub offer: String,
}

impl Shop {
    pub async fn new(slug: &str) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::new(&test, slug).await;
        Self::of(test, merchant).await
    }

    /// The same, served by two instances: every second buyer meets the other one.
    pub async fn of_two(slug: &str) -> Self {
        let mut shop = Self::new(slug).await;
        shop.other = Some(crate::support::merchant::second_instance(&shop.test).await);
        shop
    }

    async fn of(test: TestApp, merchant: Merchant) -> Self {
        let product = |name: &str, euro: i64, reduced: Option<i64>, krona: i64| {
            json!({"name": name, "type": "online_course", "vat_type": "commercial_education", "prices": [
                {"currency": "EUR", "amount": euro, "discounted_amount": reduced}, {"currency": "SEK", "amount": krona}]})
        };
        let course = merchant
            .create(&test, "products", product("Course", 4900, Some(3900), 54900))
            .await;
        let better = merchant
            .create(&test, "products", product("Better course", 7900, None, 89900))
            .await;
        let workshop = merchant
            .create(&test, "products", product("Workshop", 2500, None, 27900))
            .await;
        let book = merchant
            .create(&test, "products", product("Book", 1005, None, 11500))
            .await;
        let bump = json!({"kind": "add", "name": "The book", "variant_id": book["variants"][0]["id"],
            "quantity": {"default": 1, "min": 1, "max": 3}});
        let bump = merchant.create(&test, "add-ons", bump).await;
        let upgrade = json!({"kind": "upgrade", "name": "Upgrade", "variant_id": better["variants"][0]["id"],
            "replaces_product_id": course["id"]});
        let upgrade = merchant.create(&test, "add-ons", upgrade).await;
        let offer = json!({"name": "All", "title": "All of it", "items": [
                {"product_id": course["id"], "quantity": {"default": 1, "min": 1, "max": 5}},
                {"product_id": workshop["id"], "optional": true, "selected": false}],
            "add_ons": [{"add_on_id": bump["id"], "position": "order_bump", "sort": 1},
                {"add_on_id": upgrade["id"], "position": "pre_upsell", "sort": 1}]});
        let offer = merchant.create(&test, "offers", offer).await;
        let link = json!({"name": "All", "offer_id": offer["id"], "slug": "course", "source": "newsletter", "tags": ["spring"],
            "test_mode": true});
        merchant.create(&test, "checkout-links", link).await;
        Self {
            bump: text(&bump["id"]),
            upgrade: text(&upgrade["id"]),
            offer: text(&offer["id"]),
            other: None,
            test,
            merchant,
            course,
            workshop,
            book,
        }
    }

    /// Moves the clocks of both instances.
    pub fn advance(&self, by: chrono::TimeDelta) {
        self.test.advance(by);
        if let Some(other) = &self.other {
            other.advance(by);
        }
    }

    /// A code, and its id.
    pub async fn code(&self, body: Value) -> DiscountCodeId {
        let made = self.merchant.create(&self.test, "discount-codes", body).await;
        text(&made["id"]).parse().expect("an id")
    }

    /// Ten percent of everything, so many times.
    pub async fn ten_percent(&self, code: &str, limit: Option<i64>) -> DiscountCodeId {
        self.code(json!({"code": code, "type": "percentage", "percentage": "10", "usage_limit": limit}))
            .await
    }

    /// Held and redeemed in test mode, as the merchant reads it.
    pub async fn counts(&self, code: DiscountCodeId) -> (i64, i64) {
        let code = self
            .merchant
            .read(&self.test, &format!("discount-codes/{code}?test_mode=true"))
            .await;
        (
            code["held"].as_i64().expect("held"),
            code["redeemed"].as_i64().expect("redeemed"),
        )
    }

    pub async fn patch_code(&self, code: DiscountCodeId, body: Value) {
        let path = self.merchant.path(&format!("discount-codes/{code}"));
        self.merchant
            .call(&self.test, Call::patch(path, body))
            .await
            .expect(200);
    }

    /// A buyer who has not said who they are.
    pub async fn stranger(&self) -> Buyer<'_> {
        self.open(json!({})).await
    }

    /// A buyer who has.
    pub async fn buyer(&self, email: &str) -> Buyer<'_> {
        self.open(json!({"customer": {"email": email, "country": "FI"}})).await
    }

    pub async fn open(&self, mut body: Value) -> Buyer<'_> {
        body["checkout"] = json!(self.merchant.slug);
        body["link"] = json!("course");
        let opened = self
            .test
            .call(Call::post("/v1/storefront/sessions", body))
            .await
            .expect(201);
        let turn = opened["session"]["id"].as_str().is_some_and(|id| {
            id.ends_with([
                'a', 'c', 'e', 'g', 'j', 'm', 'p', 'r', 't', 'w', 'y', '0', '2', '4', '6', '8',
            ])
        });
        Buyer {
            shop: self.other.as_ref().filter(|_| turn).unwrap_or(&self.test),
            visit: Visit::of(&opened),
        }
    }

    pub async fn order(&self, id: &Value) -> Value {
        self.merchant.read(&self.test, &format!("orders/{}", text(id))).await
    }
}

/// A buyer's page.
pub struct Buyer<'a> {
    shop: &'a TestApp,
    pub visit: Visit,
}

impl Buyer<'_> {
    pub async fn call(&self, method: &str, rest: &str, body: Option<Value>) -> Reply {
        let call = Call::new(method, self.visit.path(rest)).bearer(&self.visit.secret);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        self.shop.call(call).await
    }

    pub async fn read(&self) -> Value {
        self.call("GET", "", None).await.expect(200)
    }

    pub async fn patch(&self, body: Value) -> Reply {
        self.call("PATCH", "", Some(body)).await
    }

    pub async fn apply(&self, code: &str) -> Reply {
        self.call("PUT", "/discount", Some(json!({"code": code}))).await
    }

    /// The same as a client of many does it on a machine that is too busy: told to come back (503), it does.
    pub async fn apply_in_a_crowd(&self, code: &str) -> Reply {
        for _ in 0..50 {
            let reply = self.apply(code).await;
            if reply.status != 503 {
                return reply;
            }
        }
        panic!("told to come back fifty times");
    }

    /// Why a code is refused.
    pub async fn refused(&self, code: &str) -> String {
        let reply = self.apply(code).await;
        assert_eq!(
            (reply.status, reply.json()["code"].as_str()),
            (422, Some("discount-refused")),
            "{}",
            reply.json()
        );
        text(&reply.json()["reason"])
    }

    pub async fn remove(&self) {
        self.call("DELETE", "/discount", None).await.expect(204);
    }

    pub async fn heartbeat(&self) -> Reply {
        self.call("POST", "/heartbeat", None).await
    }

    pub async fn accept(&self, add_on: &str, quantity: i32) -> Reply {
        self.call(
            "PUT",
            &format!("/add-ons/{add_on}"),
            Some(json!({"quantity": quantity})),
        )
        .await
    }

    pub async fn decline(&self, add_on: &str) {
        self.call("DELETE", &format!("/add-ons/{add_on}"), None)
            .await
            .expect(204);
    }

    /// Confirms at this total.
    pub async fn confirm_at(&self, total: &Value, provider: &str) -> Reply {
        let body = json!({"expected_total": total, "provider": provider, "consents": {"terms": true, "privacy": true}});
        self.call("POST", "/confirm", Some(body)).await
    }

    /// Confirms what a fresh read says.
    pub async fn confirm(&self) -> Value {
        let total = self.read().await["totals"]["total"].clone();
        self.confirm_at(&total, "test").await.expect(200)
    }

    pub async fn resume(&self) -> Value {
        self.call("POST", "/resume", None).await.expect(200)
    }

    pub async fn pay(&self) -> Value {
        self.call("POST", "/test-payment", Some(json!({"outcome": "succeeded"})))
            .await
            .expect(200)
    }
}

/// The codes of a session's messages.
pub fn told(session: &Value) -> Vec<String> {
    let messages = session["messages"].as_array().expect("messages");
    messages.iter().map(|message| text(&message["code"])).collect()
}
