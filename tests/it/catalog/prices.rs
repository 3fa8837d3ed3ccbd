//! Which price holds, and what it was before.

use chrono::TimeDelta;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::merchant::course;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

async fn price(test: &TestApp, merchant: &Merchant, path: &str, amount: i64, discounted: Option<i64>) -> Value {
    let patch = json!({"prices": [{"currency": "EUR", "amount": amount, "discounted_amount": discounted}]});
    let call = Call::patch(merchant.path(path), patch);
    merchant.call(test, call).await.expect(200)["prices"][0].clone()
}

#[actix_web::test]
async fn a_discount_says_the_lowest_price_of_the_thirty_days_before_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "omnibus").await;
    let body = json!({"name": "A", "type": "service", "vat_type": "service", "prices": [{"currency": "EUR", "amount": 10_000}]});
    let made = merchant.create(&test, "products", body).await;
    let path = format!("products/{}", id(&made));
    let days = |days| test.advance(TimeDelta::days(days));
    days(10);
    price(&test, &merchant, &path, 8_000, None).await;
    days(5);
    price(&test, &merchant, &path, 12_000, None).await;
    days(5);
    // Raised before the discount: the reference is what was really charged.
    let shown = price(&test, &merchant, &path, 12_000, Some(9_000)).await;
    assert_eq!(shown["lowest_amount_30_days"], 8_000);
    days(26);
    // The discount lasts: its reference stays, also when another price is struck through.
    let shown = price(&test, &merchant, &path, 15_000, Some(9_000)).await;
    assert_eq!(shown["lowest_amount_30_days"], 8_000);
    // A deeper one is a new reduction.
    let shown = price(&test, &merchant, &path, 15_000, Some(7_000)).await;
    assert_eq!(shown["lowest_amount_30_days"], 9_000);
    let shown = price(&test, &merchant, &path, 15_000, None).await;
    assert_eq!(
        shown["lowest_amount_30_days"],
        Value::Null,
        "no discount, nothing to state"
    );
    days(31);
    let shown = price(&test, &merchant, &path, 15_000, Some(14_000)).await;
    assert_eq!(
        shown["lowest_amount_30_days"], 15_000,
        "all that was lower is longer ago"
    );
    let made = merchant.create(&test, "products", course()).await;
    assert_eq!(
        made["prices"][0]["lowest_amount_30_days"],
        Value::Null,
        "never sold before"
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_buyer_sees_the_reference_too_and_offers_inherit_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "shown").await;
    let product = merchant.read(&test, "products").await["data"][0].clone();
    let path = format!("products/{}", id(&product));
    test.advance(TimeDelta::days(3));
    price(&test, &merchant, &path, 4900, None).await;
    test.advance(TimeDelta::days(3));
    price(&test, &merchant, &path, 4900, Some(4000)).await;
    let link = "/v1/storefront/checkouts/shown/links/course";
    let shown = test.call(Call::get(link)).await.expect(200);
    let eur = |shown: &Value| shown["items"][0]["prices"][0].clone();
    let expected =
        json!({"currency": "EUR", "unit_amount": 4000, "original_unit_amount": 4900, "lowest_amount_30_days": 3900});
    assert_eq!(eur(&shown), expected);
    let visit = merchant.visit(&test).await;
    assert_eq!(
        visit.session["lines"][0]["lowest_amount_30_days"], 3900,
        "and in the basket"
    );
    // The offer gets a price of its own: what its buyers paid before came from the product.
    let offer = merchant.read(&test, "offers").await["data"][0].clone();
    let items = json!({"items": [{"id": offer["items"][0]["id"], "product_id": product["id"],
        "prices": [{"currency": "EUR", "amount": 5000, "discounted_amount": 3000}]}]});
    let changed = merchant
        .call(
            &test,
            Call::patch(merchant.path(&format!("offers/{}", id(&offer))), items),
        )
        .await
        .expect(200);
    assert_eq!(changed["items"][0]["id"], offer["items"][0]["id"], "kept by its id");
    assert_eq!(changed["items"][0]["prices"][0]["lowest_amount_30_days"], 3900);
    assert_eq!(eur(&test.call(Call::get(link)).await.expect(200))["unit_amount"], 3000);
    test.check_invariants().await;
}

