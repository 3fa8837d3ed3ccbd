//! Keys for test mode, and the tokens that they are exchanged for: what they change is what test orders are made of.

use serde_json::{Value, json};

use crate::support::merchant::course;
use crate::support::people::{Person, text};
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// A test key of an owner, and a token for all that it may do.
async fn tokens(test: &TestApp, merchant: &Merchant) -> [String; 2] {
    let body = json!({"name": "pipeline", "organization_role": "owner", "test_mode": true});
    let made = Call::post(merchant.organization_path("api-keys"), body);
    let key = text(&merchant.call(test, made).await.expect(201)["api_key"]);
    let exchange = Call::post("/v1/auth/token", json!({ "api_key": key }));
    let token = test.call(exchange).await.expect(200);
    [key, text(&token["access_token"])]
}

#[actix_web::test]
async fn a_test_key_changes_nothing_that_both_modes_share() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "shared").await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", Some("viewer")).await;
    let checkout = merchant.path("").trim_end_matches('/').to_owned();
    let organization = merchant.organization_path("").trim_end_matches('/').to_owned();
    let everything = async || {
        let mut all = Vec::new();
        for path in [
            checkout.clone(),
            merchant.path("members"),
            merchant.path("api-keys"),
            merchant.path("style"),
            organization.clone(),
            merchant.organization_path("members"),
            merchant.organization_path("invitations"),
        ] {
            all.push(merchant.call(&test, Call::get(path)).await.expect(200));
        }
        let checkouts = merchant.call(&test, Call::get("/v1/checkouts")).await.expect(200);
        (all, checkouts)
    };
    let tokens = tokens(&test, &merchant).await;
    let before = everything().await;
    let delete = |path: String| Call::new("DELETE", path);
    let put = |path: String, body: Value| Call::new("PUT", path).json(body);
    let invitation = json!({"emails": ["guest@example.com"], "role": "member"});
    let key = json!({"name": "k", "organization_role": "member", "test_mode": true});
    let checkout_key = json!({"name": "k", "checkout_roles": [{"checkout_id": merchant.checkout, "role": "viewer"}]});
    let card = json!({"provider": "test", "token": "tok_visa"});
    let of_organization = |rest: &str| merchant.organization_path(rest);
    for call in [
        Call::patch(&organization, json!({"name": "Taken over"})),
        delete(organization.clone()),
        put(of_organization("billing-details"), json!({"name": "Taken over"})),
        put(of_organization("payment-card"), card),
        delete(of_organization("payment-card")),
        Call::post(of_organization("invitations"), invitation),
        Call::patch(
            of_organization(&format!("members/{}", member.id)),
            json!({"role": "owner"}),
        ),
        delete(of_organization(&format!("members/{}", merchant.owner))),
        Call::post(of_organization("api-keys"), key),
        Call::post(
            "/v1/checkouts",
            json!({"organization_id": merchant.organization, "name": "New"}),
        ),
        Call::patch(&checkout, json!({"name": "Taken over"})),
        Call::patch(&checkout, json!({"status": "closed"})),
        delete(checkout.clone()),
        put(merchant.path("style"), json!({})),
        put(merchant.path("billing-form"), json!({})),
        Call::post(merchant.path("members"), json!({"user_id": member.id, "role": "admin"})),
        delete(merchant.path(&format!("members/{}", member.id))),
        Call::post(merchant.path("api-keys"), checkout_key),
    ] {
        for token in &tokens {
            let refused = test.call(call.clone().bearer(token)).await;
            assert_eq!(
                refused.problem(),
                (403, "forbidden".to_owned(), String::new()),
                "{call:?}"
            );
            let detail = text(&refused.json()["detail"]);
            assert!(detail.starts_with("a test key does not do this"), "{detail}");
        }
    }
    assert_eq!(everything().await, before);
    // A live key that may do too little is told what it takes.
    let viewer = json!({"name": "k", "checkout_roles": [{"checkout_id": merchant.checkout, "role": "viewer"}]});
    let viewer = Call::post(merchant.organization_path("api-keys"), viewer);
    let viewer = text(&merchant.call(&test, viewer).await.expect(201)["api_key"]);
    let refused = test
        .call(Call::patch(&checkout, json!({"name": "Taken over"})).bearer(&viewer))
        .await;
    assert_eq!(refused.json()["detail"], "requires checkout:write");
}

#[actix_web::test]
async fn a_test_key_reads_everything_and_makes_what_test_orders_need() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "pipeline").await;
    for (index, token) in tokens(&test, &merchant).await.iter().enumerate() {
        let call = async |call: Call| test.call(call.bearer(token)).await;
        let home = call(Call::get(merchant.organization_path("").trim_end_matches('/'))).await;
        let live = merchant
            .call(&test, Call::get(merchant.organization_path("").trim_end_matches('/')))
            .await;
        assert_eq!(home.expect(200), live.expect(200), "an owner reads all of it");
        for path in [
            merchant.organization_path("members"),
            merchant.organization_path("api-keys"),
            merchant.organization_path("audit-log"),
            merchant.path("members"),
            merchant.path("orders"),
            merchant.path("events?test_mode=true"),
        ] {
            call(Call::get(path)).await.expect(200);
        }
        let product = call(Call::post(merchant.path("products"), course())).await.expect(201);
        let offer = json!({"name": "O", "title": "O", "items": [{"product_id": product["id"]}]});
        let offer = call(Call::post(merchant.path("offers"), offer)).await.expect(201);
        let link = json!({"name": "L", "offer_id": offer["id"], "slug": format!("l{index}"), "test_mode": true});
        call(Call::post(merchant.path("checkout-links"), link))
            .await
            .expect(201);
        let code = json!({"code": format!("CODE{index}"), "type": "percentage", "percentage": "10"});
        call(Call::post(merchant.path("discount-codes"), code))
            .await
            .expect(201);
        let endpoint = json!({"url": "https://receiver.example.com/", "events": ["*"], "test_mode": true});
        call(Call::post(merchant.path("webhook-endpoints"), endpoint))
            .await
            .expect(201);
        let me = call(Call::get("/v1/me")).await.expect(200);
        assert_eq!(me["organizations"][0]["role"], "owner", "its role is what it is");
    }
}
