//! Staff complete orders by hand, and make recorded refunds void.

use kassa::net::Mailer;
use serde_json::{Value, json};

use super::scene::{paid_pair, part, read, refund, sell_pair, told};
use crate::support::app::Settings;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn complete(test: &TestApp, merchant: &Merchant, order: &Value, body: Value) -> Reply {
    let path = merchant.path(&format!("orders/{}/complete", text(&order["id"])));
    merchant.call(test, Call::post(path, body)).await
}

#[actix_web::test]
async fn whatever_its_actions_did() {
    let mailer = Mailer::from_url(&"smtp://127.0.0.1:9".to_owned().into()).expect("a mailer");
    let test = TestApp::with(Settings {
        mailer: Some(mailer),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "byhand").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    assert_eq!(order["status"], "paid", "its receipt was not sent");
    test.advance(chrono::TimeDelta::minutes(6));
    test.drain_jobs().await;
    assert_eq!(
        read(&test, &merchant, &text(&order["id"])).await["requires_attention"],
        true
    );
    let refused = complete(&test, &merchant, &order, json!({"use_latest_configuration": true})).await;
    assert_eq!(
        refused.problem(),
        (
            422,
            "validation-failed".to_owned(),
            "/use_latest_configuration".to_owned()
        )
    );
    let done = complete(&test, &merchant, &order, json!({"run_actions": false}))
        .await
        .expect(200);
    assert_eq!(
        json!([
            done["status"],
            done["requires_attention"],
            done["not_restored"],
            done["actions"][0]["status"]
        ]),
        json!(["completed", false, [], "queued"])
    );
    assert_eq!(told(&test, &merchant, "order.completed").await, 1);
    complete(&test, &merchant, &order, json!({})).await.expect(200);
    assert_eq!(told(&test, &merchant, "order.completed").await, 1, "once in its life");
    let unpaid = merchant.visit(&test).await.confirm(&test).await["order"].clone();
    assert_eq!(
        complete(&test, &merchant, &unpaid, json!({})).await.problem().1,
        "order-not-paid"
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn recorded_refunds_are_made_void_and_money_that_moved_stays_refunded() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "void").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let id = text(&order["id"]);
    let refused = complete(&test, &merchant, &order, json!({"restore_refunded": true})).await;
    assert_eq!(refused.problem().2, "/restore_refunded");
    let moved = json!({"lines": [part(&order, 1, 400)]});
    let moved = refund(&test, &merchant, &order, "moved", moved).await.expect(201);
    for (key, body) in [
        ("a", json!({"lines": [part(&order, 0, 1300)], "refund_payment": false})),
        (
            "b",
            json!({"lines": [{"order_line_id": order["lines"][0]["id"], "amount": 2600, "remove_access": true}, part(&order, 1, 600)],
                "refund_payment": false}),
        ),
    ] {
        let recorded = refund(&test, &merchant, &order, key, body).await.expect(201);
        assert_eq!(
            json!([
                recorded["status"],
                recorded["payment_id"],
                recorded["manual_transfer_required"]
            ]),
            json!(["recorded", null, false])
        );
    }
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([now["status"], now["payment_status"]]),
        json!(["refunded", "refunded"])
    );
    let done = complete(
        &test,
        &merchant,
        &order,
        json!({"restore_refunded": true, "run_actions": false}),
    )
    .await
    .expect(200);
    assert_eq!(
        json!([
            done["status"],
            done["payment_status"],
            done["refunded_amount"],
            done["not_restored"]
        ]),
        json!(["completed", "partially_refunded", 400, [moved["id"]]])
    );
    assert!(done["lines"][0]["returned_at"].is_null());
    let refunds = done["refunds"].as_array().expect("refunds");
    let kinds: Vec<_> = refunds
        .iter()
        .map(|one| json!([one["kind"], one["amount"], one["voided"]]))
        .collect();
    assert_eq!(
        json!(kinds),
        json!([
            ["order", 400, false],
            ["order", 1300, true],
            ["order", 3200, true],
            ["reversal", -1300, false],
            ["reversal", -3200, false]
        ])
    );
    // What was void can be refunded anew, for real this time.
    let rest = json!({"lines": [part(&order, 0, 3900), part(&order, 1, 600)]});
    refund(&test, &merchant, &order, "rest", rest).await.expect(201);
    let now = read(&test, &merchant, &id).await;
    assert_eq!(
        json!([now["status"], now["refunded_amount"]]),
        json!(["refunded", 4900])
    );
    test.check_invariants().await;
}
