//! What was revoked is gone everywhere within a second.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::merchant::second_instance;
use crate::support::people::{Person, text};
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_revoked_member_is_refused_by_every_instance() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "revoked").await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", Some("maintainer")).await;
    let other = second_instance(&test).await;
    let (first, second) = (test.service().await, other.service().await);
    let read = || Call::get(merchant.path("products")).bearer(&member.token);
    assert_eq!(
        (send(&first, read()).await.status, send(&second, read()).await.status),
        (200, 200)
    );
    // Less than before: read by both at once.
    let path = merchant.path(&format!("members/{}", member.id));
    send(
        &first,
        Call::patch(&path, json!({"role": "customer_service"})).bearer(&merchant.api_key),
    )
    .await
    .expect(200);
    assert_eq!(
        (send(&first, read()).await.status, send(&second, read()).await.status),
        (403, 403)
    );
    send(
        &first,
        Call::patch(&path, json!({"role": "viewer"})).bearer(&merchant.api_key),
    )
    .await
    .expect(200);
    assert_eq!(send(&second, read()).await.status, 200);
    let begun = Instant::now();
    let leave = Call::new("DELETE", merchant.organization_path(&format!("members/{}", member.id)));
    send(&second, leave.bearer(&merchant.api_key)).await.expect(204);
    assert_eq!(
        (send(&first, read()).await.status, send(&second, read()).await.status),
        (404, 404)
    );
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    // What they were here went with what they were there.
    let members = merchant.read(&test, "members").await;
    assert!(
        members["data"]
            .as_array()
            .expect("rows")
            .iter()
            .all(|row| text(&row["user_id"]) != member.id)
    );
}

#[actix_web::test]
async fn people_of_a_checkout_are_those_of_its_organization() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "people").await;
    let member = Person::invited(&test, &merchant, "member@example.com", "member", None).await;
    let stranger = Person::new(&test, "stranger@example.com").await;
    let add = async |body| merchant.call(&test, Call::post(merchant.path("members"), body)).await;
    let refused = add(json!({"user_id": stranger.id, "role": "viewer"})).await;
    assert_eq!(
        refused.problem(),
        (422, "validation-failed".to_owned(), "/user_id".to_owned())
    );
    let refused = add(json!({"email": "stranger@example.com", "role": "viewer"})).await;
    assert_eq!(refused.problem().2, "/email");
    let added = add(json!({"email": "MEMBER@example.com", "role": "viewer"}))
        .await
        .expect(201);
    assert_eq!(
        (text(&added["user_id"]), &added["source"]),
        (member.id.clone(), &json!("direct"))
    );
    assert_eq!(
        add(json!({"user_id": member.id, "role": "viewer"})).await.problem().1,
        "already-member"
    );
    assert_eq!(
        add(json!({"user_id": merchant.owner, "role": "viewer"}))
            .await
            .problem()
            .1,
        "already-member"
    );
    let owner = merchant.path(&format!("members/{}", merchant.owner));
    let implied = merchant.call(&test, Call::new("DELETE", &owner)).await;
    assert_eq!(implied.problem().1, "implied-member");
    let list = merchant.read(&test, "members").await;
    let sources: Vec<_> = list["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (text(&row["role"]), text(&row["source"])))
        .collect();
    assert_eq!(
        sources,
        [
            ("viewer".to_owned(), "direct".to_owned()),
            ("admin".to_owned(), "organization".to_owned())
        ]
    );
    let path = merchant.path(&format!("members/{}", member.id));
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(
        member.call(&test, Call::get(merchant.path("products"))).await.status,
        404
    );
}
