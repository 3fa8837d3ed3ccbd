//! Money that goes back through Paytrail: at once, later, not at all, and when nobody knows.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Paytrail;
use super::shop::{arrive, confirm, open};
use crate::providers::scene::{Shop, events, refund};
use crate::support::people::text;
use crate::support::request::Call;

/// An order that was paid.
pub async fn paid(shop: &Shop, paytrail: &Paytrail) -> Value {
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(shop, &visit).await;
    let (callback, _) = paytrail.pay(&text(&made["payment"]["id"]), "ok", None);
    assert_eq!(arrive(shop, &callback).await.status, 200);
    shop.test.drain_jobs().await;
    shop.order(&text(&made["order"]["id"])).await
}

/// The callback that tells how a refund stands.
pub fn told(paytrail: &Paytrail, refund: &Value, status: &str, transaction: bool) -> String {
    let command = json!({"do": "refunded", "stamp": refund["id"], "status": status, "transaction": transaction});
    text(&paytrail.tell(&command)["callback"])
}

/// The refunds that Paytrail has.
pub fn made(paytrail: &Paytrail) -> Vec<Value> {
    let payments = paytrail.payments();
    payments
        .iter()
        .flat_map(|one| one["refunds"].as_array().expect("refunds").clone())
        .collect()
}

#[actix_web::test]
async fn parts_go_back_now_and_later() {
    let (shop, paytrail) = open("refunds").await;
    let order = paid(&shop, &paytrail).await;
    let now = refund(&shop, &order, "now", 900).await.expect(201);
    assert_eq!(
        refund(&shop, &order, "now", 900).await.expect(201)["id"],
        now["id"],
        "asked again"
    );
    let there = made(&paytrail);
    assert_eq!((there.len(), now["status"].as_str()), (1, Some("succeeded")));
    let body = &there[0]["body"];
    assert_eq!(
        json!([
            now["provider_reference"],
            body["amount"],
            body["items"][0]["amount"],
            body["email"],
            body["refundStamp"]
        ]),
        json!([there[0]["id"], 900, 900, "buyer@example.com", now["id"]])
    );

    paytrail.plan(json!({"on": "refund", "do": "answer", "status": "pending"}));
    let later = refund(&shop, &order, "later", 1000).await.expect(201);
    assert_eq!(later["status"], "pending");
    let forged = told(&paytrail, &later, "fail", true).replace("=fail", "=ok");
    assert_eq!(arrive(&shop, &forged).await.status, 400);
    let callback = told(&paytrail, &later, "ok", true);
    let answers = join_all((0..20).map(|_| arrive(&shop, &callback))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let read = shop.order(&text(&order["id"])).await;
    assert_eq!(
        json!([
            read["payment_status"],
            read["refunded_amount"],
            read["payments"][0]["refunded_amount"]
        ]),
        json!(["partially_refunded", 1900, 1900])
    );

    // Refused after all, without a transaction: the amount is free again.
    paytrail.plan(json!({"on": "refund", "do": "answer", "status": "pending"}));
    let refused = refund(&shop, &order, "refused", 2000).await.expect(201);
    assert!(
        refund(&shop, &order, "more", 1).await.status >= 400,
        "nothing is left meanwhile"
    );
    assert_eq!(
        arrive(&shop, &told(&paytrail, &refused, "fail", false)).await.status,
        200
    );
    shop.raised(&text(&order["id"]), "refund_failed").await;
    let rest = refund(&shop, &order, "rest", 2000).await.expect(201);
    assert_eq!(rest["status"], "succeeded");
    let read = shop.order(&text(&order["id"])).await;
    assert_eq!(
        json!([read["status"], read["payment_status"]]),
        json!(["refunded", "refunded"])
    );
    assert_eq!(
        (
            events(&shop, "refund.succeeded").await,
            events(&shop, "refund.failed").await
        ),
        (3, 1)
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_takes_nothing_back_is_for_a_person() {
    let (shop, paytrail) = open("unsupported").await;
    let order = paid(&shop, &paytrail).await;
    paytrail.plan(json!({"on": "refund", "do": "unsupported"}));
    let recorded = refund(&shop, &order, "unsupported", 3900).await.expect(201);
    assert_eq!(
        json!([recorded["status"], recorded["manual_transfer_required"]]),
        json!(["recorded", true])
    );
    assert!(made(&paytrail).is_empty());
    assert_eq!(shop.order(&text(&order["id"])).await["payment_status"], "refunded");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_refund_whose_answer_was_lost_is_never_made_twice() {
    let (shop, paytrail) = open("unknown").await;
    for (number, what) in [
        "drop_answer",
        "half",
        "garbage",
        "forged",
        "delay",
        "error",
        "drop_request",
    ]
    .into_iter()
    .enumerate()
    {
        let order = paid(&shop, &paytrail).await;
        let id = text(&order["id"]);
        let before = made(&paytrail).len();
        paytrail.plan(json!({"on": "refund", "do": what}));
        let lost = refund(&shop, &order, &format!("lost {number}"), 3900).await.expect(201);
        assert_eq!(lost["status"], "unknown", "{what}");
        shop.raised(&id, "refund_unknown").await;
        for _ in 0..3 {
            shop.test.advance(TimeDelta::hours(13));
            shop.test.drain_jobs().await;
        }
        let done = usize::from(what != "drop_request");
        assert_eq!(made(&paytrail).len(), before + done, "{what}: nobody has asked again");
        assert!(
            refund(&shop, &order, &format!("again {number}"), 1).await.status >= 400,
            "it holds its amount"
        );
        if done == 1 {
            // Paytrail tells what it did: nobody has to look any more.
            assert_eq!(arrive(&shop, &told(&paytrail, &lost, "ok", true)).await.status, 200);
            let read = shop.order(&id).await;
            assert_eq!(
                json!([read["payment_status"], read["requires_attention"]]),
                json!(["refunded", false]),
                "{what}"
            );
        }
    }
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn money_that_fits_no_order_goes_back_whole() {
    let (shop, paytrail) = open("unallocated").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let shown = confirm(&shop, &visit).await;
    let (order, payment) = (text(&shown["order"]["id"]), text(&shown["payment"]["id"]));
    let (callback, _) = paytrail.pay(&payment, "ok", Some(3890));
    arrive(&shop, &callback).await;
    shop.raised(&order, "amount_mismatch").await;
    let path = shop.merchant.path(&format!("payments/{payment}/refund"));
    let call = Call::post(path, json!({"reason": "other"})).header("idempotency-key", "back");
    let back = shop.merchant.call(&shop.test, call).await.expect(201);
    assert_eq!(
        json!([back["status"], back["amount"], back["kind"]]),
        json!(["succeeded", 3890, "unallocated"])
    );
    let there = made(&paytrail);
    assert_eq!((there.len(), there[0]["body"].get("items")), (1, None));
    assert_eq!(there[0]["body"]["amount"], 3890);
    let read = shop.order(&order).await;
    assert_eq!(
        json!([
            read["status"],
            read["refunded_amount"],
            read["payments"][0]["unallocated_amount"]
        ]),
        json!(["not_paid", 0, 0])
    );
    shop.test.check_invariants().await;
}
