//! Products with licenses and actions, and people who buy them.

use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// Sells one product, licensed like this, by the test link `licensed`; returns the product.
pub async fn sell(test: &TestApp, merchant: &Merchant, license: Value) -> Value {
    let product = json!({"name": "Program", "type": "digital_content", "vat_type": "digital_service",
        "prices": [{"currency": "EUR", "amount": 1000}], "license": license});
    let product = merchant.create(test, "products", product).await;
    let quantity = json!({"default": 1, "min": 1, "max": 9});
    let items = json!([{"product_id": product["id"], "quantity": quantity}]);
    let offer = json!({"name": "Program", "title": "The program", "items": items});
    let offer = merchant.create(test, "offers", offer).await;
    let link = json!({"name": "Program", "offer_id": offer["id"], "slug": "licensed", "test_mode": true});
    merchant.create(test, "checkout-links", link).await;
    product
}

/// Somebody confirms an order of so many; it is not paid.
pub async fn confirm(test: &TestApp, merchant: &Merchant, buyer: &str, quantity: i32) -> (Visit, String) {
    let body = json!({"checkout": merchant.slug, "link": "licensed", "quantity": quantity,
        "customer": {"email": buyer, "country": "FI", "first_name": "Aino"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    let visit = Visit {
        id: text(&opened["session"]["id"]),
        secret: text(&opened["client_secret"]),
        session: opened["session"].clone(),
    };
    let order = text(&visit.confirm(test).await["order"]["id"]);
    (visit, order)
}

/// Somebody buys so many; the order as it is once all has been done that can be.
pub async fn buy(test: &TestApp, merchant: &Merchant, quantity: i32) -> Value {
    let (visit, order) = confirm(test, merchant, "buyer@example.com", quantity).await;
    visit.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    read(test, merchant, &order).await
}

/// An order as it stands.
pub async fn read(test: &TestApp, merchant: &Merchant, order: &str) -> Value {
    merchant.read(test, &format!("orders/{order}")).await
}

/// Brings keys in.
pub async fn import(test: &TestApp, merchant: &Merchant, product: &Value, keys: &[&str]) -> Reply {
    let path = merchant.path(&format!("products/{}/license-keys", text(&product["id"])));
    merchant.call(test, Call::post(path, json!({"keys": keys}))).await
}

/// The run of this type on an order.
pub fn run_of<'a>(order: &'a Value, kind: &str) -> &'a Value {
    let runs = order["actions"].as_array().expect("runs");
    let found = runs.iter().find(|run| run["type"] == kind && run["revokes"].is_null());
    found.unwrap_or_else(|| panic!("no {kind} in {order:#}"))
}

/// The licenses of an order's first line.
pub fn keys_of(order: &Value) -> Vec<String> {
    let licenses = order["lines"][0]["licenses"].as_array().expect("licenses");
    licenses.iter().map(|license| text(&license["key"])).collect()
}

/// Where an order stands: its status, its delivery, and whether somebody should look at it and why.
pub fn stands(order: &Value) -> Value {
    let reasons = order["attention_reasons"].as_array().expect("reasons");
    let codes: Vec<_> = reasons.iter().map(|reason| &reason["code"]).collect();
    json!([order["status"], order["fulfillment_status"], codes])
}

/// The types of the events of a kind that were told, oldest first.
pub async fn told(test: &TestApp, merchant: &Merchant, kind: &str) -> usize {
    test.drain_jobs().await;
    let events = merchant
        .read(test, &format!("events?test_mode=true&limit=100&types={kind}"))
        .await;
    events["data"].as_array().map_or(0, Vec::len)
}
