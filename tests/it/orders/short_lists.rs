//! Every list is one: `limit`, `cursor`, `has_more`, `Link`, and no parameter that nobody knows.

use kassa::app::document;
use serde_json::{Value, json};

use crate::contract::access::cast::Cast;
use crate::contract::none;
use crate::contract::spec::operations;
use crate::support::people::text;
use crate::support::request::{Call, Reply, send};
use crate::support::{Merchant, TestApp};

/// What answers with `data` and is not read page by page.
const WHOLE: &[(&str, &str)] = &[
    (
        "/v1/checkouts/{checkout_id}/payment-methods",
        "eight at the most: each provider in two modes",
    ),
    (
        "/v1/checkouts/{checkout_id}/reports/sales",
        "groups of a report, which add up",
    ),
];

#[actix_web::test]
async fn every_list_of_the_document_is_paged_and_strict() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    let service = test.service().await;
    let document = document();
    let (mut faults, mut tried) = (Vec::new(), 0);
    for operation in operations(&document)
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        let schema = &operation.body["responses"]["200"]["content"]["application/json"]["schema"];
        let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) else {
            continue;
        };
        if document["components"]["schemas"][name]["properties"]["data"]["type"] != "array" {
            continue;
        }
        if WHOLE.iter().any(|(path, _)| *path == operation.path) {
            continue;
        }
        tried += 1;
        let ask = async |query: &str| -> Reply {
            let path = format!("{}?{query}", cast.path(operation));
            send(&service, Call::get(path).bearer(&cast.merchant.api_key)).await
        };
        let mut fault = |what: String| faults.push(format!("{}: {what}", operation.name()));
        let one = ask("limit=1").await;
        let rows = if one.status == 200 { one.json() } else { Value::Null };
        let more = &rows["has_more"];
        let cut = rows["data"].as_array().map(Vec::len).unwrap_or_default() <= 1;
        let told = (more == &json!(true)) == rows["next_cursor"].is_string()
            && (more == &json!(true)) == one.header("link").is_some();
        if !more.is_boolean() || !cut || !told {
            fault(format!(
                "limit=1 is {} {:?} {}",
                one.status,
                one.header("link"),
                String::from_utf8_lossy(&one.body)
            ));
        }
        for wrong in ["limit=0", "limit=101", "cursor=zzz", "colour=red"] {
            let refused = ask(wrong).await;
            if refused.status != 422 {
                fault(format!("{wrong} is {}", refused.status));
            }
        }
    }
    assert!(tried > 15, "the walk has lost the lists: {tried}");
    none(
        &faults,
        "Every list takes limit and cursor, and tells has_more, next_cursor and Link (http/list.rs, http/short_list.rs).",
    );
}

/// Goes from page to page by `Link`, and by `cursor`, and gathers the ids.
async fn walked(test: &TestApp, merchant: &Merchant, first: &str, by_link: bool) -> Vec<Value> {
    let (mut path, mut ids) = (merchant.path(first), Vec::new());
    for _ in 0..50 {
        let page = merchant.call(test, Call::get(&path)).await;
        let body = page.expect(200);
        let rows = body["data"].as_array().expect("rows");
        assert!(rows.len() <= 2);
        ids.extend(rows.iter().map(|row| row["id"].clone()));
        let Some(link) = page.header("link") else {
            assert_eq!(body["has_more"], false);
            return ids;
        };
        assert_eq!(body["has_more"], true);
        path = match by_link {
            true => link
                .trim_start_matches('<')
                .split('>')
                .next()
                .expect("an address")
                .to_owned(),
            false => merchant.path(&format!("{first}&cursor={}", text(&body["next_cursor"]))),
        };
    }
    panic!("the pages do not end");
}

#[actix_web::test]
async fn short_lists_and_the_feed_are_read_page_by_page() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "short").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let line = merchant.read(&test, &format!("orders/{order}")).await["lines"][0]["id"].clone();
    for key in ["1", "2", "3", "4", "5"] {
        let body = json!({"lines": [{"order_line_id": line, "amount": 100}]});
        let call = Call::post(merchant.path(&format!("orders/{order}/refunds")), body).header("idempotency-key", key);
        merchant.call(&test, call).await.expect(201);
    }
    test.drain_jobs().await;
    let refunds = format!("orders/{order}/refunds");
    let whole = merchant.read(&test, &refunds).await;
    assert_eq!(
        (whole["data"].as_array().map(Vec::len), &whole["has_more"]),
        (Some(5), &json!(false))
    );
    let whole: Vec<Value> = whole["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    let events = merchant.read(&test, "events?test_mode=true&limit=100").await;
    let events: Vec<Value> = events["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    for by_link in [true, false] {
        assert_eq!(
            walked(&test, &merchant, &format!("{refunds}?limit=2"), by_link).await,
            whole
        );
        assert_eq!(
            walked(&test, &merchant, "events?test_mode=true&limit=2", by_link).await,
            events
        );
    }
    let both = merchant
        .call(&test, Call::get(merchant.path("events?after=1&cursor=1")))
        .await;
    assert_eq!(both.problem().2, "?cursor");
}

#[actix_web::test]
async fn links_are_listed_by_mode() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "modes").await;
    let offer = merchant.read(&test, "offers").await["data"][0]["id"].clone();
    let live = merchant
        .create(
            &test,
            "checkout-links",
            json!({"name": "Live", "slug": "live", "offer_id": offer}),
        )
        .await;
    let ids = async |query: &str| {
        let list = merchant.read(&test, &format!("checkout-links{query}")).await;
        let rows = list["data"].as_array().expect("rows").iter();
        rows.map(|row| row["test_mode"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(live["test_mode"], false);
    assert_eq!(ids("").await, [json!(false)]);
    assert_eq!(ids("?test_mode=false").await, [json!(false)]);
    assert_eq!(ids("?test_mode=true").await, [json!(true)]);
}
