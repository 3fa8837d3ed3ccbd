//! Deliveries as another library of Standard Webhooks sees them: the one for Node.

use std::time::SystemTime;

use kassa::net::signature::{SigningSecret, sign};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::doubles::ask_node;

#[test]
fn node_receivers_accept_what_we_sign_and_nothing_else() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs();
    let (ours, older) = (secret(), secret());
    let body = json!({"type": "order.paid", "name": "Sähkö €"}).to_string();
    let delivery = |by: &[&SigningSecret], at: u64, kept: &SigningSecret, body: &str| {
        let headers = sign(by, "evt_1", at, body.as_bytes()).expect("headers");
        let headers: serde_json::Map<_, _> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        json!({"secret": kept.reveal().expose_secret(), "headers": headers, "body": body})
    };
    let mut changed = delivery(&[&ours], now, &ours, &body);
    changed["body"] = format!("{body} ").into();
    let verdicts = ask_node(
        "webhook_signatures.cjs",
        &json!([
            delivery(&[&ours], now, &ours, &body),
            delivery(&[&ours, &older], now, &older, &body),
            delivery(&[&ours], now, &older, &body),
            delivery(&[&ours], now - 400, &ours, &body),
            changed,
        ]),
    );
    let accepted: Vec<bool> = verdicts
        .as_array()
        .expect("verdicts")
        .iter()
        .map(|verdict| verdict["event"]["name"] == "Sähkö €")
        .collect();
    assert_eq!(accepted, [true, true, false, false, false], "{verdicts}");
    assert_ne!(verdicts[2]["error"], Value::Null);
}

fn secret() -> SigningSecret {
    SigningSecret::generate().expect("a secret")
}