#[actix_web::test]
async fn history_can_only_be_added_to() {
    let test = TestApp::new().await;
    Merchant::with_course(&test, "ledger").await;
    let mut served = AsyncPgConnection::establish(test.database.serve.expose_secret())
        .await
        .expect("as the server connects");
    for statement in [
        "UPDATE price_history SET amount = 1",
        "DELETE FROM price_history",
        "TRUNCATE price_history",
        "DROP TABLE price_history",
        "ALTER TABLE price_history DISABLE TRIGGER ALL",
        "MERGE INTO price_history h USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        "INSERT INTO price_history (checkout_id, owner, owner_id, currency, valid_from)
             SELECT checkout_id, owner, owner_id, currency, valid_from FROM price_history
             ON CONFLICT ON CONSTRAINT price_history_pkey DO UPDATE SET amount = 1",
    ] {
        let refused = served.batch_execute(statement).await.expect_err(statement);
        assert!(
            refused.to_string().contains("permission denied") || refused.to_string().contains("must be owner"),
            "{statement}: {refused}"
        );
    }
    served
        .batch_execute("INSERT INTO price_history (checkout_id, owner, owner_id, currency, valid_from)
             SELECT checkout_id, owner, owner_id, currency, valid_from + interval '1 second' FROM price_history LIMIT 1")
        .await
        .expect("adding is allowed");
}

#[actix_web::test]
async fn nothing_a_merchant_does_changes_what_a_price_was() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "kept").await;
    let product = merchant.read(&test, "products").await["data"][0].clone();
    let path = merchant.path(&format!("products/{}", id(&product)));
    let owner: kassa::kernel::ids::ProductId = id(&product).parse().expect("an id");
    let history = async || {
        let conn = test.db().read().await.expect("a connection");
        let rows = kassa::catalog::prices::store::history(&conn, merchant.checkout, &[owner.uuid()]).await;
        let rows = rows.expect("the history").into_iter();
        rows.map(|row| format!("{row:?}")).collect::<Vec<_>>()
    };
    let mut before = history().await;
    assert_eq!(before.len(), 3, "one row for each currency");
    let patch = |body: Value| Call::patch(path.clone(), body);
    // The reference price is computed and not taken from anybody.
    for field in ["lowest_amount_30_days", "valid_from", "history"] {
        let prices = json!({"prices": [{"currency": "EUR", "amount": 4900, field: 1}]});
        let refused = merchant.call(&test, patch(prices)).await;
        assert_eq!(
            refused.problem(),
            (422, "validation-failed".to_owned(), format!("/prices/0/{field}"))
        );
    }
    for call in [
        patch(json!({"prices": [{"currency": "EUR", "amount": 100}]})),
        patch(json!({"prices": []})),
        patch(json!({"prices": [{"currency": "EUR", "amount": 100}], "name": "Other"})),
        Call::new("DELETE", path.clone()),
        Call::post(format!("{path}/restore"), json!({})),
    ] {
        let shown = format!("{call:?}");
        test.advance(TimeDelta::hours(1));
        let reply = merchant.call(&test, call).await;
        assert!(matches!(reply.status, 200 | 204), "{shown}: {reply:?}");
        let after = history().await;
        let lost: Vec<_> = before.iter().filter(|row| !after.contains(row)).collect();
        assert!(lost.is_empty(), "{shown} took {lost:?}");
        before = after;
    }
    assert_eq!(before.len(), 3 + 1 + 3 + 1, "and every change is there");
    test.check_invariants().await;
}

#[actix_web::test]
async fn every_change_of_a_price_is_in_the_history_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "once").await;
    let made = merchant.create(&test, "products", course()).await;
    let path = merchant.path(&format!("products/{}", id(&made)));
    let patch = |prices: Value| Call::patch(path.clone(), json!({"prices": prices}));
    let same = course()["prices"].clone();
    merchant.call(&test, patch(same)).await.expect(200);
    merchant
        .call(&test, patch(json!([{"currency": "EUR", "amount": 1}])))
        .await
        .expect(200);
    merchant.call(&test, patch(json!([]))).await.expect(200);
    // Twenty at once: each waits for the product's row, and none is earlier than the one before it.
    let service = test.service().await;
    let calls = (0..20).map(|amount| {
        let call = patch(json!([{"currency": "EUR", "amount": 100 + amount}])).bearer(&merchant.api_key);
        crate::support::request::send(&service, call)
    });
    for reply in futures_util::future::join_all(calls).await {
        reply.expect(200);
    }
    let conn = test.db().read().await.expect("a connection");
    let owner: kassa::kernel::ids::ProductId = id(&made).parse().expect("an id");
    let history = kassa::catalog::prices::store::history(&conn, merchant.checkout, &[owner.uuid()])
        .await
        .expect("the history");
    let of = |code: &str| {
        let rows = history.iter().filter(|row| row.currency.code() == code);
        rows.map(|row| row.amount).collect::<Vec<_>>()
    };
    assert_eq!(
        of("SEK"),
        [Some(54_900), None],
        "made and taken away; the repetition is no change"
    );
    assert_eq!(of("EUR")[..3], [Some(4900), Some(1), None]);
    assert_eq!(of("EUR").len(), 23);
    test.check_invariants().await;
}

