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

/// A token of the merchant's owner that names the organization and one checkout.
fn narrowed(test: &TestApp, merchant: &Merchant, role: OrganizationRole, checkout_role: CheckoutRole) -> String {
    let caps = Caps {
        organizations: [(merchant.organization, role)].into(),
        checkouts: [(merchant.checkout, checkout_role)].into(),
    };
    let new = NewToken {
        subject: Subject::User(merchant.owner, None),
        caps: Some(caps),
        lifetime: 60,
    };
    test.app.signer().sign(new).expect("a token")
}

#[actix_web::test]
async fn a_narrowed_token_hands_on_no_more_than_it_allows() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "hands-on").await;
    let path = merchant.organization_path("invitations");
    let roles = |role: &str| json!([{"checkout_id": merchant.checkout, "role": role}]);
    let body =
        |role: &str, roles: Value| json!({"emails": ["guest@example.com"], "role": role, "checkout_roles": roles});
    let viewer = narrowed(&test, &merchant, OrganizationRole::Owner, CheckoutRole::Viewer);
    for (refused, pointer) in [
        // An admin or owner would be admin of the checkout in which the token only reads.
        (body("admin", json!([])), "/role"),
        (body("owner", json!([])), "/role"),
        (body("member", roles("admin")), "/checkout_roles/0/role"),
        (body("member", roles("customer_service")), "/checkout_roles/0/role"),
    ] {
        let reply = test.call(Call::post(&path, refused.clone()).bearer(&viewer)).await;
        assert_eq!(
            reply.problem(),
            (403, "forbidden".to_owned(), pointer.to_owned()),
            "{refused}"
        );
    }
    let reply = test.call(Call::post(&path, body("member", roles("viewer"))).bearer(&viewer));
    reply.await.expect(201);
    let admin = narrowed(&test, &merchant, OrganizationRole::Admin, CheckoutRole::Admin);
    let reply = test.call(Call::post(&path, body("admin", roles("admin"))).bearer(&admin));
    reply.await.expect(201);
}

#[actix_web::test]
async fn only_owners_take_back_the_invitation_of_an_owner() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "backs").await;
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let guest = Person::new(&test, "guest@example.com").await;
    let owner = json!({"emails": ["guest@example.com"], "role": "owner"});
    invite(&test, &merchant, owner).await.expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    let body = json!({"emails": ["other@example.com", "GUEST@example.com"], "role": "member"});
    let call = || Call::post(merchant.organization_path("invitations"), body.clone());
    assert_eq!(
        admin.call(&test, call()).await.problem(),
        (403, "forbidden".to_owned(), "/emails/1".to_owned())
    );
    let accepted = guest.accept(&test, &code).await.expect(200);
    assert_eq!(accepted["role"], "owner", "the invitation still holds");
    // What has ended by time is nobody's any more.
    let owner = json!({"emails": ["late@example.com"], "role": "owner"});
    invite(&test, &merchant, owner).await.expect(201);
    test.advance(TimeDelta::days(14));
    let admin = test
        .app
        .signer()
        .issue(admin.id.parse().expect("an id"))
        .expect("a token");
    let body = json!({"emails": ["late@example.com"], "role": "member"});
    let call = Call::post(merchant.organization_path("invitations"), body).bearer(&admin);
    test.call(call).await.expect(201);
}

#[actix_web::test]
async fn an_address_invited_by_many_requests_at_once_has_one_invitation() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "at-once").await;
    let body = json!({"emails": ["guest@example.com"], "role": "member"});
    let service = test.service().await;
    let replies = join_all((0..10).map(|_| {
        let path = merchant.organization_path("invitations");
        send(&service, Call::post(path, body.clone()).bearer(&merchant.api_key))
    }))
    .await;
    for reply in replies {
        reply.expect(201);
    }
    let list = merchant
        .call(&test, Call::get(merchant.organization_path("invitations")))
        .await
        .expect(200);
    let rows = list["data"].as_array().expect("rows");
    let pending = rows.iter().filter(|row| row["status"] == "pending").count();
    assert_eq!((rows.len(), pending), (10, 1));
}

/// Makes somebody a member beside an invitation that still waits for them.
async fn join_otherwise(test: &TestApp, merchant: &Merchant, person: &Person) {
    let conn = test.db().read().await.expect("a connection");
    let user: UserId = person.id.parse().expect("an id");
    for statement in [
        "INSERT INTO organization_members (organization_id, user_id, role, created_at, updated_at)
         VALUES ($1, $2, 'member', now(), now())",
        "INSERT INTO checkout_members (organization_id, checkout_id, user_id, role, created_at, updated_at)
         SELECT $1, id, $2, 'viewer', now(), now() FROM checkouts WHERE organization_id = $1",
    ] {
        let joined = sql(statement).bind(merchant.organization).bind(user).execute(&conn);
        assert_eq!(joined.await.expect("a member"), 1);
    }
}

#[actix_web::test]
async fn a_member_keeps_their_roles_when_they_accept() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "keeps").await;
    let guest = Person::new(&test, "guest@example.com").await;
    let roles = json!([{"checkout_id": merchant.checkout, "role": "admin"}]);
    let body = json!({"emails": ["guest@example.com"], "role": "owner", "checkout_roles": roles});
    invite(&test, &merchant, body).await.expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    join_otherwise(&test, &merchant, &guest).await;
    let accepted = guest.accept(&test, &code).await.expect(200);
    assert_eq!(
        (&accepted["role"], &accepted["checkout_roles"]),
        (&json!("member"), &json!([]))
    );
    let members = merchant.read(&test, "members").await;
    let rows = members["data"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["user_id"] == json!(guest.id));
    assert_eq!(row.expect("the member")["role"], "viewer");
    assert_eq!(guest.accept(&test, &code).await.problem().1, "invitation-ended");
}

#[actix_web::test]
async fn who_is_removed_does_not_come_back_by_an_old_mail() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "old-mail").await;
    let guest = Person::new(&test, "guest@example.com").await;
    let body = json!({"emails": ["guest@example.com"], "role": "admin"});
    invite(&test, &merchant, body).await.expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    join_otherwise(&test, &merchant, &guest).await;
    let path = merchant.organization_path(&format!("members/{}", guest.id));
    merchant.call(&test, Call::new("DELETE", path)).await.expect(204);
    assert_eq!(guest.accept(&test, &code).await.problem().1, "invitation-ended");
}

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
