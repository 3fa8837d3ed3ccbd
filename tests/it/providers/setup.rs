//! Accounts at payment providers: what may be shown of them, what may not, and how their secrets move to a new key.

use diesel::QueryableByName;
use diesel::sql_types::Text;
use kassa::db::sql::sql;
use kassa::kernel::ids::CheckoutId;
use kassa::kernel::secret::Keyring;
use kassa::payments::model::ProviderKind;
use kassa::payments::setup::reseal::reseal;
use kassa::payments::setup::{seal, store};
use serde_json::{Value, json};

use super::stripe::shop::webhook;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn put(test: &TestApp, merchant: &Merchant, provider: &str, body: Value) -> Reply {
    let call = Call::new("PUT", merchant.path(&format!("payment-methods/{provider}")));
    merchant.call(test, call.json(body)).await
}

fn stripe(more: Value) -> Value {
    let mut body = json!({"publishable_key": "pk_test_page4242"});
    let (own, more) = (body.as_object_mut().expect("a body"), more);
    own.extend(more.as_object().expect("members").clone());
    body
}

fn whole() -> Value {
    stripe(json!({"secret_key": "sk_test_very-secret-1234", "webhook_secret": "whsec_also-secret-9876"}))
}

/// Every row of the table, as text.
async fn rows(test: &TestApp) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        row: String,
    }
    let conn = test.db().read().await.expect("a connection");
    let rows: Vec<Row> = sql("SELECT m::text || encode(m.secrets, 'escape') AS row FROM payment_methods m")
        .rows(&conn)
        .await
        .expect("rows");
    rows.into_iter().map(|row| row.row).collect()
}

#[actix_web::test]
async fn secrets_go_in_and_never_come_out() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "secrets").await;
    let made = put(&test, &merchant, "stripe", whole()).await.expect(200);
    assert_eq!(
        json!([
            made["test_mode"],
            made["secret_key_last4"],
            made["webhook_secret_last4"],
            made["enabled"]
        ]),
        json!([true, "1234", "9876", true])
    );
    let callback = made["callback_url"].as_str().expect("an address");
    assert!(callback.ends_with(&format!("/v1/callbacks/stripe/{}", merchant.checkout)));
    let listed = merchant.read(&test, "payment-methods").await;
    let log = merchant.read(&test, "audit-log").await;
    for (place, text) in [
        ("the answer", made.to_string()),
        ("the list", listed.to_string()),
        ("the log", log.to_string()),
        ("the table", rows(&test).await),
    ] {
        assert!(
            !text.contains("very-secret") && !text.contains("also-secret"),
            "{place}: {text}"
        );
    }
    assert!(log.to_string().contains("putStripe"), "a change is in the log");
    // Left out, they stay; given, they are replaced.
    let off = put(&test, &merchant, "stripe", stripe(json!({"enabled": false})))
        .await
        .expect(200);
    assert_eq!(
        (&off["enabled"], &off["secret_key_last4"]),
        (&json!(false), &json!("1234"))
    );
    let rolled = put(
        &test,
        &merchant,
        "stripe",
        stripe(json!({"secret_key": "rk_test_another-5678"})),
    );
    let rolled = rolled.await.expect(200);
    assert_eq!(
        (&rolled["secret_key_last4"], &rolled["webhook_secret_last4"]),
        (&json!("5678"), &json!("9876"))
    );
}

#[actix_web::test]
async fn stripe_is_set_up_in_two_steps_without_a_circle() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "steps").await;
    // The address to register at Stripe is in the answer; Stripe's secret for it can only come after that.
    let first = stripe(json!({"secret_key": "sk_test_very-secret-1234"}));
    let first = put(&test, &merchant, "stripe", first).await.expect(200);
    assert!(
        first["callback_url"]
            .as_str()
            .expect("an address")
            .contains("/v1/callbacks/stripe/")
    );
    assert_eq!(
        json!([first["webhook_secret_last4"], first["unavailable_reason"]]),
        json!([null, "setup_incomplete"])
    );
    let visit = merchant.visit(&test).await;
    let way = |session: &Value| {
        let ways = session["payment_methods"].as_array().expect("ways").clone();
        let found = ways.into_iter().find(|way| way["provider"] == "stripe");
        found.expect("Stripe is shown")
    };
    let shown = way(&visit.session);
    assert_eq!(
        json!([shown["available"], shown["unavailable_reason"]]),
        json!([false, "setup_incomplete"])
    );
    let confirm = json!({"expected_total": 3900, "provider": "stripe", "consents": {"terms": true, "privacy": true}});
    let refused = test
        .call(Call::post(visit.path("/confirm"), confirm).bearer(&visit.secret))
        .await;
    assert_eq!(refused.problem().1, "payment-method-unavailable");
    // News signed with nothing is not believed.
    let callback = format!("/v1/callbacks/stripe/{}", merchant.checkout);
    let event = json!({"id": "evt_1", "object": "event", "type": "payment_intent.created", "data": {"object": {}}});
    let at = test.db().clock().now().timestamp();
    let forged = test.call(webhook(&callback, "", &event, at)).await;
    assert_eq!(forged.problem().1, "signature-invalid");
    let second = stripe(json!({"webhook_secret": "whsec_also-secret-9876"}));
    let second = put(&test, &merchant, "stripe", second).await.expect(200);
    assert_eq!(
        json!([
            second["secret_key_last4"],
            second["webhook_secret_last4"],
            second["unavailable_reason"]
        ]),
        json!(["1234", "9876", null])
    );
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(way(&session)["available"], true);
    test.call(webhook(&callback, "whsec_also-secret-9876", &event, at))
        .await
        .expect(200);
    // Nobody sends news of bank transfers: there is nothing to register.
    let bank = json!({"payee": "A", "iban": "FI2112345600000785", "due_days": 14});
    let bank = put(&test, &merchant, "offline", bank).await.expect(200);
    assert_eq!(
        json!([bank["callback_url"], bank["unavailable_reason"]]),
        json!([null, null])
    );
}

