//! A payment card and its provider: asked once, and told when the card is off file. Against localstripe, which others wrote.

use kassa::db::sql::sql;
use kassa::http::state::StripePlatform;
use kassa::net::client::{Method, OutboundRequest};
use serde_json::{Value, json};

use crate::support::app::Settings;
use crate::support::doubles::Double;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

struct Stripe {
    test: TestApp,
    double: Double,
    base: String,
}

impl Stripe {
    async fn new() -> Self {
        let double = Double::start("stripe_server.py", &[]);
        let base = format!("http://127.0.0.1:{}", double.port);
        let test = TestApp::with(Settings {
            stripe: Some(StripePlatform {
                base: base.clone(),
                key: "sk_test_platform".to_owned().into(),
            }),
            ..Settings::default()
        })
        .await;
        Self { test, double, base }
    }

    async fn ask(&self, method: Method, path: &str, form: &str) -> Value {
        let mut request = OutboundRequest::new(method, format!("{}{path}", self.base));
        request.headers = [
            ("authorization", "Bearer sk_test_platform"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        request.body = form.as_bytes().to_vec();
        request.max_answer = Some(64 * 1024);
        let answer = self.test.app.state().client.send(request).await.expect("an answer");
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// A card that a browser has given to Stripe.
    async fn typed(&self, number: &str) -> String {
        let form = format!("type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123");
        let made = self.ask(Method::POST, "/v1/payment_methods", &form).await;
        self.asked().await;
        text(&made["id"])
    }

    /// Whose a card is.
    async fn customer(&self, card: &str) -> Value {
        let found = self.ask(Method::GET, &format!("/v1/payment_methods/{card}"), "").await;
        self.asked().await;
        found["customer"].clone()
    }

    async fn put(&self, merchant: &Merchant, card: &str, headers: &[(&str, &str)]) -> Reply {
        let body = json!({"provider": "stripe", "token": card});
        let call = Call::new("PUT", merchant.organization_path("payment-card")).json(body);
        let call = headers
            .iter()
            .fold(call, |call, (name, value)| call.header(name, value));
        merchant.call(&self.test, call).await
    }

    /// What Stripe was asked since the last time: method, path and idempotency key. A last request marks the end, because the
    /// double's lines come by another way than its answers.
    async fn asked(&self) -> Vec<(String, String, Option<String>)> {
        let end = OutboundRequest::new(Method::GET, format!("{}/end", self.base));
        drop(self.test.app.state().client.send(end).await);
        let mut asked = Vec::new();
        loop {
            let line = self.double.next().expect("the double tells of every request");
            if line["path"] == "/end" {
                return asked;
            }
            asked.push((
                text(&line["method"]),
                text(&line["path"]),
                line["key"].as_str().map(str::to_owned),
            ));
        }
    }

    /// The key with which a customer was made; there was one.
    async fn customer_key(&self) -> String {
        let asked = self.asked().await.into_iter();
        let mut made = asked.filter(|(method, path, _)| method == "POST" && path == "/v1/customers");
        let key = made.next().expect("a customer").2.expect("a key");
        assert_eq!(made.next(), None);
        key
    }
}

#[actix_web::test]
async fn stripe_is_asked_only_for_what_may_change_something_and_only_once() {
    let stripe = Stripe::new().await;
    let merchant = Merchant::new(&stripe.test, "asked-once").await;
    let card = stripe.typed("4242424242424242").await;
    let stale = stripe.put(&merchant, &card, &[("if-match", "\"stale\"")]).await;
    assert_eq!(stale.problem().0, 412);
    assert_eq!(stripe.asked().await, [], "refused before Stripe hears of it");
    let key = [("idempotency-key", "k1")];
    let first = stripe.put(&merchant, &card, &key).await;
    assert_eq!(first.expect(200)["last4"], "4242");
    let made_with = stripe.customer_key().await;
    assert!(!made_with.contains(&card), "{made_with}");
    let again = stripe.put(&merchant, &card, &key).await;
    assert_eq!(
        (again.header("idempotent-replayed"), &again.body),
        (Some("true"), &first.body)
    );
    let other = stripe.put(&merchant, "pm_other", &key).await;
    assert_eq!(other.problem().1, "idempotency-conflict");
    let again = stripe.put(&merchant, &card, &[]).await.expect(200);
    assert_eq!(again["last4"], "4242", "the card on file");
    assert_eq!(stripe.asked().await, []);
    // A request of which Kassa has forgotten everything: Stripe knows it by its key.
    merchant
        .call(
            &stripe.test,
            Call::new("DELETE", merchant.organization_path("payment-card")),
        )
        .await
        .expect(204);
    stripe.put(&merchant, &card, &[]).await.expect(200);
    assert_eq!(stripe.customer_key().await, made_with);
    stripe.test.drain_jobs().await;
    assert!(
        stripe.customer(&card).await.is_string(),
        "put back before it was detached"
    );
    let stranger = Merchant::new(&stripe.test, "another").await;
    let card = stripe.typed("4242424242424242").await;
    stripe.put(&stranger, &card, &[]).await.expect(200);
    assert_ne!(stripe.customer_key().await, made_with);
}

#[actix_web::test]
async fn a_card_off_file_is_taken_from_its_customer() {
    let stripe = Stripe::new().await;
    let merchant = Merchant::new(&stripe.test, "off-file").await;
    let (first, second) = (
        stripe.typed("4242424242424242").await,
        stripe.typed("5555555555554444").await,
    );
    stripe.put(&merchant, &first, &[]).await.expect(200);
    stripe.test.drain_jobs().await;
    assert!(stripe.customer(&first).await.is_string());
    stripe.put(&merchant, &second, &[]).await.expect(200);
    stripe.test.drain_jobs().await;
    assert_eq!(stripe.customer(&first).await, Value::Null, "replaced");
    assert!(stripe.customer(&second).await.is_string());
    merchant
        .call(
            &stripe.test,
            Call::new("DELETE", merchant.organization_path("payment-card")),
        )
        .await
        .expect(204);
    assert!(stripe.customer(&second).await.is_string(), "not within the request");
    stripe.test.drain_jobs().await;
    assert_eq!(stripe.customer(&second).await, Value::Null, "deleted");
    // Nothing is left to do.
    stripe.test.advance(chrono::TimeDelta::hours(1));
    stripe.test.drain_jobs().await;
    assert_eq!(stripe.asked().await, []);
}

#[actix_web::test]
async fn what_is_being_taken_off_file_is_not_put_back() {
    let stripe = Stripe::new().await;
    let merchant = Merchant::new(&stripe.test, "taken").await;
    let card = stripe.typed("4242424242424242").await;
    stripe.put(&merchant, &card, &[]).await.expect(200);
    merchant
        .call(
            &stripe.test,
            Call::new("DELETE", merchant.organization_path("payment-card")),
        )
        .await
        .expect(204);
    let conn = stripe.test.db().read().await.expect("a connection");
    let claimed = sql("UPDATE detached_cards SET generation = 1").execute(&conn).await;
    assert_eq!(claimed.expect("a worker has claimed it"), 1);
    let refused = stripe.put(&merchant, &card, &[]).await;
    assert_eq!(
        refused.problem(),
        (422, "validation-failed".to_owned(), "/token".to_owned())
    );
}

#[actix_web::test]
async fn a_card_is_detached_later_when_stripe_is_away() {
    let stripe = Stripe::new().await;
    let merchant = Merchant::new(&stripe.test, "away").await;
    let card = stripe.typed("4242424242424242").await;
    stripe.put(&merchant, &card, &[]).await.expect(200);
    let Stripe { test, double, .. } = stripe;
    drop(double);
    let delete = Call::new("DELETE", merchant.organization_path("payment-card"));
    merchant.call(&test, delete).await.expect(204);
    test.drain_jobs().await;
    let conn = test.db().read().await.expect("a connection");
    let waiting = "SELECT 1 FROM detached_cards WHERE attempts = 1 AND last_error IS NOT NULL AND run_at > now()";
    let waiting = sql(waiting).execute(&conn).await;
    assert_eq!(waiting.expect("the queue"), 1, "tried, and to be tried again");
}
