//! Stripe: localstripe for intents and their webhooks, stripe-stateful-mock for charges, refunds and failures, Stripe's own SDK for
//! signatures. None of them is Stripe.

mod callbacks;
mod charges;
mod crowd;
mod flow;
mod giving_back;
mod holds;
mod intents;
mod lost;
pub mod shop;
mod signed;
mod storm;

use std::time::Duration;

use kassa::kernel::clock::Clock;
use kassa::kernel::ids::{OrderId, PaymentId, RefundId};
use kassa::net::client::{ClientOptions, GuardedClient, Method, OutboundRequest};
use kassa::net::form;
use kassa::payments::provider::{
    Attempt, AttemptUrls, Handover, Outcome, Payer, ProviderError, RefundError, RefundRequest, Refunded, Started, Wire,
};
use kassa::payments::providers::stripe::{self, Config};
use secrecy::ExposeSecret;
use serde_json::Value;

/// A merchant's account at a double, and how it is reached.
pub struct Account {
    pub client: GuardedClient,
    pub base: String,
    pub config: Config,
    pub timeout: Duration,
}

impl Account {
    pub fn at(base: String) -> Self {
        let options = ClientOptions {
            allow_private: true,
            allow_http: true,
            ..ClientOptions::default()
        };
        Self {
            client: GuardedClient::new(options).expect("a client"),
            base,
            config: Config {
                secret_key: "sk_test_merchant".to_owned().into(),
                publishable_key: "pk_test_merchant".to_owned(),
                webhook_secret: "whsec_merchant".to_owned().into(),
            },
            timeout: Duration::from_secs(5),
        }
    }

    pub fn wire(&self) -> Wire<'_> {
        Wire {
            client: &self.client,
            base: &self.base,
            timeout: self.timeout,
            now_ms: Clock::default().now().timestamp_millis(),
        }
    }

    pub async fn start(&self, attempt: &Attempt) -> Result<Started, ProviderError> {
        stripe::start(self.wire(), &self.config, attempt).await
    }

    pub async fn ask(&self, reference: &str) -> Result<Outcome, ProviderError> {
        stripe::ask(self.wire(), &self.config, reference).await
    }

    pub async fn cancel(&self, attempt: &Attempt, reference: &str) -> Result<Outcome, ProviderError> {
        stripe::cancel(self.wire(), &self.config, attempt.payment, reference).await
    }

    pub async fn refund(&self, request: &RefundRequest) -> Result<Refunded, RefundError> {
        stripe::refund(self.wire(), &self.config, request).await
    }

    pub async fn ask_refund(
        &self,
        request: &RefundRequest,
        reference: Option<&str>,
    ) -> Result<Option<Refunded>, ProviderError> {
        stripe::ask_refund(self.wire(), &self.config, request, reference).await
    }

    /// As the buyer's browser, or the merchant at Stripe, would: with no key of idempotency.
    pub async fn other(&self, method: Method, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let mut request = OutboundRequest::new(method, format!("{}{path}", self.base));
        let key = format!("Bearer {}", self.config.secret_key.expose_secret());
        request.headers = vec![
            ("authorization".to_owned(), key),
            ("content-type".to_owned(), form::CONTENT_TYPE.to_owned()),
        ];
        request.body = form::encode(pairs.iter().copied()).into_bytes();
        request.max_answer = Some(1024 * 1024);
        let answer = self.client.send(request).await.expect("an answer");
        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, body)
    }

    pub async fn read(&self, path: &str) -> Value {
        let (status, body) = self.other(Method::GET, path, &[]).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// A buyer types a card for an intent and presses the button.
    pub async fn pay(&self, intent: &str, card: &str) -> (u16, Value) {
        let typed = [
            ("type", "card"),
            ("card[number]", card),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2030"),
            ("card[cvc]", "123"),
        ];
        let (status, method) = self.other(Method::POST, "/v1/payment_methods", &typed).await;
        assert_eq!(status, 200, "{method}");
        let chosen = [("payment_method", method["id"].as_str().expect("an id"))];
        let path = format!("/v1/payment_intents/{intent}");
        let (status, updated) = self.other(Method::POST, &path, &chosen).await;
        assert_eq!(status, 200, "{updated}");
        self.other(Method::POST, &format!("{path}/confirm"), &[]).await
    }
}

/// Cards that localstripe knows.
pub const GOOD: &str = "4242424242424242";
pub const DECLINED: &str = "4000000000000341";
pub const ASKS_FIRST: &str = "4000002760003184";

/// A new attempt to pay this amount of this currency.
pub fn attempt(amount: i64, currency: &str) -> Attempt {
    let clock = Clock::default();
    let url = |path: &str| format!("https://kassa.test/{path}");
    Attempt {
        payment: PaymentId::generate(&clock),
        order: OrderId::generate(&clock),
        number: 1001,
        amount,
        currency: currency.parse().expect("a currency"),
        method: None,
        locale: "fi".parse().expect("a locale"),
        payer: Payer::default(),
        items: Vec::new(),
        urls: AttemptUrls {
            success: url("success"),
            cancel: url("cancel"),
            callback: url("callback"),
        },
        today: clock.now().date_naive(),
    }
}

/// A new refund of a part of an attempt.
pub fn refund_of(attempt: &Attempt, reference: &str, amount: i64) -> RefundRequest {
    RefundRequest {
        refund: RefundId::generate(&Clock::default()),
        payment: attempt.payment,
        reference: reference.to_owned(),
        amount,
        currency: attempt.currency,
        reason: None,
        items: Vec::new(),
        email: None,
        callback: "https://kassa.test/callback".to_owned(),
    }
}

pub fn client_secret(started: &Started) -> &str {
    match &started.handover {
        Some(Handover::ClientSecret { client_secret, .. }) => client_secret,
        other => panic!("{other:?}"),
    }
}

pub fn euros(received: i64) -> Outcome {
    Outcome::Succeeded {
        received,
        currency: "EUR".parse().expect("a currency"),
    }
}

pub fn failed(code: &str) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        retryable: true,
    }
}

pub fn refused(code: &str, retryable: bool) -> ProviderError {
    ProviderError::Refused {
        code: code.to_owned(),
        retryable,
    }
}
