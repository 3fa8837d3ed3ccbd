//! API keys: what they reach, how they end, and what tokens they can be exchanged for.

use std::fmt::Write;

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use kassa::kernel::permission::CheckoutRole;
use serde_json::{Value, json};

use crate::support::people::{Person, text};
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

async fn make(test: &TestApp, merchant: &Merchant, body: Value) -> Reply {
    merchant
        .call(test, Call::post(merchant.organization_path("api-keys"), body))
        .await
}

async fn exchange(test: &TestApp, body: Value) -> Reply {
    test.call(Call::post("/v1/auth/token", body)).await
}

#[actix_web::test]
async fn a_key_is_shown_once_and_kept_as_a_hash() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "shown").await;
    let body = json!({"name": "robot", "organization_role": "admin", "test_mode": true});
    let made = make(&test, &merchant, body).await.expect(201);
    let key = text(&made["api_key"]);
    assert!(key.starts_with("kassa_sk_test_") && key.ends_with(&text(&made["last4"])));
    let list = merchant
        .call(&test, Call::get(merchant.organization_path("api-keys")))
        .await;
    assert!(!String::from_utf8_lossy(&list.body).contains(&key));
    assert_eq!(list.expect(200)["data"][0]["last_used_at"], Value::Null);
    test.call(Call::get("/v1/me").bearer(&key)).await.expect(200);
    let list = merchant
        .call(&test, Call::get(merchant.organization_path("api-keys")))
        .await
        .expect(200);
    assert!(list["data"][0]["last_used_at"].is_string());
    let path = merchant.organization_path(&format!("api-keys/{}", text(&made["id"])));
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(test.call(Call::get("/v1/me").bearer(&key)).await.status, 401);
    assert_eq!(merchant.call(&test, Call::new("DELETE", &path)).await.status, 404);
}

#[actix_web::test]
async fn a_repeated_request_shows_the_same_key_and_keeps_it_sealed() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "repeated").await;
    let body = json!({"name": "robot", "organization_role": "member", "test_mode": false});
    let call = || Call::post(merchant.organization_path("api-keys"), body.clone()).header("idempotency-key", "k1");
    let first = merchant.call(&test, call()).await;
    let second = merchant.call(&test, call()).await;
    assert_eq!((first.status, &first.body), (201, &second.body));
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
}

#[actix_web::test]
async fn keys_end_by_time() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "time").await;
    let end = kassa::kernel::clock::rfc3339(&(test.clock.now() + TimeDelta::hours(1)));
    let body =
        |end: &str| json!({"name": "robot", "organization_role": "admin", "test_mode": false, "expires_at": end});
    let key = text(&make(&test, &merchant, body(&end)).await.expect(201)["api_key"]);
    test.call(Call::get("/v1/me").bearer(&key)).await.expect(200);
    test.advance(TimeDelta::hours(1));
    assert_eq!(test.call(Call::get("/v1/me").bearer(&key)).await.status, 401);
    assert_eq!(
        exchange(&test, json!({ "api_key": key })).await.problem().1,
        "invalid-credentials"
    );
    assert_eq!(make(&test, &merchant, body(&end)).await.problem().2, "/expires_at");
}

