//! Webhooks repeated, reordered, forged, sent to the wrong shop, and with other money than was asked for.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::shop::{SECRET, another, app_with, confirmation, intent_of, set_up, told, webhook};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::wire::random::Random;
use crate::support::wire::{Response, Server};
use crate::support::{Merchant, TestApp};

/// A shop whose Stripe makes intents and does nothing else: the test says what happens to them.
struct Scene {
    test: TestApp,
    merchant: Merchant,
}

impl Scene {
    async fn new(slug: &str) -> Self {
        let stripe = Server::start(|request| {
            let form = String::from_utf8_lossy(&request.body).into_owned();
            let pair = |name: &str| {
                let mut pairs = form.split('&').filter_map(|pair| pair.split_once('='));
                pairs
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| value.to_owned())
            };
            let Some(attempt) = pair("metadata%5Battempt_id%5D") else {
                return Response::json(404, &json!({"error": {"code": "resource_missing"}}));
            };
            let amount: i64 = pair("amount").expect("an amount").parse().expect("a number");
            Response::json(
                200,
                &json!({"id": format!("pi_{attempt}"), "client_secret": format!("pi_{attempt}_secret_x"), "amount": amount,
                    "currency": pair("currency"), "status": "requires_payment_method"}),
            )
        });
        let test = app_with(stripe.url(), Duration::from_secs(5)).await;
        let merchant = Merchant::with_course(&test, slug).await;
        set_up(&test, &merchant, SECRET).await;
        Self { test, merchant }
    }

    async fn confirmed(&self) -> (Visit, Value) {
        let visit = self.merchant.visit(&self.test).await;
        let shown = self.test.call(confirmation(&visit, "stripe")).await.expect(200);
        (visit, shown)
    }

    fn now(&self) -> i64 {
        self.test.clock.now().timestamp()
    }

    fn callback(&self, event: &Value) -> Call {
        let path = format!("/v1/callbacks/stripe/{}", self.merchant.checkout);
        webhook(&path, SECRET, event, self.now())
    }

    async fn say(&self, event: &Value) -> Reply {
        self.test.call(self.callback(event)).await
    }

    async fn order(&self, shown: &Value) -> Value {
        let id = text(&shown["order"]["id"]);
        self.merchant.read(&self.test, &format!("orders/{id}")).await
    }

    async fn told(&self, event: &str) -> usize {
        told(&self.test, &self.merchant, event).await
    }
}

/// An event about the intent that a buyer was shown.
fn event(id: &str, kind: &str, shown: &Value, more: Value) -> Value {
    let mut object = json!({
        "id": intent_of(shown), "object": "payment_intent", "amount": 3900, "amount_received": 0, "currency": "eur",
        "status": "requires_payment_method", "metadata": {"attempt_id": shown["payment"]["id"]},
    });
    for (name, value) in more.as_object().expect("fields") {
        object[name] = value.clone();
    }
    json!({"id": id, "object": "event", "type": kind, "data": {"object": object}})
}

fn paid(id: &str, shown: &Value) -> Value {
    let more = json!({"status": "succeeded", "amount_received": 3900});
    event(id, "payment_intent.succeeded", shown, more)
}

fn codes(order: &Value) -> Vec<String> {
    let reasons = order["attention_reasons"].as_array().expect("reasons");
    reasons.iter().map(|reason| text(&reason["code"])).collect()
}

