//! The way back by mail.

use chrono::TimeDelta;
use kassa::kernel::secret::Keyring;
use kassa::orders::access::token::issue;
use serde_json::{Value, json};

use super::scene::{ask, by_buyer, cancel, come_back, confirmed, mails_to, token};
use crate::support::app::Settings;
use crate::support::database::TestDatabase;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::turns::Door;
use crate::support::{Merchant, TestApp};

const BUYER: &str = "buyer@example.com";

#[actix_web::test]
async fn a_mail_leads_back_to_the_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "back").await;
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    let asked = ask(&test, &merchant, 1001, " Buyer@Example.com ").await;
    asked.expect(202);
    let mails = mails_to(&test, BUYER).await;
    let [mail] = mails.as_slice() else {
        panic!("not one mail: {mails:?}");
    };
    assert!(mail.contains("[Test] Your order 1001"), "{mail}");
    assert!(mail.contains("Shop back"), "it comes from the shop: {mail}");
    assert!(mail.contains("help@shop.example.com"), "and says where to ask: {mail}");
    let opened = come_back(&test, &token(mail)).await.expect(200);
    assert_eq!(opened["session"]["id"], json!(visit.id));
    assert_eq!(opened["session"]["order_id"], json!(order));
    assert_eq!(opened["session"]["payment"]["status"], "pending");
    // The secret is good for all that the first one was.
    let secret = text(&opened["client_secret"]);
    let paid = Call::post(visit.path("/test-payment"), json!({"outcome": "succeeded"})).bearer(&secret);
    assert_eq!(test.call(paid).await.expect(200)["order"]["status"], "paid");
    // The token opens the order as often as its buyer comes.
    let again = come_back(&test, &token(mail)).await.expect(200);
    assert_eq!(again["session"]["status"], "completed");
    test.check_invariants().await;
}

#[actix_web::test]
async fn who_asks_learns_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "quiet").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    let deleted = confirmed(&test, &merchant.visit(&test).await).await;
    cancel(&test, &merchant, &deleted).await.expect(200);
    let telling = |reply: &crate::support::request::Reply| {
        let mut headers = reply.headers.clone();
        headers.retain(|(name, _)| name != "x-request-id");
        (reply.status, headers, reply.body.clone())
    };
    let right = ask(&test, &merchant, 1001, BUYER).await;
    for (number, email) in [
        (1001, "other@example.com"),
        (1002, BUYER),
        (1003, BUYER),
        (i64::MAX, BUYER),
    ] {
        let wrong = ask(&test, &merchant, number, email).await;
        assert_eq!(telling(&wrong), telling(&right), "{number} {email}");
    }
    let elsewhere = json!({"checkout": "nowhere", "number": 1001, "email": BUYER});
    let elsewhere = test
        .call(Call::post("/v1/storefront/order-access/request", elsewhere))
        .await;
    assert_eq!(telling(&elsewhere), telling(&right));
    assert_eq!(mails_to(&test, BUYER).await.len(), 1, "to the one whose order it is");
    assert_eq!(test.mails().len(), 1, "and to nobody else");
    test.check_invariants().await;
}

#[actix_web::test]
async fn one_mail_in_a_minute_and_thirty_days_for_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "minute").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    for _ in 0..3 {
        ask(&test, &merchant, 1001, BUYER).await.expect(202);
    }
    assert_eq!(mails_to(&test, BUYER).await.len(), 1);
    test.advance(TimeDelta::seconds(59));
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    assert_eq!(mails_to(&test, BUYER).await.len(), 1, "the minute is not over");
    test.advance(TimeDelta::seconds(2));
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    let mails = mails_to(&test, BUYER).await;
    assert_eq!(mails.len(), 2);
    let (first, second) = (token(&mails[0]), token(&mails[1]));
    come_back(&test, &first).await.expect(200);
    test.advance(TimeDelta::days(30) - TimeDelta::seconds(30));
    assert_eq!(come_back(&test, &first).await.problem().1, "invalid-token");
    come_back(&test, &second).await.expect(200);
    test.advance(TimeDelta::seconds(31));
    assert_eq!(come_back(&test, &second).await.problem().1, "invalid-token");
    // What has ended is forgotten.
    test.drain_jobs().await;
    assert_eq!(super::scene::count(&test, "SELECT 1 FROM order_access").await, 0);
}

