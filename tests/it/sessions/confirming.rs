//! Confirming: what must be filled in, where the browser may go, nothing to pay, another way to pay.

use serde_json::{Value, json};

use super::shop::Shop;
use crate::support::request::Call;

#[actix_web::test]
async fn what_the_form_requires_is_named_at_once() {
    let shop = Shop::new("form").await;
    let fields = json!({"fields": [
        {"key": "email", "requirement": "required", "translations": {}}, {"key": "country", "requirement": "required", "translations": {}},
        {"key": "phone", "requirement": "required", "translations": {}}, {"key": "city", "requirement": "required", "translations": {}},
        {"key": "company", "requirement": "optional", "translations": {}}, {"key": "postal_code", "requirement": "required", "translations": {}}]});
    let path = shop.merchant.path("billing-form");
    shop.merchant
        .call(&shop.test, Call::new("PUT", path).json(fields))
        .await
        .expect(200);
    let buyer = shop.stranger().await;
    let refused = buyer
        .call(
            "POST",
            "/confirm",
            Some(json!({"expected_total": 3900, "provider": "test"})),
        )
        .await;
    let faults: Vec<_> = refused.json()["errors"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| fault["pointer"].clone())
        .collect();
    assert_eq!(refused.status, 422);
    assert_eq!(
        faults,
        [
            "/customer/email",
            "/customer/country",
            "/customer/phone",
            "/customer/city",
            "/customer/postal_code",
            "/consents/terms",
            "/consents/privacy"
        ]
        .map(Value::from)
    );
    let customer = json!({"email": "a@example.com", "country": "FI", "phone": "+358 40 1234567", "city": "Turku", "postal_code": "20100",
        "street": "Linnankatu 1", "apartment": "B 2", "company": "Oy Ab", "state": null});
    let filled = buyer.patch(json!({"customer": customer})).await.expect(200);
    assert_eq!(filled["customer"]["city"], "Turku");
    let order = shop.order(&buyer.confirm().await["order"]["id"]).await;
    for (field, value) in [
        ("phone", "+358 40 1234567"),
        ("city", "Turku"),
        ("postal_code", "20100"),
        ("street", "Linnankatu 1"),
        ("apartment", "B 2"),
        ("company", "Oy Ab"),
    ] {
        assert_eq!(order["customer"][field], value);
    }
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_browser_goes_to_the_merchants_pages_only() {
    let shop = Shop::new("urls").await;
    let path = format!("/v1/checkouts/{}", shop.merchant.checkout);
    let origins = json!({"return_origins": ["https://other.example.com"]});
    shop.merchant
        .call(&shop.test, Call::patch(path, origins))
        .await
        .expect(200);
    let buyer = shop.buyer("a@example.com").await;
    let body = |return_url: &str, cancel_url: &str| {
        json!({"expected_total": 3900, "provider": "test", "return_url": return_url, "cancel_url": cancel_url,
            "consents": {"terms": true, "privacy": true}})
    };
    for (return_url, cancel_url, pointer) in [
        ("https://evil.example/", "https://shop.example.com/", "/return_url"),
        (
            "https://shop.example.com/",
            "https://shop.example.com.evil.example/",
            "/cancel_url",
        ),
        (
            "https://shop.example.com@evil.example/",
            "https://shop.example.com/",
            "/return_url",
        ),
        (
            "https://shop.example.com:8443/",
            "https://shop.example.com/",
            "/return_url",
        ),
        ("http://shop.example.com/", "https://shop.example.com/", "/return_url"),
        ("javascript:alert(1)", "https://shop.example.com/", "/return_url"),
    ] {
        let refused = buyer
            .call("POST", "/confirm", Some(body(return_url, cancel_url)))
            .await
            .problem();
        assert_eq!(
            (refused.0, refused.2.as_str()),
            (422, pointer),
            "{return_url} {cancel_url}"
        );
    }
    let right = body(
        "https://shop.example.com/thanks?a=b#c",
        "https://other.example.com/back",
    );
    buyer.call("POST", "/confirm", Some(right)).await.expect(200);
}

#[actix_web::test]
async fn nothing_to_pay_is_paid_at_once() {
    let shop = Shop::new("free").await;
    let gift = shop
        .code(json!({"code": "GIFT", "type": "percentage", "percentage": "100", "usage_limit": 1}))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    let session = buyer.apply("gift").await.expect(200);
    assert_eq!(
        (&session["totals"]["total"], &session["totals"]["tax"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        session["payment_methods"],
        json!([
        {"provider": "test", "methods": [], "available": false, "unavailable_reason": "nothing_to_pay"},
        {"provider": "free", "methods": [], "available": true, "unavailable_reason": null}])
    );
    assert_eq!(
        buyer.confirm_at(&json!(0), "test").await.problem().1,
        "payment-method-unavailable"
    );
    let confirmed = buyer.confirm_at(&json!(0), "free").await.expect(200);
    assert_eq!(
        (
            &confirmed["order"]["payment_status"],
            &confirmed["payment"]["status"],
            &confirmed["payment"]["provider"]
        ),
        (&json!("paid"), &json!("succeeded"), &json!("free"))
    );
    assert_eq!(shop.counts(gift).await, (0, 1));
    shop.test.drain_jobs().await;
    let order = shop.order(&confirmed["order"]["id"]).await;
    assert_eq!(
        (&order["status"], &order["discount"]["amount"]),
        (&json!("completed"), &json!(3900))
    );
    assert_eq!(buyer.read().await["discount"]["state"], "redeemed");
    // What is told of a code is told once each.
    let events = shop
        .merchant
        .read(
            &shop.test,
            "events?test_mode=true&types=discount_code.redeemed,discount_code.exhausted",
        )
        .await;
    let events = events["data"].as_array().expect("events").clone();
    assert_eq!(
        events
            .iter()
            .map(|event| event["type"].clone())
            .collect::<Vec<_>>()
            .len(),
        2,
        "{events:#?}"
    );
    let exhausted = events
        .iter()
        .find(|event| event["type"] == "discount_code.exhausted")
        .expect("exhausted");
    assert_eq!(
        (
            &exhausted["data"]["code"],
            &exhausted["data"]["redeemed"],
            &exhausted["object"]["id"]
        ),
        (&json!("GIFT"), &json!(1), &json!(gift.to_string()))
    );
    // Something to pay is not free.
    let other = shop.buyer("b@example.com").await;
    assert_eq!(
        other.confirm_at(&json!(3900), "free").await.problem().1,
        "payment-method-unavailable"
    );
    assert!(
        other.visit.session["payment_methods"]
            .as_array()
            .expect("methods")
            .iter()
            .all(|method| method["provider"] != "free")
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_was_agreed_on_outlives_its_prices() {
    let shop = Shop::new("outlives").await;
    let buyer = shop.buyer("a@example.com").await;
    let confirmed = buyer.confirm().await;
    let path = shop
        .merchant
        .path(&format!("products/{}", shop.course["id"].as_str().expect("an id")));
    for prices in [
        json!([{"currency": "EUR", "amount": 9900}]),
        json!([{"currency": "SEK", "amount": 54900}]),
    ] {
        shop.merchant
            .call(&shop.test, Call::patch(path.clone(), json!({"prices": prices})))
            .await
            .expect(200);
        let read = buyer.read().await;
        assert_eq!(
            (&read["totals"]["total"], read["messages"].as_array().map(Vec::len)),
            (&json!(3900), Some(0))
        );
        assert_eq!(read["payment"]["id"], confirmed["payment"]["id"]);
    }
    // Back in the basket, the prices that hold now hold.
    let refused = buyer.call("POST", "/resume", None).await;
    assert_eq!(refused.problem().1, "currency-not-offered");
    assert_eq!(buyer.pay().await["order"]["total"], 3900);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_no_way_to_pay_takes_is_refused_before_the_payment() {
    let shop = Shop::new("minimum").await;
    // 200 forints; the test provider takes 175 and more.
    let path = shop
        .merchant
        .path(&format!("products/{}", shop.course["id"].as_str().expect("an id")));
    let forints = json!({"prices": [{"currency": "HUF", "amount": 20_000}, {"currency": "EUR", "amount": 3900}]});
    shop.merchant
        .call(&shop.test, Call::patch(path.clone(), forints))
        .await
        .expect(200);
    let fifth = shop
        .code(json!({"code": "FIFTH", "type": "percentage", "percentage": "20"}))
        .await;
    let tenth = shop.ten_percent("TENTH", None).await;
    let whole = json!({"code": "WHOLE", "type": "percentage", "percentage": "100"});
    shop.code(whole).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("fifth").await.expect(200);
    // In forints too little would be left: given back, with the reason.
    let forints = buyer.patch(json!({"currency": "HUF"})).await.expect(200);
    assert_eq!(forints["messages"][0]["reason"], "below_payment_minimum");
    assert_eq!(shop.counts(fifth).await, (0, 0));
    assert_eq!(buyer.refused("fifth").await, "below_payment_minimum");
    let body = json!({"checkout": "minimum", "link": "course", "currency": "HUF", "discount_code": "fifth"});
    let quote = shop.test.call(Call::post("/v1/storefront/quotes", body)).await;
    assert_eq!(quote.json()["reason"], "below_payment_minimum");
    // Enough is left, and nothing is left: both can be paid.
    assert_eq!(buyer.apply("tenth").await.expect(200)["totals"]["total"], 18_000);
    assert_eq!(shop.counts(tenth).await, (1, 0));
    assert_eq!(buyer.apply("whole").await.expect(200)["totals"]["total"], 0);
    buyer.remove().await;
    // The price itself is too low: the way to pay is shown with the reason, and does not confirm.
    let low = json!({"prices": [{"currency": "HUF", "amount": 17_499}, {"currency": "EUR", "amount": 3900}]});
    shop.merchant.call(&shop.test, Call::patch(path, low)).await.expect(200);
    let read = buyer.read().await;
    let method = json!({"provider": "test", "methods": [], "available": false, "unavailable_reason": "below_minimum"});
    assert_eq!(read["payment_methods"], json!([method]));
    let refused = buyer.confirm_at(&json!(17_499), "test").await;
    assert_eq!(refused.problem().1, "payment-method-unavailable");
    assert!(buyer.read().await["order_id"].is_null());
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_custom_links_currency_stays() {
    let shop = Shop::new("currency").await;
    let link = json!({"name": "In euros", "offer_id": shop.offer, "currency": "EUR", "test_mode": true,
        "checkout_data": {"email": "a@example.com"}});
    let link = shop.merchant.create(&shop.test, "checkout-links", link).await;
    let opened = json!({"link_token": link["token"]});
    let opened = shop
        .test
        .call(Call::post("/v1/storefront/sessions", opened))
        .await
        .expect(201);
    let path = format!(
        "/v1/storefront/sessions/{}",
        opened["session"]["id"].as_str().expect("an id")
    );
    let secret = opened["client_secret"].as_str().expect("a secret");
    let patch = |currency: &str| {
        shop.test
            .call(Call::patch(path.clone(), json!({"currency": currency})).bearer(secret))
    };
    assert_eq!(patch("SEK").await.problem().1, "currency-not-offered");
    assert_eq!(patch("EUR").await.expect(200)["totals"]["currency"], "EUR");
}
