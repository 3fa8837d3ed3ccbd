//! A forgotten customer is in no table, and the books are whole.

use serde_json::{Value, json};

use super::exporting::customer_of;
use crate::orders::ageing::{SAID, talkative};
use crate::orders::scene::{by_buyer, count};
use crate::refunds::scene::{part, refund};
use crate::sessions::shop::Shop;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

pub async fn erase(test: &TestApp, merchant: &Merchant, customer: &str) -> Reply {
    let path = merchant.path(&format!("customers/{customer}/erase"));
    merchant.call(test, Call::new("POST", path)).await
}

/// A talkative buyer's order, paid, partly refunded, noted and tagged by staff, with a queued mail and talkative receivers.
async fn settled(test: &TestApp, merchant: &Merchant) -> (Visit, String) {
    let endpoint = json!({"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": true});
    merchant.create(test, "webhook-endpoints", endpoint).await;
    let (visit, order) = talkative(test, merchant).await;
    visit.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let path = merchant.path(&format!("orders/{order}"));
    let note = json!({"note": "Aino Virtanen telephoned", "metadata": {"met": "Aino"}});
    merchant
        .call(test, Call::patch(path, note).header("idempotency-key", "noted"))
        .await
        .expect(200);
    let read = merchant.read(test, &format!("orders/{order}")).await;
    let back = json!({"lines": [part(&read, 0, 900)], "comment": "Aino was sorry", "metadata": {"who": "Aino"}});
    refund(test, merchant, &read, "back", back).await.expect(201);
    test.drain_jobs().await;
    test.as_admin(
        "UPDATE payments SET bank_reference = 'Aino Virtanen 20261120';
         UPDATE delivery_attempts SET answer = 'thank you, Aino Virtanen'; UPDATE deliveries SET last_answer = 'thank you, Aino';
         UPDATE action_runs SET last_error = 'no such mailbox: buyer@example.com', outcome = '{\"contact\": \"Aino\"}';
         UPDATE action_attempts SET message = 'no such mailbox: buyer@example.com';
         INSERT INTO licenses (checkout_id, id, order_id, order_line_id, product_id, run_id, position, content, issued_at, test_mode)
             SELECT l.checkout_id, md5('lic')::uuid, l.order_id, l.id, l.product_id, r.id, 0, 'made for Aino Virtanen', now(), true
             FROM order_lines l JOIN action_runs r ON r.order_id = l.order_id LIMIT 1;
         INSERT INTO mails (id, message_sealed, run_at, created_at, rank, about) SELECT md5('m')::uuid, 'sealed for Aino', now() + interval '1 year', now(), 0, id FROM orders;
         INSERT INTO vat_checks (checkout_id, id, vat_number, state, checked_at, name, address, next_attempt_at, created_at, updated_at)
             SELECT id, md5('v')::uuid, 'FI20774740', 'valid', now(), 'Virtanen Oy', 'Katu 1', now() + interval '30 days', now(), now() FROM checkouts
             ON CONFLICT DO NOTHING",
    )
    .await;
    (visit, order)
}

#[actix_web::test]
async fn nothing_says_who_it_was_and_the_books_are_whole() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "erased").await;
    let (visit, order) = settled(&test, &merchant).await;
    // Visits that came to nothing, one of them still open.
    for _ in 0..2 {
        merchant.visit(&test).await;
    }
    let before = merchant.read(&test, &format!("orders/{order}")).await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let found = test.traces_of(SAID).await;
    for table in [
        "orders",
        "customers",
        "checkout_sessions",
        "events",
        "idempotency_keys",
        "order_revisions",
    ] {
        assert!(
            found.iter().any(|trace| trace.starts_with(table)),
            "{table} of {found:?}"
        );
    }
    let erased = erase(&test, &merchant, &customer).await.expect(200);
    assert_eq!(
        json!([
            erased["email"],
            erased["first_name"],
            erased["last_name"],
            erased["country"],
            erased["orders_count"]
        ]),
        json!([null, null, null, "FI", 1])
    );
    assert!(erased["erased_at"].is_string());
    assert_eq!(test.traces_of(SAID).await, Vec::<String>::new());
    assert_eq!(
        test.traces_of(&["sorry", "telephoned", "thank you", "20261120"]).await,
        Vec::<String>::new()
    );
    assert_eq!(count(&test, "SELECT 1 FROM mails").await, 0);

    let after = merchant.read(&test, &format!("orders/{order}")).await;
    for kept in [
        "number",
        "status",
        "currency",
        "subtotal",
        "tax",
        "total",
        "tax_breakdown",
        "refunded_amount",
        "receipt_number",
        "paid_at",
        "completed_at",
        "created_at",
        "consents",
        "source",
        "tags",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let (mut lines, mut were) = (after["lines"].clone(), before["lines"].clone());
    assert_eq!(lines[0]["licenses"][0]["key"], Value::Null);
    for line in [&mut lines[0], &mut were[0]] {
        line["licenses"] = Value::Null;
    }
    assert_eq!(lines, were);
    assert_eq!(after["customer"]["country"], "FI");
    assert_eq!(
        after["payments"][1]["provider_reference"],
        before["payments"][1]["provider_reference"]
    );
    assert_eq!(
        json!([
            after["customer"]["email"],
            after["note"],
            after["metadata"],
            after["custom"]
        ]),
        json!([null, null, {}, {}])
    );
    test.drain_jobs().await;
    assert_eq!(test.traces_of(SAID).await, Vec::<String>::new());
    // Its events tell that it changed, without the person.
    let told = merchant
        .read(&test, "events?test_mode=true&limit=100&types=order.updated")
        .await;
    let last = told["data"].as_array().expect("events").last().expect("one").clone();
    assert_eq!(
        (&last["object"]["id"], &last["data"]["customer"]["email"]),
        (&json!(order), &Value::Null)
    );
    // The money can still go back, and the buyer's page shows nothing of them.
    let rest = json!({"lines": [part(&after, 0, 100)]});
    refund(&test, &merchant, &after, "rest", rest).await.expect(201);
    let page = by_buyer(&test, &visit, "GET", "", Value::Null).await.expect(200);
    assert_eq!(page["customer"]["email"], Value::Null);
    test.check_invariants().await;
}

