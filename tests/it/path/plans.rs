//! Every statement of a sale, on filled tables: none reads a big table from end to end, and the hot ones use the index that was
//! made for them.
//!
//! Nothing is copied: a sale is played, then the very statements that its connections keep prepared are explained, with the
//! generic plan that the server would use for them.

use diesel::sql_types::{Integer, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kassa::db::Conn;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// Tables that grow with sales and merchants.
const BIG: [&str; 16] = [
    "checkout_slugs",
    "checkout_links",
    "link_counters",
    "link_session_counters",
    "checkout_sessions",
    "session_lines",
    "customers",
    "orders",
    "order_lines",
    "payments",
    "action_runs",
    "events",
    "deliveries",
    "delivery_attempts",
    "jobs",
    "vat_checks",
];

/// A part of a hot statement's text, and an index that its plan must use.
const HOT: [(&str, &str); 20] = [
    ("FROM checkout_slugs s", "checkout_links_slug_unique"),
    (
        "FROM checkout_sessions WHERE checkout_id = $2 AND id = $3",
        "checkout_sessions_pkey",
    ),
    ("FROM session_lines l", "session_lines_by_session"),
    ("FROM vat_checks c CROSS JOIN", "vat_checks_number_unique"),
    ("o WHERE o.checkout_id = $1 AND o.test_mode = $2", "orders_by_mode"),
    ("FROM order_lines WHERE", "order_lines_by_order"),
    (
        "FROM payments WHERE checkout_id = $1 AND order_id = $2",
        "payments_by_order",
    ),
    (
        "WHERE r.checkout_id = $1 AND r.order_id = $2 ORDER BY r.id",
        "action_runs_by_order",
    ),
    ("WHERE checkout_id = $1 AND sequence > $2", "events_sequence_unique"),
    // Either holds nothing but what has no number yet.
    (
        "FROM events WHERE sequence IS NULL",
        "events_to_fan_out or events_unnumbered_by_object",
    ),
    ("FROM jobs WHERE run_at <=", "jobs_due"),
    ("FROM webhook_queues WHERE NOT paused AND due_at", "webhook_queues_due"),
    ("AND d.next_attempt_at <= kassa_now($3)", "deliveries_due"),
    ("AND f.lease_until > kassa_now", "deliveries_leased"),
    ("AND d.first_attempt_at <= kassa_now($3 - $4)", "deliveries_tried"),
    (
        "AND o.status = 'pending' AND NOT o.overtaken",
        "deliveries_open_by_object",
    ),
    ("AND e.sequence > q.fed_to", "events_sequence_unique"),
    ("WHERE status = 'open' AND expires_at <=", "checkout_sessions_to_expire"),
    ("WHERE status <> 'pending' AND updated_at <=", "deliveries_ended"),
    ("WHERE q.paused LIMIT 1", "webhook_queues_paused"),
];

#[derive(diesel::QueryableByName)]
struct Prepared {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    statement: String,
    #[diesel(sql_type = Integer)]
    parameters: i32,
}

#[derive(diesel::QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

#[actix_web::test]
async fn no_statement_of_a_sale_reads_a_big_table_from_end_to_end() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "plans").await;
    // Nothing listens there: the attempt fails, and its statements have been made all the same.
    let endpoint = json!({"url": "http://127.0.0.1:9/", "events": ["*"], "test_mode": true});
    merchant.create(&test, "webhook-endpoints", endpoint).await;
    play(&test, &merchant).await;
    fill(&test).await;

    let mut plans = Vec::new();
    for db in [test.db(), &test.app.worker().db] {
        // Whichever connection made a statement: as many as the worker has, held at once.
        let four = [db.read(), db.read(), db.read(), db.read()];
        for connection in futures_util::future::join_all(four).await {
            plans.extend(explain_all(&connection.expect("a connection")).await);
        }
    }
    for (statement, plan) in &plans {
        let read = nodes(plan, "Seq Scan", "Relation Name");
        let big: Vec<_> = read.iter().filter(|table| BIG.contains(&table.as_str())).collect();
        assert!(big.is_empty(), "reads {big:?} from end to end:\n{statement}\n{plan:#}");
    }
    for (part, index) in HOT {
        let (statement, plan) = plans
            .iter()
            .find(|(statement, _)| statement.contains(part))
            .unwrap_or_else(|| panic!("no statement has {part}"));
        let used = nodes(plan, "Scan", "Index Name");
        assert!(
            used.iter().any(|name| index.split(" or ").any(|index| name == index)),
            "uses {used:?} and not {index}:\n{statement}\n{plan:#}"
        );
    }
}

/// A sale, and what a merchant reads after it.
async fn play(test: &TestApp, merchant: &Merchant) {
    let link = format!("/v1/storefront/checkouts/{}/links/course", merchant.slug);
    test.call(Call::get(link)).await.expect(200);
    let visit = merchant.visit(test).await;
    test.call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    let patch = json!({"customer": {"country": "SE", "vat_number": "SE556677889901"}});
    test.call(Call::patch(visit.path(""), patch).bearer(&visit.secret))
        .await
        .expect(200);
    let session = test
        .call(Call::get(visit.path("")).bearer(&visit.secret))
        .await
        .expect(200);
    let visit = crate::support::merchant::Visit { session, ..visit };
    visit.confirm(test).await;
    visit.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    test.call(Call::get(visit.path("/order")).bearer(&visit.secret))
        .await
        .expect(200);
    merchant.read(test, "orders?test_mode=true").await;
    merchant.read(test, "events?test_mode=true").await;
}

