//! Bad input on the buyer's routes: refused with a code and a pointer, and nothing is lost.

use serde_json::{Value, json};

use super::shop::Shop;
use crate::support::request::Call;

#[actix_web::test]
async fn wrong_bodies_change_nothing() {
    let shop = Shop::new("wrong").await;
    let code = shop.ten_percent("SPRING", Some(5)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("spring").await.expect(200);
    let before = buyer.read().await;
    let line = format!("/lines/{}", before["lines"][0]["id"].as_str().expect("an id"));
    let add_on = format!("/add-ons/{}", shop.bump);
    for (method, path, body, pointer) in [
        ("PUT", "/discount", json!({}), "/code"),
        ("PUT", "/discount", json!({"code": 7}), "/code"),
        ("PUT", "/discount", json!({"code": ""}), "/code"),
        ("PUT", "/discount", json!({"code": "x".repeat(51)}), "/code"),
        ("PUT", "/discount", json!({"code": "a", "force": true}), "/force"),
        ("POST", "/lines", json!({}), "/link"),
        (
            "POST",
            "/lines",
            json!({"link": "course", "quantity": 100_001}),
            "/quantity",
        ),
        (
            "POST",
            "/lines",
            json!({"link": "course", "quantity": 99_999_999_999_999_999_i64}),
            "/quantity",
        ),
        ("PATCH", line.as_str(), json!({"quantity": -1}), "/quantity"),
        ("PATCH", line.as_str(), json!({"quantity": 1.5}), "/quantity"),
        ("PUT", add_on.as_str(), json!({"quantity": 0}), "/quantity"),
        ("PUT", add_on.as_str(), json!({"quantity": null, "price": 1}), "/price"),
        ("POST", "/payments", json!({}), "/provider"),
        ("POST", "/payments", json!({"provider": "gold"}), "/provider"),
        (
            "POST",
            "/confirm",
            json!({"expected_total": "3900", "provider": "test"}),
            "/expected_total",
        ),
        (
            "POST",
            "/confirm",
            json!({"expected_total": 3900, "provider": "test", "return_url": "ftp://x"}),
            "/return_url",
        ),
        ("PATCH", "", json!({"customer": {"phone": 5}}), "/customer/phone"),
        ("PATCH", "", json!({"status": "completed"}), "/status"),
    ] {
        let refused = buyer.call(method, path, Some(body.clone())).await.problem();
        assert_eq!(
            (refused.0, refused.2.as_str()),
            (422, pointer),
            "{method} {path} {body}"
        );
    }
    for (path, bytes) in [
        ("/discount", "{\"code\": \"a\\u0000b\"}"),
        ("/discount", "{\"code\": \"a\", \"code\": \"b\"}"),
        ("/discount", "{"),
    ] {
        let call = Call::new("PUT", buyer.visit.path(path))
            .bearer(&buyer.visit.secret)
            .header("content-type", "application/json")
            .bytes(bytes);
        assert_eq!(shop.test.call(call).await.problem().0, 400, "{bytes}");
    }
    assert_eq!(buyer.read().await, before, "nothing changed");
    assert_eq!(shop.counts(code).await, (1, 0));
    assert_eq!(
        buyer
            .call("POST", "/payments", Some(json!({"provider": "test"})))
            .await
            .problem()
            .1,
        "session-not-confirmed"
    );
    assert_eq!(buyer.call("POST", "/resume", None).await.expect(200)["status"], "open");
    // Another buyer's secret opens nothing here.
    let other = shop.buyer("b@example.com").await;
    for (method, path, body) in [
        ("PUT", "/discount", Some(json!({"code": "spring"}))),
        ("DELETE", "/discount", None),
        ("POST", "/heartbeat", None),
        ("POST", "/resume", None),
        ("POST", "/payments", Some(json!({"provider": "test"}))),
        ("POST", "/lines", Some(json!({"link": "course"}))),
        ("DELETE", line.as_str(), None),
        ("DELETE", add_on.as_str(), None),
    ] {
        let call = Call::new(method, buyer.visit.path(path)).bearer(&other.visit.secret);
        let call = body.map_or(call.clone(), |body: Value| call.json(body));
        assert_eq!(shop.test.call(call).await.problem().0, 404, "{method} {path}");
        // And a line of another session is not in this one.
    }
    assert_eq!(
        other
            .call("PATCH", &line, Some(json!({"quantity": 2})))
            .await
            .problem()
            .0,
        404
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_expired_session_holds_nothing_and_takes_nothing() {
    let shop = Shop::new("expired").await;
    let code = shop.ten_percent("SPRING", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("spring").await.expect(200);
    shop.test.advance(chrono::TimeDelta::hours(24));
    for (method, path, body) in [
        ("PUT", "/discount", Some(json!({"code": "spring"}))),
        ("POST", "/heartbeat", None),
        ("POST", "/lines", Some(json!({"link": "course"}))),
        ("PATCH", "", Some(json!({"locale": "fi"}))),
        ("POST", "/resume", None),
    ] {
        assert_eq!(
            buyer.call(method, path, body).await.problem().1,
            "session-closed",
            "{method} {path}"
        );
    }
    shop.test.drain_jobs().await;
    assert_eq!(shop.counts(code).await, (0, 0));
    shop.buyer("b@example.com").await.apply("spring").await.expect(200);
    shop.test.check_invariants().await;
}
