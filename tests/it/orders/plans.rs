//! Every filter of the list of orders stays on an index of its own, and so does what the clock looks at.

use serde_json::Value;

use super::scene::confirmed;
use crate::path::plans::{explain_all, nodes};
use crate::support::{Merchant, TestApp};

/// A filter, and the index that its plan must use.
const FILTERS: &[(&str, &str)] = &[
    ("", "orders_by_mode"),
    ("number=1001", "orders_number_unique"),
    ("email=a@b.fi", "orders_by_email"),
    ("customer_id=cus_01jd5wq0zsfa2tq4n9v8kx3m7h", "orders_by_customer"),
    ("first_name=a", "orders_by_first_name"),
    ("last_name=a", "orders_by_last_name"),
    ("q=a", "orders_by_first_name"),
    ("status=paid", "orders_by_status"),
    ("payment_status=paid", "orders_by_payment_status"),
    ("fulfillment_status=delivered", "orders_by_fulfillment"),
    ("requires_attention=true", "orders_requiring_attention"),
    ("source=a", "orders_by_source"),
    ("tag=a", "order_tags_pkey"),
    ("discount_code=a", "orders_by_code"),
    ("product_id=prd_01jd5wq0zsfa2tq4n9v8kx3m7h", "order_lines_by_product"),
    ("link_id=lnk_01jd5wq0zsfa2tq4n9v8kx3m7h", "orders_by_link"),
    ("country=FI", "orders_by_country"),
    ("provider=test", "payments_by_provider"),
    ("currency=EUR", "orders_by_currency"),
    (
        "paid_from=2026-01-01T00:00:00Z&paid_to=2026-01-02T00:00:00Z",
        "orders_by_payment_time",
    ),
];

const BIG: [&str; 6] = ["orders", "order_lines", "order_tags", "payments", "events", "jobs"];

#[actix_web::test]
async fn every_filter_has_its_index() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "indexed").await;
    let visit = merchant.visit(&test).await;
    confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    merchant.read(&test, "orders/requires-attention/count").await;
    for (filter, _) in FILTERS {
        merchant.read(&test, &format!("orders?test_mode=true&{filter}")).await;
    }
    fill(&test).await;
    let mut plans = explain_all(&test.db().read().await.expect("a connection")).await;
    plans.extend(explain_all(&test.app.worker().db.read().await.expect("a connection")).await);
    for (statement, plan) in &plans {
        let read = nodes(plan, "Seq Scan", "Relation Name");
        let big: Vec<_> = read.iter().filter(|table| BIG.contains(&table.as_str())).collect();
        assert!(big.is_empty(), "reads {big:?} from end to end:\n{statement}\n{plan:#}");
    }
    let pages: Vec<_> = plans
        .iter()
        .filter(|(statement, _)| statement.contains("LIMIT $27"))
        .collect();
    // Filters by number, name and so on differ in their text; each of them was prepared once.
    assert_eq!(pages.len(), FILTERS.len(), "a statement for each filter");
    for (filter, index) in FILTERS {
        let served: Vec<&&(String, Value)> = pages
            .iter()
            .filter(|(_, plan)| nodes(plan, "Scan", "Index Name").iter().any(|name| name == index))
            .collect();
        assert!(!served.is_empty(), "nothing uses {index} for {filter}");
        // What is read in the order of an index is not put in order again; of a short time of payment it has to be.
        let in_order = served
            .iter()
            .any(|(_, plan)| nodes(plan, "Sort", "Node Type").is_empty());
        assert!(
            in_order || ["orders_by_payment_time", "orders_number_unique"].contains(index),
            "sorts for {filter}: {:#}",
            served[0].1
        );
    }
}

/// Ten thousand copies of what the sale left, and fresh statistics.
async fn fill(test: &TestApp) {
    test.as_admin("SET session_replication_role = replica;
        INSERT INTO orders SELECT copy.* FROM (SELECT to_jsonb(o) AS row FROM orders o LIMIT 1) one, generate_series(1, 10000) n,
            jsonb_populate_record(NULL::orders, one.row || jsonb_build_object('id', md5('o' || n), 'session_id', md5('s' || n),
                'number', 5000 + n, 'receipt_number', 5000 + n, 'customer_id', md5('c' || n % 999), 'email', n || '@example.com', 'first_name', 'f' || n % 999,
                'last_name', 'l' || n % 999, 'source', 's' || n % 50, 'link_id', md5('k' || n % 50), 'country', 'C' || n % 20,
                'status', CASE WHEN n % 50 = 0 THEN 'paid' ELSE 'completed' END,
                'payment_status', CASE WHEN n % 50 = 0 THEN 'partially_refunded' ELSE 'paid' END,
                'fulfillment_status', CASE WHEN n % 50 = 0 THEN 'partially_delivered' ELSE 'delivered' END,
                'currency', CASE WHEN n % 50 = 0 THEN 'SEK' ELSE 'EUR' END, 'requires_attention', n % 500 = 0,
                'discount_code', CASE WHEN n % 20 = 0 THEN 'code' || n % 40 END, 'discount_code_id', CASE WHEN n % 20 = 0 THEN md5('c') END,
                'paid_at', now() - n * interval '1 hour')) copy;
        INSERT INTO order_lines SELECT copy.* FROM (SELECT to_jsonb(l) AS row FROM order_lines l LIMIT 1) one, generate_series(1, 10000) n,
            jsonb_populate_record(NULL::order_lines, one.row || jsonb_build_object('id', md5('l' || n), 'order_id', md5('o' || n),
                'product_id', md5('p' || n % 50))) copy;
        INSERT INTO payments SELECT copy.* FROM (SELECT to_jsonb(p) AS row FROM payments p LIMIT 1) one, generate_series(1, 10000) n,
            jsonb_populate_record(NULL::payments, one.row || jsonb_build_object('id', md5('p' || n), 'order_id', md5('o' || n),
                'provider_reference', 'test_' || n)) copy;
        INSERT INTO order_tags SELECT o.checkout_id, o.test_mode, 't' || o.number % 50, o.id FROM orders o;
        INSERT INTO events SELECT copy.* FROM (SELECT to_jsonb(e) AS row FROM events e LIMIT 1) one, generate_series(1, 10000) n,
            jsonb_populate_record(NULL::events, one.row || jsonb_build_object('id', md5('e' || n), 'object_id', md5('o' || n),
                'sequence', 5000 + n)) copy;
        INSERT INTO jobs (checkout_id, id, kind, object_id, run_at, created_at)
            SELECT c.id, md5('j' || n)::uuid, 'run_action', md5('a' || n)::uuid, now() + n * interval '1 minute', now()
            FROM checkouts c, generate_series(1, 10000) n;
        INSERT INTO order_attention SELECT o.checkout_id, o.id, 'dispute', now() FROM orders o WHERE o.requires_attention;
        ANALYZE")
        .await;
}
