//! Who is still needed is not forgotten.

use kassa::net::Mailer;
use kassa::refunds::settle::Became;
use serde_json::{Value, json};

use super::erasing::erase;
use super::exporting::customer_of;
use crate::refunds::scene::{became, part, written};
use crate::support::app::Settings;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

#[track_caller]
fn because(reply: &Reply, order: &str, reason: &str) {
    assert_eq!(reply.problem().1, "customer-not-settled");
    let orders = &reply.json()["orders"];
    assert_eq!(json!([orders[0]["id"], orders[0]["reason"]]), json!([order, reason]));
}

#[actix_web::test]
async fn while_money_or_an_action_is_on_its_way() {
    let nobody = Mailer::from_url(&"smtp://127.0.0.1:9".to_owned().into()).expect("a mailer");
    let test = TestApp::with(Settings {
        mailer: Some(nobody),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "needed").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    because(&erase(&test, &merchant, &customer).await, &order, "payment_open");
    visit.pay(&test, "pending").await.expect(200);
    because(&erase(&test, &merchant, &customer).await, &order, "payment_open");
    visit.pay(&test, "succeeded").await.expect(200);
    because(&erase(&test, &merchant, &customer).await, &order, "actions_not_done");
    test.drain_jobs().await;
    because(&erase(&test, &merchant, &customer).await, &order, "actions_not_done");
    let complete = Call::post(
        merchant.path(&format!("orders/{order}/complete")),
        json!({"run_actions": false}),
    );
    merchant.call(&test, complete).await.expect(200);
    because(&erase(&test, &merchant, &customer).await, &order, "actions_not_done");
    // The receipt is given up after a day.
    for _ in 0..12 {
        test.advance(chrono::TimeDelta::hours(5));
        test.drain_jobs().await;
    }
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        json!([read["status"], read["actions"][0]["status"]]),
        json!(["completed", "failed"])
    );
    let refund = written(&test, &merchant, &read, json!({"lines": [part(&read, 0, 100)]}))
        .await
        .expect("a refund");
    because(&erase(&test, &merchant, &customer).await, &order, "refund_open");
    became(&test, &merchant, refund, Became::Succeeded).await;
    test.as_admin("UPDATE payments SET received_amount = received_amount + 50")
        .await;
    because(&erase(&test, &merchant, &customer).await, &order, "money_unallocated");
    test.as_admin("UPDATE payments SET received_amount = received_amount - 50;
        INSERT INTO order_attention (checkout_id, order_id, code, since) SELECT checkout_id, id, 'dispute', now() FROM orders")
        .await;
    because(&erase(&test, &merchant, &customer).await, &order, "dispute_open");
    test.as_admin("DELETE FROM order_attention").await;
    let before = merchant.read(&test, &format!("customers/{customer}")).await;
    assert_eq!(before["email"], "buyer@example.com", "refusals changed nothing");
    erase(&test, &merchant, &customer).await.expect(200);
    assert_eq!(
        test.traces_of(&["buyer@example.com", "Aino"]).await,
        Vec::<String>::new()
    );
}

#[actix_web::test]
async fn staff_cancel_what_nobody_pays_and_then_it_is_done() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "cancelled").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let cancel = Call::post(
        merchant.path(&format!("orders/{order}/cancel")),
        json!({"reason": "Asked to be forgotten"}),
    );
    merchant.call(&test, cancel).await.expect(200);
    let read = merchant.read(&test, &format!("customers/{customer}")).await;
    assert!(read["erased_at"].is_string(), "with the last of their orders");
    assert_eq!(
        json!([read["email"], read["orders_count"], read["first_order_at"]]),
        json!([null, 0, Value::Null])
    );
    erase(&test, &merchant, &customer).await.expect(200);
    test.check_invariants().await;
}
