//! Add-ons, and what offers make of them.

use serde_json::{Value, json};

use crate::support::merchant::course;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn an_offer_shows_its_add_ons_with_the_price_that_holds() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "extras").await;
    let main = merchant.read(&test, "products").await["data"][0].clone();
    let book = merchant.create(&test, "products", course()).await;
    let variant = &book["variants"][0]["id"];
    let add = json!({"kind": "add", "variant_id": variant, "name": "The book", "description": "On paper.",
        "image_url": "https://shop.example.com/b.jpg", "quantity": {"default": 1, "min": 1, "max": 3},
        "prices": [{"currency": "EUR", "amount": 1500}], "translations": {"fi": {"name": "Kirja"}}});
    let add = merchant.create(&test, "add-ons", add).await;
    let upgrade = json!({"kind": "upgrade", "variant_id": variant, "replaces_product_id": main["id"], "name": "Pro"});
    let upgrade = merchant.create(&test, "add-ons", upgrade).await;
    for (body, pointer) in [
        (
            json!({"kind": "upgrade", "variant_id": variant, "name": "x"}),
            "/replaces_product_id",
        ),
        (
            json!({"kind": "add", "variant_id": variant, "replaces_product_id": main["id"], "name": "x"}),
            "/replaces_product_id",
        ),
        (
            json!({"kind": "add", "variant_id": "var_01jd5wq0zsfa2tq4n9v8kx3m7h", "name": "x"}),
            "/variant_id",
        ),
    ] {
        let reply = merchant.call(&test, Call::post(merchant.path("add-ons"), body)).await;
        assert_eq!(reply.problem().2, pointer);
    }
    let offer = merchant.read(&test, "offers").await["data"][0].clone();
    let path = merchant.path(&format!("offers/{}", offer["id"].as_str().expect("an id")));
    let carried = json!({"add_ons": [
        {"add_on_id": upgrade["id"], "position": "pre_upsell", "sort": 1}, {"add_on_id": add["id"], "position": "order_bump", "sort": 2}]});
    let changed = merchant
        .call(&test, Call::patch(path.clone(), carried))
        .await
        .expect(200);
    assert_eq!(changed["add_ons"][0]["add_on_id"], add["id"], "bumps before upsells");
    let link = "/v1/storefront/checkouts/extras/links/course";
    let shown = test.call(Call::get(link)).await.expect(200)["add_ons"].clone();
    let amounts = |add_on: &Value| -> Vec<String> {
        let prices = add_on["prices"].as_array().expect("prices").iter();
        prices
            .map(|price| format!("{} {}", price["currency"], price["unit_amount"]).replace('"', ""))
            .collect()
    };
    assert_eq!(
        amounts(&shown[0]),
        ["EUR 1500", "JPY 7800", "SEK 54900"],
        "its own, else the product's"
    );
    assert_eq!(amounts(&shown[1]), ["EUR 3900", "JPY 7800", "SEK 54900"]);
    assert_eq!(shown[1]["replaces_product_id"], main["id"]);

    // An upgrade of something that is not in the offer is refused, also when the items change under it.
    let without = json!({"items": [{"product_id": book["id"]}]});
    let reply = merchant.call(&test, Call::patch(path.clone(), without)).await;
    assert_eq!(reply.problem().2, "/add_ons/0/add_on_id".replace('0', "1"));
    let own = merchant.path(&format!("add-ons/{}", add["id"].as_str().expect("an id")));
    merchant.call(&test, Call::new("DELETE", own.clone())).await.expect(204);
    let shown = test.call(Call::get(link)).await.expect(200)["add_ons"].clone();
    assert_eq!(shown.as_array().map(Vec::len), Some(1), "archived ones are not shown");
    let twice = json!({"add_ons": [{"add_on_id": upgrade["id"], "position": "order_bump"}, {"add_on_id": upgrade["id"], "position": "order_bump"}]});
    assert_eq!(
        merchant.call(&test, Call::patch(path, twice)).await.problem().2,
        "/add_ons/1/add_on_id"
    );
    let patch = json!({"status": "active", "prices": [{"currency": "EUR", "amount": 2000, "discounted_amount": 1200}], "description": null});
    let back = merchant.call(&test, Call::patch(own, patch)).await.expect(200);
    assert_eq!(back["prices"][0]["lowest_amount_30_days"], 1500);
    assert_eq!(back["description"], Value::Null);
    test.check_invariants().await;
}
