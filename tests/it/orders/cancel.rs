//! Staff cancel orders that nobody has paid.

use futures_util::future::join;
use serde_json::{Value, json};

use super::scene::{ask, by_buyer, cancel, come_back, confirmed, count, mails_to, token};
use crate::support::people::text;
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

const BUYER: &str = "buyer@example.com";

#[actix_web::test]
async fn a_cancelled_order_keeps_its_number_and_nothing_of_its_buyer() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "cancel").await;
    let code = json!({"code": "ONCE", "type": "percentage", "percentage": "10", "usage_limit": 1});
    let code = merchant.create(&test, "discount-codes", code).await;
    let holds = format!("discount-codes/{}/holds?test_mode=true", text(&code["id"]));
    let held = async || merchant.read(&test, &holds).await["data"].as_array().map(Vec::len);
    let visit = merchant.visit(&test).await;
    let buyer = json!({"customer": {"last_name": "Virtanen", "phone": "+358401234567", "street": "Katu 1",
        "postal_code": "00100", "city": "Helsinki", "vat_number": "FI20774740", "company": "Virtanen Oy"}});
    by_buyer(&test, &visit, "PATCH", "", buyer).await.expect(200);
    let applied = by_buyer(&test, &visit, "PUT", "/discount", json!({"code": "ONCE"}))
        .await
        .expect(200);
    let total = applied["totals"]["total"].clone();
    let confirm = json!({"expected_total": total, "provider": "test", "consents": {"terms": true, "privacy": true}});
    let made = by_buyer(&test, &visit, "POST", "/confirm", confirm.clone())
        .await
        .expect(200);
    let order = text(&made["order"]["id"]);
    // A second revision, so that there is a first one to forget.
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    by_buyer(&test, &visit, "POST", "/confirm", confirm.clone())
        .await
        .expect(200);
    ask(&test, &merchant, 1001, BUYER).await.expect(202);
    let way = token(&mails_to(&test, BUYER).await[0]);
    assert_eq!(held().await, Some(1));
    let before = merchant.read(&test, &format!("orders/{order}")).await;

    let deleted = cancel(&test, &merchant, &order).await.expect(200);
    assert_eq!(
        json!([
            deleted["status"],
            deleted["payment_status"],
            deleted["deletion_reason"],
            deleted["deletion_note"]
        ]),
        json!(["deleted", "unpaid", "cancelled_by_staff", "Ordered twice"])
    );
    assert!(deleted["deleted_at"].is_string());
    for kept in [
        "number",
        "currency",
        "subtotal",
        "discount_total",
        "tax",
        "total",
        "tax_breakdown",
        "lines",
        "discount",
        "consents",
    ] {
        assert_eq!(deleted[kept], before[kept], "{kept}");
    }
    let said = deleted["customer"].as_object().expect("a buyer");
    let left: Vec<_> = said
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(left, ["country", "id"]);
    let statuses: Vec<_> = deleted["payments"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|payment| &payment["status"])
        .collect();
    assert_eq!(statuses, ["cancelled", "cancelled"]);
    assert_eq!(deleted["actions"][0]["status"], "cancelled");
    assert_eq!(merchant.read(&test, &format!("orders/{order}")).await, deleted);
    assert_eq!(held().await, Some(0), "the code is free");

    // The buyer has nothing left to do, and a page that tries learns why.
    let session = by_buyer(&test, &visit, "GET", "", Value::Null).await.expect(200);
    assert_eq!(
        (&session["status"], &session["customer"]["email"]),
        (&json!("expired"), &Value::Null)
    );
    let seen = by_buyer(&test, &visit, "GET", "/order", Value::Null).await.expect(200);
    assert_eq!(seen["status"], "deleted");
    for (rest, body, problem) in [
        ("/confirm", confirm, "session-closed"),
        ("/payments", json!({"provider": "test"}), "session-not-confirmed"),
        ("/resume", Value::Null, "session-closed"),
        ("/test-payment", json!({"outcome": "succeeded"}), "payment-not-open"),
    ] {
        let refused = by_buyer(&test, &visit, "POST", rest, body).await;
        assert_eq!(refused.problem(), (409, problem.to_owned(), String::new()), "{rest}");
    }
    assert_eq!(come_back(&test, &way).await.problem().1, "not-found");

    // Nowhere else in what is kept of the order, either.
    for (what, statement) in [
        (
            "revisions",
            "SELECT 1 FROM order_revisions WHERE order_row::text ~ 'Aino|Virtanen|buyer@|20774740|Katu'",
        ),
        (
            "customers",
            "SELECT 1 FROM customers WHERE to_jsonb(customers)::text ~ 'Aino|Virtanen|buyer@'",
        ),
        (
            "sessions",
            "SELECT 1 FROM checkout_sessions s WHERE to_jsonb(s)::text ~ 'Aino|Virtanen|buyer@|20774740|Katu'",
        ),
    ] {
        assert_eq!(count(&test, statement).await, 0, "{what}");
    }
    assert_eq!(
        count(
            &test,
            "SELECT 1 FROM order_revisions WHERE order_row->>'total' = '3510'"
        )
        .await,
        1
    );

    test.drain_jobs().await;
    let events = merchant.read(&test, "events?test_mode=true&types=order.deleted").await;
    assert_eq!(events["data"].as_array().map(Vec::len), Some(1));
    let told = &events["data"][0];
    assert_eq!(told["data"], deleted);
    assert_eq!(told["object"], json!({"type": "order", "id": order}));
    let log = merchant.read(&test, "audit-log?action=cancelOrder").await;
    let entry = &log["data"][0];
    assert_eq!(entry["object"]["id"], json!(order));
    assert_eq!(
        (&entry["before"]["status"], &entry["after"]["status"]),
        (&json!("not_paid"), &json!("deleted"))
    );
    assert_eq!(entry["after"]["deletion_note"], "Ordered twice");
    assert!(!entry.to_string().contains("Virtanen"), "{entry}");

    let again = cancel(&test, &merchant, &order).await;
    assert_eq!(again.problem(), (409, "order-deleted".to_owned(), String::new()));
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_paid_order_is_not_cancelled() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "paid").await;
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    assert_eq!(cancel(&test, &merchant, &order).await.problem().1, "order-paid");
    test.drain_jobs().await;
    assert_eq!(cancel(&test, &merchant, &order).await.problem().1, "order-paid");
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["status"], &read["customer"]["email"]),
        (&json!("completed"), &json!(BUYER))
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn who_has_another_order_stays_a_customer() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "two").await;
    let (first, second) = (merchant.visit(&test).await, merchant.visit(&test).await);
    let orders = [confirmed(&test, &first).await, confirmed(&test, &second).await];
    let known = "SELECT 1 FROM customers WHERE email_folded = 'buyer@example.com'";
    cancel(&test, &merchant, &orders[0]).await.expect(200);
    assert_eq!(count(&test, known).await, 1);
    cancel(&test, &merchant, &orders[1]).await.expect(200);
    assert_eq!(count(&test, known).await, 0);
    // Whoever comes again is somebody new.
    confirmed(&test, &merchant.visit(&test).await).await;
    assert_eq!(count(&test, known).await, 1);
    assert_eq!(count(&test, "SELECT 1 FROM customers").await, 2);
    test.check_invariants().await;
}

