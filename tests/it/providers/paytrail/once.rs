//! Paytrail is asked for a refund once, whoever dies or comes late meanwhile: it would make every request a refund of its own.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use data_encoding::BASE64;
use futures_util::join;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Paytrail;
use super::refunds::{made, paid, told};
use super::shop::{arrive, open, open_patient};
use crate::providers::scene::{Shop, refund};
use crate::refunds::scene::{part, written};
use crate::support::people::text;
use crate::support::process::kassa;

/// A worker in a process of its own, killed when it is dropped.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.kill().expect("SIGKILL");
        self.0.wait().expect("its end");
    }
}

/// One that is a minute later by its clock.
fn worker(shop: &Shop, paytrail: &Paytrail, data: &TempDir) -> Worker {
    let log = std::fs::File::create(data.path().join("log")).expect("a log");
    let child = kassa(data.path())
        .args(["serve", "--role", "worker"])
        .env("KASSA_ENV", "development")
        .env("KASSA_CLOCK_OFFSET", "60")
        .env("KASSA_PUBLIC_URL", "http://kassa.test")
        .env("KASSA_PAYTRAIL_API_BASE", paytrail.base())
        .env("KASSA_ENCRYPTION_KEYS", format!("1:{}", BASE64.encode(&[1; 32])))
        .env("DATABASE_URL", shop.test.database.serve.expose_secret())
        .env("KASSA_MIGRATE_DATABASE_URL", shop.test.database.owner.expose_secret())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    Worker(child.expect("the binary"))
}

/// How many requests for a refund have reached Paytrail.
fn asked(paytrail: &Paytrail) -> usize {
    let requests = paytrail.requests();
    let refunds = requests
        .iter()
        .filter(|request| text(&request["path"]).ends_with("/refund"));
    refunds.count()
}

