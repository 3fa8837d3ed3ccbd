//! Offers and their items.

use serde_json::{Value, json};

use crate::support::merchant::course;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

#[actix_web::test]
async fn items_keep_their_id_when_it_is_sent() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "items").await;
    let visit = merchant.visit(&test).await;
    let offer = merchant.read(&test, "offers").await["data"][0].clone();
    let path = merchant.path(&format!("offers/{}", id(&offer)));
    let other = merchant.create(&test, "products", course()).await;
    let kept = &offer["items"][0];
    let patch = json!({
        "title": "Both", "description": "Two courses.", "image_urls": ["https://shop.example.com/o.jpg"],
        "success_url": "https://shop.example.com/thanks", "translations": {"fi": {"title": "Molemmat"}},
        "items": [
            {"product_id": other["id"], "name": "Second", "optional": true, "selected": false,
                "quantity": {"default": 2, "min": 1, "max": 5}, "variant_ids": [other["variants"][0]["id"]]},
            {"id": kept["id"], "product_id": kept["product_id"]},
        ],
    });
    let changed = merchant.call(&test, Call::patch(path.clone(), patch)).await.expect(200);
    assert_eq!(changed["items"][1]["id"], kept["id"]);
    assert_eq!(changed["items"][0]["variant_ids"], json!([other["variants"][0]["id"]]));
    assert_eq!(changed["items"][0]["quantity"]["default"], 2);
    assert_eq!(changed["translations"]["fi"]["title"], "Molemmat");
    assert_eq!(merchant.read(&test, &format!("offers/{}", id(&offer))).await, changed);
    // An optional item that is not selected is shown, and costs nothing unless the buyer chooses it.
    let link = "/v1/storefront/checkouts/items/links/course";
    let shown = test.call(Call::get(link)).await.expect(200);
    assert_eq!(shown["items"].as_array().map(Vec::len), Some(2));
    let next = merchant.visit(&test).await;
    let lines = next.session["lines"].as_array().expect("lines");
    let chosen: Vec<_> = lines
        .iter()
        .map(|line| (line["optional"] == true, line["selected"] == true))
        .collect();
    assert_eq!(chosen, [(true, false), (false, true)]);
    assert_eq!(
        (&lines[0]["total"], &next.session["totals"]["total"]),
        (&json!(0), &lines[1]["total"])
    );

    // The item goes; the session that holds it goes on, and is confirmed at what it showed.
    let alone = json!({"items": [{"product_id": other["id"]}]});
    let changed = merchant.call(&test, Call::patch(path.clone(), alone)).await.expect(200);
    assert_ne!(changed["items"][0]["id"], kept["id"]);
    assert_eq!(changed["items"].as_array().map(Vec::len), Some(1));
    visit.confirm(&test).await;
    test.check_invariants().await;

    for (items, pointer) in [
        (json!([]), "/items"),
        (
            json!([{"product_id": "prd_01jd5wq0zsfa2tq4n9v8kx3m7h"}]),
            "/items/0/product_id",
        ),
        (
            json!([{"id": kept["id"], "product_id": kept["product_id"]}]),
            "/items/0/id",
        ),
        (
            json!([{"id": changed["items"][0]["id"], "product_id": kept["product_id"]}]),
            "/items/0/product_id",
        ),
        (
            json!([{"product_id": other["id"], "variant_ids": ["var_01jd5wq0zsfa2tq4n9v8kx3m7h"]}]),
            "/items/0/variant_ids/0",
        ),
        (
            json!([{"product_id": other["id"], "prices": [{"variant_id": "var_01jd5wq0zsfa2tq4n9v8kx3m7h", "currency": "EUR", "amount": 1}]}]),
            "/items/0/prices/0/variant_id",
        ),
        (
            json!([{"product_id": other["id"]}, {"product_id": other["id"]}]),
            "/items/1/product_id",
        ),
    ] {
        let reply = merchant
            .call(&test, Call::patch(path.clone(), json!({"items": items})))
            .await;
        assert_eq!(reply.problem().2, pointer);
    }
    let stranger = Merchant::with_course(&test, "items-stranger").await;
    let foreign = stranger.read(&test, "products").await["data"][0]["id"].clone();
    let reply = merchant
        .call(&test, Call::patch(path, json!({"items": [{"product_id": foreign}]})))
        .await;
    assert_eq!(
        reply.problem().2,
        "/items/0/product_id",
        "another tenant's product does not exist"
    );
}