#[actix_web::test]
async fn a_key_cannot_do_more_than_its_maker() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "capped").await;
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let maintainer = Person::invited(&test, &merchant, "maintainer@example.com", "member", Some("maintainer")).await;
    let of_organization = |role: &str| json!({"name": "k", "organization_role": role, "test_mode": false});
    let of_checkout = |role: &str| json!({"name": "k", "checkout_roles": [{"checkout_id": merchant.checkout, "role": role}], "test_mode": false});
    let organization = merchant.organization_path("api-keys");
    let checkout = merchant.path("api-keys");
    let refused = admin
        .call(&test, Call::post(&organization, of_organization("owner")))
        .await;
    assert_eq!(
        refused.problem(),
        (403, "forbidden".to_owned(), "/organization_role".to_owned())
    );
    let key = admin
        .call(&test, Call::post(&organization, of_organization("admin")))
        .await
        .expect(201);
    assert_eq!(
        maintainer
            .call(&test, Call::post(&checkout, of_checkout("viewer")))
            .await
            .status,
        403
    );
    // A key makes keys no better than itself.
    let key = text(&key["api_key"]);
    let by_key = |body: Value| Call::post(&organization, body).bearer(&key);
    assert_eq!(test.call(by_key(of_organization("owner"))).await.status, 403);
    test.call(by_key(of_checkout("admin"))).await.expect(201);
    // Nor does who holds a narrowed token.
    let narrowed = exchange(
        &test,
        json!({"api_key": key, "checkout_id": merchant.checkout, "role": "viewer"}),
    )
    .await
    .expect(200);
    let narrowed = text(&narrowed["access_token"]);
    let widen = Call::post(&checkout, of_checkout("admin")).bearer(&narrowed);
    assert_eq!(test.call(widen).await.status, 403);
    let widen = Call::post(&organization, of_organization("admin")).bearer(&narrowed);
    assert_eq!(test.call(widen).await.status, 404);
    // A key that reaches nothing, something twice, or somebody else's.
    let stranger = Merchant::new(&test, "strangers-keys").await;
    for (body, pointer) in [
        (json!({"name": "k"}), "/organization_role"),
        (
            json!({"name": "k", "checkout_roles": [{"checkout_id": stranger.checkout, "role": "viewer"}], "test_mode": false}),
            "/checkout_roles/0/checkout_id",
        ),
    ] {
        assert_eq!(
            make(&test, &merchant, body).await.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
    }
    for (body, pointer) in [
        (
            json!({"name": "k", "organization_role": "member"}),
            "/organization_role",
        ),
        (json!({"name": "k"}), "/checkout_roles"),
        (
            json!({"name": "k", "checkout_roles": [{"checkout_id": stranger.checkout, "role": "viewer"}]}),
            "/checkout_roles/0/checkout_id",
        ),
    ] {
        let refused = merchant.call(&test, Call::post(&checkout, body)).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
    }
}

#[actix_web::test]
async fn the_key_of_an_owner_is_revoked_by_owners() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "revokers").await;
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let path = async |role: &str| {
        let body = json!({"name": "robot", "organization_role": role, "test_mode": false});
        let made = make(&test, &merchant, body).await.expect(201);
        merchant.organization_path(&format!("api-keys/{}", text(&made["id"])))
    };
    let (of_owner, of_admin) = (path("owner").await, path("admin").await);
    let refused = admin.call(&test, Call::new("DELETE", &of_owner)).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned(), String::new()));
    admin.call(&test, Call::new("DELETE", &of_admin)).await.expect(204);
    merchant.call(&test, Call::new("DELETE", &of_owner)).await.expect(204);
}

