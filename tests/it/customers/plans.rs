//! What reads or forgets one customer, and what reports read, stays on indexes however much there is of others.

use serde_json::json;

use super::erasing::erase;
use super::exporting::customer_of;
use crate::orders::ageing::talkative;
use crate::path::plans::{explain_all, nodes};
use crate::refunds::scene::{part, refund};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

const BIG: [&str; 15] = [
    "action_runs",
    "checkout_sessions",
    "customers",
    "deliveries",
    "delivery_attempts",
    "discount_holds",
    "events",
    "jobs",
    "mails",
    "order_lines",
    "order_revisions",
    "orders",
    "payments",
    "refund_lines",
    "refunds",
];

/// A part of a statement's text, and an index that its plan must use.
const SERVED: &[(&str, &str)] = &[
    (
        "FROM customers c  WHERE c.checkout_id = $1 AND c.test_mode",
        "customers_by_mode",
    ),
    (
        "OR kassa_fold(c.last_name) = kassa_fold($7)) AND c.email_folded = $4",
        "customers_email_unique",
    ),
    (
        "OR kassa_fold(c.last_name) = kassa_fold($7)) AND kassa_fold(c.last_name) = kassa_fold($6)",
        "customers_by_last_name",
    ),
    ("FROM customers f", "customers_by_first_name"),
    ("AS spent", "orders_by_customer"),
    (
        "AND ($26::uuid IS NULL OR o.customer_id = $26) AND o.customer_id = $26",
        "orders_by_customer",
    ),
    ("r.order_row ->> 'customer_id' = $3", "order_revisions_by_customer"),
    ("r.order_row ->> 'customer_id' = $3", "checkout_sessions_by_email"),
    ("SELECT id, data FROM events", "events_by_object"),
];

#[actix_web::test]
async fn nothing_reads_a_big_table_from_end_to_end() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "planned").await;
    let endpoint = json!({"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": true});
    merchant.create(&test, "webhook-endpoints", endpoint).await;
    let (visit, order) = talkative(&test, &merchant).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    refund(&test, &merchant, &read, "back", json!({"lines": [part(&read, 0, 100)]}))
        .await
        .expect(201);
    test.as_admin(
        "INSERT INTO mails (id, message_sealed, run_at, created_at, rank, about) SELECT md5('m')::uuid, 'm', now() + interval '1 year', now(), 0, id FROM orders;
         INSERT INTO discount_codes (checkout_id, id, code, code_folded, type, percentage, exclude_discounted_products, refund_policy, active,
             created_at, updated_at) SELECT id, md5('x')::uuid, 'X', 'x', 'percentage', 10, false, 'keep', true, now(), now() FROM checkouts;
         INSERT INTO discount_holds (checkout_id, id, discount_code_id, session_id, test_mode, state, phase, expires_at, renewable_until, counted,
             created_at, updated_at) SELECT checkout_id, md5('h')::uuid, md5('x')::uuid, id, true, 'released', 'basket', now(), now(), false,
             now(), now() FROM checkout_sessions",
    )
    .await;
    fill(&test).await;
    let customer = customer_of(&test, &merchant, "buyer@example.com").await;
    for query in ["", "&q=virtanen", "&q=aino%20virtanen"] {
        merchant.read(&test, &format!("customers?test_mode=true{query}")).await;
    }
    merchant.read(&test, &format!("customers/{customer}")).await;
    merchant.read(&test, &format!("customers/{customer}/export")).await;
    for group_by in ["day", "source", "link", "product", "discount_code", "country"] {
        merchant
            .read(&test, &format!("reports/sales?test_mode=true&group_by={group_by}"))
            .await;
    }
    let unpaid = merchant.visit(&test).await;
    unpaid.confirm(&test).await;
    let resume = Call::new("POST", unpaid.path("/resume")).bearer(&unpaid.secret);
    test.call(resume).await.expect(200);
    erase(&test, &merchant, &customer).await.expect(200);

    let mut plans = Vec::new();
    let db = test.db();
    // Whichever connection made a statement.
    let all = futures_util::future::join_all((0..8).map(|_| db.read())).await;
    for connection in all {
        plans.extend(explain_all(&connection.expect("a connection")).await);
    }
    for (statement, plan) in &plans {
        let read = nodes(plan, "Seq Scan", "Relation Name");
        let big: Vec<_> = read.iter().filter(|table| BIG.contains(&table.as_str())).collect();
        assert!(big.is_empty(), "reads {big:?} from end to end:\n{statement}\n{plan:#}");
    }
    let served = |part: &str, index: &str| {
        let of = plans.iter().filter(|(statement, _)| statement.contains(part));
        of.filter(|(_, plan)| nodes(plan, "Scan", "Index Name").iter().any(|name| name == index))
            .count()
    };
    for (part, index) in SERVED {
        assert!(served(part, index) > 0, "no statement with {part} uses {index}");
    }
    for index in ["orders_by_payment_time", "refunds_by_effect"] {
        assert_eq!(
            served("WITH sold AS MATERIALIZED", index),
            6,
            "every report uses {index}"
        );
    }
    assert_eq!(text(&read["id"]), order);
}

