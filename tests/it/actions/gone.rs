//! A shop that is deleted with test orders leaves nothing that is tried for ever.

use chrono::TimeDelta;
use serde_json::json;

use crate::orders::scene::{confirmed, count};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn what_a_deleted_shop_would_have_done_is_not_tried_for_ever() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "gone").await;
    let call = json!({"type": "webhook", "name": "Call", "level": "checkout", "run_in_test": true,
        "config": {"url": "https://receiver.example.com/hook"}});
    merchant.create(&test, "actions", call).await;
    let visit = merchant.visit(&test).await;
    confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    let queued = "SELECT 1 FROM action_runs WHERE status IN ('queued', 'running')";
    assert_eq!(count(&test, queued).await, 2, "a receipt and a call");
    let shop = format!("/v1/checkouts/{}", merchant.checkout);
    merchant.call(&test, Call::new("DELETE", shop)).await.expect(204);
    for _ in 0..3 {
        test.drain_jobs().await;
        // Longer than a lease.
        test.advance(TimeDelta::minutes(2));
    }
    assert_eq!(count(&test, queued).await, 0);
    let cancelled = "SELECT 1 FROM action_runs WHERE status = 'cancelled' AND finished_at IS NOT NULL";
    assert_eq!(count(&test, cancelled).await, 2);
    assert_eq!(
        count(&test, "SELECT 1 FROM action_attempts").await,
        0,
        "nothing was begun"
    );
    let jobs = "SELECT 1 FROM jobs WHERE kind IN ('run_action', 'call_service')";
    assert_eq!(count(&test, jobs).await, 0);
    assert_eq!(test.mails().len(), 0);
    test.check_invariants().await;
}
