//! Who may invite whom: what a token and a role hand on, many at once, and how much mail that makes.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kassa::accounts::tokens::{NewToken, Subject};
use kassa::db::sql::sql;
use kassa::kernel::ids::UserId;
use kassa::kernel::permission::{CheckoutRole, OrganizationRole};
use kassa::kernel::tenant::Caps;
use kassa::mails::deliver::deliver_due;
use serde_json::{Value, json};

use super::invitations::invite;
use crate::support::people::{Person, mailed_code, text};
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn who_invites_has_proved_their_address() {
    let test = TestApp::new().await;
    let stranger = Person::new(&test, "stranger@example.com").await;
    let organization = stranger
        .call(&test, Call::post("/v1/organizations", json!({"name": "New"})))
        .await
        .expect(201);
    let home = format!("/v1/organizations/{}", text(&organization["id"]));
    let body = json!({"emails": ["victim@example.com"], "role": "member"});
    let call = || Call::post(format!("{home}/invitations"), body.clone());
    let refused = (403, "email-not-verified".to_owned(), String::new());
    assert_eq!(stranger.call(&test, call()).await.problem(), refused);
    // Nor by a key of their own.
    let key = json!({"name": "robot", "organization_role": "owner"});
    let made = stranger.call(&test, Call::post(format!("{home}/api-keys"), key)).await;
    let key = text(&made.expect(201)["api_key"]);
    assert_eq!(test.call(call().bearer(&key)).await.problem(), refused);
    let code = mailed_code(&test, "stranger@example.com").await;
    let proof = Call::post("/v1/auth/verify-email", json!({ "token": code }));
    stranger.call(&test, proof).await.expect(204);
    stranger.call(&test, call()).await.expect(201);
    test.call(call().bearer(&key)).await.expect(201);
}

#[actix_web::test]
async fn an_organization_invites_a_thousand_in_a_day() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "thousand").await;
    let emails = |batch: usize, many: usize| -> Vec<String> {
        (0..many)
            .map(|number| format!("guest-{batch}-{number}@example.com"))
            .collect()
    };
    for batch in 0..10 {
        let body = json!({"emails": emails(batch, 100), "role": "member"});
        let sent = invite(&test, &merchant, body).await.expect(201);
        assert_eq!(sent["data"][99]["email"], format!("guest-{batch}-99@example.com"));
    }
    let one = json!({"emails": ["guest-0-0@example.com"], "role": "member"});
    let refused = invite(&test, &merchant, one.clone()).await;
    assert_eq!(
        refused.problem(),
        (429, "too-many-invitations".to_owned(), String::new())
    );
    assert!(refused.header("retry-after").is_some());
    test.advance(TimeDelta::hours(24));
    invite(&test, &merchant, one).await.expect(201);
}

#[actix_web::test]
async fn mails_that_somebody_waits_for_go_before_invitations() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "queue").await;
    Person::new(&test, "waits@example.com").await;
    test.drain_jobs().await;
    let emails: Vec<_> = (0..30).map(|number| format!("guest-{number}@example.com")).collect();
    invite(&test, &merchant, json!({"emails": emails, "role": "member"}))
        .await
        .expect(201);
    let forgot = Call::post("/v1/auth/password/forgot", json!({"email": "waits@example.com"}));
    test.call(forgot).await.expect(202);
    // A mailer takes one batch.
    let (worker, before) = (test.app.worker(), test.mails().len());
    let sent = deliver_due(&worker.db, &worker.mailer, &worker.mail_from, &worker.keys).await;
    let batch = sent.expect("a batch");
    assert_eq!(test.mails().len(), before + batch);
    let waited = test.mails().iter().filter(|mail| mail.contains("To: waits@")).count();
    assert_eq!(waited, 2, "the proof of the address, and the new password");
}

#[actix_web::test]
async fn invitations_of_one_address_each_are_one_statement() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "statement").await;
    let emails: Vec<_> = (0..100).map(|number| format!("guest-{number}@example.com")).collect();
    invite(&test, &merchant, json!({"emails": emails, "role": "member"}))
        .await
        .expect(201);
    let conn = test.db().read().await.expect("a connection");
    for statement in [
        "SELECT DISTINCT cmin::text FROM invitations",
        "SELECT DISTINCT cmin::text FROM mails WHERE rank = 1",
    ] {
        assert_eq!(sql(statement).execute(&conn).await.expect("rows"), 1, "{statement}");
    }
}
