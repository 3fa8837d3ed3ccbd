//! What is wrong is told where it is: the item of a list, the member of an object, the field that a rule is about.

use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn items_of_lists_are_pointed_at() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "items").await;
    let offer = merchant.read(&test, "offers").await["data"][0].clone();
    let link = json!({"name": "a", "offer_id": offer["id"], "product_options": {"media": ["https://a.fi/1.png", "ftp://a.fi"]}});
    let endpoint = json!({"url": "https://receiver.example.com/", "events": ["order.created", "order.eaten"]});
    let product = |more: Value| {
        let mut body = json!({"name": "Course", "type": "online_course", "vat_type": "commercial_education"});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        Call::post(merchant.path("products"), body)
    };
    let shop = |body: Value| Call::patch(format!("/v1/checkouts/{}", merchant.checkout), body);
    let good = "https://shop.example.com";
    let replay = merchant
        .create(
            &test,
            "webhook-endpoints",
            json!({"url": "https://receiver.example.com/", "events": ["*"]}),
        )
        .await;
    let replay = format!("webhook-endpoints/{}/replay", text(&replay["id"]));
    for (call, pointer) in [
        (
            Call::post(merchant.path("checkout-links"), link),
            "/product_options/media/1",
        ),
        (Call::post(merchant.path("webhook-endpoints"), endpoint), "/events/1"),
        (
            Call::post(merchant.path(&replay), json!({"types": ["order.created", "*"]})),
            "/types/1",
        ),
        (
            shop(json!({"allowed_origins": [good, "nowhere"]})),
            "/allowed_origins/1",
        ),
        (shop(json!({"return_origins": [good, good, "*"]})), "/return_origins/2"),
        (shop(json!({"metadata": {"a": "b", "c": "x\u{7}"}})), "/metadata/c"),
        (product(json!({"metadata": {"": "b"}})), "/metadata/"),
        (
            product(
                json!({"prices": [{"currency": "EUR", "amount": 1}, {"currency": "SEK", "amount": 1, "discounted_amount": 1}]}),
            ),
            "/prices/1/discounted_amount",
        ),
        (
            product(json!({"license": {"kind": "manual", "per": "unit", "url": "https://a.example.com/"}})),
            "/license/url",
        ),
        (
            product(json!({"translations": {"fi": {"name": "a"}, "FI": {"name": "b"}}})),
            "/translations/fi",
        ),
        (
            Call::patch(
                merchant.path(&format!("offers/{}", text(&offer["id"]))),
                json!({"translations": {"fi": {"title": "a"}, "fI": {"title": "b"}}}),
            ),
            "/translations/fi",
        ),
    ] {
        let shown = format!("{call:?}");
        let refused = merchant.call(&test, call).await;
        assert_eq!(refused.problem().2, pointer, "{shown}");
        assert!(!String::from_utf8_lossy(&refused.body).contains("__all__"), "{shown}");
    }
    let control = merchant.call(&test, shop(json!({"metadata": {"c": "x\u{7}"}}))).await;
    assert_eq!(
        control.json()["errors"][0]["detail"],
        "must not contain control characters"
    );
}

#[actix_web::test]
async fn the_field_that_a_rule_is_about_is_pointed_at() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "about").await;
    let visit = merchant.visit(&test).await;
    let opened = json!({"checkout": "about", "link": "course", "currency": "USD"});
    let quoted = json!({"checkout": "about", "link": "course", "country": "FI"});
    let with = |name: &str, value: &str| {
        let mut body = quoted.clone();
        body[name] = json!(value);
        Call::post("/v1/storefront/quotes", body)
    };
    let person = || {
        let body = json!({"name": "Aino", "email": "twice@example.com", "password": "correct horse battery"});
        Call::post("/v1/auth/register", body)
    };
    test.call(person()).await.expect(201);
    let code = Call::new("PUT", visit.path("/discount")).json(json!({"code": "NOTHING"}));
    for (call, code, pointer) in [
        (
            Call::post("/v1/storefront/sessions", opened),
            "currency-not-offered",
            "/currency",
        ),
        (
            Call::patch(visit.path(""), json!({"currency": "USD"})).bearer(&visit.secret),
            "currency-not-offered",
            "/currency",
        ),
        (with("currency", "USD"), "currency-not-offered", "/currency"),
        (with("discount_code", "NOTHING"), "discount-refused", "/discount_code"),
        (code.bearer(&visit.secret), "discount-refused", "/code"),
        (person(), "email-taken", "/email"),
    ] {
        let shown = format!("{call:?}");
        let refused = test.call(call).await.problem();
        assert_eq!((refused.1.as_str(), refused.2.as_str()), (code, pointer), "{shown}");
    }
}

