//! A shop that is paid by Paytrail, from the merchant's key to the completed order.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Paytrail;
use crate::providers::scene::{Shop, events, path_of};
use crate::support::Merchant;
use crate::support::app::{Settings, nowhere};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};

/// A shop with the account that Paytrail publishes for trials, and the double.
pub async fn open(slug: &str) -> (Shop, Paytrail) {
    open_through(slug, |port| format!("http://127.0.0.1:{port}")).await
}

/// The same with something between the two: `way` gives its address for the port of the double.
pub async fn open_through(slug: &str, way: impl FnOnce(u16) -> String) -> (Shop, Paytrail) {
    open_with(slug, way, Settings::default()).await
}

/// The same for a shop that waits for Paytrail as long as it takes.
pub async fn open_patient(slug: &str) -> (Shop, Paytrail) {
    let settings = Settings {
        provider_timeout: Some(Duration::from_secs(20)),
        ..Settings::default()
    };
    open_with(slug, |port| format!("http://127.0.0.1:{port}"), settings).await
}

async fn open_with(slug: &str, way: impl FnOnce(u16) -> String, settings: Settings) -> (Shop, Paytrail) {
    let paytrail = Paytrail::start();
    let mut addresses = nowhere();
    addresses.paytrail = way(paytrail.port());
    let settings = Settings {
        providers: Some(addresses),
        ..settings
    };
    let shop = Shop::open(settings, slug).await;
    take_paytrail(&shop, &shop.merchant).await;
    (shop, paytrail)
}

pub async fn take_paytrail(shop: &Shop, merchant: &Merchant) -> Value {
    let body = json!({"merchant_id": "375917", "secret_key": "SAIPPUAKAUPPIAS", "test_mode": true});
    let put = Call::new("PUT", merchant.path("payment-methods/paytrail")).json(body);
    merchant.call(&shop.test, put).await.expect(200)
}

/// Confirms, to be paid at Paytrail's page; the whole answer.
pub async fn confirm(shop: &Shop, visit: &Visit) -> Value {
    let more = json!({"provider": "paytrail", "method": "bank", "return_url": "https://shop.example.com/thanks",
        "cancel_url": "https://shop.example.com/again"});
    shop.confirm(visit, more).await.expect(200)
}

/// Paytrail, or the buyer's browser, comes to an address of ours.
pub async fn arrive(shop: &Shop, address: &str) -> Reply {
    shop.test.call(Call::get(path_of(address))).await
}

