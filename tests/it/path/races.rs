//! Many at once: one order, one payment, one answer.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::merchant::second_instance;
use crate::support::people::text;
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

const CALLERS: usize = 50;

async fn confirm_fifty_times(key: Option<&str>) {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "races").await;
    let visit = merchant.visit(&test).await;
    // Two instances, so that nothing is settled inside one process.
    let other = second_instance(&test).await;
    let (first, second) = (test.service().await, other.service().await);
    let call = || {
        let call = visit.confirmation();
        match key {
            Some(key) => call.header("idempotency-key", key),
            None => call,
        }
    };
    let calls = (0..CALLERS).map(|number| {
        let call = call();
        let (first, second) = (&first, &second);
        async move {
            if number % 2 == 0 {
                send(first, call).await
            } else {
                send(second, call).await
            }
        }
    });
    let replies = join_all(calls).await;
    for reply in &replies {
        reply.expect(200);
    }
    let bodies: BTreeSet<_> = replies.iter().map(|reply| reply.body.clone()).collect();
    assert_eq!(bodies.len(), 1, "fifty equal answers");
    let orders = merchant.read(&test, "orders?test_mode=true").await;
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1), "one order");
    let id = orders["data"][0]["id"].as_str().expect("an id");
    let order = merchant.read(&test, &format!("orders/{id}")).await;
    assert_eq!(order["payments"].as_array().map(Vec::len), Some(1), "one payment");
    assert_eq!(order["number"], 1001, "one number drawn");
    test.check_invariants().await;
}

#[actix_web::test]
async fn fifty_confirmations_at_once_are_one_order() {
    confirm_fifty_times(None).await;
}

#[actix_web::test]
async fn fifty_confirmations_with_one_key_are_one_order() {
    confirm_fifty_times(Some("the-same-key")).await;
}

#[actix_web::test]
async fn many_buyers_at_once_get_ascending_numbers_without_a_gap() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "buyers").await;
    let visits = join_all((0..20).map(|_| merchant.visit(&test))).await;
    let service = test.service().await;
    let service = &service;
    let confirmed = join_all(visits.iter().map(|visit| async move {
        send(service, visit.confirmation()).await.expect(200)["order"]["number"]
            .as_i64()
            .expect("a number")
    }))
    .await;
    let numbers: BTreeSet<_> = confirmed.into_iter().collect();
    assert_eq!(numbers, (1001..1021).collect());
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_payment_told_twenty_times_at_once_is_one_payment() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "told").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    for reply in join_all((0..20).map(|_| visit.pay(&test, "succeeded"))).await {
        assert_eq!(reply.expect(200)["payment"]["status"], "succeeded");
    }
    test.drain_jobs().await;
    assert_eq!(test.mails().len(), 1, "one receipt");
    // Bad news after good news changes nothing.
    visit.pay(&test, "failed").await.expect(409);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_key_replays_its_answer_and_refuses_another_body() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "keys").await;
    let product = |name: &str| {
        let mut body = crate::support::merchant::course();
        body["name"] = json!(name);
        Call::post(merchant.path("products"), body).header("idempotency-key", "k1")
    };
    let replies = join_all((0..10).map(|_| merchant.call(&test, product("Course")))).await;
    let ids: BTreeSet<_> = replies
        .iter()
        .map(|reply| reply.expect(201)["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "one product");
    let replayed = replies
        .iter()
        .filter(|reply| reply.header("idempotent-replayed") == Some("true"))
        .count();
    assert_eq!(replayed, 9);
    assert!(replies.iter().all(|reply| reply.header("location").is_some()));
    let other = merchant.call(&test, product("Another")).await;
    assert_eq!(other.problem().1, "idempotency-conflict");
    // A refusal is not remembered: the key is free for the corrected request.
    let broken = Call::post(merchant.path("products"), json!({})).header("idempotency-key", "k2");
    merchant.call(&test, broken).await.expect(422);
    let mended =
        Call::post(merchant.path("products"), crate::support::merchant::course()).header("idempotency-key", "k2");
    merchant.call(&test, mended).await.expect(201);
    // After a day the key is forgotten.
    test.advance(chrono::TimeDelta::hours(25));
    test.drain_jobs().await;
    merchant.call(&test, product("Another")).await.expect(201);
}

#[actix_web::test]
async fn a_replayed_secret_is_kept_sealed() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "sealed").await;
    let body = json!({"url": "https://shop.example.com/hooks", "events": ["*"]});
    let call = || Call::post(merchant.path("webhook-endpoints"), body.clone()).header("idempotency-key", "k");
    let first = merchant.call(&test, call()).await;
    let secret = first.expect(201)["secret"].as_str().expect("a secret").to_owned();
    let second = merchant.call(&test, call()).await;
    assert_eq!(second.body, first.body, "the same bytes");
    let conn = test.db().read().await.expect("a connection");
    let clear = format!("SELECT 1 FROM idempotency_keys WHERE position(convert_to('{secret}', 'UTF8') IN body) > 0");
    let found = diesel_async::RunQueryDsl::execute(diesel::sql_query(clear), &mut &*conn)
        .await
        .expect("a query");
    assert_eq!(found, 0, "the secret is not in the clear");
}

#[actix_web::test]
async fn a_start_that_another_is_at_is_looked_after_until_it_is_done() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "slow-start").await;
    let made = merchant.visit(&test).await.confirm(&test).await;
    // Another process holds the lease, and has not answered yet.
    test.as_admin(
        "UPDATE payments SET status = 'created', start_lease_until = now() + interval '60 seconds';
         UPDATE orders SET payment_status = 'unpaid';
         INSERT INTO jobs (checkout_id, id, kind, object_id, run_at, created_at)
             SELECT checkout_id, id, 'start_payment', id, now(), now() FROM payments;",
    )
    .await;
    test.drain_jobs().await;
    test.check_invariants().await;
    // It died: the job that waited comes again and starts the payment.
    test.advance(chrono::TimeDelta::seconds(90));
    test.drain_jobs().await;
    let order = merchant
        .read(&test, &format!("orders/{}", text(&made["order"]["id"])))
        .await;
    assert_eq!(order["payments"][0]["status"], "pending");
    test.check_invariants().await;
}
