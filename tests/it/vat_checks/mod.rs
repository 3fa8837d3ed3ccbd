//! VAT numbers of buyers: asked about at a double of VIES, and what that does to the tax and to the order.

mod answers;
mod asking;

use std::time::Duration;

use chrono::TimeDelta;
use kassa::net::vies::Vies;
use kassa::net::{ClientOptions, GuardedClient};
use serde_json::{Value, json};

use crate::support::app::Settings;
use crate::support::merchant::Visit;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// Numbers with right checksums; the double knows all but the Hungarian one.
pub const SWEDISH: &str = "SE556677889901";
pub const GERMAN: &str = "DE136695976";
pub const UNKNOWN_HUNGARIAN: &str = "HU10000001";

pub fn vies(port: u16) -> Option<Vies> {
    let client = GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        ..ClientOptions::default()
    })
    .expect("a client");
    Some(Vies::new(
        client,
        &format!("http://127.0.0.1:{port}"),
        Duration::from_secs(5),
    ))
}

/// A port where nobody listens.
pub fn dead() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

pub async fn app(port: u16) -> TestApp {
    TestApp::with(Settings {
        vies: vies(port),
        ..Settings::default()
    })
    .await
}

/// The same database, later, with VIES where it is now.
pub async fn later(test: &TestApp, port: u16, by: TimeDelta) -> TestApp {
    let later = TestApp::with(Settings {
        vies: vies(port),
        database: Some(test.database.clone()),
        ..Settings::default()
    })
    .await;
    later.advance(by);
    later
}

pub async fn state_tax(test: &TestApp, merchant: &Merchant, body: Value) {
    let path = format!("/v1/organizations/{}", merchant.organization);
    merchant.call(test, Call::patch(path, body)).await.expect(200);
}

pub fn opening(slug: &str, country: &str, number: &str) -> Call {
    let body = json!({"checkout": slug, "link": "course",
        "customer": {"email": "buyer@example.com", "country": country, "vat_number": number}});
    Call::post("/v1/storefront/sessions", body)
}

pub async fn visit(test: &TestApp, slug: &str, country: &str, number: &str) -> Visit {
    let opened = test.call(opening(slug, country, number)).await.expect(201);
    Visit::of(&opened)
}

pub async fn again(test: &TestApp, visit: &Visit) -> Visit {
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    Visit {
        session,
        ..visit.clone()
    }
}

/// Confirms, and reads the order as staff does.
pub async fn order(test: &TestApp, merchant: &Merchant, visit: &Visit) -> Value {
    let confirmed = visit.confirm(test).await;
    let id = confirmed["order"]["id"].as_str().expect("an id");
    merchant.read(test, &format!("orders/{id}")).await
}

/// Status of the number, tax, total, and why there is no tax.
pub fn told(visit: &Visit) -> (String, i64, i64, Value) {
    let session = &visit.session;
    let totals = &session["totals"];
    (
        session["customer"]["vat_number_status"]
            .as_str()
            .unwrap_or("none")
            .to_owned(),
        totals["tax"].as_i64().expect("a tax"),
        totals["total"].as_i64().expect("a total"),
        totals["tax_breakdown"][0]["reason"].clone(),
    )
}

/// The seller declares in the One Stop Shop: of 39.00, 25 % of Sweden, 27 % of Hungary, 19 % of Germany.
pub fn charged(status: &str, tax: i64) -> (String, i64, i64, Value) {
    (status.to_owned(), tax, 3900, Value::Null)
}

pub fn reverse_charged(status: &str) -> (String, i64, i64, Value) {
    (status.to_owned(), 0, 3900, json!("reverse_charge"))
}
