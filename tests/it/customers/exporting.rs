//! All that is known of one customer.

use serde_json::{Value, json};

use crate::orders::ageing::talkative;
use crate::refunds::scene::{part, refund};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

pub async fn customer_of(test: &TestApp, merchant: &Merchant, email: &str) -> String {
    let list = merchant
        .read(test, &format!("customers?test_mode=true&email={email}"))
        .await;
    text(&list["data"][0]["id"])
}

#[actix_web::test]
async fn everything_is_in_one_document() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "exported").await;
    let endpoint = json!({"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": true});
    merchant.create(&test, "webhook-endpoints", endpoint).await;
    let (visit, order) = talkative(&test, &merchant).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    let back = json!({"lines": [part(&read, 0, 100)], "comment": "Aino was sorry"});
    refund(&test, &merchant, &read, "back", back).await.expect(201);
    // A visit of the same address, and an order of somebody else.
    let left = json!({"checkout": merchant.slug, "link": "course", "customer": {"email": "Buyer@example.com", "country": "SE"}});
    test.call(Call::post("/v1/storefront/sessions", left)).await.expect(201);
    let other = json!({"checkout": merchant.slug, "link": "course", "customer": {"email": "other@example.com", "country": "FI"}});
    test.call(Call::post("/v1/storefront/sessions", other))
        .await
        .expect(201);
    test.drain_jobs().await;

    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let reply = merchant
        .call(&test, Call::get(merchant.path(&format!("customers/{customer}/export"))))
        .await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(
        reply.header("content-disposition"),
        Some(format!("attachment; filename=\"{customer}.json\"").as_str())
    );
    let all = reply.expect(200);
    assert_eq!(all["customer"]["email"], "buyer@example.com");
    let orders = all["orders"].as_array().expect("orders");
    assert_eq!(orders.len(), 1);
    assert_eq!(
        orders[0]["order"],
        merchant.read(&test, &format!("orders/{order}")).await
    );
    assert_eq!(orders[0]["order"]["refunds"][0]["comment"], "Aino was sorry");
    assert_eq!(orders[0]["order"]["consents"]["terms"]["accepted"], true);
    let revision = &orders[0]["revisions"][0];
    assert_eq!(
        json!([
            revision["revision"],
            revision["last_name"],
            revision["contact"]["phone"],
            revision["custom"]
        ]),
        json!([1, "Virtanen", "+358401234567", {"member": "member-7"}])
    );
    let events = orders[0]["events"].as_array().expect("events");
    let told: Vec<String> = events.iter().map(|event| text(&event["type"])).collect();
    for kind in [
        "order.created",
        "order.updated",
        "payment.succeeded",
        "order.completed",
        "refund.succeeded",
    ] {
        assert!(told.iter().any(|one| one == kind), "{kind} of {told:?}");
    }
    assert!(
        events
            .iter()
            .all(|event| event["deliveries"].as_array().map(Vec::len) == Some(1))
    );
    assert_eq!(
        orders[0]["access"].as_array().map(Vec::len),
        Some(1),
        "the way back in the receipt"
    );
    let sessions = all["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        json!([
            sessions[0]["id"],
            sessions[0]["order_id"],
            sessions[0]["contact"]["street"],
            sessions[1]["email"],
            sessions[1]["order_id"]
        ]),
        json!([visit.id, order, "Katu 1", "Buyer@example.com", null])
    );
    assert!(!String::from_utf8_lossy(&reply.body).contains("other@example.com"));
}

#[actix_web::test]
async fn as_many_orders_as_there_are() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "pieces").await;
    for _ in 0..3 {
        let visit = merchant.visit(&test).await;
        visit.confirm(&test).await;
        visit.pay(&test, "succeeded").await.expect(200);
    }
    test.as_admin(
        "SET session_replication_role = replica;
         INSERT INTO orders SELECT copy.* FROM (SELECT to_jsonb(o) AS row FROM orders o LIMIT 1) one, generate_series(1, 37) n,
             jsonb_populate_record(NULL::orders, one.row || jsonb_build_object('id', md5('o' || n), 'session_id', md5('s' || n),
                 'number', 5000 + n, 'receipt_year', 2026, 'receipt_number', 5000 + n)) copy;
         INSERT INTO checkout_sessions SELECT copy.* FROM (SELECT to_jsonb(s) AS row FROM checkout_sessions s LIMIT 1) one,
             generate_series(1, 37) n, jsonb_populate_record(NULL::checkout_sessions, one.row || jsonb_build_object('id', md5('s' || n),
                 'order_id', md5('o' || n))) copy",
    )
    .await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let all = merchant.read(&test, &format!("customers/{customer}/export")).await;
    let count = |name: &str| all[name].as_array().map(Vec::len);
    assert_eq!(
        (count("orders"), count("sessions")),
        (Some(40), Some(40)),
        "two full batches, and none after them"
    );
    let distinct = |name: &str, id: fn(&Value) -> String| {
        let found: std::collections::BTreeSet<_> = all[name].as_array().expect("a list").iter().map(id).collect();
        found.len()
    };
    assert_eq!(distinct("orders", |order| text(&order["order"]["id"])), 40);
    assert_eq!(distinct("sessions", |session| text(&session["id"])), 40);
}
