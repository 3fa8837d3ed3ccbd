//! Everything between us and Paytrail goes wrong at random, in both directions. Afterwards every order says what Paytrail says.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Paytrail;
use super::shop::{arrive, confirm, open_through};
use crate::providers::scene::{Shop, events};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::wire::faults::{Fault, Faults};
use crate::support::wire::random::Random;

const BUYERS: usize = 12;
/// More than the second after which the application gives up.
const LATE: Duration = Duration::from_millis(1300);

/// One buyer: tries until there is a page, pays or gives up there, and sometimes thinks again. Gives the order and what Paytrail says.
async fn buy(shop: &Shop, paytrail: &Paytrail, number: u64) -> (String, Vec<String>) {
    let mut random = Random::new(2000 + number);
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(shop, &visit).await;
    let order = text(&made["order"]["id"]);
    let (mut shown, mut told) = (made["payment"].clone(), Vec::new());
    let mut say = |payment: &Value, status| {
        let (callback, back) = paytrail.pay(&text(&payment["id"]), status, None);
        told.extend([callback, back]);
    };
    for _ in 0..40 {
        if !shown["redirect_url"].is_string() {
            // Paytrail was not reached: the page says so, and the buyer presses the button again.
            assert_eq!(
                shown["error"],
                json!({"code": "provider_unavailable", "retryable": true}),
                "{shown}"
            );
            // It is left alone for a while when it has failed often.
            shop.test.advance(TimeDelta::seconds(16));
            shown = again(shop, &visit, "paytrail").await;
            continue;
        }
        match random.below(4) {
            0 => {
                say(&shown, "fail");
                shown = again(shop, &visit, "paytrail").await;
            }
            1 => {
                let other = again(shop, &visit, "test").await;
                assert_eq!(other["provider"], "test");
                // In another window the page was open still.
                if random.below(2) == 0 {
                    say(&shown, "pending");
                    say(&shown, "ok");
                    break;
                }
                shown = again(shop, &visit, "paytrail").await;
            }
            _ => {
                say(&shown, "ok");
                break;
            }
        }
    }
    (order, told)
}

async fn again(shop: &Shop, visit: &Visit, provider: &str) -> Value {
    let call = Call::post(visit.path("/payments"), json!({"provider": provider})).bearer(&visit.secret);
    shop.test.call(call).await.expect(201)["payment"].clone()
}

#[actix_web::test]
async fn after_the_storm_every_order_says_what_paytrail_says() {
    let mut proxy = None;
    let (shop, paytrail) = open_through("paytrail-storm", |port| {
        let faults = Faults::to(port, 43, LATE);
        let url = faults.url();
        proxy = Some(faults);
        url
    })
    .await;
    let faults = proxy.expect("the proxy");
    let bought = join_all((0..BUYERS).map(|number| buy(&shop, &paytrail, number as u64))).await;
    // Some of the work behind happens in the storm as well.
    for _ in 0..3 {
        shop.test.advance(TimeDelta::minutes(3));
        shop.test.drain_jobs().await;
    }
    faults.stop();
    let counts = faults.counts();
    assert!(counts.len() > Fault::EVERY.len() / 2, "{counts:?}");

    // Of all that is told a third is lost, and the rest comes out of order, some of it twice.
    let mut random = Random::new(9);
    let mut told: Vec<&String> = bought.iter().flat_map(|(_, told)| told).collect();
    for place in (1..told.len()).rev() {
        told.swap(place, random.below(place + 1));
    }
    for address in told {
        for _ in 0..random.below(3) {
            let status = arrive(&shop, address).await.status;
            assert!(status == 200 || status == 303, "{status}");
        }
    }
    for _ in 0..10 {
        shop.test.advance(TimeDelta::hours(6));
        shop.test.drain_jobs().await;
    }

    let known = paytrail.payments();
    let mut orders_paid = 0;
    for (id, _) in &bought {
        let order = shop.order(id).await;
        let payments = order["payments"].as_array().expect("payments");
        let mut paid = 0;
        for payment in payments {
            let mut there = known.iter().filter(|one| one["body"]["stamp"] == payment["id"]);
            let ok = there.any(|one| one["status"] == "ok");
            // Every success there is one here, and nothing else is.
            assert_eq!(ok, payment["status"] == "succeeded", "{order:#}");
            if ok {
                assert_eq!(payment["received_amount"], 3900);
            }
            // Only what nobody has decided there is still open here.
            let open = payment["status"] == "pending" || payment["status"] == "created";
            let undecided = known
                .iter()
                .any(|one| one["id"] == payment["provider_reference"] && one["status"] == "new");
            assert!(!open || undecided || payment["provider"] == "test", "{order:#}");
            paid += usize::from(ok);
        }
        let double = order["attention_reasons"].to_string().contains("double_payment");
        assert_eq!(double, paid > 1, "{order:#}");
        assert_eq!(order["payment_status"] == "paid", paid > 0, "{order:#}");
        orders_paid += usize::from(paid > 0);
    }
    assert!(orders_paid > BUYERS / 2, "the storm let {orders_paid} of {BUYERS} pay");
    assert_eq!(events(&shop, "payment.succeeded").await, orders_paid);
    shop.test.check_invariants().await;
}