#[actix_web::test]
async fn a_client_asks_so_often_and_no_oftener() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "often").await;
    let body = json!({"checkout": merchant.slug, "number": 1001, "email": BUYER});
    let from = |address: &str| Call::post("/v1/storefront/order-access/request", body.clone()).from(address);
    for _ in 0..30 {
        test.call(from("203.0.113.7")).await.expect(202);
    }
    let refused = test.call(from("203.0.113.7")).await;
    assert_eq!(refused.problem().1, "rate-limited");
    assert!(refused.header("retry-after").is_some());
    test.call(from("203.0.113.8")).await.expect(202);
    test.advance(TimeDelta::minutes(16));
    test.call(from("203.0.113.7")).await.expect(202);
}

#[actix_web::test]
async fn tokens_that_open_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "forged").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    let own = Keyring::new(vec![(1, [1; 32])]).expect("the key of the tests");
    let other = Keyring::new(vec![(1, [9; 32])]).expect("another key");
    let secret = merchant.visit(&test).await.secret;
    // What we did not make is not looked up.
    let (door, serve) = Door::to(&test.database.serve);
    let database = TestDatabase {
        serve,
        ..test.database.clone()
    };
    let counted = TestApp::with(Settings {
        database: Some(database),
        ..Settings::default()
    })
    .await;
    let forged = issue(&other, merchant.checkout).text;
    come_back(&counted, &forged).await.expect(422);
    assert_eq!(door.take().turns, 0);
    for wrong in [
        "nonsense".to_owned(),
        secret.trim_start_matches("kassa_ss_").to_owned(),
        secret,
        forged,
        // Ours by its signature, and never given to anybody.
        issue(&own, merchant.checkout).text,
    ] {
        let refused = come_back(&test, &wrong).await;
        assert_eq!(
            refused.problem(),
            (422, "invalid-token".to_owned(), String::new()),
            "{wrong}"
        );
    }
}

#[actix_web::test]
async fn a_token_to_one_address_ends_when_the_order_is_anothers() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "handed").await;
    let visit = merchant.visit(&test).await;
    confirmed(&test, &visit).await;
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    let first = token(&mails_to(&test, BUYER).await[0]);
    // Going back to the basket and confirming what there was before changes nothing.
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    visit.confirm(&test).await;
    come_back(&test, &first).await.expect(200);
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    let other = json!({"customer": {"email": "other@example.com"}});
    by_buyer(&test, &visit, "PATCH", "", other).await.expect(200);
    come_back(&test, &first).await.expect(200);
    visit.confirm(&test).await;
    assert_eq!(come_back(&test, &first).await.problem().1, "invalid-token");
    test.advance(TimeDelta::minutes(2));
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    ask(&test, &merchant, 1001, "other@example.com").await.expect(202);
    let mails = mails_to(&test, "other@example.com").await;
    come_back(&test, &token(&mails[0])).await.expect(200);
    assert_eq!(mails_to(&test, BUYER).await.len(), 1, "the order is no longer theirs");
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_receipt_leads_back_too() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "receipt").await;
    let visit = merchant.visit(&test).await;
    confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    let mails = mails_to(&test, BUYER).await;
    assert!(mails[0].contains("Receipt for your order 1001"), "{}", mails[0]);
    let opened = come_back(&test, &token(&mails[0])).await.expect(200);
    assert_eq!(opened["session"]["id"], json!(visit.id));
    // A receipt is no answer to a question: who asks is answered.
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    assert_eq!(mails_to(&test, BUYER).await.len(), 2);
}

