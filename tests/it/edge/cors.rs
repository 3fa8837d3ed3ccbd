//! Web pages of other origins: which may call, what they may read, and that a refused one has changed nothing.

use chrono::TimeDelta;
use kassa::db::sql::sql;
use serde_json::json;

use crate::support::app::Settings;
use crate::support::merchant::course;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

const SHOP: &str = "https://shop.example.com";
const EVIL: &str = "https://evil.example";
const ADMIN: &str = "https://admin.example.com";

async fn allow_only(test: &TestApp, merchant: &Merchant, origins: &[&str]) {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let conn = test.db().read().await.expect("a connection");
    sql("UPDATE checkouts SET allowed_origins = $1 WHERE id = $2")
        .bind(origins)
        .bind(merchant.checkout)
        .exactly_one(&conn)
        .await
        .expect("the checkout");
}

fn allowed(reply: &Reply) -> Option<&str> {
    reply.header("access-control-allow-origin")
}

#[track_caller]
fn assert_refused(reply: &Reply) {
    assert_eq!(reply.problem(), (403, "origin-not-allowed".to_owned(), String::new()));
    assert_eq!(allowed(reply), None);
    assert_eq!(reply.header("vary"), Some("Origin"));
}

fn preflight(path: &str, origin: &str) -> Call {
    Call::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

#[actix_web::test]
async fn every_page_may_sell_unless_the_merchant_says_otherwise() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "open").await;
    let visit = merchant.visit(&test).await;
    let body = json!({"checkout": "open", "link": "course"});
    let mut errors = Vec::new();
    for (call, status) in [
        (Call::get("/v1/storefront/checkouts/open/links/course"), 200),
        (Call::post("/v1/storefront/sessions", body), 201),
        (Call::get(visit.path("")).bearer(&visit.secret), 200),
        // Refusals too, or the page could not say what is wrong.
        (Call::get(visit.path("")), 401),
        (Call::get("/v1/storefront/checkouts/open/links/none"), 404),
        (Call::get("/v1/storefront/checkouts/nobody/links/none"), 404),
        (Call::get("/v1/storefront/nothing"), 404),
        (Call::new("DELETE", "/v1/storefront/sessions"), 405),
        (Call::post("/v1/storefront/sessions", json!({})), 422),
        (
            Call::post("/v1/storefront/sessions", json!({"checkout": "nobody", "link": "x"})),
            404,
        ),
        (
            Call::patch(visit.path(""), json!({"colour": 1})).bearer(&visit.secret),
            422,
        ),
    ] {
        let reply = test.call(call.header("origin", SHOP)).await;
        let exposed = reply.header("access-control-expose-headers").unwrap_or_default();
        let good = reply.status == status
            && allowed(&reply) == Some("*")
            && reply.header("access-control-allow-credentials").is_none()
            && exposed.contains("ETag")
            && exposed.contains("RateLimit-Policy")
            && exposed.contains("Idempotent-Replayed")
            && reply.header("vary") == Some("Origin");
        if !good {
            errors.push((status, reply));
        }
    }
    assert!(errors.is_empty(), "{errors:#?}");
    // Without a page there is nothing to allow.
    let reply = test.call(Call::get("/v1/storefront/checkouts/open/links/course")).await;
    assert_eq!((reply.status, allowed(&reply)), (200, None));
}

#[actix_web::test]
async fn a_list_of_origins_holds_on_every_route_and_a_refused_page_changes_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "strict").await;
    let visit = merchant.visit(&test).await;
    allow_only(&test, &merchant, &[SHOP, "https://two.example.com"]).await;
    let link = Call::get("/v1/storefront/checkouts/strict/links/course");
    let open = Call::post(
        "/v1/storefront/sessions",
        json!({"checkout": "strict", "link": "course"}),
    );
    let change = Call::patch(visit.path(""), json!({"customer": {"first_name": "Evil"}})).bearer(&visit.secret);
    let counted = async || {
        let conn = test.db().read().await.expect("a connection");
        sql("SELECT 1 FROM checkout_sessions")
            .execute(&conn)
            .await
            .expect("the sessions")
    };
    let before = counted().await;
    for call in [&link, &open, &change, &visit.confirmation()] {
        for origin in [
            EVIL,
            "null",
            "https://shop.example.com.evil.example",
            "http://shop.example.com",
        ] {
            assert_refused(&test.call(call.clone().header("origin", origin)).await);
        }
        let twice = call.clone().header("origin", SHOP).header("origin", EVIL);
        assert_refused(&test.call(twice).await);
    }
    assert_eq!(counted().await, before);
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(
        (&session["status"], &session["customer"]["first_name"]),
        (&json!("open"), &json!("Aino"))
    );

    for (call, status) in [(link, 200), (open, 201), (change, 200)] {
        let reply = test.call(call.clone().header("origin", SHOP)).await;
        assert_eq!(
            (reply.status, allowed(&reply), reply.header("vary")),
            (status, Some(SHOP), Some("Origin"))
        );
        // Servers send no origin: the list is for pages.
        assert_eq!(test.call(call).await.status, status);
    }
}

