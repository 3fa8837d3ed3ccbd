//! `net::vies` against a double: what every answer of the service is taken for, and that none of its troubles makes a number wrong.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use kassa::net::vies::{Number, OFFICIAL, Trouble, Vies, ViesAnswer};
use kassa::net::{ClientOptions, GuardedClient};
use serde_json::{Value, json};

use crate::support::doubles::Double;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn now() -> DateTime<Utc> {
    at("2026-11-21T00:00:00Z")
}

fn fi(rest: &str) -> Number<'_> {
    Number { prefix: "FI", rest }
}

fn client(allow_private: bool) -> GuardedClient {
    let options = ClientOptions {
        allow_private,
        allow_http: allow_private,
        ..ClientOptions::default()
    };
    GuardedClient::new(options).expect("a client")
}

fn vies(double: &Double, timeout: Duration) -> Vies {
    Vies::new(
        client(true),
        &format!("http://127.0.0.1:{}/rest-api/", double.port),
        timeout,
    )
}

fn said(code: &str) -> ViesAnswer {
    unavailable(Trouble::Said(code.to_owned()))
}

fn unavailable(why: Trouble) -> ViesAnswer {
    ViesAnswer::Unavailable { why }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_number_comes_with_its_proof() {
    let double = Double::start("vies.py", &[]);
    let vies = vies(&double, Duration::from_secs(5));
    let valid = |consultation: Option<&str>, at| ViesAnswer::Valid {
        consultation: consultation.map(str::to_owned),
        at,
        name: Some("OY ESIMERKKI AB".to_owned()),
        address: Some("KATU 1 00100 HELSINKI".to_owned()),
    };
    let moment = at("2026-11-20T12:25:12.544Z");
    let seller = Number {
        prefix: "EL",
        rest: "094259216",
    };
    let answer = vies.check(fi("20774740"), Some(seller), now()).await;
    assert_eq!(answer, valid(Some("WAPIAAAAY1bGq2Xd"), moment));
    let question = json!({"countryCode": "FI", "vatNumber": "20774740", "requesterMemberStateCode": "EL", "requesterNumber": "094259216"});
    let asked = double.next().expect("a question");
    let whole = json!({"path": "/rest-api/check-vat-number", "type": "application/json", "question": question});
    assert_eq!(asked, whole);
    assert_eq!(vies.check(fi("20774740"), None, now()).await, valid(None, moment));
    let asked = double.next().expect("a question");
    assert_eq!(
        asked["question"],
        json!({"countryCode": "FI", "vatNumber": "20774740"}),
        "and nothing that is null"
    );
    assert_eq!(
        vies.check(fi("10000003"), None, now()).await,
        valid(None, now()),
        "a date of its own making"
    );
    assert_eq!(
        vies.check(fi("10000006"), Some(seller), now()).await,
        valid(None, moment),
        "a proof no column takes"
    );
    let untold = ViesAnswer::Valid {
        consultation: None,
        at: moment,
        name: None,
        address: None,
    };
    assert_eq!(
        vies.check(fi("10000009"), None, now()).await,
        untold,
        "dashes, and what no text holds"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_clear_no_is_a_no() {
    let double = Double::start("vies.py", &[]);
    let vies = vies(&double, Duration::from_secs(5));
    for (rest, wanted) in [
        ("10000001", ViesAnswer::Invalid),
        ("00000006", ViesAnswer::Invalid),
        ("00000001", said("MS_UNAVAILABLE")),
        ("00000002", said("SERVICE_UNAVAILABLE")),
        ("00000003", said("MS_MAX_CONCURRENT_REQ")),
        ("00000004", said("GLOBAL_MAX_CONCURRENT_REQ")),
        ("00000005", said("TIMEOUT")),
        ("00000007", unavailable(Trouble::Requester)),
        ("00000008", said("IP_BLOCKED")),
        ("00000009", said("VAT_BLOCKED")),
        ("10000002", said("MS_UNAVAILABLE")),
        ("10000004", said("MS_UNAVAILABLE")),
        ("10000005", unavailable(Trouble::Unreadable)),
        ("10000007", unavailable(Trouble::Unreadable)),
        ("10000008", unavailable(Trouble::Unreadable)),
        ("20000001", unavailable(Trouble::Status(500))),
        ("20000002", unavailable(Trouble::Unreadable)),
        ("20000003", unavailable(Trouble::Unreadable)),
        ("20000005", unavailable(Trouble::Status(302))),
        ("20000006", unavailable(Trouble::Unreadable)),
        ("20000007", unavailable(Trouble::Unreadable)),
    ] {
        assert_eq!(vies.check(fi(rest), None, now()).await, wanted, "{rest}");
    }
    let half = vies.check(fi("20000008"), None, now()).await;
    assert!(
        matches!(
            half,
            ViesAnswer::Unavailable {
                why: Trouble::Unreachable(_)
            }
        ),
        "{half:?}"
    );
    let asked: Vec<Value> = double.so_far();
    assert_eq!(asked.len(), 22, "each was asked once, and no redirect followed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_long() {
    let double = Double::start("vies.py", &[]);
    let begun = Instant::now();
    let answer = vies(&double, Duration::from_millis(200))
        .check(fi("20000004"), None, now())
        .await;
    assert!(
        matches!(
            answer,
            ViesAnswer::Unavailable {
                why: Trouble::Unreachable(_)
            }
        ),
        "{answer:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    // Nobody there at all.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port")
        .port();
    let gone = Vies::new(
        client(true),
        &format!("http://127.0.0.1:{port}"),
        Duration::from_secs(5),
    );
    let answer = gone.check(fi("20774740"), None, now()).await;
    assert!(
        matches!(
            answer,
            ViesAnswer::Unavailable {
                why: Trouble::Unreachable(_)
            }
        ),
        "{answer:?}"
    );
    // In production the client goes to no private address, whatever it is configured with.
    let answer = Vies::new(client(false), "https://127.0.0.1/", Duration::from_secs(5))
        .check(fi("1"), None, now())
        .await;
    assert!(matches!(answer, ViesAnswer::Unavailable { .. }), "{answer:?}");
    assert!(client(false).check_url(OFFICIAL).is_ok());
}