/// Ten thousand copies of what the sale left, of other buyers, and fresh statistics.
async fn fill(test: &TestApp) {
    let mut statements = "SET session_replication_role = replica;".to_owned();
    for (table, changes) in [
        (
            "customers",
            "'id', md5('c' || n), 'test_mode', n % 9 = 0, 'email', n || '@example.com', 'email_folded', n || '@example.com', 'first_name', 'f' || n % 999, 'last_name', 'l' || n % 999",
        ),
        (
            "checkout_sessions",
            "'id', md5('s' || n), 'order_id', md5('o' || n), 'email', n || '@example.com', 'vat_number', 'SE' || n",
        ),
        (
            "orders",
            "'id', md5('o' || n), 'session_id', md5('s' || n), 'customer_id', md5('c' || n), 'number', 5000 + n, 'receipt_year', 2026, 'receipt_number', 5000 + n, 'email', n || '@example.com', 'vat_number', 'SE' || n, 'paid_at', now() - n * interval '1 hour', 'source', 's' || n % 50, 'link_id', md5('k' || n % 50)",
        ),
        ("order_lines", "'id', md5('l' || n), 'order_id', md5('o' || n)"),
        (
            "order_revisions",
            "'order_id', md5('o' || n), 'order_row', one.row -> 'order_row' || jsonb_build_object('customer_id', md5('c' || n)::uuid)",
        ),
        (
            "payments",
            "'id', md5('p' || n), 'order_id', md5('o' || n), 'provider_reference', 'test_' || n",
        ),
        ("action_runs", "'id', md5('a' || n), 'order_id', md5('o' || n)"),
        (
            "refunds",
            "'id', md5('r' || n), 'order_id', md5('o' || n), 'payment_id', md5('p' || n), 'effective_at', now() - n * interval '1 hour'",
        ),
        (
            "refund_lines",
            "'refund_id', md5('r' || n), 'order_line_id', md5('l' || n)",
        ),
        (
            "events",
            "'id', md5('e' || n), 'object_id', md5('o' || n), 'sequence', 5000 + n",
        ),
        (
            "deliveries",
            "'id', md5('d' || n), 'event_id', md5('e' || n), 'object_id', md5('o' || n), 'status', 'succeeded'",
        ),
        ("delivery_attempts", "'delivery_id', md5('d' || n)"),
        ("mails", "'id', md5('m' || n), 'about', md5('o' || n)"),
        ("discount_holds", "'id', md5('h' || n), 'session_id', md5('s' || n)"),
    ] {
        statements.push_str(&format!(
            "INSERT INTO {table} SELECT copy.* FROM (SELECT to_jsonb({table}) AS row FROM {table} LIMIT 1) one, generate_series(1, 10000) n,
                 jsonb_populate_record(NULL::{table}, one.row || jsonb_build_object({changes})) copy;"
        ));
    }
    statements.push_str(
        "INSERT INTO jobs (checkout_id, id, kind, object_id, run_at, created_at)
             SELECT c.id, md5('j' || n)::uuid, 'run_action', md5('a' || n)::uuid, now() + n * interval '1 minute', now()
             FROM checkouts c, generate_series(1, 10000) n; ANALYZE",
    );
    test.as_admin(&statements).await;
}
