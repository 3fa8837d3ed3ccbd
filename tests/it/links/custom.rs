//! Custom links: overrides, prefill, preview and the signature of their address.

use chrono::TimeDelta;
use kassa::kernel::clock::rfc3339;
use serde_json::{Value, json};

use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn parts(test: &TestApp, merchant: &Merchant) -> (Value, Value) {
    let product = merchant.read(test, "products").await["data"][0].clone();
    let offer = merchant.read(test, "offers").await["data"][0].clone();
    (product, offer)
}

fn whole(product: &Value, offer: &Value) -> Value {
    let variant = &product["variants"][0]["id"];
    json!({
        "name": "For Aino", "offer_id": offer["id"], "variant_id": variant, "currency": "EUR", "custom_price": 2500,
        "source": "sales", "tags": ["b2b"], "external_id": "crm-17", "test_mode": true, "max_orders": 1,
        "product_options": {"name": "Sourdough for Aino", "description": "As agreed.", "media": ["https://shop.example.com/x.jpg"],
            "redirect_url": "https://shop.example.com/welcome", "receipt_button_text": "Start", "receipt_link_url": "https://shop.example.com/start",
            "receipt_thank_you_note": "Thank you.", "enabled_variants": [variant]},
        "checkout_options": {"embed": true, "logo": false, "discount": false, "subscription_preview": true, "dark": false,
            "button_color": "#0055cc", "terms_privacy_color": "#666"},
        "checkout_data": {"email": "aino@example.com", "name": "Aino Maria Virtanen", "billing_address": {"country": "SE", "zip": "11122"},
            "tax_number": "SE556677889901", "custom": {"crm": {"deal": 17}}, "locked": ["email", "billing_address"]},
        "metadata": {"seller": "Matti"}, "preview": true,
    })
}

