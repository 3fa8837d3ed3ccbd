//! Invitations: many at once, one person each, once, for a while.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::people::{Person, mailed_code, text};
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

pub async fn invite(test: &TestApp, merchant: &Merchant, body: Value) -> Reply {
    merchant
        .call(test, Call::post(merchant.organization_path("invitations"), body))
        .await
}

#[actix_web::test]
async fn many_are_invited_at_once_with_one_role_for_all() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "many").await;
    let roles = json!([{"checkout_id": merchant.checkout, "role": "customer_service"}]);
    let body = json!({"emails": ["a@example.com", "b@example.com", "c@example.com"], "role": "member", "checkout_roles": roles});
    let sent = invite(&test, &merchant, body).await.expect(201);
    assert_eq!(sent["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(sent["data"][0]["status"], "pending");
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        let person = Person::new(&test, email).await;
        let code = mailed_code_of_invitation(&test, email).await;
        let accepted = person.accept(&test, &code).await.expect(200);
        assert_eq!(
            (&accepted["role"], &accepted["checkout_roles"]),
            (&json!("member"), &roles)
        );
        person.call(&test, Call::get(merchant.path("orders"))).await.expect(200);
        assert_eq!(
            person.call(&test, Call::get(merchant.path("products"))).await.status,
            403
        );
        let me = person.call(&test, Call::get("/v1/me")).await.expect(200);
        assert_eq!(me["email_verified"], true, "the mail reached them");
    }
    let list = merchant
        .call(&test, Call::get(merchant.organization_path("invitations")))
        .await
        .expect(200);
    assert!(
        list["data"]
            .as_array()
            .expect("rows")
            .iter()
            .all(|row| row["status"] == "accepted")
    );
}

/// The person's own mail comes after the invitation when they register later.
async fn mailed_code_of_invitation(test: &TestApp, email: &str) -> String {
    test.drain_jobs().await;
    let mails = test.mails();
    let mail = mails
        .iter()
        .filter(|mail| mail.contains(&format!("To: {email}")))
        .find(|mail| mail.contains("You are invited"));
    let text = mail.expect("an invitation").replace("=\r\n", "").replace("=\n", "");
    let after = text.split("code:").nth(1).expect("a code");
    after.split_whitespace().next().expect("a code").to_owned()
}

#[actix_web::test]
async fn an_invitation_serves_one_address_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "once").await;
    let other = Person::new(&test, "other@example.com").await;
    let guest = Person::new(&test, "guest@example.com").await;
    invite(
        &test,
        &merchant,
        json!({"emails": ["Guest@Example.com"], "role": "member"}),
    )
    .await
    .expect(201);
    let code = mailed_code(&test, "Guest@Example.com").await;
    assert_eq!(other.accept(&test, &code).await.problem().1, "invitation-for-another");
    assert_eq!(guest.accept(&test, "nonsense").await.problem().1, "invalid-token");
    guest.accept(&test, &code).await.expect(200);
    assert_eq!(
        guest.accept(&test, &code).await.problem(),
        (410, "invitation-ended".to_owned(), String::new())
    );
    let again = invite(
        &test,
        &merchant,
        json!({"emails": ["guest@example.com"], "role": "admin"}),
    )
    .await;
    assert_eq!(
        again.problem(),
        (422, "validation-failed".to_owned(), "/emails/0".to_owned())
    );
}

#[actix_web::test]
async fn accepted_by_many_requests_at_once_it_counts_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "race").await;
    let guest = Person::new(&test, "guest@example.com").await;
    invite(
        &test,
        &merchant,
        json!({"emails": ["guest@example.com"], "role": "member"}),
    )
    .await
    .expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    let replies = join_all((0..10).map(|_| guest.accept(&test, &code))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert!(replies.iter().all(|reply| matches!(reply.status, 200 | 410)));
}

#[actix_web::test]
async fn invitations_end_by_time_by_withdrawal_and_by_a_newer_one() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "ends").await;
    let guest = Person::new(&test, "guest@example.com").await;
    let body = json!({"emails": ["guest@example.com"], "role": "member"});
    let first = invite(&test, &merchant, body.clone()).await.expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    let second = invite(&test, &merchant, body.clone()).await.expect(201);
    assert_eq!(
        guest.accept(&test, &code).await.problem().1,
        "invitation-ended",
        "a newer one took its place"
    );
    let path = |made: &Value| merchant.organization_path(&format!("invitations/{}", text(&made["data"][0]["id"])));
    let code = mailed_code(&test, "guest@example.com").await;
    merchant
        .call(&test, Call::new("DELETE", path(&second)))
        .await
        .expect(204);
    assert_eq!(guest.accept(&test, &code).await.problem().1, "invitation-ended");
    let twice = merchant.call(&test, Call::new("DELETE", path(&first))).await;
    assert_eq!(twice.problem().1, "impossible-transition");
    invite(&test, &merchant, body).await.expect(201);
    let code = mailed_code(&test, "guest@example.com").await;
    test.advance(TimeDelta::days(14));
    let guest_again = test
        .app
        .signer()
        .issue(guest.id.parse().expect("an id"))
        .expect("a token");
    let late = Call::post("/v1/invitations/accept", json!({ "token": code })).bearer(&guest_again);
    assert_eq!(test.call(late).await.problem().1, "invitation-ended");
    let list = merchant
        .call(&test, Call::get(merchant.organization_path("invitations")))
        .await
        .expect(200);
    let statuses: Vec<_> = list["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| text(&row["status"]))
        .collect();
    assert_eq!(statuses, ["expired", "withdrawn", "withdrawn"]);
}

#[actix_web::test]
async fn one_wrong_address_refuses_them_all() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "wrong").await;
    let stranger = Merchant::new(&test, "strangers").await;
    for (body, pointer) in [
        (json!({"emails": [], "role": "member"}), "/emails"),
        (
            json!({"emails": ["a@example.com", "nonsense"], "role": "member"}),
            "/emails/1",
        ),
        (
            json!({"emails": ["a@example.com", "A@example.com"], "role": "member"}),
            "/emails/1",
        ),
        (json!({"emails": ["a@example.com"], "role": "king"}), "/role"),
        (
            json!({"emails": ["a@example.com"], "role": "member", "checkout_roles": [{"checkout_id": stranger.checkout, "role": "viewer"}]}),
            "/checkout_roles/0/checkout_id",
        ),
    ] {
        let refused = invite(&test, &merchant, body).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
    }
    test.drain_jobs().await;
    assert_eq!(test.mails().len(), 0, "and no mail goes out");
}