#[actix_web::test]
async fn accounts_that_cannot_be_are_refused_at_their_place() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "refused").await;
    let paytrail = |more: Value| {
        let mut body = json!({"merchant_id": "123456", "secret_key": "SECRETSECRET"});
        body.as_object_mut()
            .expect("a body")
            .extend(more.as_object().expect("members").clone());
        body
    };
    for (provider, body, pointer) in [
        ("stripe", stripe(json!({})), "/secret_key"),
        (
            "stripe",
            stripe(json!({"webhook_secret": "whsec_12345678"})),
            "/secret_key",
        ),
        (
            "stripe",
            stripe(json!({"secret_key": "sk_live_12345678", "webhook_secret": "whsec_12345678"})),
            "/secret_key",
        ),
        (
            "stripe",
            stripe(json!({"secret_key": "sk_test_12345678", "webhook_secret": "12345678"})),
            "/webhook_secret",
        ),
        ("stripe", json!({"publishable_key": "12345678"}), "/publishable_key"),
        ("stripe", stripe(json!({"merchant_id": "1"})), "/merchant_id"),
        ("paytrail", paytrail(json!({"merchant_id": "375917"})), "/merchant_id"),
        ("paytrail", paytrail(json!({"provider": "stripe"})), "/provider"),
        (
            "paytrail",
            paytrail(json!({"secret_key": "SECRET\u{e4}SECRET"})),
            "/secret_key",
        ),
        (
            "paytrail",
            paytrail(json!({"minimums": [{"currency": "EUR", "amount": 1}, {"currency": "EUR", "amount": 2}]})),
            "/minimums",
        ),
        (
            "epassi",
            json!({"site": "1", "mac_key": "12345678", "benefits": []}),
            "/benefits",
        ),
        (
            "offline",
            json!({"payee": "A", "iban": "FI2112345600000786", "due_days": 14}),
            "/iban",
        ),
        (
            "offline",
            json!({"payee": "A", "iban": "FI2112345600000785", "due_days": 0}),
            "/due_days",
        ),
    ] {
        let reply = put(&test, &merchant, provider, body.clone()).await;
        let problem: Value = reply.json();
        assert_eq!(
            (reply.status, &problem["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{provider} {body}"
        );
    }
    assert_eq!(merchant.read(&test, "payment-methods").await["data"], json!([]));
}

#[actix_web::test]
async fn live_and_test_accounts_stand_side_by_side() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "modes").await;
    for test_mode in [false, true] {
        let body = json!({"payee": "A", "iban": "FI2112345600000785", "due_days": 14, "test_mode": test_mode});
        put(&test, &merchant, "offline", body).await.expect(200);
    }
    // The shop's link is for tests.
    let visit = merchant.visit(&test).await;
    let offers = |session: &Value| {
        let ways = session["payment_methods"].as_array().expect("ways").clone();
        ways.iter()
            .any(|way| way["provider"] == "offline" && way["available"] == true)
    };
    assert!(offers(&visit.session));
    let gone = |query: &str| Call::new("DELETE", merchant.path(&format!("payment-methods/offline{query}")));
    merchant.call(&test, gone("?test_mode=true")).await.expect(204);
    merchant.call(&test, gone("?test_mode=true")).await.expect(404);
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    assert!(!offers(&session), "the live account is not for tests");
    merchant.call(&test, gone("")).await.expect(204);
}

#[actix_web::test]
async fn secrets_move_to_a_new_key_and_the_old_one_can_go() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "rotated").await;
    put(&test, &merchant, "stripe", whole()).await.expect(200);
    let ring = |keys: &[u8]| Keyring::new(keys.iter().map(|id| (*id, [*id; 32])).collect()).expect("keys");
    assert_eq!(reseal(test.db(), &ring(&[2, 1])).await.expect("moved"), 1);
    assert_eq!(reseal(test.db(), &ring(&[2, 1])).await.expect("nothing to move"), 0);
    let conn = test.db().read().await.expect("a connection");
    let checkout: CheckoutId = merchant.checkout;
    let row = store::find(&conn, checkout, ProviderKind::Stripe, true)
        .await
        .expect("a row")
        .expect("an account");
    assert!(
        seal::account(&ring(&[1]), &row).is_err(),
        "the old key opens it no more"
    );
    let opened = seal::account(&ring(&[2]), &row).expect("the new one does");
    assert!(opened.is_some());
    assert!(!format!("{opened:?}").contains("very-secret"), "not even in a log");
}
