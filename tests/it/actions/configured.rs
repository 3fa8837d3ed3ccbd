//! Actions as a checkout has them.

use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn create(test: &TestApp, merchant: &Merchant, body: Value) -> Reply {
    merchant.call(test, Call::post(merchant.path("actions"), body)).await
}

fn webhook(url: &str) -> Value {
    json!({"level": "checkout", "type": "webhook", "name": "Tell us", "config": {"url": url}})
}

#[actix_web::test]
async fn made_changed_put_away() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "configured").await;
    let made = create(&test, &merchant, webhook("https://receiver.example.com/sold"))
        .await
        .expect(201);
    assert!(text(&made["secret"]).starts_with("whsec_"));
    let path = merchant.path(&format!("actions/{}", text(&made["id"])));
    let read = merchant.call(&test, Call::get(&path)).await;
    let etag = read.header("etag").expect("a version").to_owned();
    let read = read.expect(200);
    assert!(read.get("secret").is_none(), "shown once");
    assert_eq!(
        json!([read["enabled"], read["run_in_test"], read["status"], read["config"]]),
        json!([true, false, "active", {"url": "https://receiver.example.com/sold"}])
    );
    let patch = || {
        Call::new("PATCH", &path).json(json!({"name": "Tell them", "config": {"url": "https://other.example.com/"}}))
    };
    let changed = merchant
        .call(&test, patch().header("if-match", &etag))
        .await
        .expect(200);
    assert_eq!(
        json!([changed["name"], changed["config"]["url"]]),
        json!(["Tell them", "https://other.example.com/"])
    );
    let stale = merchant.call(&test, patch().header("if-match", &etag)).await;
    assert_eq!(stale.problem().0, 412);
    let renewed = merchant
        .call(&test, Call::post(format!("{path}/rotate-secret"), json!({})))
        .await
        .expect(200);
    assert_ne!(renewed["secret"], made["secret"]);
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    let list = merchant.read(&test, "actions").await;
    assert_eq!(
        list["data"].as_array().map(Vec::len),
        Some(1),
        "the receipt that every checkout has"
    );
    let archived = merchant.read(&test, "actions?status=archived").await;
    assert_eq!(archived["data"][0]["id"], made["id"]);
    let receipt = text(&list["data"][0]["id"]);
    let unsigned = Call::post(merchant.path(&format!("actions/{receipt}/rotate-secret")), json!({}));
    assert_eq!(merchant.call(&test, unsigned).await.problem().1, "action-not-signed");
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_where_it_is() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "misfits").await;
    let stranger = Merchant::with_course(&test, "strangers").await;
    let theirs = stranger.read(&test, "products").await["data"][0]["id"].clone();
    let cases = [
        (
            json!({"level": "checkout", "type": "webhook", "name": "x", "config": {}}),
            "/config/url",
        ),
        (webhook("ftp://receiver.example.com/"), "/config/url"),
        (webhook("no address at all"), "/config/url"),
        (
            json!({"level": "checkout", "type": "webhook", "name": "x", "config": {"url": "https://a.example.com/", "more": 1}}),
            "/config/more",
        ),
        (
            json!({"level": "product", "type": "webhook", "name": "x", "config": {"url": "https://a.example.com/"}}),
            "/owner_id",
        ),
        (
            json!({"level": "product", "owner_id": theirs, "type": "webhook", "name": "x", "config": {"url": "https://a.example.com/"}}),
            "/owner_id",
        ),
        (
            json!({"level": "checkout", "owner_id": theirs, "type": "webhook", "name": "x", "config": {"url": "https://a.example.com/"}}),
            "/owner_id",
        ),
        (
            json!({"level": "checkout", "type": "license", "name": "x", "config": {"kind": "manual", "per": "unit"}}),
            "/level",
        ),
        (json!({"level": "checkout", "type": "telegram", "name": "x"}), "/type"),
        (
            json!({"level": "checkout", "type": "mailchimp", "name": "x", "config": {"list_id": 7}}),
            "/config",
        ),
    ];
    for (body, pointer) in cases {
        let refused = create(&test, &merchant, body.clone()).await;
        assert_eq!(refused.problem().0, 422, "{body}");
        let at = text(&refused.json()["errors"][0]["pointer"]);
        assert!(at.starts_with(pointer), "{at} for {body}");
    }
}

#[actix_web::test]
async fn keys_of_services_are_kept_to_ourselves() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "services").await;
    let put = |service: &str, body: Value| {
        merchant.call(
            &test,
            Call::new("PUT", merchant.path(&format!("integrations/{service}"))).json(body),
        )
    };
    let secret = "0123456789abcdef-us21";
    let made = put("mailchimp", json!({"api_key": secret})).await.expect(200);
    assert_eq!(
        json!([made["type"], made["api_key_last4"]]),
        json!(["mailchimp", "us21"])
    );
    let account = json!({"api_key": "another-secret-key", "url": "https://shop.example.com/"});
    put("active_campaign", account).await.expect(200);
    let kept = put("active_campaign", json!({"url": "https://shop.example.com"}))
        .await
        .expect(200);
    assert_eq!(
        json!([kept["url"], kept["api_key_last4"]]),
        json!(["https://shop.example.com", "-key"])
    );
    for (service, body, pointer) in [
        ("mailchimp", json!({"api_key": "no-data-center/"}), "/api_key"),
        (
            "mailchimp",
            json!({"api_key": secret, "url": "https://shop.example.com"}),
            "/url",
        ),
        ("active_campaign", json!({"api_key": "another-secret-key"}), "/url"),
        ("systeme_io", json!({}), "/api_key"),
        ("systeme_io", json!({"api_key": "with a space"}), "/api_key"),
    ] {
        let refused = put(service, body.clone()).await;
        assert_eq!(refused.problem().0, 422, "{service} {body}");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{service} {body}");
    }
    assert_eq!(put("kajabi", json!({"api_key": "whatever"})).await.problem().0, 404);
    let list = merchant.read(&test, "integrations").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    let log = merchant.read(&test, "audit-log").await;
    for shown in [&list, &log] {
        assert!(!shown.to_string().contains("0123456789abcdef"), "{shown:#}");
        assert!(!shown.to_string().contains("another-secret"), "{shown:#}");
    }
    assert_eq!(
        test.traces_of(&["0123456789abcdef", "another-secret"]).await,
        Vec::<String>::new()
    );
    let gone = Call::new("DELETE", merchant.path("integrations/mailchimp"));
    merchant.call(&test, gone).await.expect(204);
    let gone = Call::new("DELETE", merchant.path("integrations/mailchimp"));
    assert_eq!(merchant.call(&test, gone).await.problem().0, 404);
}
