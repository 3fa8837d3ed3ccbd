//! People who sign in at an OpenID Connect issuer that the operator named. The issuer is others' (PyJWT).

use futures_util::future::join_all;
use kassa::db::sql::sql;
use serde_json::json;

use crate::support::app::Settings;
use crate::support::doubles::Double;
use crate::support::people::{PASSWORD, Person, sign_in, text};
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

struct Elsewhere {
    test: TestApp,
    double: Double,
    issuer: String,
}

impl Elsewhere {
    async fn new() -> Self {
        let double = Double::start("oidc_issuer.py", &[]);
        let issuer = format!("http://127.0.0.1:{}", double.port);
        let config = format!("{issuer}|kassa").parse().expect("an issuer");
        let test = TestApp::with(Settings {
            oidc: vec![config],
            ..Settings::default()
        })
        .await;
        Self { test, double, issuer }
    }

    fn token(&mut self, subject: &str, email: &str, verified: bool) -> String {
        let now = self.test.clock.now().timestamp();
        let claims = json!({"iss": self.issuer, "sub": subject, "aud": "kassa", "iat": now, "exp": now + 600, "email": email,
            "email_verified": verified, "name": "From elsewhere"});
        let minted = self
            .double
            .ask(&json!({"mint": {"key": "rsa", "alg": "RS256", "claims": claims, "headers": {"kid": "rsa"}}}));
        text(&minted["token"])
    }

    async fn me(&self, token: &str) -> Reply {
        self.test.call(Call::get("/v1/me").bearer(token)).await
    }
}

async fn invite(test: &TestApp, merchant: &Merchant, email: &str) {
    let roles = json!([{"checkout_id": merchant.checkout, "role": "viewer"}]);
    let body = json!({"emails": [email], "role": "member", "checkout_roles": roles});
    merchant
        .call(test, Call::post(merchant.organization_path("invitations"), body))
        .await
        .expect(201);
}

#[actix_web::test]
async fn a_verified_address_joins_its_invitations() {
    let mut elsewhere = Elsewhere::new().await;
    let merchant = Merchant::with_course(&elsewhere.test, "elsewhere").await;
    invite(&elsewhere.test, &merchant, "Aino@example.com").await;
    let unverified = elsewhere.token("aino", "aino@example.com", false);
    assert_eq!(
        elsewhere.me(&unverified).await.status,
        401,
        "who nobody vouches for is nobody"
    );
    let token = elsewhere.token("aino", "aino@example.com", true);
    let me = elsewhere.me(&token).await.expect(200);
    assert_eq!(
        (&me["name"], &me["email_verified"]),
        (&json!("From elsewhere"), &json!(true))
    );
    assert_eq!(me["organizations"][0]["role"], "member");
    let products = elsewhere
        .test
        .call(Call::get(merchant.path("products")).bearer(&token))
        .await;
    products.expect(200);
    let list = merchant
        .call(&elsewhere.test, Call::get(merchant.organization_path("invitations")))
        .await
        .expect(200);
    assert_eq!(list["data"][0]["status"], "accepted");
    let log = merchant
        .call(
            &elsewhere.test,
            Call::get(merchant.organization_path("audit-log?action=acceptInvitation")),
        )
        .await;
    assert_eq!(log.expect(200)["data"][0]["actor"]["id"], me["id"]);
    // Known from now on, whatever the issuer says of the address.
    let later = elsewhere.token("aino", "other@example.com", false);
    assert_eq!(elsewhere.me(&later).await.expect(200)["id"], me["id"]);
    // Removed here, refused here, though the issuer still vouches.
    let path = merchant.organization_path(&format!("members/{}", text(&me["id"])));
    merchant
        .call(&elsewhere.test, Call::new("DELETE", path))
        .await
        .expect(204);
    let products = elsewhere
        .test
        .call(Call::get(merchant.path("products")).bearer(&token))
        .await;
    assert_eq!(products.status, 404);
}

#[actix_web::test]
async fn an_account_made_in_waiting_is_taken_from_who_made_it() {
    let mut elsewhere = Elsewhere::new().await;
    // Somebody registers with an address that is not theirs.
    let thief = Person::new(&elsewhere.test, "aino@example.com").await;
    let token = elsewhere.token("aino", "aino@example.com", true);
    let me = elsewhere.me(&token).await.expect(200);
    assert_eq!(me["id"], json!(thief.id), "one address, one account");
    assert_eq!(elsewhere.me(&thief.token).await.status, 401);
    assert_eq!(sign_in(&elsewhere.test, "aino@example.com", PASSWORD).await.status, 401);
}