#[actix_web::test]
async fn a_callback_pays_and_the_browser_is_sent_on() {
    let (shop, paytrail) = open("callback").await;
    let read = shop.merchant.read(&shop.test, "payment-methods").await;
    let own = read["data"].as_array().expect("methods");
    let own = own
        .iter()
        .find(|method| method["provider"] == "paytrail")
        .expect("Paytrail");
    assert_eq!(
        json!([
            own["merchant_id"],
            own["secret_key_last4"],
            own["test_mode"],
            own["capabilities"]["flow"],
            own["capabilities"]["currencies"]
        ]),
        json!(["375917", "PIAS", true, "redirect", ["EUR"]])
    );
    assert!(!read.to_string().contains("SAIPPUA"));

    let visit = shop.merchant.visit(&shop.test).await;
    let ways = visit.session["payment_methods"].as_array().expect("ways");
    let way = ways.iter().find(|way| way["provider"] == "paytrail").expect("Paytrail");
    assert_eq!((&way["available"], &way["methods"][1]), (&json!(true), &json!("bank")));

    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let known = &paytrail.payments()[0];
    assert_eq!(made["payment"]["redirect_url"], known["href"]);
    assert_eq!(made["order"]["payment_status"], "pending");
    let sent = &known["body"];
    assert_eq!(
        json!([
            sent["stamp"],
            sent["reference"],
            sent["amount"],
            sent["groups"],
            sent["customer"]["email"],
            sent["customer"]["firstName"]
        ]),
        json!([payment, "1001", 3900, ["bank"], "buyer@example.com", "Aino"])
    );
    // Confirmed again: the same page, and nobody is asked.
    assert_eq!(confirm(&shop, &visit).await["payment"], made["payment"]);
    assert_eq!(paytrail.requests().len(), 1);

    let (callback, back) = paytrail.pay(&payment, "ok", None);
    assert_eq!(arrive(&shop, &callback).await.status, 200);
    let returned = arrive(&shop, &back).await;
    assert_eq!(
        (returned.status, returned.header("location")),
        (303, Some("https://shop.example.com/thanks"))
    );
    shop.test.drain_jobs().await;
    let read = shop.order(&order).await;
    assert_eq!(
        json!([
            read["status"],
            read["payments"][0]["status"],
            read["payments"][0]["method"],
            read["payments"][0]["received_amount"],
            read["payments"][0]["provider_reference"]
        ]),
        json!(["completed", "succeeded", "bank", 3900, known["id"]])
    );
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn the_browser_alone_pays_too() {
    let (shop, paytrail) = open("browser").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (callback, back) = paytrail.pay(&text(&made["payment"]["id"]), "ok", None);
    // Without what Paytrail signed it is only a browser: Paytrail is asked, and it knows.
    let bare = back.split("&checkout-").next().expect("an address").to_owned();
    assert_eq!(arrive(&shop, &bare).await.status, 303);
    assert_eq!(shop.order(&text(&made["order"]["id"])).await["payment_status"], "paid");
    for address in [&back, &callback] {
        assert!(arrive(&shop, address).await.status < 400);
    }
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn who_gives_up_can_try_again() {
    let (shop, paytrail) = open("again").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let order = text(&made["order"]["id"]);
    let first = text(&made["payment"]["id"]);
    let (callback, back) = paytrail.pay(&first, "fail", None);
    let returned = arrive(&shop, &back).await;
    assert_eq!(
        (returned.status, returned.header("location")),
        (303, Some("https://shop.example.com/again"))
    );
    assert_eq!(arrive(&shop, &callback).await.status, 200);
    let read = shop.order(&order).await;
    assert_eq!(
        json!([
            read["status"],
            read["payments"][0]["status"],
            read["payments"][0]["error"]
        ]),
        json!(["not_paid", "failed", {"code": "declined", "retryable": true}])
    );
    assert_eq!(events(&shop, "payment.failed").await, 1);

    let body = json!({"provider": "paytrail"});
    let again = Call::post(visit.path("/payments"), body).bearer(&visit.secret);
    let again = shop.test.call(again).await;
    assert!(again.status < 300, "{again:?}");
    let payments = paytrail.payments();
    assert_eq!(payments.len(), 2);
    let second = text(&payments[1]["body"]["stamp"]);
    assert_ne!(first, second);
    let (callback, _) = paytrail.pay(&second, "pending", None);
    arrive(&shop, &callback).await;
    assert_eq!(shop.order(&order).await["payment_status"], "pending");
    let (callback, _) = paytrail.pay(&second, "ok", None);
    arrive(&shop, &callback).await;
    assert_eq!(shop.order(&order).await["payment_status"], "paid");
    // The first is paid all the same, by somebody who had the page open: it is kept apart and raised.
    let (callback, _) = paytrail.pay(&first, "ok", None);
    assert_eq!(arrive(&shop, &callback).await.status, 200);
    shop.raised(&order, "double_payment").await;
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_lost_callback_costs_time_and_not_an_order() {
    let (shop, paytrail) = open("lost").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let order = text(&made["order"]["id"]);
    shop.test.drain_jobs().await;
    assert_eq!(paytrail.requests().len(), 1, "nobody is asked at once");
    shop.test.advance(TimeDelta::minutes(2));
    shop.test.drain_jobs().await;
    assert_eq!(shop.order(&order).await["payment_status"], "pending");
    let asked = paytrail.requests();
    assert_eq!((asked.len(), asked[1]["method"].as_str()), (2, Some("GET")));
    paytrail.pay(&text(&made["payment"]["id"]), "ok", None);
    shop.test.advance(TimeDelta::minutes(5));
    shop.test.drain_jobs().await;
    assert_eq!(shop.order(&order).await["status"], "completed");
    shop.test.advance(TimeDelta::days(3));
    shop.test.drain_jobs().await;
    assert_eq!(paytrail.requests().len(), 3, "what is decided is not asked about");
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn another_amount_is_kept_apart() {
    let (shop, paytrail) = open("amounts").await;
    for amount in [3899, 3901, 1] {
        let visit = shop.merchant.visit(&shop.test).await;
        let made = confirm(&shop, &visit).await;
        let (callback, _) = paytrail.pay(&text(&made["payment"]["id"]), "ok", Some(amount));
        assert_eq!(arrive(&shop, &callback).await.status, 200);
        let order = text(&made["order"]["id"]);
        shop.raised(&order, "amount_mismatch").await;
        let read = shop.order(&order).await;
        assert_eq!(
            json!([
                read["status"],
                read["payments"][0]["received_amount"],
                read["payments"][0]["unallocated_amount"]
            ]),
            json!(["not_paid", amount, amount])
        );
    }
    assert_eq!(events(&shop, "payment.succeeded").await, 0);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn news_counts_once_whoever_repeats_it() {
    let (shop, paytrail) = open("repeats").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let (fail, _) = paytrail.pay(&payment, "fail", None);
    let (pending, _) = paytrail.pay(&payment, "pending", None);
    let (ok, back) = paytrail.pay(&payment, "ok", None);
    // All of it at once, twenty times, by callback and by browser, in no order.
    let everything = (0..20).flat_map(|turn| {
        let mut news = [&ok, &back, &pending, &fail];
        news.rotate_left(turn % 4);
        news
    });
    let answers = join_all(everything.map(|address| arrive(&shop, address))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 200 || answer.status == 303),
        "{answers:?}"
    );
    for late in [&fail, &pending, &ok] {
        assert_eq!(arrive(&shop, late).await.status, 200);
    }
    shop.test.drain_jobs().await;
    let read = shop.order(&order).await;
    assert_eq!(
        json!([
            read["status"],
            read["requires_attention"],
            read["payments"][0]["status"],
            read["payments"][0]["received_amount"]
        ]),
        json!(["completed", false, "succeeded", 3900])
    );
    assert_eq!(events(&shop, "payment.succeeded").await, 1);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn forged_news_and_news_for_another_shop_pay_nothing() {
    let (shop, paytrail) = open("forged").await;
    let visit = shop.merchant.visit(&shop.test).await;
    let made = confirm(&shop, &visit).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let (ok, back) = paytrail.pay(&payment, "ok", None);
    let (fail, _) = paytrail.pay(&payment, "fail", None);
    paytrail.pay(&payment, "new", None);
    for wrong in [
        fail.replace("checkout-status=fail", "checkout-status=ok"),
        ok.replace("3900", "1"),
        ok.replace("&signature=", "&signature=0"),
        ok.split("&signature=").next().expect("an address").to_owned(),
        ok.split('?').next().expect("an address").to_owned(),
    ] {
        let refused = arrive(&shop, &wrong).await;
        assert_eq!(
            (refused.status, refused.problem().1.as_str()),
            (400, "signature-invalid"),
            "{wrong}"
        );
    }
    assert_eq!(shop.test.call(Call::new("POST", path_of(&ok))).await.status, 400);
    // Another shop with the same account at Paytrail: the news is true, and none of its business.
    let other = Merchant::with_course(&shop.test, "forged-other").await;
    let own = (shop.merchant.checkout.to_string(), other.checkout.to_string());
    let elsewhere = ok.replace(&own.0, &own.1);
    assert_eq!(arrive(&shop, &elsewhere).await.status, 400, "a shop without Paytrail");
    take_paytrail(&shop, &other).await;
    assert_eq!(arrive(&shop, &elsewhere).await.status, 200);
    assert_eq!(arrive(&shop, &back.replace(&own.0, &own.1)).await.status, 404);
    // One with an account of its own.
    let body = json!({"merchant_id": "695861", "secret_key": "MONISAIPPUAKAUPPIAS", "test_mode": true});
    let put = Call::new("PUT", other.path("payment-methods/paytrail")).json(body);
    other.call(&shop.test, put).await.expect(200);
    assert_eq!(arrive(&shop, &elsewhere).await.status, 400);
    assert_eq!(shop.order(&order).await["payment_status"], "pending");
    assert_eq!(events(&shop, "payment.succeeded").await, 0);
    shop.test.check_invariants().await;
}
