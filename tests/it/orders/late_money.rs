//! Money for an order that is gone is kept and raised, never lost.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::orders::settle::settle;
use kassa::payments::provider::{News, Outcome};
use serde_json::json;

use super::scene::cancel;
use crate::support::people::text;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn money_for_a_cancelled_order_is_unallocated_and_raised() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "late").await;
    let made = merchant.visit(&test).await.confirm(&test).await;
    let order = text(&made["order"]["id"]);
    cancel(&test, &merchant, &order).await.expect(200);
    let (checkout, payment) = (merchant.checkout, text(&made["payment"]["id"]).parse().expect("an id"));
    let news = async |outcome: Outcome| {
        let news = News { payment, outcome };
        let settled = test
            .db()
            .write(async |tx: &mut Tx| -> Result<_, DbError> { settle(tx, checkout, &news).await })
            .await;
        settled.expect("news is always taken");
    };
    // Bad news of a closed attempt says nothing.
    news(Outcome::Failed {
        code: "declined".to_owned(),
        retryable: true,
    })
    .await;
    news(Outcome::Pending).await;
    assert_eq!(
        merchant.read(&test, &format!("orders/{order}")).await["payments"][0]["status"],
        "cancelled"
    );
    for _ in 0..2 {
        news(Outcome::Succeeded {
            received: 3900,
            currency: "EUR".parse().expect("a currency"),
        })
        .await;
    }
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["status"], &read["payment_status"]),
        (&json!("deleted"), &json!("unpaid"))
    );
    assert_eq!(
        (&read["requires_attention"], &read["paid_at"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(read["attention_reasons"].as_array().map(Vec::len), Some(1));
    assert_eq!(read["attention_reasons"][0]["code"], "orphan_payment");
    let payment = &read["payments"][0];
    assert_eq!(
        json!([
            payment["status"],
            payment["received_amount"],
            payment["allocated_amount"]
        ]),
        json!(["succeeded", 3900, 0])
    );
    test.drain_jobs().await;
    assert!(test.mails().is_empty(), "nothing was bought");
    test.check_invariants().await;
}