/// Prices on every level for two variants, in currencies that differ in which levels have one.
async fn levels(test: &TestApp, merchant: &Merchant) -> Value {
    let price =
        |currency: &str, amount: i64| json!({"currency": currency, "amount": amount, "discounted_amount": amount - 1});
    let product = json!({"name": "P", "type": "service", "vat_type": "service",
    "prices": [price("EUR", 400), price("SEK", 4000), price("USD", 440), price("GBP", 444), price("JPY", 40)],
    "variants": [
        {"name": "A", "prices": [price("EUR", 300), price("SEK", 3000), price("USD", 330)]},
        {"name": "B", "prices": [{"currency": "EUR", "amount": 350}]},
    ]});
    let product = merchant.create(test, "products", product).await;
    let (a, b) = (
        product["variants"][0]["id"].clone(),
        product["variants"][1]["id"].clone(),
    );
    let of = |variant: &Value, currency: &str, amount: i64| json!({"variant_id": variant, "currency": currency, "amount": amount});
    let offer = json!({"name": "O", "title": "O", "items": [{"product_id": product["id"], "prices": [
        price("EUR", 200), price("SEK", 2000), of(&a, "EUR", 100), of(&b, "NOK", 500)]}]});
    let offer = merchant.create(test, "offers", offer).await;
    let link = json!({"name": "L", "offer_id": offer["id"], "slug": "course", "test_mode": true});
    merchant.create(test, "checkout-links", link).await;
    product
}

#[actix_web::test]
async fn the_basket_costs_what_the_link_shows() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "levels").await;
    let product = levels(&test, &merchant).await;
    let shown = test
        .call(Call::get("/v1/storefront/checkouts/levels/links/course"))
        .await
        .expect(200);
    let mut seen = Vec::new();
    for variant in shown["items"][0]["variants"].as_array().expect("variants") {
        for price in variant["prices"].as_array().expect("prices") {
            let (currency, amount) = (price["currency"].clone(), price["unit_amount"].clone());
            let open =
                json!({"checkout": "levels", "link": "course", "currency": currency, "variant_id": variant["id"]});
            let opened = test.call(Call::post("/v1/storefront/sessions", open)).await.expect(201);
            let line = &opened["session"]["lines"][0];
            assert_eq!(line["variant_id"], variant["id"]);
            assert_eq!(line["unit_amount"], amount, "{currency} of {}", variant["name"]);
            assert_eq!(line["original_unit_amount"], price["original_unit_amount"]);
            assert_eq!(line["lowest_amount_30_days"], price["lowest_amount_30_days"]);
            seen.push(format!("{} {} {}", variant["name"], currency, amount).replace('"', ""));
        }
    }
    // Item for the variant, item, variant, product; the pair is never mixed.
    assert_eq!(
        seen,
        [
            "A EUR 100",
            "A GBP 443",
            "A JPY 39",
            "A SEK 1999",
            "A USD 329",
            "B EUR 199",
            "B GBP 443",
            "B JPY 39",
            "B NOK 500",
            "B SEK 1999",
            "B USD 439",
        ]
    );
    let a = product["variants"][0]["id"].clone();
    let open = json!({"checkout": "levels", "link": "course", "currency": "NOK", "variant_id": a});
    let refused = test.call(Call::post("/v1/storefront/sessions", open)).await;
    assert_eq!(refused.problem().1, "currency-not-offered");
    // Without a wish the first variant that has a price is taken.
    let open = json!({"checkout": "levels", "link": "course", "currency": "NOK"});
    let opened = test.call(Call::post("/v1/storefront/sessions", open)).await.expect(201);
    assert_eq!(
        opened["session"]["lines"][0]["variant_id"],
        product["variants"][1]["id"]
    );
    // And a session may change to a currency of another level.
    let path = format!(
        "/v1/storefront/sessions/{}",
        opened["session"]["id"].as_str().expect("an id")
    );
    let secret = opened["client_secret"].as_str().expect("a secret");
    let to = |currency: &str| Call::patch(path.clone(), json!({"currency": currency})).bearer(secret);
    assert_eq!(test.call(to("JPY")).await.expect(200)["totals"]["total"], 39);
    assert_eq!(test.call(to("CHF")).await.problem().1, "currency-not-offered");
    test.check_invariants().await;
}
