//! Activation: what is missing, what closes, what comes back.

use kassa::activation::suspend::suspend;
use kassa::db::Tx;
use kassa::http::state::StripePlatform;
use kassa::kernel::problem::Problem;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::app::Settings;
use crate::support::doubles::Double;
use crate::support::people::text;
use crate::support::process::kassa;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

fn details() -> Value {
    json!({"name": "Leipomo Oy", "email": "laskut@leipomo.example", "street": "Katu 1", "city": "Turku", "postal_code": "20100", "country": "FI"})
}

async fn put(test: &TestApp, merchant: &Merchant, what: &str, body: Value) -> Reply {
    merchant
        .call(test, Call::new("PUT", merchant.organization_path(what)).json(body))
        .await
}

pub async fn organization(test: &TestApp, merchant: &Merchant) -> Value {
    merchant
        .call(test, Call::get(format!("/v1/organizations/{}", merchant.organization)))
        .await
        .expect(200)
}

pub async fn activate(test: &TestApp, merchant: &Merchant) {
    put(test, merchant, "billing-details", details()).await.expect(200);
    put(
        test,
        merchant,
        "payment-card",
        json!({"provider": "test", "token": "tok_visa"}),
    )
    .await
    .expect(200);
}

async fn live_link(test: &TestApp, merchant: &Merchant) {
    let offer = merchant.read(test, "offers").await["data"][0]["id"].clone();
    let link = json!({"name": "Live", "offer_id": offer, "slug": "live", "test_mode": false});
    merchant.create(test, "checkout-links", link).await;
}

async fn open(test: &TestApp, merchant: &Merchant, link: &str) -> Reply {
    let body = json!({"checkout": merchant.slug, "link": link});
    test.call(Call::post("/v1/storefront/sessions", body)).await
}

/// The types of the checkout's events, with the version each gives.
pub async fn events(test: &TestApp, merchant: &Merchant) -> Vec<(String, Value)> {
    test.drain_jobs().await;
    let feed = merchant.read(test, "events?test_mode=false").await;
    let rows = feed["data"].as_array().expect("rows").clone();
    rows.iter()
        .map(|row| (text(&row["type"]), row["data"]["closed_reason"].clone()))
        .collect()
}

#[actix_web::test]
async fn an_organization_sells_when_nothing_is_missing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "activation").await;
    live_link(&test, &merchant).await;
    let refused = open(&test, &merchant, "live").await;
    assert_eq!(refused.problem().1, "checkout-closed");
    assert_eq!(refused.json()["closed_reason"], "organization_inactive");
    open(&test, &merchant, "course").await.expect(201);
    let mut partial = details();
    partial["street"] = Value::Null;
    put(&test, &merchant, "billing-details", partial).await.expect(200);
    let shown = organization(&test, &merchant).await;
    assert_eq!(
        shown["activation"]["missing"],
        json!(["billing_details.street", "payment_card"])
    );
    put(
        &test,
        &merchant,
        "payment-card",
        json!({"provider": "test", "token": "tok_mastercard"}),
    )
    .await
    .expect(200);
    assert_eq!(organization(&test, &merchant).await["status"], "inactive");
    assert_eq!(events(&test, &merchant).await, []);
    put(&test, &merchant, "billing-details", details()).await.expect(200);
    let shown = organization(&test, &merchant).await;
    assert_eq!(
        (&shown["status"], &shown["activation"]["missing"]),
        (&json!("active"), &json!([]))
    );
    open(&test, &merchant, "live").await.expect(201);
    assert_eq!(
        events(&test, &merchant).await,
        [("checkout.reopened".to_owned(), Value::Null)]
    );
    let card = merchant
        .call(&test, Call::get(merchant.organization_path("payment-card")))
        .await
        .expect(200);
    assert_eq!((&card["brand"], &card["last4"]), (&json!("mastercard"), &json!("4444")));
    assert_eq!(
        put(
            &test,
            &merchant,
            "payment-card",
            json!({"provider": "test", "token": "4242424242424242"})
        )
        .await
        .problem()
        .2,
        "/token"
    );
    assert_eq!(
        put(
            &test,
            &merchant,
            "payment-card",
            json!({"provider": "stripe", "token": "tok_visa"})
        )
        .await
        .problem()
        .2,
        "/provider"
    );
}

#[actix_web::test]
async fn losing_the_card_closes_every_checkout_at_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "losing").await;
    live_link(&test, &merchant).await;
    activate(&test, &merchant).await;
    let body = json!({"organization_id": merchant.organization, "name": "Closed by the merchant", "status": "closed"});
    let closed = merchant
        .call(&test, Call::post("/v1/checkouts", body))
        .await
        .expect(201);
    assert_eq!(closed["closed_reason"], "merchant");
    let opened = open(&test, &merchant, "live").await.expect(201);
    merchant
        .call(&test, Call::new("DELETE", merchant.organization_path("payment-card")))
        .await
        .expect(204);
    assert_eq!(
        open(&test, &merchant, "live").await.json()["closed_reason"],
        "organization_inactive"
    );
    // A session that was open before starts no payment either, and comes back with the organization.
    let session = format!("/v1/storefront/sessions/{}", text(&opened["session"]["id"]));
    let secret = text(&opened["client_secret"]);
    let customer = json!({"customer": {"email": "buyer@example.com", "country": "FI"}});
    test.call(Call::patch(&session, customer).bearer(&secret))
        .await
        .expect(200);
    let confirm = || {
        let body = json!({"expected_total": 3900, "provider": "test", "consents": {"terms": true, "privacy": true}});
        Call::post(format!("{session}/confirm"), body).bearer(&secret)
    };
    let refused = test.call(confirm()).await;
    assert_eq!(
        (refused.problem().1, &refused.json()["closed_reason"]),
        ("checkout-closed".to_owned(), &json!("organization_inactive"))
    );
    activate(&test, &merchant).await;
    let again = test.call(confirm()).await.problem().1;
    assert_eq!(
        again, "payment-method-unavailable",
        "open again: the test provider is for test mode"
    );
    let types: Vec<_> = events(&test, &merchant)
        .await
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(types, ["checkout.reopened", "checkout.closed", "checkout.reopened"]);
    let path = format!("/v1/checkouts/{}/events", text(&closed["id"]));
    let other = merchant.call(&test, Call::get(path)).await.expect(200);
    assert_eq!(
        other["data"],
        json!([]),
        "what the merchant had closed neither closes nor opens"
    );
}

