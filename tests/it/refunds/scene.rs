//! Orders that were paid, and what is done to their money.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::kernel::ids::{OrderId, RefundId};
use kassa::kernel::problem::Problem;
use kassa::refunds::request::request;
use kassa::refunds::settle::{Became, Named, settle};
use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

/// A link `pair` that sells two products at these prices.
pub async fn sell_pair(test: &TestApp, merchant: &Merchant, prices: [i64; 2]) {
    let mut items = Vec::new();
    for (name, amount) in ["One", "Two"].into_iter().zip(prices) {
        let product = json!({"name": name, "type": "online_course", "vat_type": "commercial_education",
            "prices": [{"currency": "EUR", "amount": amount}]});
        let product = merchant.create(test, "products", product).await;
        items.push(json!({"product_id": product["id"]}));
    }
    let offer = json!({"name": "Pair", "title": "The pair", "items": items});
    let offer = merchant.create(test, "offers", offer).await;
    let link = json!({"name": "Pair", "offer_id": offer["id"], "slug": "pair", "test_mode": true});
    merchant.create(test, "checkout-links", link).await;
}

/// An order of the pair, paid and completed.
pub async fn paid_pair(test: &TestApp, merchant: &Merchant) -> Value {
    let body = json!({"checkout": merchant.slug, "link": "pair",
        "customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    let visit = Visit::of(&opened);
    let order = text(&visit.confirm(test).await["order"]["id"]);
    visit.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    read(test, merchant, &order).await
}

/// An order as it stands.
pub async fn read(test: &TestApp, merchant: &Merchant, order: &str) -> Value {
    merchant.read(test, &format!("orders/{order}")).await
}

/// A part of a refund of one of an order's lines.
pub fn part(order: &Value, line: usize, amount: i64) -> Value {
    json!({"order_line_id": order["lines"][line]["id"], "amount": amount})
}

/// A request for a refund.
pub fn refund_call(merchant: &Merchant, order: &Value, key: &str, body: Value) -> Call {
    let path = merchant.path(&format!("orders/{}/refunds", text(&order["id"])));
    Call::post(path, body).header("idempotency-key", key)
}

/// Asks for a refund.
pub async fn refund(test: &TestApp, merchant: &Merchant, order: &Value, key: &str, body: Value) -> Reply {
    merchant.call(test, refund_call(merchant, order, key, body)).await
}

/// Writes a refund down and sends it nowhere, as if its provider took its time.
pub async fn written(test: &TestApp, merchant: &Merchant, order: &Value, body: Value) -> Result<RefundId, Problem> {
    let checkout = merchant.checkout;
    let order: OrderId = text(&order["id"]).parse().expect("an id");
    let input = serde_json::from_value(body).expect("a refund");
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, Problem> { Ok(request(tx, checkout, order, &input).await?.refund.id) })
        .await
}

/// What becomes of a refund.
pub async fn became(test: &TestApp, merchant: &Merchant, refund: RefundId, became: Became) {
    let checkout = merchant.checkout;
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, DbError> {
            settle(tx, checkout, Named::Id(refund), &became, None).await
        })
        .await
        .expect("news is always taken");
}

/// Failure.
pub fn failed() -> Became {
    Became::Failed {
        code: "insufficient_funds".to_owned(),
    }
}

/// How often an event of this type was told.
pub async fn told(test: &TestApp, merchant: &Merchant, kind: &str) -> usize {
    test.drain_jobs().await;
    let events = merchant
        .read(test, &format!("events?test_mode=true&limit=100&types={kind}"))
        .await;
    events["data"].as_array().map_or(0, Vec::len)
}