#[actix_web::test]
async fn repeated_twenty_times_at_once() {
    let scene = Scene::new("repeated").await;
    for same in [true, false] {
        let (_, shown) = scene.confirmed().await;
        // The same event again, or events of their own about the same money.
        let name = |number: usize| format!("evt_{same}_{}", if same { 0 } else { number });
        let calls = (0..20).map(|number| scene.test.call(scene.callback(&paid(&name(number), &shown))));
        for reply in join_all(calls).await {
            reply.expect(200);
        }
        let order = scene.order(&shown).await;
        assert_eq!((&order["payment_status"], codes(&order)), (&json!("paid"), vec![]));
        assert_eq!(order["payments"][0]["received_amount"], 3900);
    }
    scene.test.drain_jobs().await;
    assert_eq!(
        (
            scene.told("payment.succeeded").await,
            scene.told("order.completed").await
        ),
        (2, 2)
    );
    assert_eq!(scene.test.mails().len(), 2);
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn in_any_order() {
    let scene = Scene::new("any-order").await;
    let mut random = Random::new(20_261_121);
    for round in 0..12 {
        let (_, shown) = scene.confirmed().await;
        let error = json!({"last_payment_error": {"code": "card_declined"}});
        let other = |kind: &str, more: Value| event(&format!("evt_{round}_{kind}"), kind, &shown, more);
        let mut events = vec![
            other("payment_intent.created", json!({})),
            other("payment_intent.requires_action", json!({"status": "requires_action"})),
            other("payment_intent.payment_failed", error),
            other("payment_intent.processing", json!({"status": "processing"})),
            other("payment_intent.canceled", json!({"status": "canceled"})),
            paid(&format!("evt_{round}"), &shown),
            paid(&format!("evt_{round}"), &shown),
        ];
        random.shuffle(&mut events);
        let kinds: Vec<Value> = events.iter().map(|event| event["type"].clone()).collect();
        for event in &events {
            scene.say(event).await.expect(200);
        }
        let order = scene.order(&shown).await;
        let payment = &order["payments"][0];
        assert_eq!(
            json!([
                order["payment_status"],
                payment["status"],
                payment["received_amount"],
                payment["allocated_amount"]
            ]),
            json!(["paid", "succeeded", 3900, 3900]),
            "{kinds:?}"
        );
    }
    assert_eq!(scene.told("payment.succeeded").await, 12);
    scene.test.drain_jobs().await;
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn forged() {
    let scene = Scene::new("forged").await;
    let (_, shown) = scene.confirmed().await;
    let path = format!("/v1/callbacks/stripe/{}", scene.merchant.checkout);
    let news = paid("evt_1", &shown);
    let now = scene.now();
    let unsigned = Call::post(path.clone(), news.clone());
    let changed = scene.callback(&news).bytes(news.to_string().replace("3900", "3901"));
    for (call, why) in [
        (unsigned.clone(), "no signature"),
        (unsigned.header("stripe-signature", ""), "an empty signature"),
        (changed, "another body"),
        (webhook(&path, "whsec_other", &news, now), "another secret"),
        (webhook(&path, "sk_test_merchant", &news, now), "the wrong key"),
        (webhook(&path, SECRET, &news, now - 302), "too old"),
        (webhook(&path, SECRET, &news, now + 1000), "from the future"),
        (webhook(&path, SECRET, &json!(["evt_1"]), now), "no event"),
    ] {
        let reply = scene.test.call(call).await;
        assert_eq!(reply.problem().1, "signature-invalid", "{why}");
        assert_eq!(reply.status, 400, "{why}");
    }
    let order = scene.order(&shown).await;
    assert_eq!((&order["payment_status"], codes(&order)), (&json!("pending"), vec![]));
    // None of it has used the event up.
    scene.say(&news).await.expect(200);
    assert_eq!(scene.order(&shown).await["payment_status"], "paid");
    assert_eq!(scene.told("payment.succeeded").await, 1);
}

#[actix_web::test]
async fn for_another_shop() {
    let scene = Scene::new("ours").await;
    let theirs = Merchant::with_course(&scene.test, "theirs").await;
    set_up(&scene.test, &theirs, "whsec_theirs").await;
    let nothing = Merchant::with_course(&scene.test, "nothing").await;
    let (_, shown) = scene.confirmed().await;
    let news = paid("evt_1", &shown);
    let at = |merchant: &Merchant| format!("/v1/callbacks/stripe/{}", merchant.checkout);
    let now = scene.now();
    let call = |path: &str, secret: &str| scene.test.call(webhook(path, secret, &news, now));
    assert_eq!(call(&at(&theirs), SECRET).await.problem().1, "signature-invalid");
    assert_eq!(
        call(&at(&scene.merchant), "whsec_theirs").await.problem().1,
        "signature-invalid"
    );
    // Rightly signed by the other, about a payment that is not theirs: they have no such payment.
    call(&at(&theirs), "whsec_theirs").await.expect(200);
    // Where nothing is set up, the answer is the same: it does not tell.
    assert_eq!(call(&at(&nothing), SECRET).await.problem().1, "signature-invalid");
    call("/v1/callbacks/stripe/chk_nonsense", SECRET).await.expect(404);
    call(&format!("/v1/callbacks/nonsense/{}", scene.merchant.checkout), SECRET)
        .await
        .expect(404);
    let paytrail = call(&format!("/v1/callbacks/paytrail/{}", scene.merchant.checkout), SECRET).await;
    assert_eq!(paytrail.problem().1, "signature-invalid");
    assert_eq!(scene.order(&shown).await["payment_status"], "pending");
    // By its name at Stripe, without our id, it is theirs as little.
    let mut nameless = paid("evt_2", &shown);
    nameless["data"]["object"]["metadata"] = json!({});
    let other = webhook(&at(&theirs), "whsec_theirs", &nameless, now);
    scene.test.call(other).await.expect(200);
    assert_eq!(scene.order(&shown).await["payment_status"], "pending");
    scene.say(&nameless).await.expect(200);
    assert_eq!(scene.order(&shown).await["payment_status"], "paid");
    assert_eq!(told(&scene.test, &theirs, "payment.succeeded").await, 0);
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn with_other_money_than_was_asked_for() {
    let scene = Scene::new("other-money").await;
    for (more, received) in [
        (json!({"status": "succeeded", "amount_received": 3899}), 3899),
        (json!({"status": "succeeded", "amount_received": 3901}), 3901),
        (
            json!({"status": "succeeded", "amount_received": 3900, "currency": "usd"}),
            3900,
        ),
    ] {
        let (_, shown) = scene.confirmed().await;
        for number in 0..2 {
            let news = event(
                &format!("evt_{number}_{more}"),
                "payment_intent.succeeded",
                &shown,
                more.clone(),
            );
            scene.say(&news).await.expect(200);
        }
        let order = scene.order(&shown).await;
        let payment = &order["payments"][0];
        assert_eq!(
            json!([
                order["status"],
                order["payment_status"],
                payment["status"],
                payment["received_amount"],
                payment["allocated_amount"]
            ]),
            json!(["not_paid", "unpaid", "succeeded", received, 0])
        );
        assert_eq!(codes(&order), ["amount_mismatch"]);
    }
    assert_eq!(scene.told("payment.succeeded").await, 0);
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn a_second_payment_is_raised() {
    let scene = Scene::new("second").await;
    let (visit, first) = scene.confirmed().await;
    scene
        .say(&event(
            "evt_0",
            "payment_intent.payment_failed",
            &first,
            json!({"last_payment_error": {"code": "x"}}),
        ))
        .await
        .expect(200);
    let second = scene.test.call(another(&visit, "stripe")).await.expect(201);
    // Both pages are open, and both cards are good.
    scene.say(&paid("evt_1", &second)).await.expect(200);
    scene.say(&paid("evt_2", &first)).await.expect(200);
    let order = scene.order(&first).await;
    let payments = order["payments"].as_array().expect("payments");
    let money: Vec<Value> = payments
        .iter()
        .map(|payment| {
            json!([
                payment["status"],
                payment["allocated_amount"],
                payment["unallocated_amount"]
            ])
        })
        .collect();
    assert_eq!(json!(money), json!([["succeeded", 0, 3900], ["succeeded", 3900, 0]]));
    assert_eq!(
        (&order["payment_status"], codes(&order)),
        (&json!("paid"), vec!["double_payment".to_owned()])
    );
    assert_eq!(scene.told("payment.succeeded").await, 1);
    scene.test.drain_jobs().await;
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn a_refund_that_was_made_at_stripe_is_raised() {
    let scene = Scene::new("elsewhere").await;
    let (_, shown) = scene.confirmed().await;
    scene.say(&paid("evt_1", &shown)).await.expect(200);
    for (id, status) in [("evt_2", "pending"), ("evt_3", "succeeded"), ("evt_4", "succeeded")] {
        let object = json!({"id": "re_dashboard", "object": "refund", "amount": 1000, "currency": "eur", "status": status,
            "payment_intent": intent_of(&shown), "metadata": {}});
        let news = json!({"id": id, "object": "event", "type": "refund.updated", "data": {"object": object}});
        scene.say(&news).await.expect(200);
        let raised: &[&str] = if status == "pending" { &[] } else { &["refund_unknown"] };
        let order = scene.order(&shown).await;
        assert_eq!(
            (&order["payment_status"], codes(&order)),
            (&json!("paid"), raised.iter().map(ToString::to_string).collect())
        );
    }
}

#[actix_web::test]
async fn a_dispute_is_raised_once() {
    let scene = Scene::new("dispute").await;
    let (_, shown) = scene.confirmed().await;
    scene.say(&paid("evt_1", &shown)).await.expect(200);
    for (id, kind) in [
        ("evt_2", "charge.dispute.created"),
        ("evt_2", "charge.dispute.created"),
        ("evt_3", "charge.dispute.closed"),
    ] {
        let object = json!({"id": "dp_1", "object": "dispute", "charge": "ch_1", "payment_intent": intent_of(&shown)});
        let news = json!({"id": id, "object": "event", "type": kind, "data": {"object": object}});
        scene.say(&news).await.expect(200);
    }
    let order = scene.order(&shown).await;
    assert_eq!(
        (&order["payment_status"], codes(&order)),
        (&json!("paid"), vec!["dispute".to_owned()])
    );
}

#[actix_web::test]
async fn every_declined_card_is_told() {
    let scene = Scene::new("declines").await;
    let (visit, first) = scene.confirmed().await;
    let declined = |id: &str, code: &str| {
        let more = json!({"last_payment_error": {"code": "card_declined", "decline_code": code}});
        event(id, "payment_intent.payment_failed", &first, more)
    };
    for (event, code, told) in [
        ("evt_1", "insufficient_funds", 1),
        ("evt_1", "insufficient_funds", 1),
        ("evt_2", "lost_card", 2),
        ("evt_3", "lost_card", 3),
    ] {
        scene.say(&declined(event, code)).await.expect(200);
        assert_eq!(scene.told("payment.failed").await, told, "{event}");
        assert_eq!(scene.order(&first).await["payments"][0]["error"]["code"], code);
    }
    // News of the first does not change what the order waits for: the second.
    scene.test.call(another(&visit, "stripe")).await.expect(201);
    scene.say(&declined("evt_4", "x")).await.expect(200);
    assert_eq!(scene.order(&first).await["payment_status"], "pending");
    let short = json!({"status": "succeeded", "amount_received": 3899});
    let short = event("evt_5", "payment_intent.succeeded", &first, short);
    scene.say(&short).await.expect(200);
    let order = scene.order(&first).await;
    assert_eq!(
        json!([order["payment_status"], order["payments"][0]["unallocated_amount"]]),
        json!(["pending", 3899])
    );
    scene.test.check_invariants().await;
}