#[actix_web::test]
async fn in_the_language_of_the_order_and_without_a_storefront() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "kieli").await;
    let settings = json!({"locales": ["en", "fi"], "storefront_url": null});
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    merchant.call(&test, Call::patch(path, settings)).await.expect(200);
    let visit = merchant.visit(&test).await;
    by_buyer(&test, &visit, "PATCH", "", json!({"locale": "fi"}))
        .await
        .expect(200);
    confirmed(&test, &visit).await;
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    let mails = mails_to(&test, BUYER).await;
    assert!(mails[0].contains("[Test] Tilauksesi 1001"), "{}", mails[0]);
    // The code stands alone on its line.
    let code = mails[0]
        .lines()
        .find(|line| line.len() > 60 && !line.contains([' ', ':', '=']));
    let opened = come_back(&test, code.expect("a code")).await.expect(200);
    assert_eq!(opened["session"]["id"], json!(visit.id));
}

#[actix_web::test]
async fn live_and_test_orders_have_numbers_of_their_own() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "series").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    for (what, body) in [
        (
            "billing-details",
            json!({"name": "Oy", "email": "a@oy.example", "street": "Katu 1", "city": "Turku", "postal_code": "20100", "country": "FI"}),
        ),
        ("payment-card", json!({"provider": "test", "token": "tok_visa"})),
    ] {
        let call = Call::new("PUT", merchant.organization_path(what)).json(body);
        merchant.call(&test, call).await.expect(200);
    }
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let link = json!({"name": "Live", "offer_id": offer, "slug": "live"});
    merchant.create(&test, "checkout-links", link).await;
    let code = json!({"code": "GIFT", "type": "percentage", "percentage": "100"});
    merchant.create(&test, "discount-codes", code).await;
    let open = json!({"checkout": merchant.slug, "link": "live", "discount_code": "GIFT",
        "customer": {"email": "live@example.com", "country": "FI"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", open)).await.expect(201);
    let confirm = json!({"expected_total": 0, "provider": "free", "consents": {"terms": true, "privacy": true}});
    let path = format!("/v1/storefront/sessions/{}/confirm", text(&opened["session"]["id"]));
    let call = Call::post(path, confirm).bearer(&text(&opened["client_secret"]));
    assert_eq!(test.call(call).await.expect(200)["order"]["number"], 1001);
    let before = mails_to(&test, "live@example.com").await.len();
    let ask_live = async |email: &str| {
        let body = json!({"checkout": merchant.slug, "number": 1001, "email": email});
        test.call(Call::post("/v1/storefront/order-access/request", body))
            .await
            .expect(202)
    };
    ask_live(BUYER).await;
    assert_eq!(mails_to(&test, BUYER).await.len(), 0, "theirs is a test order");
    ask_live("live@example.com").await;
    let mails = mails_to(&test, "live@example.com").await;
    assert_eq!(mails.len(), before + 1);
    let back = come_back(&test, &token(mails.last().expect("a mail")))
        .await
        .expect(200);
    assert_eq!(back["session"]["id"], opened["session"]["id"]);
    ask(&test, &merchant, 1001, "live@example.com").await.expect(202);
    assert_eq!(mails_to(&test, "live@example.com").await.len(), before + 1);
}

#[actix_web::test]
async fn pages_of_other_origins_get_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "origins").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    let origins = json!({"allowed_origins": ["https://shop.example.com"]});
    merchant.call(&test, Call::patch(path, origins)).await.expect(200);
    test.advance(TimeDelta::seconds(3));
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    let token = token(&mails_to(&test, BUYER).await[0]);
    for (origin, status) in [("https://evil.example", 403), ("https://shop.example.com", 200)] {
        let call = Call::post("/v1/storefront/order-access", json!({"token": token})).header("origin", origin);
        assert_eq!(test.call(call).await.status, status, "{origin}");
    }
    test.advance(TimeDelta::minutes(2));
    let body = json!({"checkout": merchant.slug, "number": 1001, "email": BUYER, "test_mode": true});
    let evil = Call::post("/v1/storefront/order-access/request", body).header("origin", "https://evil.example");
    assert_eq!(test.call(evil).await.problem().1, "origin-not-allowed");
    assert_eq!(mails_to(&test, BUYER).await.len(), 1);
}
