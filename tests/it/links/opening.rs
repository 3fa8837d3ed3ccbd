//! What a buyer brings to a permanent link.

use serde_json::{Value, json};

use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn shop(test: &TestApp, merchant: &Merchant, link: Value) -> (Value, Value) {
    let product = |name: &str, amount: i64| {
        json!({"name": name, "type": "service", "vat_type": "service", "prices": [{"currency": "EUR", "amount": amount}],
            "variants": [{"name": "Small"}, {"name": "Large", "prices": [{"currency": "EUR", "amount": amount * 2}]}]})
    };
    let first = merchant.create(test, "products", product("First", 100)).await;
    let second = merchant.create(test, "products", product("Second", 1000)).await;
    let quantity = json!({"default": 1, "min": 1, "max": 9});
    let offer = json!({"name": "O", "title": "O", "items": [
        {"product_id": first["id"], "quantity": quantity}, {"product_id": second["id"], "quantity": quantity}]});
    let offer = merchant.create(test, "offers", offer).await;
    let mut body = json!({"name": "L", "slug": "both", "offer_id": offer["id"], "test_mode": true});
    for (name, value) in link.as_object().expect("an object") {
        body[name] = value.clone();
    }
    if let Some(wish) = link["variant"].as_str() {
        body.as_object_mut().expect("an object").remove("variant");
        let of = if wish == "second" { &second } else { &first };
        body["variant_id"] = of["variants"][1]["id"].clone();
    }
    merchant.create(test, "checkout-links", body).await;
    (first, second)
}

async fn open(test: &TestApp, merchant: &Merchant, wishes: Value) -> Value {
    let mut body = json!({"checkout": merchant.slug, "link": "both"});
    for (name, value) in wishes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201)["session"].clone()
}

/// Unit amount × quantity of each line.
fn lines(session: &Value) -> Vec<String> {
    let lines = session["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| format!("{} × {}", line["unit_amount"], line["quantity"]))
        .collect()
}

#[actix_web::test]
async fn quantity_and_variant_go_to_the_line_they_are_about() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "wishes").await;
    let (first, second) = shop(&test, &merchant, json!({})).await;
    assert_eq!(lines(&open(&test, &merchant, json!({})).await), ["100 × 1", "1000 × 1"]);
    let wish = json!({"quantity": 3});
    assert_eq!(
        lines(&open(&test, &merchant, wish).await),
        ["100 × 3", "1000 × 1"],
        "the first item"
    );
    let wish = json!({"variant_id": second["variants"][1]["id"], "quantity": 2});
    assert_eq!(lines(&open(&test, &merchant, wish).await), ["100 × 1", "2000 × 2"]);
    let refusals = [
        (json!({"quantity": 10}), "/quantity"),
        (json!({"quantity": 0}), "/quantity"),
        (json!({"variant_id": "var_01jd5wq0zsfa2tq4n9v8kx3m7h"}), "/variant_id"),
        (json!({"link_token": "x"}), "/link_token"),
        (json!({"link": null}), "/link"),
        (json!({"checkout": null}), "/checkout"),
        (json!({"custom": {"a": "x".repeat(9000)}}), "/custom"),
    ];
    for (wish, pointer) in refusals {
        let mut body = json!({"checkout": "wishes", "link": "both"});
        for (name, value) in wish.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let reply = test.call(Call::post("/v1/storefront/sessions", body)).await;
        assert_eq!(reply.problem().2, pointer);
    }
    // An archived variant cannot be wished for.
    let path = format!(
        "products/{}/variants/{}",
        first["id"].as_str().expect("an id"),
        first["variants"][1]["id"].as_str().expect("an id")
    );
    merchant
        .call(&test, Call::new("DELETE", merchant.path(&path)))
        .await
        .expect(204);
    let body = json!({"checkout": "wishes", "link": "both", "variant_id": first["variants"][1]["id"]});
    let reply = test.call(Call::post("/v1/storefront/sessions", body)).await;
    assert_eq!(reply.problem().2, "/variant_id");
}

