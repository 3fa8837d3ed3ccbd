//! Money that goes back by Stripe: in parts, once, through a wire that loses things, and when it comes back after all.

use std::time::Duration;

use chrono::TimeDelta;
use kassa::net::client::Method;
use kassa::payments::refunds::store::{Held, WRITERS_ATTEMPT, begin_call};
use kassa::refunds::settle::Became;
use serde_json::{Value, json};

use super::GOOD;
use super::shop::{SECRET, Shop, confirmation, intent_of, set_up, webhook};
use crate::refunds::scene::{became, part, written};
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

/// How an order's first refund stands, what went back, and why a person should look.
async fn seen(shop: &Shop, order: &Value) -> Value {
    let now = again(shop, order).await;
    let reasons = now["attention_reasons"].as_array().expect("reasons");
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].clone()).collect();
    json!([now["refunds"][0]["status"], now["refunded_amount"], codes])
}

#[actix_web::test]
async fn whose_account_was_taken_away_is_told_to_a_person_and_asked_about_when_it_is_back() {
    let shop = Shop::new("taken-away").await;
    let orders = [(true, paid(&shop).await), (false, paid(&shop).await)];
    for (arrived, (order, intent)) in orders {
        let body = json!({"lines": [part(&order, 0, 1000)]});
        let id = written(&shop.test, &shop.merchant, &order, body)
            .await
            .expect("a refund");
        // Who wrote it dies while Stripe is asked.
        let held = Held {
            checkout_id: shop.merchant.checkout,
            id,
            attempts: WRITERS_ATTEMPT,
        };
        let conn = shop.test.db().read().await.expect("a connection");
        assert!(begin_call(&conn, 0, &held, 25_000).await.expect("a mark"));
        drop(conn);
        if arrived {
            let id = id.to_string();
            let pairs = [
                ("payment_intent", intent.as_str()),
                ("amount", "1000"),
                ("metadata[refund_id]", id.as_str()),
            ];
            let (status, made) = shop.account.other(Method::POST, "/v1/refunds", &pairs).await;
            assert_eq!(status, 200, "{made}");
        }
        let path = shop.merchant.path("payment-methods/stripe?test_mode=true");
        shop.merchant
            .call(&shop.test, Call::new("DELETE", path))
            .await
            .expect(204);
        for _ in 0..3 {
            shop.test.advance(TimeDelta::hours(5));
            shop.test.drain_jobs().await;
            assert_eq!(seen(&shop, &order).await, json!(["unknown", 0, ["refund_unknown"]]));
        }
        shop.test.check_invariants().await;
        set_up(&shop.test, &shop.merchant, SECRET).await;
        shop.test.advance(TimeDelta::hours(5));
        shop.test.drain_jobs().await;
        assert_eq!(seen(&shop, &order).await, json!(["succeeded", 1000, []]), "{arrived}");
        let amounts: Vec<Value> = there(&shop, &intent)
            .await
            .iter()
            .map(|one| one["amount"].clone())
            .collect();
        assert_eq!(amounts, [1000], "{arrived}");
    }
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_was_given_back_at_stripe_stays_on_the_list_until_somebody_has_seen_it() {
    let shop = Shop::new("behind").await;
    let (order, intent) = paid(&shop).await;
    let (test, merchant) = (&shop.test, &shop.merchant);
    let elsewhere = async |id: &str| {
        let object = json!({"id": format!("re_{id}"), "object": "refund", "amount": 700, "currency": "eur", "status": "succeeded",
            "payment_intent": intent, "metadata": {}});
        let event =
            json!({"id": format!("evt_{id}"), "object": "event", "type": "refund.created", "data": {"object": object}});
        let path = format!("/v1/callbacks/stripe/{}", merchant.checkout);
        let call = webhook(&path, SECRET, &event, test.clock.now().timestamp());
        test.call(call).await.expect(200);
    };
    let unknown = async || {
        let body = json!({"lines": [part(&order, 0, 1000)]});
        let refund = written(test, merchant, &order, body).await.expect("a refund");
        became(test, merchant, refund, Became::Unknown).await;
        refund
    };
    let raised = async || {
        let now = again(&shop, &order).await;
        let reasons = now["attention_reasons"].as_array().expect("reasons");
        let seen = reasons.iter().map(|reason| reason["acknowledged"] != Value::Null);
        (seen.collect::<Vec<_>>(), now["requires_attention"] == true)
    };
    // A refund of ours that nobody knows of ends by itself, and what went back elsewhere does not: before it, or after it.
    for first in ["ours", "theirs"] {
        let ours = match first {
            "ours" => {
                let ours = unknown().await;
                elsewhere(first).await;
                ours
            }
            _ => {
                elsewhere(first).await;
                unknown().await
            }
        };
        became(test, merchant, ours, Became::Succeeded).await;
        assert!(raised().await.1, "{first}");
        let path = merchant.path(&format!("orders/{}/attention/acknowledge", text(&order["id"])));
        let body = json!({"code": "refund_unknown", "note": "Seen"});
        merchant.call(test, Call::post(path, body)).await.expect(200);
        assert_eq!(raised().await, (vec![true], false), "{first}");
    }
    // What was seen to is nothing to wait for any more.
    let ours = unknown().await;
    assert!(raised().await.1);
    became(test, merchant, ours, Became::Succeeded).await;
    assert_eq!(raised().await, (Vec::new(), false));
    test.check_invariants().await;
}