#[actix_web::test]
async fn the_first_visit_ends_a_password_even_of_a_proved_account() {
    let mut elsewhere = Elsewhere::new().await;
    // Somebody registers with an address that is not theirs, and its owner pastes the code that was mailed to them.
    let thief = Person::new(&elsewhere.test, "aino@example.com").await;
    let code = crate::support::people::mailed_code(&elsewhere.test, "aino@example.com").await;
    let body = json!({ "token": code });
    elsewhere
        .test
        .call(Call::post("/v1/auth/verify-email", body))
        .await
        .expect(204);
    let token = elsewhere.token("aino", "AINO@example.com", true);
    assert_eq!(elsewhere.me(&token).await.expect(200)["id"], json!(thief.id));
    assert_eq!(elsewhere.me(&thief.token).await.status, 401, "the thief's sign-in");
    assert_eq!(sign_in(&elsewhere.test, "aino@example.com", PASSWORD).await.status, 401);
    // Only the first visit: a password chosen by mail afterwards is the owner's.
    let forgot = json!({"email": "aino@example.com"});
    elsewhere
        .test
        .call(Call::post("/v1/auth/password/forgot", forgot))
        .await
        .expect(202);
    let code = crate::support::people::mailed_code(&elsewhere.test, "aino@example.com").await;
    let body = json!({"token": code, "new_password": "a password of my own"});
    elsewhere
        .test
        .call(Call::post("/v1/auth/password/reset", body))
        .await
        .expect(204);
    elsewhere.me(&token).await.expect(200);
    sign_in(&elsewhere.test, "aino@example.com", "a password of my own")
        .await
        .expect(200);
}

#[actix_web::test]
async fn an_address_given_to_somebody_else_there_does_not_open_the_account() {
    let mut elsewhere = Elsewhere::new().await;
    let first = elsewhere.token("aino", "aino@example.com", true);
    let id = elsewhere.me(&first).await.expect(200)["id"].clone();
    let second = elsewhere.token("aino-2", "aino@example.com", true);
    assert_eq!(elsewhere.me(&second).await.status, 401, "a recycled mailbox");
    assert_eq!(elsewhere.me(&first).await.expect(200)["id"], id);
}

/// Anybody can invite any address: a first visit must not take longer the more do.
#[actix_web::test]
async fn a_first_visit_joins_fifty_invitations_of_organizations_that_are_there() {
    let mut elsewhere = Elsewhere::new().await;
    let conn = elsewhere.test.db().read().await.expect("a connection");
    let many = "INSERT INTO organizations (id, name, created_at, updated_at, deleted_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Organization ' || n, now(), now(),
             CASE WHEN n <= 5 THEN now() END
         FROM generate_series(1, 70) n";
    let invitations = "INSERT INTO invitations (organization_id, id, email, email_folded, role, checkout_roles, status, expires_at,
             created_at, updated_at)
         SELECT id, id, 'aino@example.com', 'aino@example.com', 'member', '[]', 'pending', now() + interval '1 day', now(), now()
         FROM organizations";
    for statement in [many, invitations] {
        assert_eq!(sql(statement).execute(&conn).await.expect("rows"), 70);
    }
    let token = elsewhere.token("aino", "aino@example.com", true);
    let me = elsewhere.me(&token).await.expect(200);
    let joined = me["organizations"].as_array().expect("rows");
    assert_eq!(joined.len(), 50);
    let numbers: std::collections::BTreeSet<_> = joined.iter().map(|row| text(&row["name"])).collect();
    let oldest = (6..56).map(|number| format!("Organization {number}")).collect();
    assert_eq!(numbers, oldest, "those that wait longest, and none that is gone");
}

#[actix_web::test]
async fn many_first_requests_at_once_make_one_account() {
    let mut elsewhere = Elsewhere::new().await;
    let merchant = Merchant::new(&elsewhere.test, "at-once").await;
    invite(&elsewhere.test, &merchant, "aino@example.com").await;
    let token = elsewhere.token("aino", "aino@example.com", true);
    let replies = join_all((0..10).map(|_| elsewhere.me(&token))).await;
    let ids: std::collections::BTreeSet<String> = replies.iter().map(|reply| text(&reply.expect(200)["id"])).collect();
    assert_eq!(ids.len(), 1);
}

#[actix_web::test]
async fn guesses_at_a_password_are_limited_for_the_account_and_a_right_one_is_not() {
    let test = TestApp::new().await;
    Person::new(&test, "aino@example.com").await;
    for _ in 0..5 {
        assert_eq!(sign_in(&test, "aino@example.com", "wrong").await.status, 401);
        sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
    }
    for _ in 0..5 {
        assert_eq!(sign_in(&test, "aino@example.com", "wrong").await.status, 401);
    }
    let limited = sign_in(&test, "AINO@example.com", PASSWORD).await;
    assert_eq!(limited.problem().1, "rate-limited");
    assert!(limited.header("retry-after").is_some());
    // An account that nobody has is limited just the same.
    let statuses: Vec<u16> = join_all((0..12).map(|_| sign_in(&test, "nobody@example.com", "wrong")))
        .await
        .iter()
        .map(|reply| reply.status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 429).count(),
        2,
        "{statuses:?}"
    );
    test.advance(chrono::TimeDelta::minutes(15));
    sign_in(&test, "aino@example.com", PASSWORD).await.expect(200);
}
