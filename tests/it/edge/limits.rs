//! Rate limits: who pays, what they are told, and what is never limited. Windows are an hour, so that no test is a race with one.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::app::Settings;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

const HOME: &str = "203.0.113.1";
const ELSEWHERE: &str = "203.0.113.2";

async fn limited(limits: &'static str) -> TestApp {
    TestApp::with(Settings {
        rate_limits: Some(limits),
        trusted_proxies: Some("10.0.0.0/8"),
        ..Settings::default()
    })
    .await
}

fn page() -> Call {
    Call::get("/v1/storefront/checkouts/nobody/links/none").from(HOME)
}

/// The two headers, as they stand.
fn told(reply: &Reply) -> (&str, &str) {
    (
        reply.header("ratelimit-policy").unwrap_or_default(),
        reply.header("ratelimit").unwrap_or_default(),
    )
}

#[track_caller]
fn assert_limited(reply: &Reply) {
    assert_eq!(reply.problem(), (429, "rate-limited".to_owned(), String::new()));
}

#[actix_web::test]
async fn clients_are_told_what_is_left_and_refused_when_it_is_nothing() {
    let test = limited("storefront=3/hour").await;
    for (left, whole_in) in [(2, 1200), (1, 2400), (0, 3600)] {
        let reply = test.call(page()).await;
        assert_eq!(reply.status, 404);
        let limit = format!("\"storefront\";r={left};t={whole_in}");
        assert_eq!(told(&reply), ("\"storefront\";q=3;w=3600", limit.as_str()));
    }
    let reply = test.call(page()).await;
    assert_limited(&reply);
    let wait: i64 = reply
        .header("retry-after")
        .and_then(|wait| wait.parse().ok())
        .expect("a wait");
    assert!((1190..=1200).contains(&wait), "{wait}");
    assert_eq!(
        told(&reply),
        ("\"storefront\";q=3;w=3600", &*format!("\"storefront\";r=0;t={wait}"))
    );
    assert_eq!(reply.json()["detail"], "at most 3 requests in 3600 seconds");

    // Another address, another class: other counts.
    assert_eq!(test.call(page().from(ELSEWHERE)).await.status, 404);
    let reply = test.call(Call::get("/v1/me").from(HOME)).await;
    assert_eq!((reply.status, told(&reply).0), (401, "\"management\";q=1200;w=60"));
    // Whoever waits as long as told is let in.
    test.advance(TimeDelta::seconds(wait));
    assert_eq!(test.call(page()).await.status, 404);
    assert_limited(&test.call(page()).await);
}

#[actix_web::test]
async fn a_token_that_proved_itself_has_a_count_of_its_own() {
    let test = limited("storefront=4/hour,management=4/hour").await;
    let merchant = Merchant::new(&test, "limited").await;
    let me = |address: &str| Call::get("/v1/me").from(address).bearer(&merchant.api_key);
    // From wherever it is used.
    for (address, left) in [(HOME, 3), (ELSEWHERE, 2), (HOME, 1)] {
        let reply = test.call(me(address)).await;
        assert_eq!(
            (reply.status, told(&reply).1),
            (200, &*format!("\"management\";r={left};t={}", (4 - left) * 900))
        );
    }
    // Invented tokens pay from one count, that of the address: each new one does not bring a new quota.
    let invented = |number: u32| {
        Call::get("/v1/me")
            .from(HOME)
            .bearer(&format!("kassa_sk_test_{number}"))
    };
    // One of the four was spent on the key's first use.
    for number in 0..3 {
        assert_eq!(test.call(invented(number)).await.status, 401);
    }
    for number in 3..6 {
        assert_limited(&test.call(invented(number)).await);
    }
    // They shut out neither a key that is known there, nor visitors without a token.
    assert_eq!(test.call(me(HOME)).await.status, 200);
    assert_eq!(test.call(Call::get("/v1/me").from(HOME)).await.status, 401);
    assert_limited(&test.call(me(HOME)).await);
}

#[actix_web::test]
async fn a_buyer_has_a_count_of_their_own() {
    let test = limited("storefront=3/hour,management=off").await;
    let merchant = Merchant::with_course(&test, "buyers").await;
    let (visit, other) = (merchant.visit(&test).await, merchant.visit(&test).await);
    let read = |visit: &crate::support::merchant::Visit| Call::get(visit.path("")).bearer(&visit.secret);
    for _ in 0..3 {
        test.call(read(&visit)).await.expect(200);
    }
    assert_limited(&test.call(read(&visit)).await);
    test.call(read(&other)).await.expect(200);
    // A secret that is none pays like nobody: two visits were opened from this address.
    let forged = Call::get(visit.path("")).bearer("kassa_ss_forged");
    assert_eq!(test.call(forged.clone()).await.status, 401);
    assert_limited(&test.call(forged).await);
}

#[actix_web::test]
async fn signing_in_is_counted_by_address_however_it_is_written() {
    let test = limited("auth=3/hour").await;
    let merchant = Merchant::new(&test, "auth").await;
    let login = |path: &str| Call::post(path, json!({})).from(HOME);
    for call in [
        login("/v1/auth/login"),
        login("/v1/%61uth/login"),
        login("/%761/auth/login").bearer(&merchant.api_key),
    ] {
        let reply = test.call(call).await;
        assert_eq!((reply.status, told(&reply).0), (422, "\"auth\";q=3;w=3600"));
    }
    assert_limited(&test.call(login("/v1/auth/login").bearer(&merchant.api_key)).await);
    assert_eq!(test.call(login("/v1/auth/login").from(ELSEWHERE)).await.status, 422);
}

#[actix_web::test]
async fn only_our_proxies_say_who_asks() {
    let test = limited("storefront=1/hour").await;
    let by = |peer: &str, forwarded: &str| page().from(peer).header("x-forwarded-for", forwarded);
    assert_eq!(test.call(by("10.0.0.1", "198.51.100.1")).await.status, 404);
    assert_limited(&test.call(by("10.0.0.2", "8.8.8.8, 198.51.100.1, 10.0.0.9")).await);
    assert_eq!(test.call(by("10.0.0.1", "198.51.100.2")).await.status, 404);
    // A stranger's word counts for nothing.
    assert_eq!(test.call(by(HOME, "198.51.100.3")).await.status, 404);
    assert_limited(&test.call(by(HOME, "198.51.100.4")).await);
    // Whoever has one address of IPv6 has the network.
    assert_eq!(test.call(by("10.0.0.1", "2001:db8:0:1::1")).await.status, 404);
    assert_limited(&test.call(by("10.0.0.1", "2001:db8:0:1:ffff::2")).await);
    assert_eq!(test.call(by("10.0.0.1", "2001:db8:0:2::1")).await.status, 404);
}

#[actix_web::test]
async fn what_is_never_limited_says_nothing_of_limits() {
    let test = limited("storefront=1/hour,management=1/hour,auth=1/hour").await;
    for path in [
        "/livez",
        "/readyz",
        "/openapi/v1.json",
        "/docs/",
        "/problems/rate-limited",
        "/.well-known/jwks.json",
        "/v1/callbacks/stripe/chk_01jd5wq0zsfa2tq4n9v8kx3m7h",
    ] {
        for _ in 0..3 {
            let reply = test.call(Call::get(path).from(HOME)).await;
            assert_ne!(reply.status, 429, "{path}");
            assert_eq!(told(&reply), ("", ""), "{path}");
        }
    }
    let off = TestApp::new().await;
    assert_eq!(told(&off.call(page()).await), ("", ""));
}
