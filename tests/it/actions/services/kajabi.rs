//! Actions that give offers in Kajabi.

use serde_json::{Value, json};

use super::double::{Double, Say};
use super::scene::{EMAIL, Shop, revocation_of, run_of, state};
use crate::support::people::text;
use crate::support::request::Call;

const TOKEN: &str = "Xq5Vt8w2token";

fn config(double: &Double) -> Value {
    let url = |what: &str| format!("{}/webhooks/offers/{TOKEN}/21/{what}", double.url);
    json!({"activation_url": url("activate?a=b"), "deactivation_url": url("deactivate"),
        "send_grant_email": true, "hide_last_name": true})
}

/// The double knows who has the offer and says what Kajabi says.
pub async fn kajabi() -> Double {
    let mut has: Vec<String> = Vec::new();
    Double::start(move |asked, _| {
        let id = asked.body["external_user_id"].as_str().unwrap_or_default().to_owned();
        let known = has.contains(&id);
        match asked.parts().last().copied() {
            Some("activate") if known => Say::Json(
                422,
                json!({"error": "The offer has already been granted to this member"}),
            ),
            Some("activate") => {
                has.push(id);
                Say::Json(200, json!({}))
            }
            Some("deactivate") if known => {
                has.retain(|known| *known != id);
                Say::Json(200, json!({}))
            }
            _ => Say::Json(400, json!({"error": "Offer grant not found for offer on member"})),
        }
    })
    .await
}

#[actix_web::test]
async fn an_offer_is_given_and_taken_away_from_the_same_person() {
    let double = kajabi().await;
    let shop = Shop::new("granted", &double).await;
    let made = shop.product_action("kajabi_grant", config(&double)).await;
    let shown = json!({"host": "127.0.0.1", "can_deactivate": true, "send_grant_email": true, "hide_last_name": true});
    assert_eq!(made["config"], shown);
    assert_eq!(made.get("secret"), None, "Kajabi is not signed for");
    // A change of something else keeps the addresses.
    let path = shop.merchant.path(&format!("actions/{}", text(&made["id"])));
    let patch = Call::patch(path, json!({"config": {"hide_last_name": false}}));
    let changed = shop.merchant.call(&shop.test, patch).await.expect(200);
    assert_eq!(changed["config"]["can_deactivate"], true);

    let order = shop.sell().await;
    let run = run_of(&order);
    assert_eq!(state(&run), json!(["succeeded", 1, null]));
    let asked = double.take();
    assert_eq!(asked.len(), 1);
    let granted = format!("POST /webhooks/offers/{TOKEN}/21/activate?a=b&send_offer_grant_email=true");
    assert_eq!(asked[0].line(), granted);
    let person = json!({"name": "Aino Virtanen", "email": EMAIL, "external_user_id": order["customer"]["id"]});
    assert_eq!(asked[0].body, person);
    assert_eq!(asked[0].header("idempotency-key"), run["id"]);

    let order = shop.take_away(&order).await;
    let revocation = revocation_of(&order);
    assert_eq!(state(&revocation), json!(["succeeded", 1, null]));
    assert_eq!(revocation["revokes"], run["id"]);
    let asked = double.asked();
    assert_eq!(double.lines(), [format!("POST /webhooks/offers/{TOKEN}/21/deactivate")]);
    assert_eq!(asked[0].body, person, "who got it");
    assert_eq!(asked[0].header("idempotency-key"), revocation["id"]);
    shop.keeps_secret(&[TOKEN]).await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_repeat_is_no_failure() {
    let double = kajabi().await;
    let shop = Shop::new("repeat", &double).await;
    shop.action("kajabi_grant", config(&double)).await;
    let first = shop.sell().await;
    let second = shop.sell().await;
    assert_eq!(first["customer"]["id"], second["customer"]["id"]);
    assert_eq!(state(&run_of(&second)), json!(["succeeded", 1, null]));
    let asked = double.take();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].body, asked[1].body);
    assert_eq!(asked[0].body["name"], "Aino V", "hide_last_name");
    // Both are refunded: at the second, nothing is left to take away.
    for order in [&first, &second] {
        assert_eq!(
            state(&revocation_of(&shop.take_away(order).await)),
            json!(["succeeded", 1, null])
        );
    }
    assert_eq!(double.asked().len(), 2);
}

#[actix_web::test]
async fn a_refusal_names_no_address() {
    let double = Double::start(|asked, _| Say::Json(422, json!({"error": format!("{} is invalid", asked.path)}))).await;
    let shop = Shop::new("invalid", &double).await;
    shop.action("kajabi_grant", config(&double)).await;
    let order = shop.sell().await;
    assert_eq!(state(&run_of(&order)), json!(["failed", 1, "Kajabi answered 422."]));
    shop.keeps_secret(&[TOKEN]).await;
}

#[actix_web::test]
async fn without_an_address_to_take_it_away_a_person_does() {
    let double = kajabi().await;
    let shop = Shop::new("one-way", &double).await;
    let mut config = config(&double);
    config["deactivation_url"] = Value::Null;
    let made = shop.action("kajabi_grant", config).await;
    assert_eq!(made["config"]["can_deactivate"], false);
    let order = shop.sell().await;
    double.take();
    let order = shop.take_away(&order).await;
    let said = "The action has no deactivation address: take the access away in Kajabi.";
    assert_eq!(state(&revocation_of(&order)), json!(["failed", 1, said]));
    assert_eq!(double.lines(), Vec::<String>::new());
    let codes = order["attention_reasons"].as_array().expect("reasons");
    assert!(
        codes.iter().any(|reason| reason["code"] == "actions_incomplete"),
        "{codes:?}"
    );
}

#[actix_web::test]
async fn access_that_is_restored_is_not_taken_away_later() {
    let double = Double::start(|asked, _| match asked.parts().last().copied() {
        Some("activate") => Say::Json(200, json!({})),
        _ => Say::Json(503, json!({})),
    })
    .await;
    let shop = Shop::new("restored", &double).await;
    shop.product_action("kajabi_grant", config(&double)).await;
    let order = shop.sell().await;
    let id = text(&order["id"]);
    let body = json!({"refund_payment": false, "lines": [{"order_line_id": order["lines"][0]["id"], "amount": order["total"],
        "remove_access": true}]});
    let refund = Call::post(shop.merchant.path(&format!("orders/{id}/refunds")), body).header("idempotency-key", "all");
    shop.merchant.call(&shop.test, refund).await.expect(201);
    let refunded = shop.order(&id).await;
    assert_eq!(
        revocation_of(&refunded)["status"],
        "queued",
        "Kajabi is away: it is tried again"
    );
    let restore = Call::post(
        shop.merchant.path(&format!("orders/{id}/complete")),
        json!({"restore_refunded": true}),
    );
    shop.merchant.call(&shop.test, restore).await.expect(200);
    let restored = shop.order(&id).await;
    assert_eq!(revocation_of(&restored)["status"], "cancelled");
    double.take();
    shop.test.advance(chrono::TimeDelta::days(2));
    shop.order(&id).await;
    assert_eq!(double.lines(), Vec::<String>::new(), "nobody is asked any more");
    shop.test.check_invariants().await;
}
