//! One sale, step by step.

use serde_json::json;

use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_link_becomes_a_completed_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "sale").await;
    let visit = merchant.visit(&test).await;
    assert_eq!(visit.session["totals"]["total"], 3900);
    assert_eq!(visit.session["totals"]["tax"], 792, "25.5 % in 39.00");

    let confirmed = visit.confirm(&test).await;
    assert_eq!(confirmed["order"]["status"], "not_paid");
    assert_eq!(confirmed["order"]["payment_status"], "pending");
    assert_eq!(confirmed["payment"]["status"], "pending");

    let paid = visit.pay(&test, "succeeded").await.expect(200);
    assert_eq!(paid["order"]["status"], "paid");
    test.drain_jobs().await;
    let order = confirmed["order"]["id"].as_str().expect("an id");
    let order = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(order["status"], "completed");
    assert_eq!(order["number"], 1001);
    assert_eq!(order["source"], "newsletter");
    assert_eq!(test.mails().len(), 1, "one receipt");
    let events = merchant.read(&test, "events?test_mode=true").await;
    let types: Vec<_> = events["data"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(
        json!(types),
        json!([
            "order.created",
            "payment.succeeded",
            "product.delivered",
            "order.completed"
        ])
    );
    let own = test
        .call(Call::get(visit.path("/order")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(own["status"], "completed");
    test.check_invariants().await;
}