#[actix_web::test]
async fn once_more_changes_nothing_but_what_was_written_since() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "twice").await;
    let (_, order) = settled(&test, &merchant).await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let first = erase(&test, &merchant, &customer).await.expect(200);
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    let again = erase(&test, &merchant, &customer).await.expect(200);
    assert_eq!((&again["erased_at"], &again["id"]), (&first["erased_at"], &first["id"]));
    assert_eq!(merchant.read(&test, &format!("orders/{order}")).await, read);
    let path = merchant.path(&format!("orders/{order}"));
    merchant
        .call(&test, Call::patch(path, json!({"note": "Aino called again"})))
        .await
        .expect(200);
    erase(&test, &merchant, &customer).await.expect(200);
    assert_eq!(test.traces_of(&["Aino"]).await, Vec::<String>::new());
    let log = merchant.read(&test, "audit-log?action=eraseCustomer").await;
    let entry = &log["data"][2];
    assert_eq!(
        (&entry["object"]["type"], &entry["object"]["id"]),
        (&json!("customer"), &json!(customer))
    );
    assert!(
        entry["before"]["email"].as_str().is_none_or(|hash| !hash.contains('@')),
        "{entry}"
    );
    assert_eq!(test.traces_of(SAID).await, Vec::<String>::new());
    test.check_invariants().await;
}

#[actix_web::test]
async fn who_comes_again_is_a_new_customer() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "again").await;
    settled(&test, &merchant).await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    let open = merchant.visit(&test).await;
    erase(&test, &merchant, &customer).await.expect(200);
    let ended = test.call(open.confirmation()).await;
    assert_eq!(
        ended.problem().1,
        "session-closed",
        "a basket of the same address has ended"
    );
    let visit = merchant.visit(&test).await;
    let order = visit.confirm(&test).await["order"].clone();
    let new = customer_of(&test, &merchant, "buyer@example.com").await;
    assert_ne!(new, customer);
    let read = merchant.read(&test, &format!("orders/{}", text(&order["id"]))).await;
    assert_eq!(
        json!([read["customer"]["id"], read["customer"]["email"]]),
        json!([new, "buyer@example.com"])
    );
    let list = merchant.read(&test, "customers?test_mode=true").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    test.check_invariants().await;
}

