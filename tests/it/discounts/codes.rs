//! Codes over the API.

use serde_json::{Value, json};

use crate::support::people::text;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

fn ten_percent(code: &str) -> Value {
    json!({"code": code, "type": "percentage", "percentage": "10"})
}

async fn post(test: &TestApp, merchant: &Merchant, body: Value) -> Reply {
    merchant
        .call(test, Call::post(merchant.path("discount-codes"), body))
        .await
}

#[actix_web::test]
async fn every_field_is_kept() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "fields").await;
    let product = merchant.read(&test, "products").await["data"][0]["id"].clone();
    let sent = json!({"code": "Kevät 26", "description": "For the list", "type": "fixed_amount",
        "amounts": [{"currency": "EUR", "amount": 500}, {"currency": "JPY", "amount": 800}],
        "minimum_amounts": [{"currency": "EUR", "amount": 2000}], "valid_from": "2026-01-01T00:00:00.000Z",
        "expires_at": "2027-01-01T00:00:00.000Z", "usage_limit": 50, "max_per_customer": 1, "exclude_discounted_products": true,
        "product_ids": [product], "refund_policy": "release_customer_slot", "active": false, "metadata": {"a": "b"}});
    let made = post(&test, &merchant, sent.clone()).await.expect(201);
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&made[name], value, "{name}");
    }
    assert_eq!(
        (&made["redeemed"], &made["held"], &made["remaining"], &made["status"]),
        (&json!(0), &json!(0), &json!(50), &json!("active"))
    );
    let path = merchant.path(&format!("discount-codes/{}", text(&made["id"])));
    let read = merchant.call(&test, Call::get(&path)).await;
    assert_eq!(read.expect(200), made);
    let tag = read.header("etag").expect("a tag").to_owned();
    let patch = json!({"description": null, "usage_limit": null, "active": true, "type": "percentage", "percentage": "99.99", "amounts": [],
        "product_ids": []});
    let changed = merchant
        .call(&test, Call::patch(&path, patch).header("if-match", &tag))
        .await
        .expect(200);
    assert_eq!(
        (&changed["percentage"], &changed["amounts"], &changed["remaining"]),
        (&json!("99.99"), &json!([]), &Value::Null)
    );
    assert_eq!(changed["minimum_amounts"], made["minimum_amounts"]);
    let stale = merchant
        .call(&test, Call::patch(&path, json!({})).header("if-match", &tag))
        .await;
    assert_eq!(stale.problem().0, 412);
    test.check_invariants().await;
}

#[actix_web::test]
async fn codes_that_contradict_themselves() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "contradictions").await;
    let with = |name: &str, value: Value| {
        let mut body = ten_percent("X");
        body[name] = value;
        body
    };
    for (body, pointer) in [
        (json!({"code": "X", "type": "percentage"}), "/percentage"),
        (json!({"code": "X", "type": "fixed_amount"}), "/amounts"),
        (
            json!({"code": "X", "type": "fixed_amount", "percentage": "1", "amounts": [{"currency": "EUR", "amount": 1}]}),
            "/percentage",
        ),
        (with("amounts", json!([{"currency": "EUR", "amount": 1}])), "/amounts"),
        (with("percentage", json!("0")), "/percentage"),
        (with("percentage", json!("100.01")), "/percentage"),
        (with("percentage", json!("0.001")), "/percentage"),
        (with("percentage", json!("ten")), "/percentage"),
        (with("code", json!("")), "/code"),
        (with("code", json!("x".repeat(51))), "/code"),
        (with("usage_limit", json!(0)), "/usage_limit"),
        (with("max_per_customer", json!(-1)), "/max_per_customer"),
        (
            with("minimum_amounts", json!([{"currency": "EUR", "amount": 0}])),
            "/minimum_amounts/0/amount",
        ),
        (
            with(
                "minimum_amounts",
                json!([{"currency": "EUR", "amount": 1}, {"currency": "EUR", "amount": 2}]),
            ),
            "/minimum_amounts/1",
        ),
        (
            with("product_ids", json!(["prd_01jd5wq0zsfa2tq4n9v8kx3m7h"])),
            "/product_ids/0",
        ),
        (with("redeemed", json!(1)), "/redeemed"),
    ] {
        let refused = post(&test, &merchant, body.clone()).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned()),
            "{body}"
        );
    }
    let mut dates = ten_percent("X");
    dates["valid_from"] = json!("2027-01-01T00:00:00Z");
    dates["expires_at"] = json!("2026-01-01T00:00:00Z");
    assert_eq!(post(&test, &merchant, dates).await.problem().2, "/expires_at");
}