#[actix_web::test]
async fn payments_that_have_begun_go_on() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "begun").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    let path = format!("/v1/checkouts/{}", merchant.checkout);
    merchant
        .call(&test, Call::patch(path, json!({"status": "closed"})))
        .await
        .expect(200);
    assert_eq!(
        open(&test, &merchant, "course").await.json()["closed_reason"],
        "merchant"
    );
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let order = test
        .call(Call::get(visit.path("/order")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(order["status"], "completed");
}

#[actix_web::test]
async fn the_operator_suspends_and_lifts() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "suspended").await;
    live_link(&test, &merchant).await;
    activate(&test, &merchant).await;
    let change = async |reason: Option<&'static str>| {
        let (keys, id) = (test.app.state().keys.clone(), merchant.organization);
        test.db()
            .write(async |tx: &mut Tx| -> Result<_, Problem> { suspend(tx, &keys, id, reason).await })
            .await
            .expect("a change")
    };
    change(Some("chargebacks")).await;
    assert_eq!(
        open(&test, &merchant, "live").await.json()["closed_reason"],
        "suspended"
    );
    open(&test, &merchant, "course").await.expect(201);
    let shown = organization(&test, &merchant).await;
    assert_eq!(
        (&shown["status"], &shown["activation"]["missing"]),
        (&json!("suspended"), &json!([]))
    );
    // What would activate another does not lift a suspension.
    activate(&test, &merchant).await;
    assert_eq!(organization(&test, &merchant).await["status"], "suspended");
    change(None).await;
    open(&test, &merchant, "live").await.expect(201);
    let log = merchant
        .call(&test, Call::get(merchant.organization_path("audit-log?action=suspend")))
        .await
        .expect(200);
    assert_eq!(
        (&log["data"][0]["actor"]["type"], &log["data"][0]["after"]["reason"]),
        (&json!("operator"), &json!("chargebacks"))
    );
    let reasons: Vec<_> = events(&test, &merchant).await;
    assert_eq!(reasons[1], ("checkout.closed".to_owned(), json!("suspended")));
    assert_eq!(reasons.len(), 3);
}

#[actix_web::test]
async fn suspension_from_the_command_line() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "command").await;
    let data = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = kassa(data.path());
        command
            .env("KASSA_ENV", "development")
            .env("DATABASE_URL", test.database.serve.expose_secret());
        command.arg("suspend").args(arguments).output().expect("the binary")
    };
    let id = merchant.organization.to_string();
    let output = run(&[&id, "--reason", "fraud", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["status"], "suspended");
    assert_eq!(organization(&test, &merchant).await["status"], "suspended");
    assert!(run(&[&id, "--lift"]).status.success());
    assert_eq!(organization(&test, &merchant).await["status"], "inactive");
    assert!(!run(&["org_01jd5wq0zsfa2tq4n9v8kx3m7h"]).status.success());
}

/// Against localstripe, which others wrote.
#[actix_web::test]
async fn a_card_of_stripe_is_kept_by_the_platforms_account() {
    let double = Double::start("stripe_server.py", &[]);
    let platform = StripePlatform {
        base: format!("http://127.0.0.1:{}", double.port),
        key: "sk_test_platform".to_owned().into(),
    };
    let test = TestApp::with(Settings {
        stripe: Some(platform),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::new(&test, "stripe-card").await;
    let card = async |token: &str| {
        put(
            &test,
            &merchant,
            "payment-card",
            json!({"provider": "stripe", "token": token}),
        )
        .await
    };
    let kept = card("pm_card_visa").await.expect(200);
    assert_eq!(
        (&kept["provider"], &kept["brand"], &kept["last4"]),
        (&json!("stripe"), &json!("visa"), &json!("4242"))
    );
    assert_eq!(
        card("pm_none").await.problem(),
        (422, "validation-failed".to_owned(), "/token".to_owned())
    );
    assert_eq!(card("4242424242424242").await.problem().2, "/token");
    assert_eq!(card("pm_../../charges").await.problem().2, "/token");
    drop(double);
    let away = card("pm_card_visa").await;
    assert_eq!(
        (away.problem().1.as_str(), away.header("retry-after")),
        ("service-unavailable", Some("5"))
    );
    let still = merchant
        .call(&test, Call::get(merchant.organization_path("payment-card")))
        .await
        .expect(200);
    assert_eq!(still["last4"], "4242");
}