#[actix_web::test]
async fn an_exchanged_token_allows_less_and_ends_with_its_key() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "exchange").await;
    let made = make(
        &test,
        &merchant,
        json!({"name": "robot", "organization_role": "owner", "test_mode": false}),
    )
    .await
    .expect(201);
    let key = text(&made["api_key"]);
    let whole = exchange(&test, json!({ "api_key": key })).await.expect(200);
    assert_eq!(
        (&whole["token_type"], &whole["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(whole["refresh_token"], Value::Null);
    let whole = text(&whole["access_token"]);
    test.call(Call::get(merchant.organization_path("payment-card")).bearer(&whole))
        .await
        .problem();
    test.call(Call::get(merchant.path("products")).bearer(&whole))
        .await
        .expect(200);
    let short = exchange(
        &test,
        json!({"api_key": key, "checkout_id": merchant.checkout, "role": "customer_service", "expires_in": 60}),
    )
    .await;
    let short = text(&short.expect(200)["access_token"]);
    let get = async |path: String| test.call(Call::get(path).bearer(&short)).await.status;
    assert_eq!(get(merchant.path("orders")).await, 200);
    assert_eq!(get(merchant.path("products")).await, 403);
    assert_eq!(get(merchant.organization_path("members")).await, 404);
    let seen = test.call(Call::get("/v1/checkouts").bearer(&short)).await.expect(200);
    assert_eq!(seen["data"].as_array().map(Vec::len), Some(1));
    for (body, status, pointer) in [
        (json!({"api_key": "nonsense"}), 401, ""),
        (json!({"api_key": format!("{key}x")}), 401, ""),
        (json!({"api_key": key, "role": "viewer"}), 422, "/role"),
        (
            json!({"api_key": key, "checkout_id": merchant.checkout, "role": "owner"}),
            422,
            "/role",
        ),
        (
            json!({"api_key": key, "checkout_id": "chk_01jd5wq0zsfa2tq4n9v8kx3m7h"}),
            422,
            "/checkout_id",
        ),
        (json!({"api_key": key, "expires_in": 901}), 422, "/expires_in"),
    ] {
        let refused = exchange(&test, body).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (status, pointer));
    }
    let path = merchant.organization_path(&format!("api-keys/{}", text(&made["id"])));
    merchant.call(&test, Call::new("DELETE", path)).await.expect(204);
    assert_eq!(
        get(merchant.path("orders")).await,
        401,
        "the token ends with its key, at once"
    );
    test.advance(TimeDelta::minutes(1));
    assert_eq!(test.call(Call::get("/v1/me").bearer(&whole)).await.status, 401);
}

/// Every pair of what a token says and what the membership says: what is left is what both allow.
#[actix_web::test]
async fn what_is_left_is_what_token_and_membership_both_allow() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "pairs").await;
    let body = json!({"name": "k", "checkout_roles": [{"checkout_id": merchant.checkout, "role": "admin"}], "test_mode": false});
    let mut table = String::new();
    for membership in CheckoutRole::ALL {
        let mut body = body.clone();
        body["checkout_roles"][0]["role"] = json!(membership);
        let made = merchant.create(&test, "api-keys", body).await;
        for token in CheckoutRole::ALL {
            let asked = json!({"api_key": made["api_key"], "checkout_id": merchant.checkout, "role": token});
            let token_text = text(&exchange(&test, asked).await.expect(200)["access_token"]);
            let mut allowed = Vec::new();
            for (word, call) in [
                (
                    "checkout:read",
                    Call::get(format!("/v1/checkouts/{}", merchant.checkout)),
                ),
                (
                    "checkout:write",
                    Call::patch(format!("/v1/checkouts/{}", merchant.checkout), json!({})),
                ),
                ("members:read", Call::get(merchant.path("members"))),
                ("members:write", Call::post(merchant.path("members"), json!({}))),
                ("catalog:read", Call::get(merchant.path("products"))),
                ("catalog:write", Call::post(merchant.path("products"), json!({}))),
                ("webhooks:read", Call::get(merchant.path("webhook-endpoints"))),
                ("orders:read", Call::get(merchant.path("orders"))),
                ("audit_log:read", Call::get(merchant.path("audit-log"))),
            ] {
                let status = test.call(call.bearer(&token_text)).await.status;
                assert_ne!(status, 404);
                if status != 403 {
                    allowed.push(word);
                }
            }
            let _ = writeln!(table, "{membership:16} as {token:16} {}", allowed.join(" "));
        }
    }
    insta::assert_snapshot!("token_and_membership", table);
}

#[actix_web::test]
async fn a_narrowed_token_makes_no_keys() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "no-keys").await;
    // A role in the organization and a smaller one in a checkout: the key would be an admin there.
    let roles = json!([{"checkout_id": merchant.checkout, "role": "viewer"}]);
    let body = json!({"name": "k", "organization_role": "admin", "checkout_roles": roles, "test_mode": false});
    let key = text(&make(&test, &merchant, body).await.expect(201)["api_key"]);
    let token = text(&exchange(&test, json!({ "api_key": key })).await.expect(200)["access_token"]);
    let wide = json!({"name": "k", "organization_role": "admin", "test_mode": false});
    let path = merchant.organization_path("api-keys");
    let refused = test.call(Call::post(&path, wide).bearer(&token)).await;
    assert_eq!((refused.status, refused.problem().1.as_str()), (403, "forbidden"));
    let body = json!({"api_key": merchant.api_key, "checkout_id": merchant.checkout});
    let token = text(&exchange(&test, body).await.expect(200)["access_token"]);
    let same = json!({"name": "k", "checkout_roles": [{"checkout_id": merchant.checkout, "role": "admin"}], "test_mode": false});
    let refused = test
        .call(Call::post(merchant.path("api-keys"), same).bearer(&token))
        .await;
    assert_eq!(refused.status, 403);
}