#[actix_web::test]
async fn a_change_of_the_list_holds_within_two_seconds() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "kept").await;
    let link = || Call::get("/v1/storefront/checkouts/kept/links/course").header("origin", EVIL);
    test.call(link()).await.expect(200);
    allow_only(&test, &merchant, &[]).await;
    assert_eq!(test.call(link()).await.status, 200, "answers are kept for a moment");
    test.advance(TimeDelta::seconds(2));
    assert_refused(&test.call(link()).await);
}

#[actix_web::test]
async fn browsers_may_ask_first() {
    let test = TestApp::with(Settings {
        management_origins: vec![ADMIN.to_owned()],
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "first").await;
    allow_only(&test, &merchant, &[SHOP]).await;
    let slug = "/v1/storefront/checkouts/first/links/course";
    for (path, origin, expected) in [
        // No token, no checkout: the request that follows is judged.
        ("/v1/storefront/sessions", EVIL, "*"),
        (
            "/v1/storefront/sessions/ses_01jd5wq0zsfa2tq4n9v8kx3m7h/confirm",
            EVIL,
            "*",
        ),
        ("/v1/storefront/checkouts/nobody/links/none", EVIL, "*"),
        (slug, SHOP, SHOP),
        ("/v1/auth/login", ADMIN, ADMIN),
        ("/openapi/v1.json", EVIL, "*"),
    ] {
        let reply = test.call(preflight(path, origin)).await;
        assert_eq!(
            (reply.status, allowed(&reply), reply.body.as_slice()),
            (204, Some(expected), &[][..]),
            "{path}"
        );
        assert_eq!(reply.header("access-control-max-age"), Some("7200"));
        let headers = reply.header("access-control-allow-headers").expect("headers");
        for header in [
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "traceparent",
        ] {
            assert!(headers.contains(header), "{headers}");
        }
        let methods = reply.header("access-control-allow-methods").expect("methods");
        assert!(methods.contains("PATCH") && methods.contains("DELETE"), "{methods}");
    }
    assert_refused(&test.call(preflight(slug, EVIL)).await);
    assert_refused(&test.call(preflight("/v1/auth/login", EVIL)).await);
    // What is no preflight is a method that does not exist.
    for call in [
        Call::new("OPTIONS", slug),
        Call::new("OPTIONS", slug).header("origin", SHOP),
        Call::new("OPTIONS", slug).header("access-control-request-method", "GET"),
    ] {
        assert_eq!(test.call(call).await.problem().1, "method-not-allowed");
    }
}

#[actix_web::test]
async fn management_is_for_the_operators_pages_and_our_own() {
    let test = TestApp::with(Settings {
        management_origins: vec![ADMIN.to_owned()],
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::new(&test, "managed").await;
    let create = || Call::post(merchant.path("products"), course()).bearer(&merchant.api_key);
    assert_refused(&test.call(create().header("origin", EVIL)).await);
    assert_refused(&test.call(create().header("origin", "null")).await);
    assert_eq!(merchant.read(&test, "products").await["data"], json!([]));
    // Ours: the public address, or the host that was asked.
    for (origin, host) in [
        (ADMIN, "kassa.test"),
        ("http://kassa.test", "inside:8080"),
        ("http://localhost:8080", "localhost:8080"),
    ] {
        let reply = test.call(create().header("origin", origin).header("host", host)).await;
        assert_eq!((reply.status, allowed(&reply)), (201, Some(origin)));
    }
    assert_refused(
        &test
            .call(
                create()
                    .header("origin", "https://kassa.test")
                    .header("host", "inside:8080"),
            )
            .await,
    );
    let reply = test.call(Call::get("/v1/me").header("origin", ADMIN)).await;
    assert_eq!((reply.status, allowed(&reply)), (401, Some(ADMIN)));

    let default = TestApp::new().await;
    assert_refused(&default.call(Call::get("/v1/me").header("origin", ADMIN)).await);
    // What is public for everyone is for pages too; what providers call is not for us to judge.
    let jwks = default
        .call(Call::get("/.well-known/jwks.json").header("origin", EVIL))
        .await;
    assert_eq!((jwks.status, allowed(&jwks)), (200, Some("*")));
    let callback = Call::get("/v1/callbacks/stripe/x").header("origin", EVIL);
    let callback = default.call(callback).await;
    assert_eq!((callback.problem().1.as_str(), allowed(&callback)), ("not-found", None));
}

#[actix_web::test]
async fn pages_can_read_that_they_ask_too_often() {
    let test = TestApp::with(Settings {
        rate_limits: Some("storefront=1/hour"),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "often").await;
    allow_only(&test, &merchant, &[SHOP]).await;
    let link = || Call::get("/v1/storefront/checkouts/often/links/course").header("origin", SHOP);
    let reply = test.call(link()).await;
    assert_eq!((reply.status, allowed(&reply)), (200, Some(SHOP)));
    let reply = test.call(link()).await;
    assert_eq!((reply.problem().0, allowed(&reply)), (429, Some("*")));
    assert!(
        reply
            .header("access-control-expose-headers")
            .is_some_and(|names| names.contains("Retry-After"))
    );
    // Preflights that cost a query are counted too.
    let reply = test
        .call(preflight("/v1/storefront/checkouts/often/links/course", SHOP))
        .await;
    assert_eq!(reply.problem().0, 429);
    // One without a query is not.
    assert_eq!(test.call(preflight("/v1/storefront/sessions", SHOP)).await.status, 204);
}
