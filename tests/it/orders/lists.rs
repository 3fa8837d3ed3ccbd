//! Lists of orders: what staff look for is found, row by row, and in files.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{by_buyer, cancel, confirmed};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// The numbers of the orders that a query finds.
pub async fn numbers(test: &TestApp, merchant: &Merchant, filters: &str) -> Vec<i64> {
    let list = merchant.read(test, &format!("orders?test_mode=true&{filters}")).await;
    let rows = list["data"].as_array().expect("rows");
    rows.iter()
        .map(|row| row["number"].as_i64().expect("a number"))
        .collect()
}

/// Four orders: 1001 paid and completed by Aino, 1002 cancelled, 1003 unpaid by Erik in Sweden with a code, 1004 paid by Aino.
async fn four(test: &TestApp, merchant: &Merchant) {
    let code = json!({"code": "Spring", "type": "percentage", "percentage": "10"});
    merchant.create(test, "discount-codes", code).await;
    let first = merchant.visit(test).await;
    by_buyer(
        test,
        &first,
        "PATCH",
        "",
        json!({"customer": {"last_name": "Virtanen"}}),
    )
    .await
    .expect(200);
    confirmed(test, &first).await;
    first.pay(test, "succeeded").await.expect(200);
    let second = confirmed(test, &merchant.visit(test).await).await;
    cancel(test, merchant, &second).await.expect(200);
    let third = merchant.visit(test).await;
    let erik =
        json!({"customer": {"email": "Erik@Example.se", "first_name": "Erik", "last_name": "=1+1", "country": "SE"}});
    by_buyer(test, &third, "PATCH", "", erik).await.expect(200);
    let session = by_buyer(test, &third, "PUT", "/discount", json!({"code": "spring"}))
        .await
        .expect(200);
    let third = crate::support::merchant::Visit { session, ..third };
    confirmed(test, &third).await;
    test.advance(TimeDelta::days(2));
    let fourth = merchant.visit(test).await;
    confirmed(test, &fourth).await;
    fourth.pay(test, "succeeded").await.expect(200);
    test.drain_jobs().await;
}

#[actix_web::test]
async fn every_filter_finds_its_orders() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "found").await;
    four(&test, &merchant).await;
    let product = text(&merchant.read(&test, "products").await["data"][0]["id"]);
    let link = text(&merchant.read(&test, "checkout-links?test_mode=true").await["data"][0]["id"]);
    let from = (test.clock.now() - TimeDelta::days(1))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    for (filters, found) in [
        ("", vec![1004, 1003, 1002, 1001]),
        ("number=1003", vec![1003]),
        ("email=ERIK@example.se", vec![1003]),
        ("email=buyer@example.com", vec![1004, 1001]),
        ("first_name=aino", vec![1004, 1001]),
        ("last_name=VIRTANEN", vec![1001]),
        ("q=1002", vec![1002]),
        ("q=%231001", vec![1001]),
        ("q=erik@example.se", vec![1003]),
        ("q=virtanen", vec![1001]),
        ("q=AINO", vec![1004, 1001]),
        ("q=Aino%20Virtanen", vec![1001]),
        ("q=nobody", vec![]),
        ("status=completed", vec![1004, 1001]),
        ("status=not_paid", vec![1003]),
        ("status=deleted", vec![1002]),
        ("payment_status=paid", vec![1004, 1001]),
        ("payment_status=pending", vec![1003]),
        ("fulfillment_status=not_delivered", vec![1003, 1002]),
        ("requires_attention=true", vec![]),
        ("requires_attention=false", vec![1004, 1003, 1002, 1001]),
        ("source=newsletter", vec![1004, 1003, 1002, 1001]),
        ("source=elsewhere", vec![]),
        ("tag=spring", vec![1004, 1003, 1002, 1001]),
        ("tag=autumn", vec![]),
        ("discount_code=SPRING", vec![1003]),
        (&format!("product_id={product}"), vec![1004, 1003, 1002, 1001]),
        (&format!("link_id={link}"), vec![1004, 1003, 1002, 1001]),
        ("link_id=lnk_01jd5wq0zsfa2tq4n9v8kx3m7h", vec![]),
        ("country=SE", vec![1003]),
        ("provider=test", vec![1004, 1003, 1002, 1001]),
        ("provider=free", vec![]),
        ("currency=EUR", vec![1004, 1003, 1002, 1001]),
        ("currency=SEK", vec![]),
        (&format!("created_from={from}"), vec![1004]),
        (&format!("created_to={from}"), vec![1003, 1002, 1001]),
        (&format!("paid_from={from}"), vec![1004]),
        (&format!("paid_to={from}"), vec![1001]),
        (&format!("paid_from=2026-01-01T00:00:00Z&paid_to={from}"), vec![1001]),
        (&format!("tag=spring&status=completed&created_to={from}"), vec![1001]),
        (&format!("product_id={product}&country=SE&provider=test"), vec![1003]),
    ] {
        assert_eq!(numbers(&test, &merchant, filters).await, found, "{filters}");
    }
    assert_eq!(
        merchant.read(&test, "orders").await["data"],
        json!([]),
        "live orders are others"
    );
    for (filters, pointer) in [
        ("status=lost", "?status"),
        ("product_id=lnk_01jd5wq0zsfa2tq4n9v8kx3m7h", "?product_id"),
        ("created_from=yesterday", "?created_from"),
        ("colour=red", "?colour"),
    ] {
        let refused = merchant
            .call(&test, Call::get(merchant.path(&format!("orders?{filters}"))))
            .await;
        assert_eq!(
            (refused.status, refused.problem().2.as_str()),
            (422, pointer),
            "{filters}"
        );
    }
}

