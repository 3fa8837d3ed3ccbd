//! A shop that takes payments with Stripe: the application in process, localstripe beside it, and its webhooks on their way.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use kassa::app::ProviderAddresses;
use kassa::net::client::Method;
use serde_json::{Value, json};

use super::Account;
use crate::support::app::{Settings, nowhere};
use crate::support::doubles::Double;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::wire::{Request, Server};
use crate::support::{Merchant, TestApp};

/// What the merchant's webhook endpoint signs with.
pub const SECRET: &str = "whsec_merchant";

/// The application, with Stripe there.
pub async fn app_with(stripe: String, timeout: Duration) -> TestApp {
    TestApp::with(settings(stripe, timeout)).await
}

pub fn settings(stripe: String, timeout: Duration) -> Settings {
    Settings {
        providers: Some(ProviderAddresses { stripe, ..nowhere() }),
        provider_timeout: Some(timeout),
        ..Settings::default()
    }
}

/// A merchant sets Stripe up.
pub async fn set_up(test: &TestApp, merchant: &Merchant, secret: &str) -> Value {
    let body =
        json!({"secret_key": "sk_test_merchant", "publishable_key": "pk_test_merchant", "webhook_secret": secret});
    let call = Call::new("PUT", merchant.path("payment-methods/stripe")).json(body);
    merchant.call(test, call).await.expect(200)
}

/// A buyer confirms what they saw, to pay with this provider.
pub fn confirmation(visit: &Visit, provider: &str) -> Call {
    let body = json!({"expected_total": visit.session["totals"]["total"], "provider": provider,
        "consents": {"terms": true, "privacy": true}});
    Call::post(visit.path("/confirm"), body).bearer(&visit.secret)
}

/// A buyer pays in another way, or once more.
pub fn another(visit: &Visit, provider: &str) -> Call {
    Call::post(visit.path("/payments"), json!({"provider": provider})).bearer(&visit.secret)
}

/// The intent of a client secret.
pub fn intent_of(shown: &Value) -> String {
    let secret = text(&shown["payment"]["client_secret"]);
    secret.split("_secret_").next().expect("an intent").to_owned()
}

/// A webhook as Stripe would send it.
pub fn webhook(path: &str, secret: &str, event: &Value, at: i64) -> Call {
    let body = event.to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    let header = format!("t={at},v1={}", HEXLOWER.encode(tag.as_ref()));
    Call::new("POST", path)
        .header("stripe-signature", &header)
        .header("content-type", "application/json; charset=utf-8")
        .bytes(body)
}

pub struct Shop {
    pub test: TestApp,
    pub merchant: Merchant,
    /// localstripe, reached straight.
    pub account: Account,
    _double: Double,
    webhooks: Receiver<Request>,
}

impl Shop {
    pub async fn new(slug: &str) -> Self {
        Self::through(slug, |port| format!("http://127.0.0.1:{port}")).await
    }

    /// The application reaches localstripe, which is at this port, in some other way.
    pub async fn through(slug: &str, way: impl FnOnce(u16) -> String) -> Self {
        let double = Double::start("stripe_server.py", &["--idempotent"]);
        let test = app_with(way(double.port), Duration::from_secs(1)).await;
        let merchant = Merchant::with_course(&test, slug).await;
        set_up(&test, &merchant, SECRET).await;
        let account = Account::at(format!("http://127.0.0.1:{}", double.port));
        let (inbox, webhooks) = Server::inbox();
        let url = format!("{}/v1/callbacks/stripe/{}", inbox.url(), merchant.checkout);
        let told = [("url", url.as_str()), ("secret", SECRET)];
        let (status, _) = account.other(Method::POST, "/_config/webhooks/ours", &told).await;
        assert_eq!(status, 200);
        Self {
            test,
            merchant,
            account,
            _double: double,
            webhooks,
        }
    }

    /// Waits for the next webhook of localstripe.
    pub fn next_webhook(&self) -> Call {
        let request = self.webhooks.recv_timeout(Duration::from_secs(20)).expect("a webhook");
        as_call(&request)
    }

    /// The webhooks that have come.
    pub fn webhooks_so_far(&self) -> Vec<Call> {
        self.webhooks.try_iter().map(|request| as_call(&request)).collect()
    }

    /// Waits for the next webhook and lets it in, byte for byte.
    pub async fn hear(&self) -> Reply {
        self.test.call(self.next_webhook()).await
    }

    pub async fn order(&self, shown: &Value) -> Value {
        let id = text(&shown["order"]["id"]);
        self.merchant.read(&self.test, &format!("orders/{id}")).await
    }

    /// How an intent stands at localstripe.
    pub async fn intent(&self, id: &str) -> Value {
        self.account.read(&format!("/v1/payment_intents/{id}")).await["status"].clone()
    }

    /// How often this was told.
    pub async fn told(&self, event: &str) -> usize {
        told(&self.test, &self.merchant, event).await
    }
}

/// How often this was told, once all that is due has been done.
pub async fn told(test: &TestApp, merchant: &Merchant, event: &str) -> usize {
    test.drain_jobs().await;
    let events = merchant
        .read(test, &format!("events?test_mode=true&limit=100&types={event}"))
        .await;
    events["data"].as_array().expect("events").len()
}

fn as_call(request: &Request) -> Call {
    let skipped = ["host", "content-length", "connection", "accept", "accept-encoding"];
    let headers = request.headers.iter().filter(|(name, _)| {
        let same = |other: &&str| name.eq_ignore_ascii_case(other);
        !skipped.iter().any(same)
    });
    let call = Call::new(&request.method, request.target.clone()).bytes(request.body.clone());
    headers.fold(call, |call, (name, value)| call.header(name, value))
}
