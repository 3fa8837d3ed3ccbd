//! Licenses that the merchant's own service makes.

use serde_json::{Value, json};

use super::double::{Double, Say};
use super::scene::{EMAIL, Shop, run_of, state};
use super::webhook::verified;
use crate::support::people::text;

fn config(double: &Double, per: &str) -> Value {
    json!({"kind": "web_service", "per": per, "url": format!("{}/licenses", double.url)})
}

/// The keys of the first line, in the order of its units.
fn keys(order: &Value) -> Vec<String> {
    let licenses = order["lines"][0]["licenses"].as_array().expect("licenses");
    licenses.iter().map(|license| text(&license["key"])).collect()
}

#[actix_web::test]
async fn each_unit_is_asked_for_under_a_key_of_its_own() {
    // The second unit fails at first.
    let double = Double::start(|asked, number| match number {
        1 => Say::Json(500, json!({})),
        _ => Say::Json(200, json!({"license": format!("KEY {}", asked.body["unit"])})),
    })
    .await;
    let shop = Shop::new("units", &double).await;
    let made = shop.product_action("license", config(&double, "unit")).await;
    let order = shop.sell_live(2).await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["queued", 1, "The license service answered 500."])
    );
    assert_eq!(keys(&order), Vec::<String>::new());
    let order = shop.later(&order).await;
    assert_eq!(keys(&order), ["KEY 0", "KEY 1"]);
    let run = text(&run_of(&order)["id"]);
    let asked = double.asked();
    let sent: Vec<&str> = asked.iter().map(|one| one.header("idempotency-key")).collect();
    let (first, second) = (format!("{run}:0"), format!("{run}:1"));
    assert_eq!(sent, [&first, &second, &first, &second]);
    assert_eq!(
        asked[1].body,
        json!({
            "type": "license.requested", "id": second, "order_id": order["id"], "order_number": 1001,
            "order_line_id": order["lines"][0]["id"], "product_id": shop.product, "item": "The course", "quantity": 2,
            "amount": 7800, "currency": "EUR", "email": EMAIL, "test_mode": false, "unit": 1,
        })
    );
    assert_eq!(asked[1].body, asked[3].body, "the same at every repeat");
    assert_eq!(double.lines(), ["POST /licenses"; 4]);
    assert_eq!(verified(&asked, &text(&made["secret"])), [true; 4]);
    shop.keeps_secret(&[made["secret"].as_str().expect("a secret")]).await;
}

#[actix_web::test]
async fn a_line_is_asked_for_under_the_run_s_own_key() {
    let double = Double::start(|_, _| Say::Json(200, json!({"license": "Line 1\nLine 2"}))).await;
    let shop = Shop::new("line", &double).await;
    shop.product_action("license", config(&double, "line")).await;
    let order = shop.sell_live(3).await;
    assert_eq!(keys(&order), ["Line 1\nLine 2"]);
    let asked = double.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("idempotency-key"), run_of(&order)["id"]);
    assert_eq!(
        (&asked[0].body["quantity"], asked[0].body.get("unit")),
        (&json!(3), None)
    );
}

#[actix_web::test]
async fn an_answer_without_a_license_is_a_failure() {
    let answers = [
        Say::Json(200, json!({"key": "KEY 1"})),
        Say::Json(200, json!({"license": "a\u{0}b"})),
        Say::Json(200, json!({"license": "x".repeat(20_001)})),
        Say::Json(404, json!({"message": "no such product"})),
    ];
    let double = Double::start(move |_, number| answers[number].clone()).await;
    let shop = Shop::new("nothing", &double).await;
    shop.product_action("license", config(&double, "line")).await;
    let mut order = shop.sell_live(1).await;
    for attempt in 1..4 {
        let strange = "The license service answered something that cannot be read.";
        assert_eq!(state(&run_of(&order)), json!(["failed", attempt, strange]));
        order = shop.again(&order, &run_of(&order)).await;
    }
    assert_eq!(
        state(&run_of(&order)),
        json!(["failed", 4, "The license service answered 404."])
    );
    assert_eq!(keys(&order), Vec::<String>::new());
}