#[actix_web::test]
async fn pages_go_on_where_they_ended_whatever_the_filter() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "paged").await;
    four(&test, &merchant).await;
    let product = text(&merchant.read(&test, "products").await["data"][0]["id"]);
    for filters in [
        "source=newsletter",
        "tag=spring",
        "provider=test",
        "q=",
        &format!("product_id={product}"),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("orders?test_mode=true&limit=3&{filters}{cursor}");
            let page = merchant.read(&test, &path).await;
            seen.extend(
                page["data"]
                    .as_array()
                    .expect("rows")
                    .iter()
                    .map(|row| row["number"].clone()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(json!(seen), json!([1004, 1003, 1002, 1001]), "{filters}");
    }
}

#[actix_web::test]
async fn a_row_needs_no_second_request() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "rows").await;
    four(&test, &merchant).await;
    let list = merchant.read(&test, "orders?test_mode=true&number=1003").await;
    let row = &list["data"][0];
    assert_eq!(
        json!([
            row["customer"]["email"],
            row["customer"]["country"],
            row["total_formatted"],
            row["discount_code"]
        ]),
        json!(["Erik@Example.se", "SE", "€35.10", "Spring"])
    );
    assert_eq!(
        json!([
            row["products"][0]["name"],
            row["products"][0]["role"],
            row["payment"]["provider"],
            row["payment"]["status"]
        ]),
        json!(["The course", "main", "test", "pending"])
    );
    assert_eq!(
        json!([
            row["source"],
            row["tags"],
            row["link"]["slug"],
            row["requires_attention"]
        ]),
        json!(["newsletter", ["spring"], "course", false])
    );
}

#[actix_web::test]
async fn notes_and_pairs_are_kept_and_go_with_the_buyer() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "notes").await;
    let order = confirmed(&test, &merchant.visit(&test).await).await;
    let path = merchant.path(&format!("orders/{order}"));
    let patch = |body: Value| merchant.call(&test, Call::patch(path.clone(), body));
    let noted = patch(json!({"note": "Aino called", "metadata": {"crm": "77", "vip": "yes"}}))
        .await
        .expect(200);
    assert_eq!(
        (&noted["note"], &noted["metadata"]["crm"]),
        (&json!("Aino called"), &json!("77"))
    );
    let noted = patch(json!({"note": null, "metadata": {"vip": null}}))
        .await
        .expect(200);
    assert_eq!(
        (&noted["note"], &noted["metadata"]),
        (&Value::Null, &json!({"crm": "77"}))
    );
    assert_eq!(
        patch(json!({"total": 1})).await.problem(),
        (422, "validation-failed".to_owned(), "/total".to_owned())
    );
    let stale = Call::patch(path.clone(), json!({"note": "x"})).header("if-match", "\"old\"");
    assert_eq!(merchant.call(&test, stale).await.problem().1, "precondition-failed");
    patch(json!({"note": "Virtanen wants a call"})).await.expect(200);
    cancel(&test, &merchant, &order).await.expect(200);
    assert_eq!(test.traces_of(&["Virtanen", "Aino"]).await, Vec::<String>::new());
    assert_eq!(patch(json!({"note": "Virtanen"})).await.problem().1, "order-deleted");
    test.check_invariants().await;
}

