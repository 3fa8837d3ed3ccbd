//! Paytrail: its own SDK judges what we sign and signs what we read, Prism holds our requests against its OpenAPI file, and a double of
//! ours remembers. None of them is Paytrail.

mod calls;
mod marked;
mod news;
mod once;
mod refunds;
mod shapes;
mod shop;
mod storm;
mod trouble;

use std::sync::Mutex;
use std::time::Duration;

use kassa::kernel::clock::Clock;
use kassa::kernel::ids::{LineId, OrderId, PaymentId, RefundId};
use kassa::net::client::{ClientOptions, GuardedClient};
use kassa::payments::provider::{Attempt, AttemptItem, AttemptUrls, Payer, RefundRequest, Wire};
use kassa::payments::providers::paytrail::Config;
use serde_json::{Value, json};

use crate::support::doubles::Double;

/// The double.
pub struct Paytrail(Mutex<Double>, u16, String);

impl Paytrail {
    pub fn start() -> Self {
        let double = Double::start_node("paytrail.cjs", &[]);
        let port = double.port;
        Self(Mutex::new(double), port, format!("http://127.0.0.1:{port}"))
    }

    pub fn port(&self) -> u16 {
        self.1
    }

    pub fn base(&self) -> &str {
        &self.2
    }

    /// A command of the double's, and its answer.
    pub fn tell(&self, command: &Value) -> Value {
        let answer = self.0.lock().expect("no panic").ask(command);
        assert_eq!(answer["error"], Value::Null, "{command}");
        answer
    }

    /// What the next request of a kind meets.
    pub fn plan(&self, plan: Value) {
        self.plans(&[plan]);
    }

    /// What the next requests meet.
    pub fn plans(&self, plans: &[Value]) {
        self.tell(&json!({"do": "plan", "plans": plans}));
    }

    /// Its payments, oldest first.
    pub fn payments(&self) -> Vec<Value> {
        let state = self.tell(&json!({"do": "state"}));
        state["payments"].as_array().expect("payments").clone()
    }

    /// The requests that reached it, as they came.
    pub fn requests(&self) -> Vec<Value> {
        let state = self.tell(&json!({"do": "state"}));
        state["requests"].as_array().expect("requests").clone()
    }

    /// The buyer is done at Paytrail's page; gives the addresses of the callback and of the way back.
    pub fn pay(&self, payment: &str, status: &str, amount: Option<i64>) -> (String, String) {
        let told = self.tell(&json!({"do": "pay", "stamp": payment, "status": status, "amount": amount}));
        let address = |name: &str| told[name].as_str().expect("an address").to_owned();
        (address("callback"), address("back"))
    }
}

/// The account that Paytrail publishes for trials.
pub fn account() -> Config {
    Config {
        merchant_id: "375917".to_owned(),
        secret_key: "SAIPPUAKAUPPIAS".to_owned().into(),
    }
}

pub fn client() -> GuardedClient {
    GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        ..ClientOptions::default()
    })
    .expect("a client")
}

pub fn wire<'a>(client: &'a GuardedClient, base: &'a str) -> Wire<'a> {
    Wire {
        client,
        base,
        timeout: Duration::from_secs(1),
        now_ms: Clock::default().now().timestamp_millis(),
    }
}

/// An attempt with everything in it that a shop may have.
pub fn attempt(lines: &[(i32, i64, &str)]) -> Attempt {
    let clock = Clock::default();
    let item = |(quantity, total, rate): &(i32, i64, &str)| AttemptItem {
        line: LineId::generate(&clock),
        name: "Sähkö \"€\" \\ </script> \u{2028}\u{7f}\t😀".to_owned(),
        quantity: *quantity,
        total: *total,
        tax_rate: rate.parse().expect("a rate"),
    };
    let some = |text: &str| Some(text.to_owned());
    Attempt {
        payment: PaymentId::generate(&clock),
        order: OrderId::generate(&clock),
        number: 1001,
        amount: lines.iter().map(|line| line.1).sum(),
        currency: "EUR".parse().expect("a currency"),
        method: some("bank"),
        locale: "fi".parse().expect("a locale"),
        payer: Payer {
            email: some("aino@example.com"),
            first_name: some("Aino"),
            last_name: some("Öst"),
            phone: some("+358 50 123 4567"),
            company: some("Keramiikkapaja Oy"),
            vat_number: some("FI20774740"),
            street: some("Katu 1 A 2"),
            postal_code: some("00100"),
            city: some("Helsinki"),
            country: "FI".parse().ok(),
        },
        items: lines.iter().map(item).collect(),
        urls: AttemptUrls {
            success: "https://kassa.example/v1/returns/paytrail/x?checkout=y".to_owned(),
            cancel: "https://kassa.example/v1/returns/paytrail/x?checkout=y&cancelled=true".to_owned(),
            callback: "https://kassa.example/v1/callbacks/paytrail/y".to_owned(),
        },
        today: "2026-11-21".parse().expect("a date"),
    }
}

/// A refund of so much of each line of an attempt.
pub fn refund_of(attempt: &Attempt, transaction: &str, parts: &[i64]) -> RefundRequest {
    RefundRequest {
        refund: RefundId::generate(&Clock::default()),
        payment: attempt.payment,
        reference: transaction.to_owned(),
        amount: parts.iter().sum(),
        currency: attempt.currency,
        reason: None,
        items: attempt
            .items
            .iter()
            .zip(parts)
            .map(|(item, part)| (item.line, *part))
            .collect(),
        email: Some("aino@example.com".to_owned()),
        callback: "https://kassa.example/v1/callbacks/paytrail/y".to_owned(),
    }
}
