//! Paytrail in trouble: the order stands, the buyer may try again, and nothing is paid twice.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::shop::{confirm, open};
use crate::providers::scene::{events, path_of};
use crate::support::people::text;
use crate::support::request::Call;

#[actix_web::test]
async fn a_start_without_an_answer_leaves_an_order_that_can_be_paid() {
    let (shop, paytrail) = open("trouble").await;
    for what in [
        "drop_request",
        "drop_answer",
        "error",
        "garbage",
        "half",
        "unsigned",
        "delay",
    ] {
        let visit = shop.merchant.visit(&shop.test).await;
        paytrail.plan(json!({"on": "create", "do": what}));
        let begun = Instant::now();
        let made = confirm(&shop, &visit).await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{what}");
        assert_eq!(made["order"]["status"], "not_paid", "{what}");
        assert_eq!(
            json!([
                made["payment"]["status"],
                made["payment"]["error"],
                made["payment"]["redirect_url"]
            ]),
            json!(["failed", {"code": "provider_unavailable", "retryable": true}, null]),
            "{what}"
        );
        shop.test.advance(chrono::TimeDelta::minutes(2));
        let again = Call::post(visit.path("/payments"), json!({"provider": "paytrail"})).bearer(&visit.secret);
        let again = shop.test.call(again).await;
        assert!(again.status < 300, "{what}: {again:?}");
        let page = paytrail.payments().pop().expect("a page");
        let (callback, _) = paytrail.pay(&text(&page["body"]["stamp"]), "ok", None);
        assert_eq!(shop.test.call(Call::get(path_of(&callback))).await.status, 200);
        let order = shop.order(&text(&made["order"]["id"])).await;
        assert_eq!(
            (&order["payment_status"], &order["requires_attention"]),
            (&json!("paid"), &json!(false)),
            "{what}"
        );
    }
    assert_eq!(events(&shop, "payment.succeeded").await, 7);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_wrong_secret_is_told_and_not_tried_for_ever() {
    let (shop, paytrail) = open("secret").await;
    let body = json!({"merchant_id": "375917", "secret_key": "SAIPPUAKAUPPIAX", "test_mode": true});
    let put = Call::new("PUT", shop.merchant.path("payment-methods/paytrail")).json(body);
    shop.merchant.call(&shop.test, put).await.expect(200);
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    assert_eq!(
        json!([made["payment"]["status"], made["payment"]["error"]]),
        json!(["failed", {"code": "unauthorized", "retryable": false}])
    );
    assert!(paytrail.payments().is_empty());
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_crowd_of_confirms_opens_one_page() {
    let (shop, paytrail) = open("crowd").await;
    let visit = shop.merchant.visit(&shop.test).await;
    paytrail.plan(json!({"on": "create", "do": "delay", "ms": 500}));
    let made = join_all((0..50).map(|_| confirm(&shop, &visit))).await;
    assert_eq!(paytrail.payments().len(), 1);
    let page = &paytrail.payments()[0]["href"];
    assert!(
        made.iter().all(|one| one["payment"]["redirect_url"] == *page),
        "{made:?}"
    );
    shop.test.check_invariants().await;
}
