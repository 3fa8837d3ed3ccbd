//! Organizations, their members and the rules on owners.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::merchant::second_instance;
use crate::support::people::{Person, text};
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_person_makes_an_organization_and_owns_it() {
    let test = TestApp::new().await;
    let owner = Person::new(&test, "owner@example.com").await;
    let body = json!({"name": "Leipomo Oy", "business_id": "1234567-1", "address": {"street": "Katu 1", "city": "Turku", "country": "FI"},
        "tax": {"union_oss": true, "registrations": [{"country": "NO", "vat_number": "NO123456789MVA"}]},
        "policies": {"terms": {"url": "https://leipomo.example/terms", "version": "3"}}, "metadata": {"a": "b"}});
    let made = owner
        .call(&test, Call::post("/v1/organizations", body))
        .await
        .expect(201);
    assert_eq!(made["status"], "inactive");
    assert_eq!(made["tax"]["unverified_vat"], "charge");
    assert_eq!(made["tax"]["registrations"][0]["country"], "NO");
    assert_eq!(made["activation"]["missing"].as_array().map(Vec::len), Some(7));
    let path = format!("/v1/organizations/{}", text(&made["id"]));
    let read = owner.call(&test, Call::get(&path)).await;
    assert_eq!(read.expect(200), made);
    let tag = read.header("etag").expect("a tag").to_owned();
    let patch = |body| Call::patch(&path, body).header("if-match", &tag);
    let changed = owner
        .call(
            &test,
            patch(json!({"business_id": null, "tax": {"unverified_vat": "reverse_charge"}})),
        )
        .await
        .expect(200);
    assert_eq!(
        (&changed["business_id"], &changed["tax"]["unverified_vat"]),
        (&json!(null), &json!("reverse_charge"))
    );
    assert_eq!(changed["tax"]["union_oss"], true, "what was left out is kept");
    let stale = owner.call(&test, patch(json!({"name": "Late"}))).await;
    assert_eq!(stale.problem().0, 412);
    for (body, pointer) in [
        (json!({"status": "active"}), "/status"),
        (json!({"tax": {"unverified_vat": "maybe"}}), "/tax/unverified_vat"),
        (json!({"address": {"country": "XX"}}), "/address/country"),
        (json!({"logo_url": "javascript:alert(1)"}), "/logo_url"),
        (
            json!({"policies": {"terms": {"url": "ftp://x"}}}),
            "/policies/terms/url",
        ),
    ] {
        let refused = owner.call(&test, Call::patch(&path, body)).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned())
        );
    }
    let list = owner.call(&test, Call::get("/v1/organizations")).await.expect(200);
    assert_eq!(list["data"][0]["role"], "owner");
    owner.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(owner.call(&test, Call::get(&path)).await.status, 404);
}

#[actix_web::test]
async fn members_read_the_name_and_no_more() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "names").await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", None).await;
    let path = format!("/v1/organizations/{}", merchant.organization);
    let seen = member.call(&test, Call::get(&path)).await.expect(200);
    let names: Vec<_> = seen.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names, ["created_at", "id", "name", "updated_at"]);
    assert_eq!(
        member
            .call(&test, Call::get(merchant.organization_path("members")))
            .await
            .status,
        403
    );
}

