//! Money that staff saw elsewhere, beside an attempt that Paytrail may still be paid for.

use chrono::TimeDelta;
use serde_json::json;

use super::shop::{arrive, confirm, open};
use crate::providers::scene::{events, refund};
use crate::support::people::text;
use crate::support::request::Call;

#[actix_web::test]
async fn a_success_that_comes_later_is_a_second_payment() {
    let (shop, paytrail) = open("both").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let mark = |amount: i64| {
        let path = shop
            .merchant
            .path(&format!("orders/{order}/payments/{payment}/mark-paid"));
        Call::post(path, json!({"amount": amount}))
    };
    // In part: Paytrail may still be paid.
    let part = shop.merchant.call(&shop.test, mark(3800)).await.expect(200);
    assert_eq!(
        json!([
            part["payment_status"],
            part["payments"][0]["status"],
            part["payments"][1]["unallocated_amount"]
        ]),
        json!(["pending", "pending", 3800])
    );
    let paid = shop.merchant.call(&shop.test, mark(100)).await.expect(200);
    assert_eq!(
        json!([
            paid["payment_status"],
            paid["payments"][0]["status"],
            paid["requires_attention"]
        ]),
        json!(["paid", "cancelled", false])
    );
    let repeated = shop.merchant.call(&shop.test, mark(3800)).await;
    assert_eq!(repeated.problem().1, "impossible-transition");
    let (callback, _) = paytrail.pay(&payment, "ok", None);
    assert_eq!(arrive(&shop, &callback).await.status, 200);
    let read = shop.order(&order).await;
    let reasons = read["attention_reasons"].as_array().expect("reasons");
    let raised: Vec<_> = reasons
        .iter()
        .filter(|reason| reason["acknowledged"].is_null())
        .collect();
    assert_eq!((raised.len(), &raised[0]["code"]), (1, &json!("double_payment")));
    assert_eq!(
        json!([
            read["payments"][0]["received_amount"],
            read["payments"][0]["unallocated_amount"]
        ]),
        json!([3900, 3900])
    );
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    // The order's money is not at Paytrail: it is not asked for it.
    let given = refund(&shop, &read, "back", 1000).await.expect(201);
    assert_eq!(
        json!([given["status"], given["manual_transfer_required"]]),
        json!(["recorded", true])
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_failure_that_was_asked_for_is_told_once() {
    let (shop, paytrail) = open("asked-first").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (callback, _) = paytrail.pay(&text(&made["payment"]["id"]), "fail", None);
    shop.test.advance(TimeDelta::seconds(61));
    assert_eq!(events(&shop, "payment.failed").await, 1, "Paytrail was asked");
    assert_eq!(arrive(&shop, &callback).await.status, 200);
    assert_eq!(events(&shop, "payment.failed").await, 1, "and tells what is known");
    shop.test.check_invariants().await;
}