#[actix_web::test]
async fn others_are_left_alone_and_an_unpaid_order_is_given_up() {
    let shop = Shop::new("others").await;
    let (test, merchant) = (&shop.test, &shop.merchant);
    let other = shop
        .open(json!({"customer": {"email": "other@example.com", "country": "FI", "first_name": "Eino"}}))
        .await;
    let others = text(&other.confirm().await["order"]["id"]);
    other.pay().await;
    let code = shop.ten_percent("ONCE", Some(1)).await;
    let buyer = shop
        .open(json!({"customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}}))
        .await;
    buyer.apply("ONCE").await.expect(200);
    let unpaid = text(&buyer.confirm().await["order"]["id"]);
    test.drain_jobs().await;
    let before = merchant.read(test, &format!("orders/{others}")).await;
    let customer = customer_of(test, merchant, "buyer@example.com").await;
    // Back in the basket: no attempt is open.
    buyer.resume().await;
    assert_eq!(shop.counts(code).await, (1, 0));
    erase(test, merchant, &customer).await.expect(200);
    let given_up = merchant.read(test, &format!("orders/{unpaid}")).await;
    assert_eq!(
        json!([
            given_up["status"],
            given_up["deletion_reason"],
            given_up["customer"]["email"]
        ]),
        json!(["deleted", "cancelled_by_staff", null])
    );
    assert_eq!(shop.counts(code).await, (0, 0), "its code is free again");
    assert_eq!(merchant.read(test, &format!("orders/{others}")).await, before);
    test.drain_jobs().await;
    assert_eq!(
        test.traces_of(&["buyer@example.com", "Aino"]).await,
        Vec::<String>::new()
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn an_address_that_was_corrected_is_forgotten_too() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "corrected").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    let right = json!({"customer": {"email": "right@example.com", "first_name": "Eino"}});
    let session = by_buyer(&test, &visit, "PATCH", "", right).await.expect(200);
    let visit = Visit { session, ..visit };
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    let wrong = customer_of(&test, &merchant, "buyer@example.com").await;
    let refused = erase(&test, &merchant, &wrong).await;
    assert_eq!(
        refused.problem().1,
        "customer-not-settled",
        "money may come for what it was before"
    );
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    erase(&test, &merchant, &wrong).await.expect(200);
    assert_eq!(
        test.traces_of(&["buyer@example.com", "Aino"]).await,
        Vec::<String>::new()
    );
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(read["customer"]["email"], "right@example.com");
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_number_that_the_invoice_has_to_bear_stays_on_the_order_alone() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "reverse").await;
    let (_, order) = settled(&test, &merchant).await;
    test.as_admin("UPDATE order_lines SET tax_reason = 'reverse_charge'")
        .await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    erase(&test, &merchant, &customer).await.expect(200);
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(read["customer"]["vat_number"], "FI20774740");
    let said: Vec<&str> = SAID.iter().copied().filter(|word| *word != "FI20774740").collect();
    assert_eq!(test.traces_of(&said).await, Vec::<String>::new());
    let numbers = test.traces_of(&["FI20774740"]).await;
    assert!(
        numbers.iter().all(|trace| ["orders:", "events:", "vat_checks:"]
            .iter()
            .any(|table| trace.starts_with(table))),
        "{numbers:?}"
    );
    assert_eq!(
        count(
            &test,
            "SELECT 1 FROM vat_checks WHERE name IS NOT NULL OR address IS NOT NULL"
        )
        .await,
        0
    );
}

#[actix_web::test]
async fn an_address_is_forgotten_in_every_spelling() {
    let shop = Shop::new("spelled").await;
    let (test, merchant) = (&shop.test, &shop.merchant);
    let buyer = shop
        .open(json!({"customer": {"email": "maija@ÄKÄSLOMPOLO.example", "country": "FI", "first_name": "Äijä", "last_name": "Öhman"}}))
        .await;
    buyer.confirm().await;
    buyer.pay().await;
    let link = json!({"name": "One", "offer_id": shop.offer, "max_orders": 1, "test_mode": true,
        "checkout_data": {"email": "Maija@ÄKÄSLOMPOLO.EXAMPLE", "name": "Äijä Öhman"}});
    let link = text(&merchant.create(test, "checkout-links", link).await["id"]);
    let open = shop
        .open(json!({"customer": {"email": "MAIJA@äkäslompolo.example", "country": "FI", "first_name": "Äijä"}}))
        .await;
    test.drain_jobs().await;
    let list = merchant.read(test, "customers?test_mode=true").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let customer = text(&list["data"][0]["id"]);
    let all = merchant.read(test, &format!("customers/{customer}/export")).await;
    assert_eq!(
        all["sessions"].as_array().map(Vec::len),
        Some(2),
        "both visits are known"
    );
    let said = ["äkäslompolo", "äijä", "öhman"];
    assert!(!test.traces_of(&said).await.is_empty());

    erase(test, merchant, &customer).await.expect(200);
    let left = open.read().await;
    assert_eq!(
        json!([
            left["status"],
            left["customer"]["email"],
            left["customer"]["first_name"]
        ]),
        json!(["expired", null, null]),
        "an open session of the same address ends"
    );
    let link = merchant.read(test, &format!("checkout-links/{link}")).await;
    assert_eq!(link["checkout_data"], json!({}));
    test.drain_jobs().await;
    assert_eq!(test.traces_of(&said).await, Vec::<String>::new());
    test.check_invariants().await;
}
