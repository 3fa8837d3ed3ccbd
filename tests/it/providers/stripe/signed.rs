//! Events signed by Stripe's own library, and its verdict on what we are given.

use std::time::SystemTime;

use kassa::payments::provider::{About, AttemptName, Inbound, Notice, Outcome};
use kassa::payments::providers::stripe;
use serde_json::{Value, json};

use super::{Account, attempt, euros};
use crate::support::doubles::ask_node;

const SECRET: &str = "whsec_merchant";

fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(now.expect("after 1970").as_secs()).expect("before the end of time")
}

fn read(header: &str, body: &str, secret: &str, now: i64) -> Option<Vec<Notice>> {
    let mut config = Account::at(String::new()).config;
    config.webhook_secret = secret.to_owned().into();
    let inbound = Inbound {
        post: true,
        query: "",
        signature: Some(header),
        body: body.as_bytes(),
        now,
    };
    stripe::verify(&config, inbound).ok()
}

#[test]
fn what_stripes_library_signs_is_read() {
    let now = now();
    let paid = attempt(3900, "EUR");
    let metadata = json!({"attempt_id": paid.payment.to_string()});
    let named = AttemptName::Id(paid.payment);
    let payment = |outcome| About::Payment {
        attempt: named.clone(),
        outcome,
    };
    let intent = |status: &str| {
        json!({"id": "pi_1", "object": "payment_intent", "status": status, "amount": 3900, "amount_received": 3900,
            "currency": "eur", "metadata": metadata})
    };
    let events = [
        ("payment_intent.succeeded", intent("succeeded"), payment(euros(3900))),
        (
            "payment_intent.processing",
            intent("processing"),
            payment(Outcome::Pending),
        ),
        (
            "payment_intent.canceled",
            intent("canceled"),
            payment(Outcome::Cancelled),
        ),
        (
            "payment_intent.created",
            intent("requires_payment_method"),
            About::Nothing,
        ),
        (
            "charge.dispute.created",
            json!({"id": "dp_1", "object": "dispute", "payment_intent": "pi_1"}),
            About::Dispute {
                attempt: AttemptName::Reference("pi_1".to_owned()),
            },
        ),
        ("ääkköset €.created", json!({"name": "Sähkö €"}), About::Nothing),
    ];
    let bodies: Vec<String> = events
        .iter()
        .map(|(kind, object, _)| json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": object}}))
        // As Stripe writes it: with line breaks, which are signed too.
        .map(|event| serde_json::to_string_pretty(&event).expect("JSON"))
        .collect();
    let sign: Vec<Value> = bodies
        .iter()
        .map(|body| json!({"payload": body, "secret": SECRET, "timestamp": now}))
        .collect();
    let said = ask_node("stripe_signatures.cjs", &json!({"sign": sign, "verify": []}));
    for (index, (kind, _, about)) in events.iter().enumerate() {
        let header = said["headers"][index].as_str().expect("a header");
        let notices = read(header, &bodies[index], SECRET, now).unwrap_or_else(|| panic!("{kind} is refused"));
        assert_eq!(notices.len(), 1);
        assert_eq!(&notices[0].about, about, "{kind}");
        assert_eq!(read(header, &bodies[index], "whsec_other", now), None);
    }
}

/// The table of signatures, put to Stripe's library as well: the two may differ about the future only.
#[test]
fn stripes_library_says_the_same() {
    let now = now();
    let body = r#"{"id":"evt_1","object":"event","type":"x"}"#;
    let times = [now, now - 299, now - 302, now + 200, now + 1000];
    let sign: Vec<Value> = times
        .iter()
        .map(|at| json!({"payload": body, "secret": SECRET, "timestamp": at}))
        .collect();
    let said = ask_node("stripe_signatures.cjs", &json!({"sign": sign, "verify": []}));
    let headers: Vec<&str> = said["headers"]
        .as_array()
        .expect("headers")
        .iter()
        .map(|header| header.as_str().expect("a header"))
        .collect();
    let (time, tag) = headers[0].split_once(",v1=").expect("a signature");
    let bad = "0".repeat(64);
    let rows: Vec<(String, String, bool)> = vec![
        (headers[0].to_owned(), body.to_owned(), true),
        (headers[1].to_owned(), body.to_owned(), true),
        (headers[2].to_owned(), body.to_owned(), false),
        (headers[3].to_owned(), body.to_owned(), true),
        (format!("{time},v1={bad},v1={tag}"), body.to_owned(), true),
        (format!("{time},v1={tag},v0={bad}"), body.to_owned(), true),
        (format!("{time},v1={bad}"), body.to_owned(), false),
        (format!("{time},v0={tag}"), body.to_owned(), false),
        (
            format!("{time},v1={}", tag.to_uppercase()),
            body.to_owned(),
            tag.to_uppercase() == tag,
        ),
        (format!("{time}, v1={tag}"), body.to_owned(), false),
        (format!("v1={tag}"), body.to_owned(), false),
        (time.to_owned(), body.to_owned(), false),
        (String::new(), body.to_owned(), false),
        (headers[0].to_owned(), format!("{body} "), false),
    ];
    let verify: Vec<Value> = rows
        .iter()
        .map(|(header, body, _)| json!({"payload": body, "header": header, "secret": SECRET, "now": now}))
        .chain([json!({"payload": body, "header": headers[4], "secret": SECRET, "now": now})])
        .collect();
    let said = ask_node("stripe_signatures.cjs", &json!({"sign": [], "verify": verify}));
    for (index, (header, body, fits)) in rows.iter().enumerate() {
        assert_eq!(
            said["verdicts"][index] == true,
            *fits,
            "theirs: {header} {}",
            said["verdicts"][index]
        );
        assert_eq!(read(header, body, SECRET, now).is_some(), *fits, "ours: {header}");
    }
    assert_eq!(
        said["verdicts"][rows.len()],
        true,
        "theirs takes what comes from the future"
    );
    assert_eq!(read(headers[4], body, SECRET, now), None, "ours does not");
}