#[actix_web::test]
async fn admins_manage_members_but_not_owners() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "admins").await;
    let admin = Person::invited(&test, &merchant, "admin@example.com", "admin", None).await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", None).await;
    let path = |user: &str| merchant.organization_path(&format!("members/{user}"));
    let role = |user: &str, role: &str| Call::patch(path(user), json!({ "role": role }));
    let owner = merchant.owner.to_string();
    admin.call(&test, role(&member.id, "admin")).await.expect(200);
    admin.call(&test, role(&member.id, "member")).await.expect(200);
    for refused in [
        role(&member.id, "owner"),
        role(&admin.id, "owner"),
        role(&owner, "member"),
        Call::new("DELETE", path(&owner)),
    ] {
        assert_eq!(admin.call(&test, refused).await.problem().1, "forbidden");
    }
    let invite = json!({"emails": ["x@example.com"], "role": "owner"});
    let invite = Call::post(merchant.organization_path("invitations"), invite);
    assert_eq!(admin.call(&test, invite).await.problem().1, "forbidden");
    assert_eq!(
        admin
            .call(
                &test,
                Call::new("DELETE", format!("/v1/organizations/{}", merchant.organization))
            )
            .await
            .status,
        403
    );
    // Uninvited, they are admins of every checkout.
    admin.call(&test, Call::get(merchant.path("members"))).await.expect(200);
    assert_eq!(member.call(&test, role(&admin.id, "member")).await.status, 403);
    admin
        .call(&test, Call::new("DELETE", path(&member.id)))
        .await
        .expect(204);
    assert_eq!(
        admin.call(&test, Call::new("DELETE", path(&member.id))).await.status,
        404
    );
    admin
        .call(&test, Call::new("DELETE", path(&admin.id)))
        .await
        .expect(204);
    assert_eq!(
        admin.call(&test, Call::get(merchant.path("members"))).await.status,
        404,
        "who left sees nothing"
    );
}

#[actix_web::test]
async fn the_last_owner_stays() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "last").await;
    let own = merchant.organization_path(&format!("members/{}", merchant.owner));
    let leave = merchant.call(&test, Call::new("DELETE", &own)).await;
    assert_eq!(leave.problem().1, "last-owner");
    let demote = merchant.call(&test, Call::patch(&own, json!({"role": "admin"}))).await;
    assert_eq!(demote.problem().1, "last-owner");
}

#[actix_web::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    for _ in 0..10 {
        let test = TestApp::new().await;
        let merchant = Merchant::new(&test, "two-owners").await;
        let second = Person::invited(&test, &merchant, "second@example.com", "owner", None).await;
        let first = test.app.signer().issue(merchant.owner).expect("a token");
        let other = second_instance(&test).await;
        let (one, two) = (test.service().await, other.service().await);
        let leave = |user: &str, token: &str| {
            Call::new("DELETE", merchant.organization_path(&format!("members/{user}"))).bearer(token)
        };
        let (a, b) = futures_util::join!(
            send(&one, leave(&merchant.owner.to_string(), &first)),
            send(&two, leave(&second.id, &second.token))
        );
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        let members = merchant
            .call(&test, Call::get(merchant.organization_path("members")))
            .await
            .expect(200);
        assert_eq!(members["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(members["data"][0]["role"], "owner");
    }
}

#[actix_web::test]
async fn an_organization_with_checkouts_is_not_deleted() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "full").await;
    let path = format!("/v1/organizations/{}", merchant.organization);
    let refused = merchant.call(&test, Call::new("DELETE", &path)).await;
    assert_eq!(refused.problem().1, "organization-not-empty");
    merchant
        .call(
            &test,
            Call::new("DELETE", format!("/v1/checkouts/{}", merchant.checkout)),
        )
        .await
        .expect(204);
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(
        merchant.call(&test, Call::get("/v1/me")).await.status,
        401,
        "its keys end with it"
    );
}

#[actix_web::test]
async fn lists_page_and_narrowed_tokens_see_less() {
    let test = TestApp::new().await;
    let person = Person::new(&test, "many@example.com").await;
    join_all((0..5).map(|number| {
        let body = json!({"name": format!("Shop {number}")});
        person.call(&test, Call::post("/v1/organizations", body))
    }))
    .await;
    let mut seen = Vec::new();
    let mut path = "/v1/organizations?limit=2".to_owned();
    loop {
        let page = person.call(&test, Call::get(&path)).await.expect(200);
        seen.extend(
            page["data"]
                .as_array()
                .expect("rows")
                .iter()
                .map(|row| text(&row["id"])),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/organizations?limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
}