#[actix_web::test]
async fn origins_are_kept_only_as_browsers_send_them() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "origins").await;
    let set = |origin: &str| {
        let body = json!({"allowed_origins": [origin]});
        Call::patch(format!("/v1/checkouts/{}", merchant.checkout), body)
    };
    for origin in [
        "https://*.shop.example",
        "https://shop.example:443",
        "https://ä.fi",
        "http://localhost:80",
    ] {
        let refused = merchant.call(&test, set(origin)).await;
        assert_eq!(refused.problem().2, "/allowed_origins/0", "{origin}");
    }
    for origin in [
        "*",
        "https://shop.example",
        "https://shop.example:8443",
        "http://localhost:3000",
    ] {
        merchant.call(&test, set(origin)).await.expect(200);
    }
}

#[actix_web::test]
async fn a_body_is_what_its_headers_say() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "plain").await;
    let product = merchant.read(&test, "products").await["data"][0].clone();
    let path = merchant.path(&format!("products/{}", text(&product["id"])));
    let patch = |media: &str| {
        let call = Call::new("PATCH", &path).header("content-type", media);
        call.bytes(json!({"name": "Renamed"}).to_string())
    };
    for media in [
        "application/merge-patch+json",
        "Application/Merge-Patch+JSON; charset=utf-8",
        "application/json",
    ] {
        merchant.call(&test, patch(media)).await.expect(200);
    }
    for media in [
        "application/json-patch+json",
        "text/plain",
        "application/merge-patch+json; charset=latin1",
    ] {
        assert_eq!(
            merchant.call(&test, patch(media)).await.problem().1,
            "unsupported-media-type",
            "{media}"
        );
    }
    let offer = json!({"name": "a", "title": "b", "items": [{"product_id": product["id"]}]}).to_string();
    let post = || Call::new("POST", merchant.path("offers")).bytes(offer.clone());
    let merged = post().header("content-type", "application/merge-patch+json");
    assert_eq!(
        merchant.call(&test, merged).await.problem().1,
        "unsupported-media-type",
        "a POST patches nothing"
    );
    let plain = || post().header("content-type", "application/json");
    for coding in ["gzip", "br", "zstd", "identity, gzip", ""] {
        let packed = merchant.call(&test, plain().header("content-encoding", coding)).await;
        assert_eq!(packed.problem().1, "unsupported-media-type", "{coding}");
    }
    merchant
        .call(&test, plain().header("content-encoding", "Identity"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn what_is_made_and_what_is_not_there() {
    let test = TestApp::new().await;
    let body = json!({"name": "Aino", "email": "aino@example.com", "password": "correct horse battery"});
    let made = test.call(Call::post("/v1/auth/register", body)).await;
    assert_eq!(made.header("location"), Some("/v1/me"));
    let made = made.expect(201);
    assert!(
        made["created_at"].is_string() && made["created_at"] == made["updated_at"],
        "{made}"
    );
    for path in ["/docs/none.html", "/docs/none/at/all"] {
        assert_eq!(test.call(Call::get(path)).await.problem().1, "not-found", "{path}");
    }
    let read = test.call(Call::get("/openapi/v1.json")).await;
    let tag = read.header("etag").expect("a tag").to_owned();
    for known in [tag.clone(), format!("W/{tag}"), "*".to_owned(), format!("\"x\", {tag}")] {
        let again = test
            .call(Call::get("/openapi/v1.json").header("if-none-match", &known))
            .await;
        assert_eq!(again.status, 304, "{known}");
    }
    let other = Call::get("/openapi/v1.json").header("if-none-match", "\"x\"");
    assert_eq!(test.call(other).await.status, 200);
}
