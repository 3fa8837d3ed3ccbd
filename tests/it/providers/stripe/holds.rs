//! A code is held while a buyer pays, and no longer: before the hold ends, the payment is taken back.

use chrono::TimeDelta;
use serde_json::json;

use super::shop::{Shop, confirmation, intent_of};
use super::{DECLINED, GOOD};
use crate::support::request::Call;

#[actix_web::test]
async fn a_payment_is_taken_back_two_minutes_before_its_hold_ends() {
    let shop = Shop::new("taken-back").await;
    let code = json!({"code": "LAST", "type": "percentage", "percentage": "10", "usage_limit": 1});
    shop.merchant.create(&shop.test, "discount-codes", code).await;
    let apply = |visit: &crate::support::merchant::Visit| {
        Call::new("PUT", visit.path("/discount"))
            .json(json!({"code": "last"}))
            .bearer(&visit.secret)
    };
    let mut visit = shop.merchant.visit(&shop.test).await;
    visit.session = shop.test.call(apply(&visit)).await.expect(200);
    let shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    let intent = intent_of(&shown);

    shop.test.advance(TimeDelta::minutes(117));
    shop.test.drain_jobs().await;
    assert_eq!(
        shop.order(&shown).await["payments"][0]["status"],
        "pending",
        "three minutes are left"
    );
    shop.test.advance(TimeDelta::seconds(90));
    shop.test.drain_jobs().await;
    let order = shop.order(&shown).await;
    assert_eq!(
        (
            &order["status"],
            &order["payment_status"],
            &order["payments"][0]["status"]
        ),
        (&json!("not_paid"), &json!("unpaid"), &json!("cancelled"))
    );
    assert_eq!(shop.intent(&intent).await, "canceled");
    assert_ne!(
        shop.account.pay(&intent, GOOD).await.0,
        200,
        "nobody pays what was taken back"
    );

    // The hold ends by its time, and the code is the next buyer's.
    let other = shop.merchant.visit(&shop.test).await;
    assert_eq!(
        shop.test.call(apply(&other)).await.status,
        422,
        "it is held for another minute and a half"
    );
    shop.test.advance(TimeDelta::minutes(2));
    shop.test.call(apply(&other)).await.expect(200);
}

#[actix_web::test]
async fn what_failed_and_is_still_in_the_buyers_hands_is_taken_back_too() {
    let shop = Shop::new("declined-and-held").await;
    let code = json!({"code": "LAST", "type": "percentage", "percentage": "10", "usage_limit": 1});
    shop.merchant.create(&shop.test, "discount-codes", code).await;
    let mut visit = shop.merchant.visit(&shop.test).await;
    let apply = Call::new("PUT", visit.path("/discount"))
        .json(json!({"code": "last"}))
        .bearer(&visit.secret);
    visit.session = shop.test.call(apply).await.expect(200);
    let shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    let intent = intent_of(&shown);
    assert_eq!(shop.account.pay(&intent, DECLINED).await.0, 402);
    shop.hear().await.expect(200);
    assert_eq!(shop.order(&shown).await["payments"][0]["status"], "failed");
    shop.test.advance(TimeDelta::seconds(118 * 60 + 30));
    shop.test.drain_jobs().await;
    assert_eq!(shop.intent(&intent).await, "canceled");
    assert_ne!(
        shop.account.pay(&intent, GOOD).await.0,
        200,
        "the page that is open pays nothing"
    );
    let order = shop.order(&shown).await;
    assert_eq!(
        json!([order["payment_status"], order["payments"][0]["status"]]),
        json!(["unpaid", "failed"])
    );
    shop.test.check_invariants().await;
}
