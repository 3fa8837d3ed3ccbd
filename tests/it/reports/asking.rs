//! What a report is asked for.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::sessions::shop::Shop;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn sales(test: &TestApp, merchant: &Merchant, query: &str) -> Value {
    merchant.read(test, &format!("reports/sales?{query}")).await
}

#[actix_web::test]
async fn what_is_wrong_is_named() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "asking").await;
    for (query, pointer) in [
        ("group_by=week", "?group_by"),
        ("group_by=Day", "?group_by"),
        ("currency=eur", "?currency"),
        ("currency=XXQ", "?currency"),
        ("from=yesterday", "?from"),
        ("to=2026-02-30", "?to"),
        ("from=2026-11-02&to=2026-11-01", "?to"),
        ("from=2020-01-01&to=2026-01-01", "?from"),
        ("colour=red", "?colour"),
    ] {
        let reply = merchant
            .call(&test, Call::get(merchant.path(&format!("reports/sales?{query}"))))
            .await;
        let refused = reply.problem();
        assert_eq!(
            refused,
            (422, "validation-failed".to_owned(), pointer.to_owned()),
            "{query}"
        );
    }
    for query in ["test_mode=maybe", "from=%00", "from=2026-01-01&from=2026-01-02"] {
        let reply = merchant
            .call(&test, Call::get(merchant.path(&format!("reports/sales?{query}"))))
            .await;
        assert!([400, 422].contains(&reply.status), "{query}: {}", reply.status);
    }
}

#[actix_web::test]
async fn days_without_sales_are_there_and_the_default_is_thirty_of_them() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "days").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    visit.pay(&test, "succeeded").await.expect(200);
    let report = sales(&test, &merchant, "test_mode=true").await;
    let days = report["data"].as_array().expect("days");
    let today = test.clock.now().date_naive().to_string();
    assert_eq!((days.len(), &days[29]["key"]), (30, &json!(today)));
    assert!(
        days.windows(2)
            .all(|pair| text(&pair[0]["key"]) < text(&pair[1]["key"]))
    );
    assert_eq!(
        json!([
            report["group_by"],
            report["currency"],
            report["totals"]["orders"],
            report["totals"]["gross"],
            days[29]["gross"]
        ]),
        json!(["day", "EUR", 1, 3900, 3900])
    );
    assert_eq!(report["totals"]["add_on_accept_rate"], "0");
    assert_eq!(days[0]["add_on_accept_rate"], Value::Null);
    let live = sales(&test, &merchant, "").await;
    assert_eq!(live["totals"]["orders"], 0, "test sales are not live ones");
    let whole = sales(&test, &merchant, "test_mode=true&from=2026-01-01&to=2026-01-31").await;
    assert_eq!(
        json!([whole["from"], whole["to"], whole["data"].as_array().map(Vec::len)]),
        json!(["2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", 31])
    );
    let path = merchant.path("reports/sales?test_mode=true");
    let first = merchant.call(&test, Call::get(&path)).await;
    let tag = first.header("etag").expect("a tag").to_owned();
    let again = merchant
        .call(&test, Call::get(&path).header("if-none-match", &tag))
        .await;
    assert_eq!(again.status, 304);
}

#[actix_web::test]
async fn a_refund_counts_on_its_own_day_and_leaves_the_day_of_the_sale() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "late").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let sold = test.clock.now().date_naive();
    test.advance(TimeDelta::days(40));
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    let body = json!({"lines": [{"order_line_id": read["lines"][0]["id"], "amount": 1900}]});
    let call = Call::post(merchant.path(&format!("orders/{order}/refunds")), body).header("idempotency-key", "late");
    merchant.call(&test, call).await.expect(201);
    let back = test.clock.now().date_naive();
    let then = sales(&test, &merchant, &format!("test_mode=true&from={sold}&to={sold}")).await;
    let now = sales(
        &test,
        &merchant,
        &format!("test_mode=true&from={back}&to={back}&group_by=product"),
    )
    .await;
    let money = |report: &Value| {
        json!([
            report["totals"]["gross"],
            report["totals"]["refunds"],
            report["totals"]["orders"]
        ])
    };
    assert_eq!((money(&then), money(&now)), (json!([3900, 0, 1]), json!([0, 1900, 0])));
    assert_eq!(now["data"][0]["label"], "The course");
    let net = now["totals"]["net"].as_i64().expect("an amount");
    assert_eq!(net, -(1900 - now["totals"]["refunded_tax"].as_i64().expect("a tax")));
}

#[actix_web::test]
async fn more_groups_than_are_told_apart_are_one_sum() {
    let shop = Shop::new("many").await;
    let buyer = shop.buyer("buyer@example.com").await;
    buyer.confirm().await;
    buyer.pay().await;
    shop.test
        .as_admin(
            "SET session_replication_role = replica;
             INSERT INTO orders SELECT copy.* FROM (SELECT to_jsonb(o) AS row FROM orders o LIMIT 1) one, generate_series(1, 600) n,
                 jsonb_populate_record(NULL::orders, one.row || jsonb_build_object('id', md5('o' || n), 'session_id', md5('s' || n),
                     'number', 5000 + n, 'receipt_year', 2026, 'receipt_number', 5000 + n, 'source', 's' || n, 'total', 1000 + n, 'subtotal', 1000 + n,
                     'tax', 0)) copy",
        )
        .await;
    let report = sales(&shop.test, &shop.merchant, "test_mode=true&group_by=source").await;
    let rows = report["data"].as_array().expect("groups");
    assert_eq!(
        (rows.len(), &rows[0]["key"], &rows[1]["gross"]),
        (500, &json!("newsletter"), &json!(1600))
    );
    let rest = &report["rest"];
    assert_eq!(json!([rest["groups"], rest["orders"]]), json!([101, 101]));
    let told: i64 = rows.iter().map(|row| row["gross"].as_i64().expect("an amount")).sum();
    assert_eq!(
        json!(told + rest["gross"].as_i64().expect("an amount")),
        report["totals"]["gross"]
    );
    assert_eq!(report["totals"]["orders"], 601);
}
