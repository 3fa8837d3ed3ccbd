//! The process is killed between hold, confirm and payment: no use is lost, and none is counted twice.

use kassa::net::Method;
use serde_json::{Value, json};

use crate::support::database;
use crate::support::process::Server;

async fn killed_after(step: usize) {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a data directory");
    let mut server = Some(Server::start(&database, data.path()));
    let (key, checkout, slug, link) = {
        let server = server.as_ref().expect("a server");
        (
            server.word("api_key"),
            server.word("checkout_id"),
            server.word("checkout"),
            server.word("link"),
        )
    };
    let codes = format!("/v1/checkouts/{checkout}/discount-codes");
    let body = json!({"code": "ONE", "type": "percentage", "percentage": "10", "usage_limit": 1});
    let code = call(&server, Method::POST, &codes, &key, Some(body)).await;
    let counts = format!("{codes}/{}?test_mode=true", code["id"].as_str().expect("an id"));
    let kill_at = |at: usize, server: &mut Option<Server>| {
        if at == step {
            server.take().expect("a server").kill();
            *server = Some(Server::start(&database, data.path()));
        }
    };
    let open = json!({"checkout": slug, "link": link, "customer": {"email": "a@example.com", "country": "FI"}});
    let opened = call(&server, Method::POST, "/v1/storefront/sessions", "", Some(open)).await;
    let secret = opened["client_secret"].as_str().expect("a secret").to_owned();
    let session = format!(
        "/v1/storefront/sessions/{}",
        opened["session"]["id"].as_str().expect("an id")
    );
    let held = call(
        &server,
        Method::PUT,
        &format!("{session}/discount"),
        &secret,
        Some(json!({"code": "one"})),
    )
    .await;
    kill_at(1, &mut server);
    assert_eq!(read(&server, &counts, &key).await, (1, 0));
    let confirm = json!({"expected_total": held["totals"]["total"], "provider": "test", "consents": {"terms": true, "privacy": true}});
    let confirmed = call(
        &server,
        Method::POST,
        &format!("{session}/confirm"),
        &secret,
        Some(confirm.clone()),
    )
    .await;
    kill_at(2, &mut server);
    let again = call(
        &server,
        Method::POST,
        &format!("{session}/confirm"),
        &secret,
        Some(confirm),
    )
    .await;
    assert_eq!(again["order"]["id"], confirmed["order"]["id"]);
    assert_eq!(read(&server, &counts, &key).await, (1, 0));
    let paid = json!({"outcome": "succeeded"});
    for _ in 0..2 {
        let ended = call(
            &server,
            Method::POST,
            &format!("{session}/test-payment"),
            &secret,
            Some(paid.clone()),
        )
        .await;
        assert_eq!(ended["order"]["payment_status"], "paid");
        kill_at(3, &mut server);
        assert_eq!(read(&server, &counts, &key).await, (0, 1));
    }
    server.take().expect("a server").stop();
}

async fn call(server: &Option<Server>, method: Method, path: &str, token: &str, body: Option<Value>) -> Value {
    server.as_ref().expect("a server").call(method, path, token, body).await
}

async fn read(server: &Option<Server>, path: &str, key: &str) -> (i64, i64) {
    let code = call(server, Method::GET, path, key, None).await;
    (
        code["held"].as_i64().expect("held"),
        code["redeemed"].as_i64().expect("redeemed"),
    )
}

#[actix_web::test]
async fn killed_after_the_hold() {
    killed_after(1).await;
}

#[actix_web::test]
async fn killed_after_the_confirmation() {
    killed_after(2).await;
}

#[actix_web::test]
async fn killed_after_the_payment() {
    killed_after(3).await;
}