#[actix_web::test]
async fn what_a_key_makes_ends_with_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "makers").await;
    let now = test.clock.now();
    let at = |hours| kassa::kernel::clock::rfc3339(&(now + TimeDelta::hours(hours)));
    let body =
        |end: Option<String>| json!({"name": "k", "organization_role": "admin", "test_mode": false, "expires_at": end});
    let path = merchant.organization_path("api-keys");
    let first = make(&test, &merchant, body(Some(at(2)))).await.expect(201);
    let by = |key: &Value, end| Call::post(&path, body(end)).bearer(&text(&key["api_key"]));
    for late in [None, Some(at(3))] {
        let refused = test.call(by(&first, late)).await;
        assert_eq!(
            refused.problem(),
            (403, "forbidden".to_owned(), "/expires_at".to_owned())
        );
    }
    let second = test.call(by(&first, Some(at(2)))).await.expect(201);
    let third = test.call(by(&second, Some(at(1)))).await.expect(201);
    let other = make(&test, &merchant, body(None)).await.expect(201);
    let me = async |key: &Value| {
        test.call(Call::get("/v1/me").bearer(&text(&key["api_key"])))
            .await
            .status
    };
    assert_eq!((me(&second).await, me(&third).await), (200, 200));
    let revoke = Call::new("DELETE", format!("{path}/{}", text(&first["id"])));
    merchant.call(&test, revoke).await.expect(204);
    assert_eq!((me(&first).await, me(&second).await, me(&third).await), (401, 401, 401));
    assert_eq!(me(&other).await, 200, "made by another");
}

#[actix_web::test]
async fn of_a_key_that_makes_and_is_revoked_at_once_nothing_stays() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "made-late").await;
    let body = json!({"name": "k", "organization_role": "admin", "test_mode": false});
    let path = merchant.organization_path("api-keys");
    for _ in 0..5 {
        let maker = make(&test, &merchant, body.clone()).await.expect(201);
        let key = text(&maker["api_key"]);
        let revoke = Call::new("DELETE", format!("{path}/{}", text(&maker["id"])));
        let made = join_all((0..8).map(|_| test.call(Call::post(&path, body.clone()).bearer(&key))));
        let (made, revoked) = join(made, merchant.call(&test, revoke)).await;
        revoked.expect(204);
        for reply in made.iter().filter(|reply| reply.status == 201) {
            let key = text(&reply.json()["api_key"]);
            assert_eq!(test.call(Call::get("/v1/me").bearer(&key)).await.status, 401);
        }
    }
}

#[actix_web::test]
async fn a_narrowed_token_is_shown_what_it_may_do() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "shown-role").await;
    let token = async |body: Value| text(&exchange(&test, body).await.expect(200)["access_token"]);
    let get = async |path: &str, token: &str| test.call(Call::get(path).bearer(token)).await.expect(200);
    let one = token(json!({"api_key": merchant.api_key, "checkout_id": merchant.checkout, "role": "viewer"})).await;
    assert_eq!(
        get("/v1/me", &one).await["organizations"],
        json!([]),
        "it reaches one checkout"
    );
    assert_eq!(get("/v1/checkouts", &one).await["data"][0]["role"], "viewer");
    let member = token(json!({"api_key": merchant.api_key, "role": "member"})).await;
    assert_eq!(get("/v1/me", &member).await["organizations"][0]["role"], "member");
    let own = get("/v1/checkouts", &merchant.api_key).await;
    assert_eq!(own["data"][0]["role"], "admin");
    let roles = json!([{"checkout_id": merchant.checkout, "role": "viewer"}]);
    let body = json!({"name": "k", "checkout_roles": roles, "test_mode": false});
    let viewer = text(&make(&test, &merchant, body).await.expect(201)["api_key"]);
    let body = json!({"api_key": viewer, "checkout_id": merchant.checkout, "role": "customer_service"});
    let both = get("/v1/checkouts", &token(body).await).await;
    assert_eq!(both["data"][0].get("role"), None, "no role is as little as both");
}