/// Waits until so many have.
async fn until_asked(paytrail: &Paytrail, times: usize) {
    let begun = Instant::now();
    while asked(paytrail) < times {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "nobody asks for {times} refunds"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What staff see of a refund, and why a person should look at its order.
async fn seen(shop: &Shop, order: &Value) -> Value {
    let read = shop.order(&text(&order["id"])).await;
    let reasons = read["attention_reasons"].as_array().expect("reasons");
    let codes: Vec<_> = reasons.iter().map(|reason| reason["code"].clone()).collect();
    json!([read["refunds"][0]["status"], read["refunded_amount"], codes])
}

/// Time goes by, and what is due is done.
async fn later(shop: &Shop, by: TimeDelta) {
    shop.test.advance(by);
    shop.test.drain_jobs().await;
}

#[actix_web::test]
async fn who_is_killed_while_paytrail_answers_leaves_word_that_it_was_asked() {
    let (shop, paytrail) = open("killed").await;
    let order = paid(&shop, &paytrail).await;
    let body = json!({"lines": [part(&order, 0, 1000)]});
    let id = written(&shop.test, &shop.merchant, &order, body)
        .await
        .expect("a refund");
    paytrail.plan(json!({"on": "refund", "do": "delay", "ms": 60_000}));
    let data = tempfile::tempdir().expect("a folder");
    let worker = worker(&shop, &paytrail, &data);
    until_asked(&paytrail, 1).await;
    drop(worker);
    assert_eq!(seen(&shop, &order).await, json!(["pending", 0, []]));
    for _ in 0..3 {
        later(&shop, TimeDelta::hours(13)).await;
    }
    assert_eq!(asked(&paytrail), 1, "it is not sent again");
    assert_eq!(seen(&shop, &order).await, json!(["unknown", 0, ["refund_unknown"]]));
    shop.test.check_invariants().await;
    let named = json!({"id": id.to_string()});
    assert_eq!(arrive(&shop, &told(&paytrail, &named, "ok", true)).await.status, 200);
    assert_eq!(seen(&shop, &order).await, json!(["succeeded", 1000, []]));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn who_waits_longer_than_its_lease_is_not_overtaken_by_a_second_request() {
    for (status, wanted) in [
        ("ok", json!(["succeeded", 1000, []])),
        // What is no money is for who has taken the refund over to say, and they have said that nobody knows.
        ("fail", json!(["unknown", 0, ["refund_unknown"]])),
    ] {
        let (shop, paytrail) = open_patient(&format!("overtaken-{status}")).await;
        let order = paid(&shop, &paytrail).await;
        paytrail.plan(json!({"on": "refund", "do": "delay", "ms": 3000, "status": status}));
        let others = async {
            until_asked(&paytrail, 1).await;
            later(&shop, TimeDelta::seconds(40)).await;
            assert_eq!(
                seen(&shop, &order).await,
                json!(["unknown", 0, ["refund_unknown"]]),
                "the other worker does not know"
            );
        };
        let (answered, ()) = join!(refund(&shop, &order, "slow", 1000), others);
        answered.expect(201);
        assert_eq!(seen(&shop, &order).await, wanted);
        assert_eq!((asked(&paytrail), made(&paytrail).len()), (1, 1));
        shop.test.check_invariants().await;
    }
}

#[actix_web::test]
async fn a_slow_one_does_not_use_up_the_time_of_the_others() {
    let (shop, paytrail) = open_patient("at-once").await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        let order = paid(&shop, &paytrail).await;
        let body = json!({"lines": [part(&order, 0, 1000)]});
        written(&shop.test, &shop.merchant, &order, body)
            .await
            .expect("a refund");
        orders.push(order);
    }
    let slow = json!({"on": "refund", "do": "delay", "ms": 3000});
    paytrail.plans(&[slow.clone(), slow.clone(), slow]);
    let others = async {
        until_asked(&paytrail, 3).await;
        for order in &orders {
            assert_eq!(seen(&shop, order).await, json!(["pending", 0, []]), "none is answered");
        }
    };
    join!(later(&shop, TimeDelta::seconds(30)), others);
    for order in &orders {
        assert_eq!(seen(&shop, order).await, json!(["succeeded", 1000, []]));
    }
    assert_eq!(asked(&paytrail), 3);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn one_that_has_no_name_yet_is_not_asked_for_again() {
    let (shop, paytrail) = open("unnamed").await;
    let order = paid(&shop, &paytrail).await;
    paytrail.plan(json!({"on": "refund", "do": "answer", "status": "pending", "unnamed": true}));
    let pending = refund(&shop, &order, "unnamed", 1000).await.expect(201);
    assert_eq!(
        json!([pending["status"], pending["provider_reference"]]),
        json!(["pending", null])
    );
    for _ in 0..5 {
        later(&shop, TimeDelta::hours(7)).await;
    }
    assert_eq!(asked(&paytrail), 1);
    assert_eq!(seen(&shop, &order).await, json!(["unknown", 0, ["refund_unknown"]]));
    // Its news brings its name too.
    assert_eq!(arrive(&shop, &told(&paytrail, &pending, "ok", true)).await.status, 200);
    let read = shop.order(&text(&order["id"])).await;
    assert_eq!(read["refunds"][0]["provider_reference"], made(&paytrail)[0]["id"]);
    assert_eq!(seen(&shop, &order).await, json!(["succeeded", 1000, []]));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn one_whose_news_never_comes_is_told_to_a_person() {
    let (shop, paytrail) = open("silent").await;
    let order = paid(&shop, &paytrail).await;
    paytrail.plan(json!({"on": "refund", "do": "answer", "status": "pending"}));
    let pending = refund(&shop, &order, "silent", 1000).await.expect(201);
    for _ in 0..5 {
        later(&shop, TimeDelta::hours(12)).await;
    }
    assert_eq!(
        seen(&shop, &order).await,
        json!(["pending", 0, []]),
        "its news may still come"
    );
    for _ in 0..2 {
        later(&shop, TimeDelta::hours(12)).await;
    }
    assert_eq!(seen(&shop, &order).await, json!(["unknown", 0, ["refund_unknown"]]));
    shop.test.check_invariants().await;
    later(&shop, TimeDelta::days(5)).await;
    assert_eq!(asked(&paytrail), 1);
    assert_eq!(arrive(&shop, &told(&paytrail, &pending, "ok", true)).await.status, 200);
    assert_eq!(seen(&shop, &order).await, json!(["succeeded", 1000, []]));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn one_that_did_not_arrive_is_sent_again() {
    let (shop, paytrail) = open("overloaded").await;
    let order = paid(&shop, &paytrail).await;
    paytrail.plan(json!({"on": "refund", "do": "error", "status": 429}));
    assert_eq!(
        refund(&shop, &order, "again", 1000).await.expect(201)["status"],
        "pending"
    );
    // The double has made it all the same, which Paytrail does not; it is the second request that counts here.
    later(&shop, TimeDelta::minutes(1)).await;
    assert_eq!(
        (asked(&paytrail), seen(&shop, &order).await),
        (2, json!(["succeeded", 1000, []]))
    );
    shop.test.check_invariants().await;
}