#[actix_web::test]
async fn receipts_are_numbered_without_gaps_in_each_year() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "receipts").await;
    let mut paid = Vec::new();
    let mut sell = async |pay: bool| {
        let visit = merchant.visit(&test).await;
        let order = confirmed(&test, &visit).await;
        if pay {
            visit.pay(&test, "succeeded").await.expect(200);
            paid.push(order);
        }
        test.drain_jobs().await;
    };
    sell(true).await;
    sell(false).await;
    sell(true).await;
    test.advance(TimeDelta::days(60));
    sell(true).await;
    sell(true).await;
    let mut given = Vec::new();
    for order in &paid {
        let read = merchant.read(&test, &format!("orders/{order}")).await;
        given.push(json!([read["receipt_year"], read["receipt_number"]]));
    }
    assert_eq!(json!(given), json!([[2026, 1], [2026, 2], [2027, 1], [2027, 2]]));
    test.check_invariants().await;
}

#[actix_web::test]
async fn orders_as_files() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "files").await;
    four(&test, &merchant).await;
    let file = async |format: &str| {
        let path = merchant.path(&format!("orders/export?format={format}&test_mode=true"));
        merchant.call(&test, Call::get(path)).await
    };
    let csv = file("csv").await;
    assert_eq!(
        (csv.status, csv.header("content-type")),
        (200, Some("text/csv; charset=utf-8"))
    );
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"orders.csv\"")
    );
    let csv = String::from_utf8(csv.body).expect("UTF-8");
    let lines: Vec<_> = csv.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 5);
    assert!(lines[0].starts_with("number,receipt_year,receipt_number,id,"), "{csv}");
    assert!(
        lines[2].starts_with("1003,,,ord_") && lines[2].contains(",35.10,"),
        "{csv}"
    );
    assert!(lines[2].contains(",\"'=1+1\","), "a formula is text: {csv}");
    let lines = String::from_utf8(file("ndjson").await.body).expect("UTF-8");
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    let listed = merchant.read(&test, "orders?test_mode=true").await;
    assert_eq!(json!(rows), listed["data"]);
    assert_eq!(
        file("xlsx").await.problem(),
        (422, "validation-failed".to_owned(), "?format".to_owned())
    );
}

#[actix_web::test]
async fn a_large_export_has_every_order_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "large").await;
    confirmed(&test, &merchant.visit(&test).await).await;
    // Copies of rows that hold together need no check of their foreign keys.
    test.as_admin(
        "SET session_replication_role = replica;
         INSERT INTO orders SELECT copy.* FROM (SELECT to_jsonb(o) AS row FROM orders o LIMIT 1) one, generate_series(1, 1700) n,
             jsonb_populate_record(NULL::orders, one.row || jsonb_build_object('id', gen_random_uuid(), 'session_id', gen_random_uuid(),
                 'number', 2000 + n)) copy",
    )
    .await;
    let path = merchant.path("orders/export?format=csv&test_mode=true");
    let reply = merchant.call(&test, Call::get(path)).await;
    let csv = String::from_utf8(reply.body).expect("UTF-8");
    let numbers: std::collections::BTreeSet<_> =
        csv.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!((csv.lines().count(), numbers.len()), (1702, 1701));
}

#[actix_web::test]
async fn what_happened_to_an_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "story").await;
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let path = merchant.path(&format!("orders/{order}"));
    merchant
        .call(&test, Call::patch(path, json!({"note": "Called"})))
        .await
        .expect(200);
    let story = merchant.read(&test, &format!("orders/{order}/timeline")).await;
    let entries = story["data"].as_array().expect("entries");
    let told: Vec<_> = entries
        .iter()
        .map(|entry| format!("{} {}", text(&entry["kind"]), text(&entry["what"])))
        .collect();
    for expected in [
        "event order.created",
        "payment started",
        "event payment.succeeded",
        "action succeeded",
        "event order.completed",
        "staff updateOrder",
    ] {
        assert!(told.iter().any(|entry| entry == expected), "{expected}: {told:?}");
    }
    assert!(
        told.last().is_some_and(|entry| entry == "staff updateOrder"),
        "{told:?}"
    );
    let staff = entries.last().expect("entries");
    assert!(text(&staff["actor_id"]).starts_with("key_"), "{staff}");
    let unknown = merchant.path("orders/ord_01jd5wq0zsfa2tq4n9v8kx3m7h/timeline");
    assert_eq!(merchant.call(&test, Call::get(unknown)).await.problem().1, "not-found");
}
