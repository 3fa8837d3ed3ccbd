//! Products with licenses and actions, and people who buy them.

use serde_json::{Value, json};

use crate::people::activation::activate;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// Sells one product, licensed like this, by the link `licensed`; returns the product. The shop is live: what test orders get is
/// no license.
pub async fn sell(test: &TestApp, merchant: &Merchant, license: Value) -> Value {
    sell_at(test, merchant, license, 1000).await
}

/// The same for another price.
pub async fn sell_at(test: &TestApp, merchant: &Merchant, license: Value, amount: i64) -> Value {
    open_shop(test, merchant).await;
    let product = json!({"name": "Program", "type": "digital_content", "vat_type": "digital_service",
        "prices": [{"currency": "EUR", "amount": amount}], "license": license});
    let product = merchant.create(test, "products", product).await;
    let quantity = json!({"default": 1, "min": 1, "max": 9});
    let items = json!([{"product_id": product["id"], "quantity": quantity}]);
    let offer = json!({"name": "Program", "title": "The program", "items": items});
    let offer = merchant.create(test, "offers", offer).await;
    for (slug, test_mode) in [("licensed", false), ("tried", true)] {
        let link = json!({"name": slug, "offer_id": offer["id"], "slug": slug, "test_mode": test_mode});
        merchant.create(test, "checkout-links", link).await;
    }
    product
}

/// Lets a shop sell in earnest, by bank transfers.
pub async fn open_shop(test: &TestApp, merchant: &Merchant) {
    activate(test, merchant).await;
    let bank = json!({"payee": "Shop", "iban": "FI2112345600000785", "due_days": 14});
    let bank = Call::new("PUT", merchant.path("payment-methods/offline")).json(bank);
    merchant.call(test, bank).await.expect(200);
}

/// A confirmed order whose money has not come yet.
pub struct Confirmed {
    pub order: String,
    payment: String,
    total: Value,
}

/// Somebody confirms an order of so many, to be paid by bank; what costs nothing is paid by that.
pub async fn confirm(test: &TestApp, merchant: &Merchant, link: &str, buyer: &str, quantity: i32) -> Confirmed {
    let body = json!({"checkout": merchant.slug, "link": link, "quantity": quantity,
        "customer": {"email": buyer, "country": "FI", "first_name": "Aino"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    let (session, secret) = (&opened["session"], text(&opened["client_secret"]));
    let total = session["totals"]["total"].clone();
    let consents = json!({"terms": true, "privacy": true, "marketing": true});
    let provider = if total == 0 { "free" } else { "offline" };
    let body = json!({"expected_total": total, "provider": provider, "consents": consents});
    let path = format!("/v1/storefront/sessions/{}/confirm", text(&session["id"]));
    let confirmed = test.call(Call::post(path, body).bearer(&secret)).await.expect(200);
    Confirmed {
        order: text(&confirmed["order"]["id"]),
        payment: text(&confirmed["payment"]["id"]),
        total,
    }
}

/// The money comes.
pub async fn pay(test: &TestApp, merchant: &Merchant, confirmed: &Confirmed) -> Reply {
    let Confirmed { order, payment, total } = confirmed;
    let path = merchant.path(&format!("orders/{order}/payments/{payment}/mark-paid"));
    let body = json!({"amount": total, "reference": "from the bank"});
    merchant.call(test, Call::post(path, body)).await
}

/// Somebody buys so many; the order as it is once all has been done that can be.
pub async fn buy(test: &TestApp, merchant: &Merchant, quantity: i32) -> Value {
    let confirmed = confirm(test, merchant, "licensed", "buyer@example.com", quantity).await;
    pay(test, merchant, &confirmed).await.expect(200);
    test.drain_jobs().await;
    read(test, merchant, &confirmed.order).await
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
    let events = merchant.read(test, &format!("events?limit=100&types={kind}")).await;
    events["data"].as_array().map_or(0, Vec::len)
}
