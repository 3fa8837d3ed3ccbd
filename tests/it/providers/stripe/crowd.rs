//! Fifty confirmations at once with a Stripe that takes two seconds: one call, one secret.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::shop::{SECRET, confirmation, set_up, settings};
use crate::support::app::Settings;
use crate::support::people::text;
use crate::support::request::send;
use crate::support::wire::{Response, Server};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn fifty_confirmations_are_one_call_and_one_secret() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let stripe = Server::start(move |request| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(
            (request.method.as_str(), request.target.as_str()),
            ("POST", "/v1/payment_intents")
        );
        let said = json!({"id": format!("pi_{number}"), "client_secret": format!("pi_{number}_secret_x"), "amount": 3900,
            "currency": "eur", "status": "requires_payment_method"});
        Response::json(200, &said)
    });
    let timeout = Duration::from_secs(8);
    let test = TestApp::with(settings(stripe.url(), timeout)).await;
    // Two instances, so that nothing is settled inside one process.
    let other = TestApp::with(Settings {
        database: Some(test.database.clone()),
        ..settings(stripe.url(), timeout)
    })
    .await;
    let merchant = Merchant::with_course(&test, "crowd").await;
    set_up(&test, &merchant, SECRET).await;
    let visit = merchant.visit(&test).await;
    let (first, second) = (test.service().await, other.service().await);
    let replies = join_all((0..50).map(|number| {
        let call = confirmation(&visit, "stripe");
        let (first, second) = (&first, &second);
        async move {
            if number % 2 == 0 {
                send(first, call).await
            } else {
                send(second, call).await
            }
        }
    }))
    .await;
    let secrets: BTreeSet<String> = replies
        .iter()
        .map(|reply| text(&reply.expect(200)["payment"]["client_secret"]))
        .collect();
    assert_eq!(secrets, BTreeSet::from(["pi_0_secret_x".to_owned()]));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let orders = merchant.read(&test, "orders?test_mode=true").await;
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
    test.check_invariants().await;
}
