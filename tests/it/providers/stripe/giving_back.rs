//! Money that goes back by Stripe: in parts, once, through a wire that loses things, and when it comes back after all.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::GOOD;
use super::shop::{SECRET, Shop, confirmation, intent_of, webhook};
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::wire::faults::{Fault, Faults};

/// An order that was paid by card.
async fn paid(shop: &Shop) -> (Value, String) {
    let visit = shop.merchant.visit(&shop.test).await;
    let shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    let intent = intent_of(&shown);
    assert_eq!(shop.account.pay(&intent, GOOD).await.0, 200);
    shop.hear().await.expect(200);
    (shop.order(&shown).await, intent)
}

async fn give_back(shop: &Shop, order: &Value, key: &str, amount: i64) -> Reply {
    let path = shop.merchant.path(&format!("orders/{}/refunds", text(&order["id"])));
    let body = json!({"lines": [{"order_line_id": order["lines"][0]["id"], "amount": amount}]});
    let call = Call::post(path, body).header("idempotency-key", key);
    shop.merchant.call(&shop.test, call).await
}

async fn again(shop: &Shop, order: &Value) -> Value {
    shop.order(&json!({"order": order})).await
}

/// The refunds of an intent at localstripe.
async fn there(shop: &Shop, intent: &str) -> Vec<Value> {
    let list = shop
        .account
        .read(&format!("/v1/refunds?payment_intent={intent}&limit=100"))
        .await;
    list["data"].as_array().expect("refunds").clone()
}

#[actix_web::test]
async fn in_parts_and_once() {
    let shop = Shop::new("parts").await;
    let (order, intent) = paid(&shop).await;
    let first = give_back(&shop, &order, "a", 1000).await.expect(201);
    assert_eq!(
        (&first["status"], &first["amount"]),
        (&json!("succeeded"), &json!(1000))
    );
    let same = give_back(&shop, &order, "a", 1000).await.expect(201);
    assert_eq!(same["id"], first["id"]);
    assert_eq!(
        give_back(&shop, &order, "b", 2901).await.problem().1,
        "refund-too-large"
    );
    give_back(&shop, &order, "c", 2900).await.expect(201);
    let refunds = there(&shop, &intent).await;
    let mut amounts: Vec<i64> = refunds.iter().filter_map(|refund| refund["amount"].as_i64()).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [1000, 2900]);
    let named = refunds
        .iter()
        .find(|refund| refund["id"] == first["provider_reference"]);
    assert_eq!(named.expect("by its name")["metadata"]["refund_id"], first["id"]);
    let now = again(&shop, &order).await;
    assert_eq!(
        (&now["payment_status"], &now["refunded_amount"]),
        (&json!("refunded"), &json!(3900))
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_stripe_says_of_a_refund_later() {
    let shop = Shop::new("later").await;
    let (order, intent) = paid(&shop).await;
    let refund = give_back(&shop, &order, "a", 1000).await.expect(201);
    let path = format!("/v1/callbacks/stripe/{}", shop.merchant.checkout);
    let say = async |id: &str, kind: &str, object: &Value| {
        let event = json!({"id": id, "object": "event", "type": kind, "data": {"object": object}});
        let now = shop.test.clock.now().timestamp();
        shop.test.call(webhook(&path, SECRET, &event, now)).await.expect(200);
    };
    let mut object = there(&shop, &intent).await.remove(0);
    say("evt_1", "refund.created", &object).await;
    say("evt_2", "refund.updated", &object).await;
    let now = again(&shop, &order).await;
    assert_eq!(
        (&now["refunds"][0]["status"], &now["refunded_amount"]),
        (&json!("succeeded"), &json!(1000))
    );

    object["status"] = json!("failed");
    object["failure_reason"] = json!("lost_or_stolen_card");
    for id in ["evt_3", "evt_3", "evt_4"] {
        say(id, "refund.failed", &object).await;
    }
    let now = again(&shop, &order).await;
    assert_eq!(
        json!([
            now["refunds"][0]["status"],
            now["refunds"][0]["failure_code"],
            now["refunded_amount"],
            now["refundable_amount"]
        ]),
        json!(["failed", "lost_or_stolen_card", 0, 3900])
    );
    assert_eq!(now["attention_reasons"][0]["code"], "refund_failed");
    assert_eq!(
        (shop.told("refund.succeeded").await, shop.told("refund.failed").await),
        (1, 1)
    );
    // Without our name on it, it is known by Stripe's.
    let by_name =
        json!({"id": refund["provider_reference"], "object": "refund", "payment_intent": intent, "status": "failed"});
    say("evt_5", "refund.updated", &by_name).await;
    let of_others =
        json!({"id": "re_others", "object": "refund", "payment_intent": "pi_others", "status": "succeeded"});
    say("evt_6", "refund.created", &of_others).await;
    assert_eq!(again(&shop, &order).await["refunds"].as_array().map(Vec::len), Some(1));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn whatever_is_lost_goes_back_once() {
    let mut proxy = None;
    let shop = Shop::through("lost-refunds", |port| {
        let faults = Faults::calm(port, Duration::from_millis(1300));
        let url = faults.url();
        proxy = Some(faults);
        url
    })
    .await;
    let faults = proxy.expect("the proxy");
    let mut orders = Vec::new();
    for fault in Fault::EVERY {
        orders.push((fault, paid(&shop).await));
    }
    for (fault, (order, intent)) in orders {
        // Every repeat of the call meets the same.
        faults.next(&[*fault; 3]);
        let shown = give_back(&shop, &order, &format!("{fault:?}"), 1000).await.expect(201);
        assert_eq!(shown["status"], "unknown", "{fault:?}");
        faults.stop();
        // Stripe is left alone for a while after many failures, and a refund that may have arrived is asked about.
        for _ in 0..6 {
            shop.test.advance(TimeDelta::hours(1));
            shop.test.drain_jobs().await;
        }
        let now = again(&shop, &order).await;
        assert_eq!(
            json!([
                now["refunds"][0]["status"],
                now["refunded_amount"],
                now["requires_attention"]
            ]),
            json!(["succeeded", 1000, false]),
            "{fault:?}"
        );
        let amounts: Vec<Value> = there(&shop, &intent)
            .await
            .iter()
            .map(|refund| refund["amount"].clone())
            .collect();
        assert_eq!(amounts, [1000], "{fault:?}");
    }
    shop.test.check_invariants().await;
}
