//! Bodies that are wrong: the right 4xx with its pointer, and nothing done.

use serde_json::{Value, json};

use super::scene::confirmed;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

type Refusal = (u16, &'static str, &'static str);

#[actix_web::test]
async fn wrong_bodies_change_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "wrong").await;
    let order = confirmed(&test, &merchant.visit(&test).await).await;
    let cancel = merchant.path(&format!("orders/{order}/cancel"));
    let (open, ask) = ("/v1/storefront/order-access", "/v1/storefront/order-access/request");
    let valid = |pointer| (422, "validation-failed", pointer);
    let malformed: Refusal = (400, "malformed-request", "");
    let asked = |member: &str, value: Value| {
        let mut body = json!({"checkout": "wrong", "number": 1001, "email": "buyer@example.com"});
        body[member] = value;
        body.to_string()
    };
    let cases: Vec<(&str, String, Refusal)> = vec![
        (&cancel, "{}".into(), valid("/reason")),
        (&cancel, r#"{"reason":""}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":" \t "}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":null}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":1}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":["a"]}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":"a\u0007"}"#.into(), valid("/reason")),
        (&cancel, r#"{"reason":"a\u0000"}"#.into(), malformed),
        (&cancel, r#"{"reason":"a","reason":"b"}"#.into(), malformed),
        (
            &cancel,
            json!({"reason": "a".repeat(256)}).to_string(),
            valid("/reason"),
        ),
        (&cancel, r#"{"reason":"a","refund":true}"#.into(), valid("/refund")),
        (&cancel, "[]".into(), valid("")),
        (&cancel, "{".into(), malformed),
        (open, "{}".into(), valid("/token")),
        (open, r#"{"token":""}"#.into(), valid("/token")),
        (open, r#"{"token":7}"#.into(), valid("/token")),
        (open, r#"{"token":"a\u0000"}"#.into(), malformed),
        (open, json!({"token": "a".repeat(201)}).to_string(), valid("/token")),
        (
            open,
            json!({"token": "é".repeat(200)}).to_string(),
            (422, "invalid-token", ""),
        ),
        (open, r#"{"token":"a","order":"b"}"#.into(), valid("/order")),
        (ask, "{}".into(), valid("/checkout")),
        (ask, asked("checkout", json!("Wrong")), valid("/checkout")),
        (ask, asked("checkout", json!(null)), valid("/checkout")),
        (ask, asked("number", json!("1001")), valid("/number")),
        (ask, asked("number", json!(0)), valid("/number")),
        (ask, asked("number", json!(-1)), valid("/number")),
        (ask, asked("number", json!(1.5)), valid("/number")),
        (
            ask,
            asked("number", json!(9_223_372_036_854_775_808_u64)),
            valid("/number"),
        ),
        (ask, asked("email", json!("nobody")), valid("/email")),
        (
            ask,
            asked("email", json!("a@example.com\nBcc: b@example.com")),
            valid("/email"),
        ),
        (ask, asked("email", json!("a\u{0}@example.com")), malformed),
        (ask, asked("test_mode", json!("yes")), valid("/test_mode")),
        (ask, asked("test_mode", json!(null)), valid("/test_mode")),
        (ask, asked("locale", json!("fi")), valid("/locale")),
    ];
    for (path, body, expected) in cases {
        let call = Call::new("POST", path)
            .header("content-type", "application/json")
            .bytes(body.clone());
        let reply = merchant.call(&test, call).await;
        let (status, code, pointer) = reply.problem();
        assert_eq!((status, code.as_str(), pointer.as_str()), expected, "{path} {body}");
    }
    test.drain_jobs().await;
    assert!(test.mails().is_empty());
    assert_eq!(
        merchant.read(&test, &format!("orders/{order}")).await["status"],
        "not_paid"
    );
}

#[actix_web::test]
async fn orders_that_are_not_there_are_not_cancelled() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "there").await;
    let stranger = Merchant::with_course(&test, "elsewhere").await;
    let order = confirmed(&test, &stranger.visit(&test).await).await;
    for id in [
        order.as_str(),
        "ord_01jd5wq0zsfa2tq4n9v8kx3m7h",
        "prd_01jd5wq0zsfa2tq4n9v8kx3m7h",
        "1001",
    ] {
        let call = Call::post(merchant.path(&format!("orders/{id}/cancel")), json!({"reason": "Gone"}));
        assert_eq!(merchant.call(&test, call).await.problem().1, "not-found", "{id}");
    }
    let read = stranger.read(&test, &format!("orders/{order}")).await;
    assert_eq!(text(&read["status"]), "not_paid");
}
