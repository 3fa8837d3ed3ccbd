//! Actions that run again.

use kassa::actions::store as runs;
use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::db::jobs;
use kassa::kernel::ids::ActionId;
use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn rerun(test: &TestApp, merchant: &Merchant, order: &str, action: &str, body: Value) -> Reply {
    let path = merchant.path(&format!("orders/{order}/actions/{action}/rerun"));
    merchant.call(test, Call::post(path, body)).await
}

#[actix_web::test]
async fn what_has_succeeded_runs_again_when_that_is_confirmed() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "again").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    let action = text(&merchant.read(&test, &format!("orders/{order}/actions")).await["data"][0]["id"]);
    let early = rerun(&test, &merchant, &order, &action, json!({})).await;
    assert_eq!(early.problem().1, "order-not-paid");
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    assert_eq!(test.mails().len(), 1);
    let refused = rerun(&test, &merchant, &order, &action, json!({})).await;
    assert_eq!(refused.problem().1, "confirmation-required");
    let queued = rerun(
        &test,
        &merchant,
        &order,
        &action,
        json!({"confirm": true, "use_latest_configuration": true}),
    )
    .await;
    assert_eq!(queued.expect(202)["status"], "queued");
    test.drain_jobs().await;
    let now = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        json!([
            now["status"],
            now["actions"][0]["status"],
            now["actions"][0]["attempts"]
        ]),
        json!(["completed", "succeeded", 2])
    );
    let story = merchant.read(&test, &format!("orders/{order}/timeline")).await;
    let runs = story["data"].as_array().expect("entries").iter();
    let runs = runs.filter(|entry| entry["kind"] == "action" && entry["what"] == "succeeded");
    assert_eq!(runs.count(), 2, "what happened before stays in its place");
    let other = rerun(&test, &merchant, &order, "act_01jd5wq0zsfa2tq4n9v8kx3m7h", json!({})).await;
    assert_eq!(other.problem().1, "not-found");
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_result_of_a_run_that_was_cut_off_is_refused() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "fenced").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    visit.pay(&test, "succeeded").await.expect(200);
    // A worker takes it, begins, and goes to sleep.
    let checkout = merchant.checkout;
    let claimed = {
        let conn = test.db().read().await.expect("a connection");
        jobs::claim(&conn, test.clock.offset_ms(), jobs::Lane::Own, jobs::LEASE_MS)
            .await
            .expect("jobs")
    };
    let job = claimed
        .into_iter()
        .find(|job| job.kind == jobs::JobKind::RunAction)
        .expect("the receipt");
    let run = ActionId::from_uuid(job.object_id);
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, DbError> { runs::begin(tx, checkout, run).await })
        .await
        .expect("it begins");
    let action = run.to_string();
    let refused = rerun(&test, &merchant, &order, &action, json!({"confirm": true})).await;
    assert_eq!(refused.problem().1, "force-required");
    rerun(&test, &merchant, &order, &action, json!({"force": true}))
        .await
        .expect(202);
    // It wakes up late.
    let late = async || {
        test.db()
            .write(async |tx: &mut Tx| -> Result<_, DbError> { jobs::finish(tx, &job).await })
            .await
    };
    assert!(matches!(late().await, Err(DbError::Stale)), "its job is gone");
    test.drain_jobs().await;
    assert!(matches!(late().await, Err(DbError::Stale)), "and stays so");
    let now = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        json!([now["status"], now["actions"][0]["status"]]),
        json!(["completed", "succeeded"])
    );
    assert_eq!(test.mails().len(), 1);
    test.check_invariants().await;
}
