//! The merchant's own pairs on sessions, orders and refunds, and what a link is called elsewhere.

use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn open(test: &TestApp, merchant: &Merchant, link: &str, metadata: Value) -> Visit {
    let body = json!({"checkout": merchant.slug, "link": link, "metadata": metadata,
        "customer": {"email": "buyer@example.com", "country": "FI"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    Visit::of(&opened)
}

#[actix_web::test]
async fn an_order_begins_with_the_pairs_of_its_session() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "pairs").await;
    let visit = open(&test, &merchant, "course", json!({"ad": "7", "page": "home"})).await;
    assert_eq!(visit.session["metadata"], json!({"ad": "7", "page": "home"}));
    let patch = |metadata: Value| Call::patch(visit.path(""), json!({"metadata": metadata})).bearer(&visit.secret);
    let changed = test
        .call(patch(json!({"page": null, "seen": "twice"})))
        .await
        .expect(200);
    assert_eq!(changed["metadata"], json!({"ad": "7", "seen": "twice"}));
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    let path = format!("orders/{order}");
    assert_eq!(
        merchant.read(&test, &path).await["metadata"],
        json!({"ad": "7", "seen": "twice"})
    );

    // From here on they are two: what staff write is not the session's, and a new revision does not take it away.
    let staff = Call::patch(merchant.path(&path), json!({"metadata": {"ad": null, "crm": "c-1"}}));
    merchant.call(&test, staff).await.expect(200);
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    assert_eq!(session["metadata"], json!({"ad": "7", "seen": "twice"}));
    test.call(Call::new("POST", visit.path("/resume")).bearer(&visit.secret))
        .await
        .expect(200);
    visit.confirm(&test).await;
    let read = merchant.read(&test, &path).await;
    assert_eq!(
        (&read["metadata"], &read["revision"]),
        (&json!({"crm": "c-1", "seen": "twice"}), &json!(2))
    );
}

#[actix_web::test]
async fn pairs_of_a_buyers_page_have_limits() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "limits").await;
    let many: serde_json::Map<String, Value> = (0..51).map(|n| (n.to_string(), json!("x"))).collect();
    let session = |metadata: Value| {
        let body = json!({"checkout": "limits", "link": "course", "metadata": metadata});
        Call::post("/v1/storefront/sessions", body)
    };
    for (metadata, pointer) in [
        (Value::Object(many.clone()), "/metadata"),
        (json!({"a": "x".repeat(501)}), "/metadata/a"),
        (json!({"a": 1}), "/metadata/a"),
        (json!([]), "/metadata"),
    ] {
        let refused = test.call(session(metadata)).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (422, pointer));
    }
    let visit = open(&test, &merchant, "course", json!({"a": "b"})).await;
    let patch = Call::patch(visit.path(""), json!({"metadata": many})).bearer(&visit.secret);
    assert_eq!(test.call(patch).await.problem().2, "/metadata");
}

#[actix_web::test]
async fn a_refund_has_pairs_of_its_own() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "back").await;
    let visit = open(&test, &merchant, "course", json!({"ad": "7"})).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    visit.pay(&test, "succeeded").await.expect(200);
    let line = merchant.read(&test, &format!("orders/{order}")).await["lines"][0]["id"].clone();
    let body = json!({"lines": [{"order_line_id": line, "amount": 100}], "metadata": {"case": "42"}});
    let call = Call::post(merchant.path(&format!("orders/{order}/refunds")), body).header("idempotency-key", "k");
    let given = merchant.call(&test, call).await.expect(201);
    assert_eq!(given["metadata"], json!({"case": "42"}));
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["refunds"][0]["metadata"], &read["metadata"]),
        (&json!({"case": "42"}), &json!({"ad": "7"}))
    );
    let listed = merchant.read(&test, "refunds?test_mode=true").await;
    assert_eq!(listed["data"][0]["metadata"], json!({"case": "42"}));
}

#[actix_web::test]
async fn an_order_keeps_what_its_link_was_called_elsewhere() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "elsewhere").await;
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let link = json!({"name": "Named", "slug": "named", "offer_id": offer, "test_mode": true, "external_id": "crm-7"});
    let link = merchant.create(&test, "checkout-links", link).await;
    let visit = open(&test, &merchant, "named", json!({})).await;
    let order = format!("orders/{}", text(&visit.confirm(&test).await["order"]["id"]));
    // As it was called when the order was made.
    let renamed = Call::patch(
        merchant.path(&format!("checkout-links/{}", text(&link["id"]))),
        json!({"external_id": "crm-8"}),
    );
    merchant.call(&test, renamed).await.expect(200);
    visit.pay(&test, "succeeded").await.expect(200);
    assert_eq!(merchant.read(&test, &order).await["external_id"], "crm-7");
    let other = open(&test, &merchant, "course", json!({})).await;
    let order = format!("orders/{}", text(&other.confirm(&test).await["order"]["id"]));
    assert_eq!(merchant.read(&test, &order).await["external_id"], Value::Null);
}
