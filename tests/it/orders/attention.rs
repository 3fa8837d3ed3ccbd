//! What a person should look at.

use chrono::TimeDelta;
use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::net::Mailer;
use kassa::orders::settle::settle;
use kassa::payments::provider::{News, Outcome};
use serde_json::{Value, json};

use super::scene::{cancel, confirmed};
use crate::support::app::Settings;
use crate::support::merchant::second_instance;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn counted(test: &TestApp, merchant: &Merchant) -> Value {
    merchant
        .read(test, "orders/requires-attention/count?test_mode=true")
        .await["count"]
        .clone()
}

async fn acknowledge(test: &TestApp, merchant: &Merchant, order: &str, code: &str) -> Reply {
    let path = merchant.path(&format!("orders/{order}/attention/acknowledge"));
    let body = json!({"code": code, "note": "Aino was called"});
    merchant.call(test, Call::post(path, body)).await
}

/// How often an event of this type was told.
async fn told(test: &TestApp, merchant: &Merchant, kind: &str) -> usize {
    test.drain_jobs().await;
    let events = merchant
        .read(test, &format!("events?test_mode=true&types={kind}"))
        .await;
    events["data"].as_array().map_or(0, Vec::len)
}

#[actix_web::test]
async fn what_is_not_done_in_time_is_raised_and_ends_by_itself() {
    let mailer = Mailer::from_url(&"smtp://127.0.0.1:9".to_owned().into()).expect("a mailer");
    let test = TestApp::with(Settings {
        mailer: Some(mailer),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "late").await;
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    assert_eq!(counted(&test, &merchant).await, 0);
    test.advance(TimeDelta::seconds(301));
    assert_eq!(told(&test, &merchant, "order.requires_attention").await, 1);
    assert_eq!(counted(&test, &merchant).await, 1);
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["requires_attention"], &read["attention_reasons"][0]["code"]),
        (&json!(true), &json!("actions_incomplete"))
    );
    let refused = acknowledge(&test, &merchant, &order, "actions_incomplete").await;
    assert_eq!(refused.problem().1, "attention-ends-itself");
    assert_eq!(told(&test, &merchant, "order.requires_attention").await, 1, "once");
    // Another instance reaches a mail server.
    let other = second_instance(&test).await;
    other.advance(TimeDelta::days(1));
    other.drain_jobs().await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["status"], &read["requires_attention"], &read["attention_reasons"]),
        (&json!("completed"), &json!(false), &json!([]))
    );
    assert_eq!(counted(&test, &merchant).await, 0);
    test.check_invariants().await;
}

#[actix_web::test]
async fn staff_acknowledge_what_does_not_end_by_itself() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "seen").await;
    let made = merchant.visit(&test).await.confirm(&test).await;
    let order = text(&made["order"]["id"]);
    cancel(&test, &merchant, &order).await.expect(200);
    let refused = acknowledge(&test, &merchant, &order, "orphan_payment").await;
    assert_eq!(refused.problem().1, "attention-not-raised");
    let news = News {
        payment: text(&made["payment"]["id"]).parse().expect("an id"),
        outcome: Outcome::Succeeded {
            received: 3900,
            currency: "EUR".parse().expect("a currency"),
        },
    };
    let checkout = merchant.checkout;
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, DbError> { settle(tx, checkout, &news).await })
        .await
        .expect("news is always taken");
    assert_eq!(told(&test, &merchant, "order.requires_attention").await, 1);
    assert_eq!(counted(&test, &merchant).await, 1);
    let seen = acknowledge(&test, &merchant, &order, "orphan_payment")
        .await
        .expect(200);
    assert_eq!(seen["requires_attention"], false);
    let reason = &seen["attention_reasons"][0];
    assert_eq!(
        (&reason["code"], &reason["note"], reason["acknowledged"].is_string()),
        (&json!("orphan_payment"), &json!("Aino was called"), true)
    );
    assert_eq!(counted(&test, &merchant).await, 0);
    let again = acknowledge(&test, &merchant, &order, "orphan_payment").await;
    assert_eq!(again.problem().1, "attention-not-raised");
    let log = merchant.read(&test, "audit-log?action=acknowledgeAttention").await;
    assert_eq!(log["data"][0]["object"]["id"], json!(order));
    assert!(!log.to_string().contains("Aino"), "{log}");
    test.check_invariants().await;
}