#[actix_web::test]
async fn a_text_belongs_to_one_code_in_use() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "texts").await;
    let first = post(&test, &merchant, ten_percent("Kevät")).await.expect(201);
    let taken = post(&test, &merchant, ten_percent(" KEVÄT ")).await;
    assert_eq!(taken.problem(), (409, "name-taken".to_owned(), "/code".to_owned()));
    let path = merchant.path(&format!("discount-codes/{}", text(&first["id"])));
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(merchant.call(&test, Call::new("DELETE", &path)).await.status, 404);
    let second = post(&test, &merchant, ten_percent("kevät")).await.expect(201);
    let restore = || Call::new("POST", format!("{path}/restore"));
    assert_eq!(merchant.call(&test, restore()).await.problem().1, "name-taken");
    let list = merchant.read(&test, "discount-codes").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let archived = merchant.read(&test, "discount-codes?status=archived").await;
    assert_eq!(
        (&archived["data"][0]["id"], &archived["data"][0]["status"]),
        (&first["id"], &json!("archived"))
    );
    let other = merchant.path(&format!("discount-codes/{}", text(&second["id"])));
    merchant
        .call(&test, Call::patch(&other, json!({"code": "Syksy"})))
        .await
        .expect(200);
    assert_eq!(merchant.call(&test, restore()).await.expect(200)["status"], "active");
    let back = merchant
        .call(&test, Call::patch(&other, json!({"code": "KEVÄT"})))
        .await;
    assert_eq!(back.problem().1, "name-taken");
}

#[actix_web::test]
async fn a_thousand_codes_at_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "bulk").await;
    post(&test, &merchant, ten_percent("code-7")).await.expect(201);
    let codes: Vec<_> = (0..1000).map(|number| json!({"code": format!("CODE-{number}"), "type": "percentage", "percentage": "5", "usage_limit": 1})).collect();
    let bulk = async |codes: Value| {
        let call = Call::post(merchant.path("discount-codes/bulk"), json!({ "codes": codes }));
        merchant.call(&test, call).await
    };
    let mut twice = codes.clone();
    twice[999] = codes[0].clone();
    let results = bulk(json!(twice)).await.expect(200);
    let status = |index: usize| {
        (
            text(&results["data"][index]["status"]),
            results["data"][index]["id"].is_string(),
        )
    };
    assert_eq!(results["data"].as_array().map(Vec::len), Some(1000));
    assert_eq!(status(0), ("created".to_owned(), true));
    assert_eq!(status(7), ("taken".to_owned(), false));
    assert_eq!(status(999), ("taken".to_owned(), false));
    assert_eq!(bulk(json!([])).await.problem().2, "/codes");
    assert_eq!(
        bulk(json!([{"code": "A", "type": "percentage"}])).await.problem().2,
        "/codes/0/percentage"
    );
    assert_eq!(
        bulk(json!([{"code": "A", "type": "percentage", "percentage": 1}]))
            .await
            .problem()
            .2,
        "/codes/0/percentage"
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_is_wrong_in_a_list_is_told_where_it_was_sent() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "places").await;
    let first = merchant.read(&test, "products").await["data"][0].clone();
    let other = merchant
        .create(&test, "products", crate::support::merchant::course())
        .await;
    let (first, other) = (&first["id"], &other["id"]);
    let made = post(&test, &merchant, ten_percent("PLACES")).await.expect(201);
    let path = merchant.path(&format!("discount-codes/{}", text(&made["id"])));
    let unknown = "prd_01jd5wq0zsfa2tq4n9v8kx3m7h";
    for (products, pointer) in [
        (json!([other, unknown, first]), "/product_ids/1"),
        (json!([unknown, other, first]), "/product_ids/0"),
        (json!([other, first, unknown]), "/product_ids/2"),
        (json!([other, first, other]), "/product_ids/2"),
    ] {
        let patch = Call::patch(&path, json!({"product_ids": products}));
        assert_eq!(merchant.call(&test, patch).await.problem().2, pointer, "{products}");
    }
    let patch = Call::patch(&path, json!({"product_ids": [other, first]}));
    merchant.call(&test, patch).await.expect(200);
}