#[actix_web::test]
async fn a_link_about_a_variant_takes_the_quantity_for_it() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "about").await;
    let (first, _) = shop(&test, &merchant, json!({"variant": "second"})).await;
    let session = open(&test, &merchant, json!({"quantity": 4})).await;
    assert_eq!(lines(&session), ["100 × 1", "2000 × 4"]);
    // On a permanent link the buyer may still want another one.
    let wish = json!({"quantity": 4, "variant_id": first["variants"][1]["id"]});
    assert_eq!(lines(&open(&test, &merchant, wish).await), ["200 × 4", "1000 × 1"]);
}

#[actix_web::test]
async fn source_counts_where_the_link_has_none_and_tags_are_added() {
    let test = TestApp::new().await;
    let brings = json!({"source": "partner", "tags": ["a", "b"], "custom": {"x": 1, "y": 2}, "discount_code": "SPRING",
        "customer": {"email": "b@example.com", "postal_code": "00100"}});
    for (slug, link, source, tags) in [
        ("open", json!({}), json!("partner"), json!(["a", "b"])),
        (
            "marked",
            json!({"source": "newsletter", "tags": ["b", "c"]}),
            json!("newsletter"),
            json!(["b", "c", "a"]),
        ),
    ] {
        let merchant = Merchant::new(&test, slug).await;
        shop(&test, &merchant, link).await;
        let mut body = json!({"checkout": slug, "link": "both"});
        for (name, value) in brings.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body["customer"]["country"] = json!("FI");
        let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
        assert_eq!(opened["session"]["custom"], json!({"x": 1, "y": 2}));
        assert_eq!(opened["session"]["customer"]["postal_code"], "00100");
        let visit = crate::support::merchant::Visit::of(&opened);
        let order = visit.confirm(&test).await["order"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let order = merchant.read(&test, &format!("orders/{order}")).await;
        assert_eq!((&order["source"], &order["tags"]), (&source, &tags), "{slug}");
        assert_eq!(order["custom"], json!({"x": 1, "y": 2}));
    }
}

#[actix_web::test]
async fn what_the_link_and_the_buyer_bring_is_on_the_order_whole() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "brought").await;
    // Each as large as it may be: together more than either.
    let (theirs, ours) = ("x".repeat(8000), "y".repeat(8000));
    shop(&test, &merchant, json!({"checkout_data": {"custom": {"ours": ours}}})).await;
    let wishes = json!({"checkout": "brought", "link": "both", "custom": {"theirs": theirs, "ours": 1},
        "customer": {"email": "b@example.com", "country": "FI"}});
    let opened = test
        .call(Call::post("/v1/storefront/sessions", wishes))
        .await
        .expect(201);
    let both = json!({"ours": ours, "theirs": theirs});
    assert_eq!(opened["session"]["custom"], both);
    let visit = crate::support::merchant::Visit::of(&opened);
    visit.confirm(&test).await;
    test.drain_jobs().await;
    let created = merchant.read(&test, "events?test_mode=true&types=order.created").await["data"][0]["data"].clone();
    assert_eq!(created["custom"], both, "and in every event of it");
}

#[actix_web::test]
async fn a_link_with_a_slug_can_end_and_fill_in() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "slugged").await;
    let data = json!({"checkout_data": {"name": "Aino Virtanen", "custom": {"x": 0}, "variant_quantities": []},
        "checkout_options": {"quantity": 5}, "max_orders": 2});
    shop(&test, &merchant, data).await;
    let link = merchant.read(&test, "checkout-links?test_mode=true").await["data"][0].clone();
    assert_eq!(
        (&link["kind"], &link["url"]),
        (&json!("permanent"), &json!("https://shop.example.com/both"))
    );
    let session = open(&test, &merchant, json!({"custom": {"x": 9, "y": 1}})).await;
    assert_eq!(
        session["custom"],
        json!({"x": 0, "y": 1}),
        "the merchant's members stay"
    );
    assert_eq!(session["customer"]["last_name"], "Virtanen");
    assert_eq!(lines(&session), ["100 × 5", "1000 × 1"]);
    let wish = json!({"quantity": 2});
    assert_eq!(lines(&open(&test, &merchant, wish).await), ["100 × 2", "1000 × 1"]);
}