#[actix_web::test]
async fn an_offer_says_where_it_cannot_be_sold() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "missing").await;
    let product = |currencies: &[&str]| {
        let prices: Vec<Value> = currencies
            .iter()
            .map(|c| json!({"currency": c, "amount": 1000}))
            .collect();
        json!({"name": "P", "type": "service", "vat_type": "service", "prices": prices})
    };
    let main = merchant.create(&test, "products", product(&["SEK", "USD"])).await;
    let extra = merchant.create(&test, "products", product(&["SEK", "GBP"])).await;
    let offer = |optional: bool, prices: Value| {
        json!({"name": "O", "title": "O", "items": [
            {"product_id": main["id"], "prices": prices}, {"product_id": extra["id"], "optional": optional}]})
    };
    let missing = async |body| merchant.create(&test, "offers", body).await["missing_currencies"].clone();
    assert_eq!(missing(offer(false, json!([]))).await, json!(["EUR", "GBP", "USD"]));
    assert_eq!(
        missing(offer(true, json!([]))).await,
        json!(["EUR", "GBP"]),
        "one may leave it out"
    );
    let own = json!([{"currency": "EUR", "amount": 5}, {"currency": "GBP", "amount": 5}]);
    assert_eq!(missing(offer(true, own)).await, json!([]));
    let listed = merchant.read(&test, "offers").await;
    assert_eq!(
        listed["data"][2]["missing_currencies"],
        json!(["EUR", "GBP", "USD"]),
        "lists say so too"
    );
}

#[actix_web::test]
async fn what_has_no_price_in_the_buyers_currency_is_not_sold_in_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "unpriced").await;
    let product = |name: &str, currencies: &[&str]| {
        let prices: Vec<Value> = currencies
            .iter()
            .map(|c| json!({"currency": c, "amount": 1000}))
            .collect();
        json!({"name": name, "type": "service", "vat_type": "service", "prices": prices})
    };
    let main = merchant
        .create(&test, "products", product("Main", &["EUR", "SEK", "JPY"]))
        .await;
    let extra = merchant
        .create(&test, "products", product("Extra", &["EUR", "SEK"]))
        .await;
    let add_on = json!({"kind": "add", "variant_id": extra["variants"][0]["id"], "name": "More", "prices": [{"currency": "EUR", "amount": 5}]});
    let add_on = merchant.create(&test, "add-ons", add_on).await;
    let offer = json!({"name": "O", "title": "O", "items": [{"product_id": main["id"]},
        {"product_id": extra["id"], "optional": true, "selected": true}],
        "add_ons": [{"add_on_id": add_on["id"], "position": "order_bump", "sort": 0}]});
    let offer = merchant.create(&test, "offers", offer).await;
    assert_eq!(offer["missing_currencies"], json!([]), "the extra may be left out");
    let link = json!({"name": "L", "offer_id": offer["id"], "slug": "l", "test_mode": true});
    merchant.create(&test, "checkout-links", link).await;
    let names = |session: &Value| {
        let lines = session["lines"].as_array().expect("lines").iter();
        lines
            .map(|line| line["name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    let open = async |currency: &str| {
        let body = json!({"checkout": "unpriced", "link": "l", "currency": currency});
        test.call(Call::post("/v1/storefront/sessions", body)).await
    };
    assert_eq!(names(&open("SEK").await.expect(201)["session"]), ["Main", "Extra"]);
    assert_eq!(
        names(&open("JPY").await.expect(201)["session"]),
        ["Main"],
        "no yen for the extra"
    );
    assert_eq!(open("USD").await.problem().1, "currency-not-offered");
    // Named by the buyer it cannot be left out, and has no price.
    let wished =
        json!({"checkout": "unpriced", "link": "l", "currency": "JPY", "variant_id": extra["variants"][0]["id"]});
    let refused = test.call(Call::post("/v1/storefront/sessions", wished)).await;
    assert_eq!(refused.problem().1, "currency-not-offered");
    let shown = test
        .call(Call::get("/v1/storefront/checkouts/unpriced/links/l"))
        .await
        .expect(200);
    assert_eq!(shown["currencies"], json!(["EUR", "JPY", "SEK"]));
    let priced = |thing: &Value| {
        let prices = thing["prices"].as_array().expect("prices").iter();
        prices
            .map(|price| price["currency"].as_str().expect("a code").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(priced(&shown["items"][1]), ["EUR", "SEK"]);
    assert_eq!(priced(&shown["add_ons"][0])[0], "EUR");
    // Once the item must be bought, staff is told by every read, and the buyer is not offered it.
    let id = offer["id"].as_str().expect("an id");
    let items = json!({"items": [{"product_id": main["id"]}, {"product_id": extra["id"]}]});
    let path = merchant.path(&format!("offers/{id}"));
    let changed = merchant.call(&test, Call::patch(path, items)).await.expect(200);
    assert_eq!(changed["missing_currencies"], json!(["JPY"]));
    assert_eq!(
        merchant.read(&test, &format!("offers/{id}")).await["missing_currencies"],
        json!(["JPY"])
    );
    assert_eq!(
        merchant.read(&test, "offers").await["data"][0]["missing_currencies"],
        json!(["JPY"])
    );
    assert_eq!(open("JPY").await.problem().1, "currency-not-offered");
    let shown = test
        .call(Call::get("/v1/storefront/checkouts/unpriced/links/l"))
        .await
        .expect(200);
    assert_eq!(shown["currencies"], json!(["EUR", "SEK"]));
    test.check_invariants().await;
}
