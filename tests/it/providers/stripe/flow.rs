//! What a buyer lives through: paid, declined, asked by the bank, another way, a webhook that never came.

use chrono::TimeDelta;
use kassa::net::client::Method;
use serde_json::{Value, json};

use super::shop::{Shop, another, confirmation, intent_of};
use super::{ASKS_FIRST, DECLINED, GOOD};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;

async fn confirm(shop: &Shop) -> (Visit, Value) {
    let visit = shop.merchant.visit(&shop.test).await;
    let shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    (visit, shown)
}

fn states(order: &Value) -> Vec<String> {
    let payments = order["payments"].as_array().expect("payments");
    payments.iter().map(|payment| text(&payment["status"])).collect()
}

#[actix_web::test]
async fn a_card_pays_an_order() {
    let shop = Shop::new("card").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let ways = visit.session["payment_methods"].as_array().expect("ways");
    assert!(
        ways.iter()
            .any(|way| way["provider"] == "stripe" && way["available"] == true)
    );
    let shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    let payment = &shown["payment"];
    assert_eq!(
        (&payment["status"], &payment["publishable_key"]),
        (&json!("pending"), &json!("pk_test_merchant"))
    );
    let intent = intent_of(&shown);
    let order = shop.order(&shown).await;
    assert_eq!(order["payments"][0]["provider_reference"], intent);
    assert!(
        !order.to_string().contains("_secret_"),
        "staff do not see what the buyer pays with"
    );

    assert_eq!(shop.account.pay(&intent, GOOD).await.0, 200);
    shop.hear().await.expect(200);
    let order = shop.order(&shown).await;
    assert_eq!(
        json!([
            order["status"],
            order["payment_status"],
            order["payments"][0]["received_amount"]
        ]),
        json!(["paid", "paid", 3900])
    );
    let own = shop
        .test
        .call(Call::get(visit.path("/order")).bearer(&visit.secret))
        .await
        .expect(200);
    assert!(!own.to_string().contains("_secret_"), "nobody needs it any more");
    shop.test.drain_jobs().await;
    assert_eq!((shop.told("payment.succeeded").await, shop.test.mails().len()), (1, 1));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_declined_card_and_then_a_good_one() {
    let shop = Shop::new("declined").await;
    let (visit, first) = confirm(&shop).await;
    assert_eq!(shop.account.pay(&intent_of(&first), DECLINED).await.0, 402);
    shop.hear().await.expect(200);
    let order = shop.order(&first).await;
    assert_eq!(
        (&order["payment_status"], &order["status"]),
        (&json!("unpaid"), &json!("not_paid"))
    );
    assert_eq!(
        order["payments"][0]["error"],
        json!({"code": "card_declined", "retryable": true})
    );
    assert_eq!(shop.told("payment.failed").await, 1);

    let second = shop.test.call(another(&visit, "stripe")).await.expect(201);
    assert_ne!(intent_of(&second), intent_of(&first));
    shop.test.drain_jobs().await;
    assert_eq!(
        shop.intent(&intent_of(&first)).await,
        "canceled",
        "nobody pays it twice"
    );
    assert_eq!(shop.account.pay(&intent_of(&second), GOOD).await.0, 200);
    shop.hear().await.expect(200);
    let order = shop.order(&first).await;
    assert_eq!(
        (&order["payment_status"], states(&order)),
        (&json!("paid"), vec!["failed".into(), "succeeded".into()])
    );
    shop.test.drain_jobs().await;
    assert_eq!(shop.told("payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn the_bank_asks_the_buyer_first() {
    let shop = Shop::new("asks").await;
    for (success, status) in [("true", "succeeded"), ("false", "failed")] {
        let (_, shown) = confirm(&shop).await;
        let intent = intent_of(&shown);
        assert_eq!(
            shop.account.pay(&intent, ASKS_FIRST).await.1["status"],
            "requires_action"
        );
        assert_eq!(states(&shop.order(&shown).await), ["pending"]);
        let path = format!("/v1/payment_intents/{intent}/_authenticate");
        let secret = text(&shown["payment"]["client_secret"]);
        let answer = [("client_secret", secret.as_str()), ("success", success)];
        assert_eq!(shop.account.other(Method::POST, &path, &answer).await.0, 200);
        if success == "true" {
            shop.hear().await.expect(200);
        } else {
            // localstripe says nothing of it: it is asked.
            shop.test.advance(TimeDelta::seconds(61));
            shop.test.drain_jobs().await;
        }
        let order = shop.order(&shown).await;
        assert_eq!(states(&order), [status]);
    }
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn another_way_to_pay_takes_the_intent_back() {
    let shop = Shop::new("other-way").await;
    let (visit, first) = confirm(&shop).await;
    let again = shop.test.call(another(&visit, "stripe")).await.expect(201);
    assert_eq!(
        again["payment"]["client_secret"], first["payment"]["client_secret"],
        "the same way again is the same"
    );
    shop.test.call(another(&visit, "test")).await.expect(201);
    shop.test.drain_jobs().await;
    assert_eq!(shop.intent(&intent_of(&first)).await, "canceled");
    assert_eq!(shop.account.pay(&intent_of(&first), GOOD).await.0, 400, "too late");
    visit.pay(&shop.test, "succeeded").await.expect(200);
    let order = shop.order(&first).await;
    assert_eq!(
        (&order["payment_status"], states(&order)),
        (&json!("paid"), vec!["cancelled".into(), "succeeded".into()])
    );
    shop.test.check_invariants().await;
}

/// The buyer had paid before the intent could be taken back: the money is the order's.
#[actix_web::test]
async fn money_that_was_quicker_pays_the_order() {
    let shop = Shop::new("quicker").await;
    let (visit, first) = confirm(&shop).await;
    shop.test.call(another(&visit, "test")).await.expect(201);
    assert_eq!(shop.account.pay(&intent_of(&first), GOOD).await.0, 200);
    shop.test.drain_jobs().await;
    let order = shop.order(&first).await;
    assert_eq!(
        (&order["payment_status"], states(&order)),
        (&json!("paid"), vec!["succeeded".into(), "cancelled".into()])
    );
    // Its webhook comes late, and the other payment must not happen any more.
    shop.hear().await.expect(200);
    visit.pay(&shop.test, "succeeded").await.expect(409);
    assert_eq!(shop.told("payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_old_order_is_deleted_when_stripe_has_said_that_nothing_came() {
    let shop = Shop::new("old").await;
    let (_, unpaid) = confirm(&shop).await;
    let (_, paid) = confirm(&shop).await;
    assert_eq!(shop.account.pay(&intent_of(&paid), GOOD).await.0, 200);
    // Its webhook is lost, and nobody looked for three months.
    shop.test.advance(TimeDelta::days(91));
    shop.test.drain_jobs().await;
    shop.test.drain_jobs().await;
    let (old, saved) = (shop.order(&unpaid).await, shop.order(&paid).await);
    assert_eq!(
        (&old["status"], &old["deletion_reason"]),
        (&json!("deleted"), &json!("unpaid_expired"))
    );
    assert_eq!(
        shop.intent(&intent_of(&unpaid)).await,
        "canceled",
        "nobody pays what is gone"
    );
    assert_eq!(saved["payment_status"], "paid", "money that came is never aged away");
}

#[actix_web::test]
async fn a_webhook_that_never_came_costs_time_and_no_order() {
    let shop = Shop::new("lost").await;
    let (_, shown) = confirm(&shop).await;
    assert_eq!(shop.account.pay(&intent_of(&shown), GOOD).await.0, 200);
    shop.test.drain_jobs().await;
    assert_eq!(states(&shop.order(&shown).await), ["pending"], "not asked yet");
    shop.test.advance(TimeDelta::seconds(61));
    shop.test.drain_jobs().await;
    let order = shop.order(&shown).await;
    assert_eq!(
        (&order["payment_status"], states(&order)),
        (&json!("paid"), vec!["succeeded".into()])
    );
    shop.hear().await.expect(200);
    assert_eq!(shop.told("payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn money_that_staff_saw_elsewhere_takes_the_intent_back() {
    let shop = Shop::new("seen").await;
    let (_, shown) = confirm(&shop).await;
    let (order, payment) = (text(&shown["order"]["id"]), text(&shown["payment"]["id"]));
    let path = shop
        .merchant
        .path(&format!("orders/{order}/payments/{payment}/mark-paid"));
    let paid = shop
        .merchant
        .call(&shop.test, Call::post(path, json!({"amount": 3900})))
        .await;
    assert_eq!(paid.expect(200)["payment_status"], "paid");
    shop.test.drain_jobs().await;
    assert_eq!(shop.intent(&intent_of(&shown)).await, "canceled");
    assert_eq!(states(&shop.order(&shown).await), ["cancelled", "succeeded"]);
    shop.test.check_invariants().await;
}
