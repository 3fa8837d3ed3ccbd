//! Quotes without a session: nothing is kept, nothing is held, everything is checked.

use serde_json::{Value, json};

use super::shop::Shop;
use crate::support::request::{Call, Reply};

async fn quote(shop: &Shop, body: Value) -> Reply {
    shop.merchant
        .call(&shop.test, Call::post(shop.merchant.path("quotes"), body))
        .await
}

#[actix_web::test]
async fn an_offer_alone_and_what_is_asked_of_it() {
    let shop = Shop::new("quotes").await;
    let course = &shop.course["variants"][0]["id"];
    let plain = quote(&shop, json!({"offer_id": shop.offer})).await.expect(200);
    assert_eq!(
        (
            &plain["total"],
            &plain["lines"][0]["original_unit_amount"],
            &plain["currency"]
        ),
        (&json!(3900), &json!(4900), &json!("EUR"))
    );
    assert!(plain["discount"].is_null());
    let upgraded = json!({"offer_id": shop.offer, "currency": "SEK", "country": "SE",
        "add_ons": [{"add_on_id": shop.upgrade}, {"add_on_id": shop.bump, "quantity": 2}],
        "lines": [{"variant_id": shop.workshop["variants"][0]["id"], "quantity": 1}]});
    let upgraded = quote(&shop, upgraded).await.expect(200);
    let roles: Vec<_> = upgraded["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| line["role"].clone())
        .collect();
    assert_eq!(roles, [json!("upgrade"), json!("main"), json!("order_bump")]);
    assert_eq!(upgraded["total"], 89_900 + 27_900 + 2 * 11_500);
    for (body, pointer) in [
        (json!({}), "/offer_id"),
        (json!({"offer_id": shop.offer, "link": "course"}), "/offer_id"),
        (json!({"offer_id": "off_01jd5wq0zsfa2tq4n9v8kx3m7h"}), "/offer_id"),
        (
            json!({"offer_id": shop.offer, "lines": [{"variant_id": shop.book["variants"][0]["id"]}]}),
            "/lines/0/variant_id",
        ),
        (
            json!({"offer_id": shop.offer, "lines": [{"variant_id": course, "quantity": 6}]}),
            "/lines/0/quantity",
        ),
        (
            json!({"offer_id": shop.offer, "add_ons": [{"add_on_id": "add_01jd5wq0zsfa2tq4n9v8kx3m7h"}]}),
            "/add_ons/0/add_on_id",
        ),
        (
            json!({"offer_id": shop.offer, "add_ons": [{"add_on_id": shop.bump, "quantity": 9}]}),
            "/add_ons/0/quantity",
        ),
        (
            json!({"offer_id": shop.offer, "add_ons": [{"add_on_id": shop.upgrade}, {"add_on_id": shop.upgrade}]}),
            "/add_ons/1/add_on_id",
        ),
        (
            json!({"offer_id": shop.offer, "vat_number": "FI12345678"}),
            "/vat_number",
        ),
        (json!({"offer_id": shop.offer, "total": 1}), "/total"),
        (
            json!({"offer_id": shop.offer, "lines": vec![json!({"variant_id": course}); 51]}),
            "/lines",
        ),
    ] {
        let refused = quote(&shop, body.clone()).await.problem();
        assert_eq!((refused.0, refused.2.as_str()), (422, pointer), "{body}");
    }
    assert_eq!(
        quote(&shop, json!({"offer_id": shop.offer, "currency": "USD"}))
            .await
            .problem()
            .1,
        "currency-not-offered"
    );
    assert_eq!(quote(&shop, json!({"link": "nothing"})).await.problem().0, 404);
    let public = |body: Value| shop.test.call(Call::post("/v1/storefront/quotes", body));
    assert_eq!(public(json!({"link": "course"})).await.problem().2, "/checkout");
    assert_eq!(
        public(json!({"checkout": "nobody", "link": "course"}))
            .await
            .problem()
            .0,
        404
    );
    assert_eq!(
        public(json!({"link_token": "lnk_x.1.2"})).await.problem().1,
        "link-signature-invalid"
    );
}

#[actix_web::test]
async fn a_code_is_judged_and_not_held() {
    let shop = Shop::new("unheld").await;
    let code = shop
        .code(json!({"code": "ONE", "type": "percentage", "percentage": "10", "usage_limit": 1, "max_per_customer": 1}))
        .await;
    let body = |email: &str| json!({"checkout": "unheld", "link": "course", "discount_code": "one", "email": email});
    let quote = |email: &'static str| shop.test.call(Call::post("/v1/storefront/quotes", body(email)));
    for _ in 0..3 {
        let quoted = quote("a@example.com").await.expect(200);
        assert_eq!(
            (&quoted["discount"], &quoted["total"]),
            (&json!({"code": "ONE", "amount": 390}), &json!(3510))
        );
    }
    assert_eq!(shop.counts(code).await, (0, 0));
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("one").await.expect(200);
    assert_eq!(quote("b@example.com").await.json()["reason"], "usage_limit_reached");
    shop.patch_code(code, json!({"usage_limit": 5})).await;
    quote("b@example.com").await.expect(200);
    assert_eq!(quote("A@EXAMPLE.com").await.json()["reason"], "customer_limit_reached");
    let unknown = json!({"checkout": "unheld", "link": "course", "discount_code": "none"});
    assert_eq!(
        shop.test
            .call(Call::post("/v1/storefront/quotes", unknown))
            .await
            .json()["reason"],
        "not_found"
    );
}