#[actix_web::test]
async fn a_custom_link_is_the_merchants_word() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "custom").await;
    let (product, offer) = parts(&test, &merchant).await;
    let body = whole(&product, &offer);
    let made = merchant.create(&test, "checkout-links", body.clone()).await;
    for field in [
        "custom_price",
        "product_options",
        "checkout_options",
        "checkout_data",
        "external_id",
        "max_orders",
        "metadata",
        "variant_id",
    ] {
        assert_eq!(made[field], body[field], "{field}");
    }
    assert_eq!((&made["kind"], &made["slug"]), (&json!("custom"), &Value::Null));
    let totals = |of: &Value| {
        (
            of["subtotal"].clone(),
            of["discount_total"].clone(),
            of["tax"].clone(),
            of["total"].clone(),
        )
    };
    assert_eq!(
        totals(&made["preview"]),
        (json!(2500), json!(0), json!(500), json!(2500)),
        "25 % of Sweden, which the link fills in"
    );
    let id = made["id"].as_str().expect("an id");
    let read = merchant.read(&test, &format!("checkout-links/{id}")).await;
    assert_eq!(read.get("preview"), None, "in the answer that made it only");
    let token = made["token"].as_str().expect("a token");
    let url = made["url"].as_str().expect("a url");
    let signature = token.rsplit('.').next().expect("a signature");
    assert_eq!(
        url,
        format!("https://shop.example.com/c/{id}?expires=0&signature={signature}")
    );

    let shown = test
        .call(Call::get(format!("/v1/storefront/links/{token}")))
        .await
        .expect(200);
    assert_eq!(shown["items"][0]["name"], "Sourdough for Aino");
    assert_eq!(shown["items"][0]["description"], "As agreed.");
    assert_eq!(
        shown["items"][0]["image_urls"],
        json!(["https://shop.example.com/x.jpg"])
    );
    assert_eq!(shown["currencies"], json!(["EUR"]));
    assert_eq!(shown["items"][0]["prices"].as_array().map(Vec::len), Some(1));
    assert_eq!(shown["items"][0]["prices"][0]["unit_amount"], 2500);
    assert_eq!(shown["prefill"]["email"], "aino@example.com");
    assert_eq!(shown["options"]["button_color"], "#0055cc");
    assert!(
        !shown.to_string().contains("crm"),
        "the merchant's own data is not for the page"
    );

    // Whatever the buyer brings fills only what is empty, and never price, custom, source or tags.
    let open = json!({"link_token": token, "currency": "SEK", "quantity": 1, "source": "spoofed", "tags": ["x"], "custom": {"crm": 1, "y": 2},
        "locale": "sv", "discount_code": "SPRING",
        "customer": {"email": "other@example.com", "country": "FI", "first_name": "Other", "vat_number": "FI20774740"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", open)).await.expect(201);
    let session = &opened["session"];
    assert_eq!(session["totals"]["total"], 2500);
    assert_eq!(session["totals"]["currency"], "EUR");
    assert_eq!(session["lines"][0]["name"], "Sourdough for Aino");
    let customer = json!({"email": "aino@example.com", "country": "SE", "first_name": "Aino Maria", "last_name": "Virtanen",
        "postal_code": "11122", "vat_number": "SE556677889901", "vat_number_status": "unverified",
        "locked": ["email", "billing_address"],
        "state": null, "phone": null, "city": null, "street": null, "apartment": null, "company": null});
    assert_eq!(session["customer"], customer);
    assert_eq!(session["custom"], json!({"crm": {"deal": 17}}));
    assert_eq!(session["locale"], "sv");
    assert_eq!(session["options"]["discount"], false);
    // Locked is locked; saying the same again is no change.
    let path = format!("/v1/storefront/sessions/{}", session["id"].as_str().expect("an id"));
    let secret = opened["client_secret"].as_str().expect("a secret");
    let patch = |customer: Value| Call::patch(path.clone(), json!({"customer": customer})).bearer(secret);
    let refused = test.call(patch(json!({"email": "x@example.com"}))).await;
    assert_eq!(refused.problem().2, "/customer/email");
    let refused = test.call(patch(json!({"postal_code": null}))).await;
    assert_eq!(refused.problem().2, "/customer/postal_code");
    test.call(patch(json!({"email": "aino@example.com", "first_name": "Aino"})))
        .await
        .expect(200);
    let currency = test
        .call(Call::patch(path.clone(), json!({"currency": "SEK"})).bearer(secret))
        .await;
    assert_eq!(
        currency.problem().1,
        "currency-not-offered",
        "a custom price sells in its own currency alone"
    );
    let confirm = json!({"expected_total": 2500, "provider": "test", "consents": {"terms": true, "privacy": true}});
    let confirmed = test
        .call(Call::post(format!("{path}/confirm"), confirm).bearer(secret))
        .await
        .expect(200);
    let order = confirmed["order"]["id"].as_str().expect("an id");
    let order = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!((&order["source"], &order["tags"]), (&json!("sales"), &json!(["b2b"])));
    assert_eq!(order["lines"][0]["name"], "Sourdough for Aino");
    assert_eq!(order["custom"], json!({"crm": {"deal": 17}}));
    assert_eq!(order["customer"]["vat_number"], "SE556677889901");
    let pay = Call::post(format!("{path}/test-payment"), json!({"outcome": "succeeded"})).bearer(secret);
    let paid = test.call(pay).await.expect(200);
    assert_eq!(paid["order"]["success_url"], "https://shop.example.com/welcome");
    test.drain_jobs().await;
    test.check_invariants().await;
}

#[actix_web::test]
async fn an_address_that_was_changed_opens_nothing() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "signed").await;
    let (_, offer) = parts(&test, &merchant).await;
    let ends = test.clock.now() + TimeDelta::hours(1);
    let body = json!({"name": "Ends", "offer_id": offer["id"], "expires_at": rfc3339(&ends), "test_mode": true});
    let made = merchant.create(&test, "checkout-links", body).await;
    let token = made["token"].as_str().expect("a token").to_owned();
    let [id, expires, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    assert_eq!(expires, ends.timestamp().to_string());
    let read = async |token: &str| test.call(Call::get(format!("/v1/storefront/links/{token}"))).await;
    let open = async |token: &str| {
        let body = json!({"link_token": token});
        test.call(Call::post("/v1/storefront/sessions", body)).await
    };
    read(&token).await.expect(200);
    let other = merchant
        .create(
            &test,
            "checkout-links",
            json!({"name": "Other", "offer_id": offer["id"], "max_orders": 1}),
        )
        .await;
    let other = other["id"].as_str().expect("an id");
    let later = ends.timestamp() + 3600;
    for changed in [
        format!("{id}.{later}.{signature}"),
        format!("{id}.0.{signature}"),
        format!("{other}.{expires}.{signature}"),
        format!("{id}.{expires}.{}", signature.replace(&signature[4..6], "zz")),
        format!("{id}.{expires}."),
        format!("{id}.{expires}"),
        id.to_owned(),
        "x".to_owned(),
    ] {
        assert_eq!(
            read(&changed).await.problem(),
            (403, "link-signature-invalid".to_owned(), String::new()),
            "{changed}"
        );
        assert_eq!(open(&changed).await.problem().1, "link-signature-invalid", "{changed}");
    }
    // The random slug it has within is no way in.
    let conn = test.db().read().await.expect("a connection");
    let link: kassa::kernel::ids::LinkId = id.parse().expect("an id");
    let slug = kassa::links::store::find_behind_session(&conn, 0, merchant.checkout, link).await;
    let slug = slug.expect("a query").expect("the link").link_slug;
    drop(conn);
    test.call(Call::get(format!("/v1/storefront/checkouts/signed/links/{slug}")))
        .await
        .expect(404);

    // A session that was opened in time goes on; the address ends, whatever the link says later.
    let opened = open(&token).await.expect(201);
    test.advance(TimeDelta::hours(1));
    assert_eq!(
        read(&token).await.problem(),
        (410, "link-expired".to_owned(), String::new())
    );
    assert_eq!(open(&token).await.problem().1, "link-expired");
    let session = format!(
        "/v1/storefront/sessions/{}",
        opened["session"]["id"].as_str().expect("an id")
    );
    let secret = opened["client_secret"].as_str().expect("a secret");
    test.call(Call::get(session).bearer(secret)).await.expect(200);
    let path = merchant.path(&format!("checkout-links/{id}"));
    let longer = json!({"expires_at": rfc3339(&(ends + TimeDelta::hours(9)))});
    let changed = merchant
        .call(&test, Call::patch(path.clone(), longer))
        .await
        .expect(200);
    assert_eq!(
        read(&token).await.problem().1,
        "link-expired",
        "the old address has the end it was made with"
    );
    let renewed = changed["token"].as_str().expect("a token");
    read(renewed).await.expect(200);
    // And a link that ends earlier than its address ends then.
    let earlier = json!({"expires_at": rfc3339(&ends), "inactive_message": "Over."});
    merchant
        .call(&test, Call::patch(path.clone(), earlier))
        .await
        .expect(200);
    let over = read(renewed).await;
    assert_eq!(over.problem().1, "link-expired");
    assert_eq!(over.json()["detail"], "Over.");
    let off = json!({"active": false});
    merchant.call(&test, Call::patch(path, off)).await.expect(200);
    assert_eq!(read(renewed).await.problem().1, "link-inactive");
}

#[actix_web::test]
async fn what_cannot_be_had_is_refused() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "strict").await;
    let stranger = Merchant::with_course(&test, "strict-stranger").await;
    let (product, offer) = parts(&test, &merchant).await;
    let (foreign, _) = parts(&test, &stranger).await;
    let (own, foreign) = (&product["variants"][0]["id"], &foreign["variants"][0]["id"]);
    let big = "x".repeat(8 * 1024);
    for (field, value, pointer) in [
        ("variant_id", foreign.clone(), "/variant_id"),
        ("custom_price", json!(0), "/custom_price"),
        ("custom_price", json!(100), "/currency"),
        ("max_orders", json!(0), "/max_orders"),
        ("expires_at", json!("tomorrow"), "/expires_at"),
        (
            "product_options",
            json!({"enabled_variants": [own, foreign]}),
            "/product_options/enabled_variants/1",
        ),
        (
            "product_options",
            json!({"redirect_url": "http://shop.example.com"}),
            "/product_options/redirect_url",
        ),
        (
            "product_options",
            json!({"media": ["data:x"]}),
            "/product_options/media/0",
        ),
        ("product_options", json!({"price": 1}), "/product_options/price"),
        (
            "checkout_options",
            json!({"button_color": "red"}),
            "/checkout_options/button_color",
        ),
        ("checkout_options", json!({"logo": "no"}), "/checkout_options/logo"),
        ("checkout_data", json!({"email": "aino"}), "/checkout_data/email"),
        (
            "checkout_data",
            json!({"billing_address": {"country": "Sweden"}}),
            "/checkout_data/billing_address/country",
        ),
        ("checkout_data", json!({"custom": {"a": big}}), "/checkout_data/custom"),
        ("checkout_data", json!({"custom": []}), "/checkout_data/custom"),
        ("checkout_data", json!({"locked": ["email"]}), "/checkout_data/locked/0"),
        ("checkout_data", json!({"locked": ["price"]}), "/checkout_data/locked/0"),
        (
            "checkout_data",
            json!({"variant_quantities": [{"variant_id": foreign, "quantity": 1}]}),
            "/checkout_data/variant_quantities/0/variant_id",
        ),
        (
            "checkout_data",
            json!({"variant_quantities": [{"variant_id": own, "quantity": 2}]}),
            "/checkout_data/variant_quantities/0/quantity",
        ),
        ("offer_id", json!("off_01jd5wq0zsfa2tq4n9v8kx3m7h"), "/offer_id"),
    ] {
        let mut body = json!({"name": "Strict", "offer_id": offer["id"]});
        body[field] = value;
        let shown = body.to_string().chars().take(200).collect::<String>();
        let reply = merchant
            .call(&test, Call::post(merchant.path("checkout-links"), body))
            .await;
        let (status, _, at) = reply.problem();
        assert_eq!((status, at.as_str()), (422, pointer), "{shown}");
    }
    // The same rules hold for a change, which is merged member by member.
    let made = merchant.create(&test, "checkout-links", whole(&product, &offer)).await;
    let path = merchant.path(&format!("checkout-links/{}", made["id"].as_str().expect("an id")));
    let patch = json!({"checkout_data": {"email": null, "locked": null}, "checkout_options": {"logo": null}, "custom_price": null});
    let changed = merchant.call(&test, Call::patch(path.clone(), patch)).await.expect(200);
    assert_eq!(changed["checkout_data"].get("email"), None);
    assert_eq!(changed["checkout_data"]["name"], "Aino Maria Virtanen");
    assert_eq!(changed["checkout_options"]["button_color"], "#0055cc");
    for (patch, pointer) in [
        (
            json!({"checkout_data": {"locked": ["email"]}}),
            "/checkout_data/locked/0",
        ),
        (
            json!({"checkout_options": {"links_color": 5}}),
            "/checkout_options/links_color",
        ),
        (json!({"custom_price": 0}), "/custom_price"),
        (json!({"currency": null, "custom_price": 5}), "/currency"),
        (json!({"slug": "other"}), "/slug"),
    ] {
        let reply = merchant.call(&test, Call::patch(path.clone(), patch)).await;
        assert_eq!(reply.problem().2, pointer);
    }
    // Nor is there a link to what has been archived.
    let product = merchant.path(&format!("products/{}", product["id"].as_str().expect("an id")));
    merchant.call(&test, Call::new("DELETE", product)).await.expect(204);
    let body = json!({"name": "Late", "offer_id": offer["id"], "preview": true});
    let reply = merchant
        .call(&test, Call::post(merchant.path("checkout-links"), body))
        .await;
    assert_eq!(reply.problem().2, "/offer_id");
}
