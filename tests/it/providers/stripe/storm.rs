//! Everything between us and Stripe goes wrong at random, in both directions. Afterwards every order says what Stripe says.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::shop::{Shop, another, confirmation, intent_of};
use super::{DECLINED, GOOD};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::wire::faults::{Fault, Faults};
use crate::support::wire::random::Random;

const BUYERS: usize = 12;
/// More than the second after which the application gives up.
const LATE: Duration = Duration::from_millis(1300);

/// One buyer: tries until a card form is shown, uses it, and sometimes thinks again. Every fourth pays in two windows.
async fn buy(shop: &Shop, number: usize) -> Value {
    let mut random = Random::new(1000 + number as u64);
    let visit = shop.merchant.visit(&shop.test).await;
    let mut shown = shop.test.call(confirmation(&visit, "stripe")).await.expect(200);
    let mut windows = Vec::new();
    for _ in 0..60 {
        if !shown["payment"]["client_secret"].is_string() {
            // The provider was not reached: the page says so, and the buyer presses the button again.
            assert_eq!(shown["payment"]["status"], "failed", "{shown}");
            // Stripe is left alone for a while when it has failed often.
            shop.test.advance(TimeDelta::seconds(16));
            shown = again(shop, &visit, "stripe").await;
            continue;
        }
        windows.push(intent_of(&shown));
        let choice = if number.is_multiple_of(4) { 9 } else { random.below(4) };
        match choice {
            9 if windows.len() == 2 => {
                for window in windows.iter().rev() {
                    assert_eq!(shop.account.pay(window, GOOD).await.0, 200);
                }
                return shown;
            }
            0 => {
                assert_eq!(shop.account.pay(&windows[windows.len() - 1], DECLINED).await.0, 402);
            }
            1 if windows.len() > 1 => {
                // In another window the first card form is open still.
                let paid = shop.account.pay(&windows[0], GOOD).await.0 == 200;
                if paid {
                    return shown;
                }
            }
            2 | 3 => {
                let (status, _) = shop.account.pay(&windows[windows.len() - 1], GOOD).await;
                assert!(
                    status == 200 || status == 400,
                    "paid, or taken back meanwhile: {status}"
                );
                return shown;
            }
            _ => {}
        }
        // Another way, and back; what was open is to be taken back through the storm.
        again(shop, &visit, "test").await;
        shown = again(shop, &visit, "stripe").await;
    }
    panic!("the storm never let buyer {number} pay");
}

async fn again(shop: &Shop, visit: &Visit, provider: &str) -> Value {
    shop.test.call(another(visit, provider)).await.expect(201)
}

#[actix_web::test]
async fn after_the_storm_every_order_says_what_stripe_says() {
    let mut proxy = None;
    let shop = Shop::through("storm", |port| {
        let faults = Faults::to(port, 42, LATE);
        let url = faults.url();
        proxy = Some(faults);
        url
    })
    .await;
    let faults = proxy.expect("the proxy");
    let bought = join_all((0..BUYERS).map(|number| buy(&shop, number))).await;
    // Some of the work behind happens in the storm as well.
    for _ in 0..2 {
        shop.test.advance(TimeDelta::seconds(70));
        shop.test.drain_jobs().await;
    }
    faults.stop();
    let counts = faults.counts();
    assert!(
        Fault::EVERY.iter().all(|fault| counts.contains_key(fault)),
        "{counts:?}"
    );

    // Of the webhooks a third is lost, the others come out of order, some of them twice.
    let mut random = Random::new(7);
    let mut webhooks = shop.webhooks_so_far();
    random.shuffle(&mut webhooks);
    for webhook in webhooks {
        for _ in 0..random.below(3) {
            let reply = shop.test.call(webhook.clone()).await;
            // The clock has gone on for longer than a signature lasts for some of them: those are lost too.
            assert!(reply.status == 200 || reply.status == 400, "{}", reply.status);
        }
    }
    for _ in 0..8 {
        shop.test.advance(TimeDelta::hours(1));
        shop.test.drain_jobs().await;
    }

    let intents = shop.account.read("/v1/payment_intents?limit=100").await;
    let intents = intents["data"].as_array().expect("intents");
    assert!(intents.len() < 100, "all of them");
    let (mut orders_paid, mut doubles) = (0, 0);
    for shown in &bought {
        let order = shop.order(shown).await;
        let id = text(&order["id"]);
        let of_order: Vec<&Value> = intents
            .iter()
            .filter(|intent| intent["metadata"]["order_id"] == *id)
            .collect();
        let paid: Vec<&&Value> = of_order
            .iter()
            .filter(|intent| intent["status"] == "succeeded")
            .collect();
        let payments = order["payments"].as_array().expect("payments");
        let succeeded: Vec<&Value> = payments
            .iter()
            .filter(|payment| payment["status"] == "succeeded")
            .collect();
        // Every success there is one here, by name and amount, and nothing else is.
        assert_eq!(paid.len(), succeeded.len(), "{order:#} {of_order:#?}");
        for intent in &paid {
            let attempt = &intent["metadata"]["attempt_id"];
            let payment = succeeded.iter().find(|payment| payment["id"] == *attempt);
            assert_eq!(payment.map(|payment| &payment["received_amount"]), Some(&json!(3900)));
        }
        // Nothing was made twice, and nothing that can still be paid is left lying about.
        for payment in payments {
            let made = of_order
                .iter()
                .filter(|intent| intent["metadata"]["attempt_id"] == payment["id"]);
            assert!(made.count() <= 1, "{of_order:#?}");
            let open = payment["status"] == "pending" || payment["status"] == "created";
            assert!(!open || payment["provider"] == "test", "settled: {order:#}");
        }
        for intent in &of_order {
            let handed_out = payments
                .iter()
                .any(|payment| payment["provider_reference"] == intent["id"] && payment["status"] != "succeeded");
            assert!(!handed_out || intent["status"] == "canceled", "{order:#} {intent:#}");
        }
        let double = order["attention_reasons"].to_string().contains("double_payment");
        assert_eq!(double, paid.len() > 1, "{order:#}");
        assert_eq!(order["payment_status"] == "paid", !paid.is_empty(), "{order:#}");
        orders_paid += usize::from(!paid.is_empty());
        doubles += usize::from(double);
    }
    assert_eq!(orders_paid, BUYERS, "nobody gave up");
    assert_eq!(doubles, BUYERS / 4, "who paid in two windows");
    assert_eq!(shop.told("payment.succeeded").await, orders_paid);
    shop.test.check_invariants().await;
}