#[actix_web::test]
async fn an_order_whose_buyer_went_back_to_the_basket_is_cancelled_too() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "resumed").await;
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    cancel(&test, &merchant, &order).await.expect(200);
    assert_eq!(test.call(visit.confirmation()).await.problem().1, "session-closed");
    let patched = by_buyer(&test, &visit, "PATCH", "", json!({"customer": {"email": BUYER}})).await;
    assert_eq!(patched.problem().1, "session-closed");
    test.advance(chrono::TimeDelta::hours(25));
    test.drain_jobs().await;
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_same_request_twice_is_one_cancellation() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "replay").await;
    let order = confirmed(&test, &merchant.visit(&test).await).await;
    let path = merchant.path(&format!("orders/{order}/cancel"));
    let call = || Call::post(path.clone(), json!({"reason": "Twice"})).header("idempotency-key", "k");
    let first = merchant.call(&test, call()).await;
    first.expect(200);
    let second = merchant.call(&test, call()).await;
    assert_eq!((second.status, &second.body), (200, &first.body));
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
}

#[actix_web::test]
async fn cancelled_or_confirmed_again_or_paid_whoever_is_first() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "race").await;
    let service = test.service().await;
    let mut ends = std::collections::BTreeSet::new();
    for number in 0..12 {
        let visit = merchant.visit(&test).await;
        let order = confirmed(&test, &visit).await;
        let path = merchant.path(&format!("orders/{order}/cancel"));
        let staff = Call::post(path, json!({"reason": "Race"})).bearer(&merchant.api_key);
        let buyer = match number % 3 {
            0 => Call::post(visit.path("/test-payment"), json!({"outcome": "succeeded"})),
            1 => Call::new("POST", visit.path("/resume")),
            _ => Call::post(visit.path("/test-payment"), json!({"outcome": "failed"})),
        };
        let buyer = buyer.bearer(&visit.secret);
        let (cancelled, bought) = join(send(&service, staff), send(&service, buyer)).await;
        assert!(matches!(cancelled.status, 200 | 409), "{cancelled:?}");
        // A success that comes after the cancellation is taken all the same: it is money.
        assert!(matches!(bought.status, 200 | 409), "{bought:?}");
        let read = merchant.read(&test, &format!("orders/{order}")).await;
        let expected = if cancelled.status == 200 { "deleted" } else { "paid" };
        assert_eq!(read["status"], expected);
        ends.insert(expected);
    }
    assert!(ends.contains("deleted"));
    test.drain_jobs().await;
    test.check_invariants().await;
}
