//! Bad input: the right 4xx with its code and pointer, never a 500, and nothing changed.

use serde_json::json;

use crate::support::merchant::course;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

type Refusal = (u16, &'static str, &'static str);

#[track_caller]
fn assert_refused(reply: &crate::support::request::Reply, expected: Refusal, case: &str) {
    let (status, code, pointer) = reply.problem();
    assert_eq!((status, code.as_str(), pointer.as_str()), expected, "{case}");
}

#[actix_web::test]
async fn bodies_that_are_wrong() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "bodies").await;
    let path = merchant.path("products");
    let raw = |body: &str| {
        Call::new("POST", path.clone())
            .header("content-type", "application/json")
            .bytes(body)
    };
    let with = |member: &str, value: serde_json::Value| {
        let mut body = course();
        body[member] = value;
        Call::post(path.clone(), body)
    };
    let price = |amount: serde_json::Value| json!([{"currency": "EUR", "amount": amount}]);
    let two_megabytes = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    let cases: Vec<(Call, Refusal)> = vec![
        (raw("{"), (400, "malformed-request", "")),
        (raw(""), (400, "malformed-request", "")),
        (raw(r#"{"name":"a","name":"b"}"#), (400, "malformed-request", "")),
        (raw(r#"{"name":"\u0000"}"#), (400, "malformed-request", "")),
        (raw("\u{feff}{}"), (400, "malformed-request", "")),
        (
            Call::new("POST", path.clone())
                .header("content-type", "application/json")
                .bytes(vec![0xff, 0xfe]),
            (400, "malformed-request", ""),
        ),
        (raw(&two_megabytes), (413, "payload-too-large", "")),
        (
            Call::new("POST", path.clone())
                .header("content-type", "text/plain")
                .bytes("{}"),
            (415, "unsupported-media-type", ""),
        ),
        (
            Call::new("POST", path.clone())
                .header("content-type", "application/json; charset=utf-16")
                .bytes("{}"),
            (415, "unsupported-media-type", ""),
        ),
        (
            Call::new("POST", path.clone()).bytes("{}"),
            (415, "unsupported-media-type", ""),
        ),
        (raw("{}"), (422, "validation-failed", "/name")),
        (raw("[]"), (422, "validation-failed", "")),
        (with("colour", json!("red")), (422, "validation-failed", "/colour")),
        (
            with("id", json!("prd_01h455vb4pex5vsknk084sn02q")),
            (422, "validation-failed", "/id"),
        ),
        (with("name", json!(1)), (422, "validation-failed", "/name")),
        (with("name", json!(" ")), (422, "validation-failed", "/name")),
        (with("type", json!("car")), (422, "validation-failed", "/type")),
        (
            with("prices", price(json!(-1))),
            (422, "validation-failed", "/prices/0/amount"),
        ),
        (
            with("prices", price(json!(100_000_000_000_i64))),
            (422, "validation-failed", "/prices/0/amount"),
        ),
        (
            with("prices", price(json!(1.5))),
            (422, "validation-failed", "/prices/0/amount"),
        ),
        (
            with("prices", price(json!("1"))),
            (422, "validation-failed", "/prices/0/amount"),
        ),
        (
            raw(
                r#"{"name":"a","type":"service","vat_type":"digital_service","prices":[{"currency":"EUR","amount":99999999999999999999999}]}"#,
            ),
            (422, "validation-failed", "/prices/0/amount"),
        ),
        (
            with("prices", json!([{"currency": "eur", "amount": 1}])),
            (422, "validation-failed", "/prices/0/currency"),
        ),
        (
            with("metadata", json!({"a": 1})),
            (422, "validation-failed", "/metadata/a"),
        ),
    ];
    for (call, expected) in cases {
        let shown = format!("{call:?}").chars().take(300).collect::<String>();
        let reply = merchant.call(&test, call).await;
        assert_refused(&reply, expected, &shown);
    }
    assert_eq!(
        merchant.read(&test, "products").await["data"],
        json!([]),
        "nothing was made"
    );
}

#[actix_web::test]
async fn paths_methods_parameters_and_tokens_that_are_wrong() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "paths").await;
    let stranger = Merchant::with_course(&test, "stranger").await;
    let product = stranger.read(&test, "products").await["data"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let offer = merchant.read(&test, "offers").await["data"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let key = |call: Call| call.bearer(&merchant.api_key);
    let cases: Vec<(Call, Refusal)> = vec![
        (Call::get("/v1/nothing"), (404, "not-found", "")),
        (Call::get("/v1/checkouts/"), (404, "not-found", "")),
        (Call::new("DELETE", "/v1/me"), (405, "method-not-allowed", "")),
        (
            key(Call::new("PUT", merchant.path("products"))),
            (405, "method-not-allowed", ""),
        ),
        (Call::get("/v1/me"), (401, "unauthenticated", "")),
        (Call::get("/v1/me").bearer("forged"), (401, "unauthenticated", "")),
        (
            Call::get("/v1/me").header("authorization", "Basic YTpi"),
            (401, "unauthenticated", ""),
        ),
        (
            Call::get("/v1/me").bearer(&format!("{}x", merchant.api_key)),
            (401, "unauthenticated", ""),
        ),
        (
            Call::get("/v1/storefront/sessions/nonsense"),
            (401, "unauthenticated", ""),
        ),
        (
            Call::get("/v1/storefront/sessions/nonsense").bearer("kassa_ss_AAAA"),
            (401, "unauthenticated", ""),
        ),
        (
            Call::post(merchant.path("products"), json!({})),
            (401, "unauthenticated", ""),
        ),
        // Another tenant's, another kind's, an unknown and an unreadable id are one answer.
        (
            key(Call::get(merchant.path(&format!("products/{product}")))),
            (404, "not-found", ""),
        ),
        (
            key(Call::get(merchant.path(&format!("products/{offer}")))),
            (404, "not-found", ""),
        ),
        (
            key(Call::get(merchant.path("products/prd_01h455vb4pex5vsknk084sn02q"))),
            (404, "not-found", ""),
        ),
        (key(Call::get(merchant.path("products/%00"))), (404, "not-found", "")),
        (key(Call::get(stranger.path("products"))), (404, "not-found", "")),
        (
            key(Call::get("/v1/checkouts/chk_01h455vb4pex5vsknk084sn02q/products")),
            (404, "not-found", ""),
        ),
        (
            key(Call::post(
                merchant.path("offers"),
                json!({"name": "a", "title": "b", "items": [{"product_id": product}]}),
            )),
            (422, "validation-failed", "/items/0/product_id"),
        ),
        (
            key(Call::get(merchant.path("products?limit=0"))),
            (422, "validation-failed", "?limit"),
        ),
        (
            key(Call::get(merchant.path("products?limit=x"))),
            (422, "validation-failed", "?limit"),
        ),
        (
            key(Call::get(merchant.path("products?limit=1&limit=2"))),
            (422, "validation-failed", "?limit"),
        ),
        (
            key(Call::get(merchant.path("orders?requires_attention=yes"))),
            (422, "validation-failed", "?requires_attention"),
        ),
        (
            key(Call::get(merchant.path("events?after=x"))),
            (422, "validation-failed", "?after"),
        ),
        (
            key(Call::get(merchant.path("orders/export"))),
            (422, "validation-failed", "?format"),
        ),
        (
            key(Call::get(merchant.path("products?colour=red"))),
            (422, "validation-failed", "?colour"),
        ),
        (
            key(Call::get(merchant.path("products?cursor=forged"))),
            (422, "validation-failed", "?cursor"),
        ),
        (
            key(Call::get(merchant.path("events?types=order.paid"))),
            (422, "validation-failed", "?types"),
        ),
        (
            key(Call::post(merchant.path("products"), course())).header("idempotency-key", &"x".repeat(256)),
            (400, "malformed-request", ""),
        ),
        (
            Call::get("/v1/storefront/checkouts/paths/links/none"),
            (404, "not-found", ""),
        ),
        (
            Call::get("/v1/storefront/checkouts/PATHS/links/course"),
            (404, "not-found", ""),
        ),
        (
            key(Call::get(merchant.path("products"))).header("accept", "text/html"),
            (406, "not-acceptable", ""),
        ),
        (Call::get("/problems/none"), (404, "not-found", "")),
    ];
    for (call, expected) in cases {
        let shown = format!("{call:?}");
        let reply = test.call(call).await;
        assert_refused(&reply, expected, &shown);
        match expected.0 {
            401 => assert!(reply.header("www-authenticate").is_some()),
            405 => assert!(reply.header("allow").is_some_and(|allow| allow.contains("GET"))),
            _ => {}
        }
    }
}

#[actix_web::test]
async fn what_a_buyer_cannot_do() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "buyer").await;
    let open = |body| Call::post("/v1/storefront/sessions", body);
    let opened = test
        .call(open(json!({"checkout": "buyer", "link": "course", "currency": "USD"})))
        .await;
    assert_refused(
        &opened,
        (422, "currency-not-offered", "/currency"),
        "a currency without a price",
    );
    let visit = merchant.visit(&test).await;
    let buyer = |call: Call| call.bearer(&visit.secret);
    let confirm = |body| buyer(Call::post(visit.path("/confirm"), body));
    let consents = json!({"terms": true, "privacy": true});

    let early = test.call(buyer(Call::get(visit.path("/order")))).await;
    assert_refused(&early, (404, "not-found", ""), "no order yet");
    let no_consent = test
        .call(confirm(json!({"expected_total": 3900, "provider": "test"})))
        .await;
    assert_refused(&no_consent, (422, "validation-failed", "/consents/terms"), "no consent");
    let unknown = test
        .call(confirm(
            json!({"expected_total": 3900, "provider": "cash", "consents": consents}),
        ))
        .await;
    assert_refused(&unknown, (422, "validation-failed", "/provider"), "an unknown provider");
    let cleared = test
        .call(buyer(Call::patch(
            visit.path(""),
            json!({"customer": {"country": null}}),
        )))
        .await
        .expect(200);
    assert_eq!(cleared["customer"]["country"], json!(null));
    let nowhere = test
        .call(confirm(
            json!({"expected_total": 3900, "provider": "test", "consents": consents}),
        ))
        .await;
    assert_refused(&nowhere, (422, "validation-failed", "/customer/country"), "no country");
    test.call(buyer(Call::patch(
        visit.path(""),
        json!({"customer": {"country": "FI"}}),
    )))
    .await
    .expect(200);

    let wrong = test
        .call(confirm(
            json!({"expected_total": 1, "provider": "test", "consents": consents}),
        ))
        .await;
    assert_refused(&wrong, (409, "quote-changed", ""), "another total");
    assert_eq!(
        wrong.json()["session"]["totals"]["total"],
        3900,
        "the answer has the new quote"
    );
    assert_eq!(
        merchant.read(&test, "orders?test_mode=true").await["data"],
        json!([]),
        "nothing was made"
    );

    let other = merchant.visit(&test).await;
    let stolen = test.call(Call::get(other.path("")).bearer(&visit.secret)).await;
    assert_refused(&stolen, (404, "not-found", ""), "the secret of another session");

    visit.confirm(&test).await;
    let late = test
        .call(buyer(Call::patch(visit.path(""), json!({"locale": "fi"}))))
        .await;
    assert_refused(&late, (409, "session-closed", ""), "a confirmed session");
    test.advance(chrono::TimeDelta::hours(25));
    let expired = test.call(other.confirmation()).await;
    assert_refused(&expired, (409, "session-closed", ""), "a session whose time is over");
    test.drain_jobs().await;
    let events = merchant
        .read(&test, "events?test_mode=true&types=checkout_session.expired")
        .await;
    assert_eq!(events["data"].as_array().map(Vec::len), Some(1), "told once");
    test.check_invariants().await;
}

#[actix_web::test]
async fn stale_tags_and_caches() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "tags").await;
    let id = merchant.read(&test, "products").await["data"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let path = merchant.path(&format!("products/{id}"));
    let read = merchant.call(&test, Call::get(path.clone())).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    let again = merchant
        .call(&test, Call::get(path.clone()).header("if-none-match", &tag))
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let change = |name: &str, tag: &str| Call::patch(path.clone(), json!({"name": name})).header("if-match", tag);
    let changed = merchant.call(&test, change("First", &tag)).await;
    assert_eq!(changed.expect(200)["name"], "First");
    let stale = merchant.call(&test, change("Second", &tag)).await;
    assert_refused(&stale, (412, "precondition-failed", ""), "a stale tag");
    let newest = changed.header("etag").expect("the tag of what it is now").to_owned();
    merchant.call(&test, change("Third", &newest)).await.expect(200);
}

#[actix_web::test]
async fn pages_follow_each_other_and_stay_in_their_list() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "pages").await;
    for _ in 0..5 {
        merchant.create(&test, "products", course()).await;
    }
    let mut seen = Vec::new();
    let mut path = "products?limit=2".to_owned();
    loop {
        let page = merchant.read(&test, &path).await;
        seen.extend(
            page["data"]
                .as_array()
                .expect("rows")
                .iter()
                .map(|row| row["id"].as_str().expect("an id").to_owned()),
        );
        // A new product must not shift the pages behind it.
        merchant.create(&test, "products", course()).await;
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("products?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let mut expected = seen.clone();
    expected.sort();
    expected.dedup();
    expected.reverse();
    assert_eq!(seen, expected, "newest first, none twice");
    assert_eq!(seen.len(), 5);
    let foreign = path.replace("products?", "offers?");
    merchant
        .call(&test, Call::get(merchant.path(&foreign)))
        .await
        .expect(422);
}
