//! What becomes of a refund, early, late and never.

use kassa::refunds::settle::Became;
use serde_json::json;

use super::scene::{became, failed, paid_pair, part, read, refund, sell_pair, told, written};
use crate::support::people::text;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn one_that_fails_gives_its_amount_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "fails").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let id = text(&order["id"]);
    let all = json!({"lines": [part(&order, 0, 3900)]});
    let first = written(&test, &merchant, &order, all.clone()).await.expect("a refund");
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([
            now["refunds"][0]["status"],
            now["refundable_amount"],
            now["refunded_amount"],
            now["payment_status"]
        ]),
        json!(["pending", 1000, 0, "paid"]),
        "what is on its way is held"
    );
    let refused = refund(&test, &merchant, &order, "k", json!({"lines": [part(&order, 0, 1)]})).await;
    assert_eq!(refused.problem().1, "refund-too-large");
    became(&test, &merchant, first, failed()).await;
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([
            now["refunds"][0]["status"],
            now["refunds"][0]["failure_code"],
            now["refundable_amount"]
        ]),
        json!(["failed", "insufficient_funds", 4900])
    );
    assert_eq!(now["attention_reasons"][0]["code"], "refund_failed");
    assert_eq!(told(&test, &merchant, "refund.failed").await, 1);
    refund(&test, &merchant, &order, "l", all).await.expect(201);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_late_failure_puts_the_states_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "late").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let id = text(&order["id"]);
    let all = json!({"lines": [part(&order, 0, 3900), part(&order, 1, 1000)]});
    let whole = written(&test, &merchant, &order, all).await.expect("a refund");
    became(&test, &merchant, whole, Became::Succeeded).await;
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([now["status"], now["payment_status"]]),
        json!(["refunded", "refunded"])
    );
    became(&test, &merchant, whole, failed()).await;
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([
            now["status"],
            now["payment_status"],
            now["refunded_amount"],
            now["refundable_amount"],
            now["payments"][0]["refunded_amount"]
        ]),
        json!(["completed", "paid", 0, 4900, 0])
    );
    // News twice is news once.
    became(&test, &merchant, whole, failed()).await;
    assert_eq!(told(&test, &merchant, "refund.failed").await, 1);
    // It turns out that it had arrived all the same, while there is room for it.
    became(&test, &merchant, whole, Became::Succeeded).await;
    assert_eq!(read(&test, &merchant, &id).await["status"], "refunded");
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_arrives_twice_is_raised_and_never_counted_twice() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "both").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let all = json!({"lines": [part(&order, 0, 3900)]});
    let first = written(&test, &merchant, &order, all.clone()).await.expect("a refund");
    became(&test, &merchant, first, failed()).await;
    let second = written(&test, &merchant, &order, all).await.expect("another refund");
    became(&test, &merchant, second, Became::Succeeded).await;
    became(&test, &merchant, first, Became::Succeeded).await;
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(
        json!([
            now["refunded_amount"],
            now["refunds"][0]["status"],
            now["refunds"][1]["status"]
        ]),
        json!([3900, "failed", "succeeded"])
    );
    let codes: Vec<_> = now["attention_reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|one| text(&one["code"]))
        .collect();
    assert!(codes.contains(&"refund_unknown".to_owned()), "{codes:?}");
    test.check_invariants().await;
}

#[actix_web::test]
async fn one_that_nobody_knows_of_holds_its_amount_until_it_is_known() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "unknown").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let id = text(&order["id"]);
    let lost = written(&test, &merchant, &order, json!({"lines": [part(&order, 1, 400)]}))
        .await
        .expect("a refund");
    became(&test, &merchant, lost, Became::Unknown).await;
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([
            now["refunds"][0]["status"],
            now["lines"][1]["refundable_amount"],
            now["requires_attention"]
        ]),
        json!(["unknown", 600, true])
    );
    // The worker does not repeat it blindly.
    test.advance(chrono::TimeDelta::hours(1));
    test.drain_jobs().await;
    assert_eq!(read(&test, &merchant, &id).await["refunds"][0]["status"], "unknown");
    became(&test, &merchant, lost, Became::Succeeded).await;
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([
            now["refunded_amount"],
            now["requires_attention"],
            now["attention_reasons"]
        ]),
        json!([400, false, []])
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn one_whose_sender_died_is_sent_by_a_worker() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "died").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let id = text(&order["id"]);
    written(&test, &merchant, &order, json!({"lines": [part(&order, 1, 400)]}))
        .await
        .expect("a refund");
    test.drain_jobs().await;
    assert_eq!(
        read(&test, &merchant, &id).await["refunds"][0]["status"],
        "pending",
        "its sender has time"
    );
    test.advance(chrono::TimeDelta::seconds(30));
    test.drain_jobs().await;
    assert_eq!(read(&test, &merchant, &id).await["refunds"][0]["status"], "succeeded");
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_a_provider_cannot_do_is_done_by_hand() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "hand").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let refund = written(&test, &merchant, &order, json!({"lines": [part(&order, 1, 400)]}))
        .await
        .expect("a refund");
    became(&test, &merchant, refund, Became::ByHand).await;
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(
        json!([
            now["refunds"][0]["status"],
            now["refunds"][0]["manual_transfer_required"],
            now["refunded_amount"]
        ]),
        json!(["recorded", true, 400])
    );
    assert_eq!(
        now["payments"][0]["refunded_amount"], 0,
        "the provider has moved nothing"
    );
    test.check_invariants().await;
}