/// Twenty thousand copies of what the sale left, for one merchant, and fresh statistics.
async fn fill(test: &TestApp) {
    let mut admin = AsyncPgConnection::establish(test.database.admin.expose_secret())
        .await
        .expect("the database");
    // Copies of rows that hold together need no check of their foreign keys.
    admin
        .batch_execute("SET session_replication_role = replica")
        .await
        .expect("the right to do so");
    for (table, changes) in [
        ("checkout_slugs", "'slug', 'shop-' || n"),
        ("checkout_links", "'id', md5('k' || n), 'slug', 'link-' || n"),
        ("link_counters", "'link_id', md5('k' || n)"),
        ("link_session_counters", "'link_id', md5('k' || n)"),
        ("checkout_sessions", "'id', md5('s' || n), 'order_id', md5('o' || n)"),
        ("session_lines", "'id', md5('l' || n), 'session_id', md5('s' || n)"),
        ("vat_checks", "'id', md5('v' || n), 'vat_number', 'SE' || n"),
        ("customers", "'id', md5('c' || n), 'email_folded', n || '@example.com'"),
        (
            "orders",
            "'id', md5('o' || n), 'session_id', md5('s' || n), 'customer_id', md5('c' || n), 'number', 5000 + n, 'receipt_number', 5000 + n, 'test_mode', n % 2 = 0",
        ),
        ("order_lines", "'id', md5('l' || n), 'order_id', md5('o' || n)"),
        (
            "payments",
            "'id', md5('p' || n), 'order_id', md5('o' || n), 'provider_reference', 'test_' || n",
        ),
        ("action_runs", "'id', md5('a' || n), 'order_id', md5('o' || n)"),
        (
            "events",
            "'id', md5('e' || n), 'object_id', md5('o' || n), 'sequence', 5000 + n",
        ),
        (
            "deliveries",
            "'id', md5('d' || n), 'event_id', md5('e' || n), 'object_id', md5('o' || n), 'status', 'succeeded'",
        ),
        ("delivery_attempts", "'delivery_id', md5('d' || n)"),
        // Most have nothing to send.
        ("webhook_queues", "'endpoint_id', md5('w' || n), 'due_at', NULL"),
    ] {
        // Whatever columns a table has now or will have.
        let statement = format!(
            "INSERT INTO {table} SELECT copy.* FROM (SELECT to_jsonb({table}) AS row FROM {table} LIMIT 1) one, generate_series(1, 20000) n,
                 jsonb_populate_record(NULL::{table}, one.row || jsonb_build_object({changes})) copy"
        );
        admin
            .batch_execute(&statement)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    let jobs = "INSERT INTO jobs (checkout_id, id, kind, object_id, run_at, created_at)
         SELECT id, md5('j' || n)::uuid, 'run_action', md5('a' || n)::uuid, now() + n * interval '1 minute', now()
         FROM checkouts, generate_series(1, 20000) n; ANALYZE";
    admin.batch_execute(jobs).await.expect("jobs and statistics");
}

/// The plan of every statement that a connection keeps prepared, except those that look at it.
pub async fn explain_all(conn: &Conn) -> Vec<(String, Value)> {
    let mut conn = conn;
    let list = "SELECT name, statement, coalesce(cardinality(parameter_types), 0) AS parameters FROM pg_prepared_statements
         WHERE statement ~ '^(SELECT|INSERT|UPDATE|DELETE|WITH)' AND statement !~ 'pg_prepared_statements|FROM pg_catalog'";
    let statements: Vec<Prepared> = RunQueryDsl::load(diesel::sql_query(list), &mut conn)
        .await
        .expect("the prepared statements");
    let mut plans = Vec::new();
    for prepared in statements {
        // Generic plans do not depend on the values.
        let values = vec!["NULL"; usize::try_from(prepared.parameters).expect("a count")].join(", ");
        let values = if values.is_empty() {
            values
        } else {
            format!("({values})")
        };
        let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE \"{}\"{values}", prepared.name);
        let rows: Vec<Explained> = RunQueryDsl::load(diesel::sql_query(explain), &mut conn)
            .await
            .expect("a plan");
        let text: String = rows.into_iter().map(|row| row.plan).collect();
        plans.push((prepared.statement, serde_json::from_str(&text).expect("a plan in JSON")));
    }
    plans
}

/// A property of every node whose type ends in `kind`, at any depth.
pub fn nodes(plan: &Value, kind: &str, property: &str) -> Vec<String> {
    let mut found = Vec::new();
    match plan {
        Value::Array(all) => all.iter().for_each(|one| found.extend(nodes(one, kind, property))),
        Value::Object(node) => {
            if node
                .get("Node Type")
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with(kind))
            {
                found.extend(node.get(property).and_then(Value::as_str).map(str::to_owned));
            }
            node.values()
                .for_each(|inner| found.extend(nodes(inner, kind, property)));
        }
        _ => {}
    }
    found
}
