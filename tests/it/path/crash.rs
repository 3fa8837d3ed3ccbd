//! The process is killed between any two steps of a sale and started again: the order still ends completed, with one receipt
//! and every event delivered. And an orderly stop ends well.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kassa::net::Method;
use serde_json::{Value, json};

use crate::support::database;
use crate::support::doubles::Double;
use crate::support::process::Server;

/// The steps a buyer takes; the process dies after the one with the number given.
async fn sell(server: &mut Option<Server>, restart: impl Fn() -> Server, die_after: usize) -> String {
    let mut step = 0;
    let mut survive = |server: &mut Option<Server>| {
        step += 1;
        if step == die_after {
            server.take().expect("a server").kill();
            *server = Some(restart());
        }
    };
    let opened = {
        let server = server.as_ref().expect("a server");
        let body = json!({"checkout": server.word("checkout"), "link": server.word("link"),
            "customer": {"email": "buyer@example.com", "country": "FI"}});
        server
            .call(Method::POST, "/v1/storefront/sessions", "", Some(body))
            .await
    };
    survive(server);
    let secret = opened["client_secret"].as_str().expect("a secret").to_owned();
    let session = format!(
        "/v1/storefront/sessions/{}",
        opened["session"]["id"].as_str().expect("an id")
    );
    let patch = json!({"customer": {"country": "SE"}});
    let changed = server
        .as_ref()
        .expect("a server")
        .call(Method::PATCH, &session, &secret, Some(patch))
        .await;
    survive(server);
    let body = json!({"expected_total": changed["totals"]["total"], "provider": "test",
        "consents": {"terms": true, "privacy": true}});
    let confirm = format!("{session}/confirm");
    let confirmed = server
        .as_ref()
        .expect("a server")
        .call(Method::POST, &confirm, &secret, Some(body.clone()))
        .await;
    survive(server);
    // A page that lost its answer asks again.
    let again = server
        .as_ref()
        .expect("a server")
        .call(Method::POST, &confirm, &secret, Some(body))
        .await;
    assert_eq!(
        (&again["order"]["id"], &again["payment"]["id"]),
        (&confirmed["order"]["id"], &confirmed["payment"]["id"])
    );
    let pay = format!("{session}/test-payment");
    let outcome = Some(json!({"outcome": "succeeded"}));
    server
        .as_ref()
        .expect("a server")
        .call(Method::POST, &pay, &secret, outcome)
        .await;
    // Here the receipt, the fan-out and the deliveries are under way.
    survive(server);
    confirmed["order"]["id"].as_str().expect("an id").to_owned()
}

async fn completed(server: &Server, order: &str) -> Value {
    let path = format!("/v1/checkouts/{}/orders/{order}", server.word("checkout_id"));
    let begun = Instant::now();
    loop {
        let read = server.call(Method::GET, &path, &server.word("api_key"), None).await;
        if read["status"] == "completed" {
            return read;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "not completed: {read:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Kills after the step, and tells whether everything came right.
async fn survives_a_kill_after(step: usize) {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a data directory");
    // Longer than any lease, shorter than the tolerance of a receiver's clock.
    let restart = || Server::start_later(&database, data.path(), 90);
    let mut server = Some(Server::start(&database, data.path()));
    let mut receiver = Double::start("webhook_receiver.py", &[]);
    {
        let server = server.as_ref().expect("a server");
        let path = format!("/v1/checkouts/{}/webhook-endpoints", server.word("checkout_id"));
        let url = format!("http://127.0.0.1:{}/hooks", receiver.port);
        let body = json!({"url": url, "events": ["*"], "test_mode": true});
        let made = server
            .call(Method::POST, &path, &server.word("api_key"), Some(body))
            .await;
        receiver.tell(made["secret"].as_str().expect("a secret"));
    }
    let order = sell(&mut server, restart, step).await;
    let server = server.expect("a server");
    let read = completed(&server, &order).await;
    assert_eq!(read["payments"].as_array().map(Vec::len), Some(1));
    let mails = std::fs::read_dir(data.path().join("mail")).expect("mails").count();
    assert_eq!(mails, 1, "one receipt");
    let mut types = BTreeSet::new();
    while types.len() < 4 {
        let line = receiver.next().expect("every event is delivered");
        types.insert(line["event"]["type"].as_str().expect("verified").to_owned());
    }
    assert!(server.stop(), "an orderly stop ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_session_was_opened() {
    survives_a_kill_after(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_session_was_changed() {
    survives_a_kill_after(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_confirmation() {
    survives_a_kill_after(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_receipt_and_the_deliveries_are_under_way() {
    survives_a_kill_after(4).await;
}
