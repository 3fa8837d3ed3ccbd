//! What a buyer agreed to stays what it was.

use serde_json::{Value, json};

use super::scene::{by_buyer, confirmed};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn policies(test: &TestApp, merchant: &Merchant, path: String, policies: Value) {
    let call = Call::patch(path, json!({ "policies": policies }));
    merchant.call(test, call).await.expect(200);
}

#[actix_web::test]
async fn policies_are_frozen_with_their_versions() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "policies").await;
    let organization = format!("/v1/organizations/{}", merchant.organization);
    let checkout = format!("/v1/checkouts/{}", merchant.checkout);
    let theirs = json!({
        "terms": {"url": "https://group.example.com/terms", "version": "g1"},
        "privacy": {"url": "https://group.example.com/privacy"},
    });
    policies(&test, &merchant, organization, theirs).await;
    let terms = |version: &str| json!({"terms": {"url": "https://shop.example.com/terms", "version": version}});
    policies(&test, &merchant, checkout.clone(), terms("3")).await;

    let visit = merchant.visit(&test).await;
    by_buyer(
        &test,
        &visit,
        "PATCH",
        "",
        json!({"consents": {"marketing": false, "immediate_delivery": true}}),
    )
    .await
    .expect(200);
    let order = confirmed(&test, &visit).await;
    let read = async || merchant.read(&test, &format!("orders/{order}")).await;
    let first = read().await;
    let at = first["created_at"].clone();
    assert!(at.is_string());
    let mut consents = first["consents"].clone();
    for (_, consent) in consents.as_object_mut().expect("answers") {
        let given = consent["at"].take();
        assert!(given.as_str().is_some_and(|given| given.len() == 24), "{given}");
        consent.as_object_mut().expect("an answer").remove("at");
    }
    assert_eq!(
        consents,
        json!({
            "terms": {"accepted": true, "policy_url": "https://shop.example.com/terms", "policy_version": "3"},
            "privacy": {"accepted": true, "policy_url": "https://group.example.com/privacy"},
            "immediate_delivery": {"accepted": true},
            "marketing": {"accepted": false},
        })
    );

    // A new version is for those who confirm after it.
    policies(&test, &merchant, checkout, terms("4")).await;
    assert_eq!(read().await["consents"], first["consents"]);
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    visit.confirm(&test).await;
    let second = read().await;
    assert_eq!(second["revision"], 2);
    assert_eq!(second["consents"]["terms"]["policy_version"], "4");
    // What was told stays what was said.
    test.drain_jobs().await;
    let events = merchant.read(&test, "events?test_mode=true&types=order.created").await;
    assert_eq!(events["data"][0]["data"]["consents"]["terms"]["policy_version"], "3");
}

#[actix_web::test]
async fn a_shop_without_policies_keeps_the_answers_alone() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "bare").await;
    let order = confirmed(&test, &merchant.visit(&test).await).await;
    let consents = merchant.read(&test, &format!("orders/{order}")).await["consents"].clone();
    let names: Vec<_> = consents.as_object().expect("answers").keys().cloned().collect();
    assert_eq!(names, ["privacy", "terms"]);
    let terms: Vec<_> = consents["terms"]
        .as_object()
        .expect("an answer")
        .keys()
        .cloned()
        .collect();
    assert_eq!(terms, ["accepted", "at"]);
}
