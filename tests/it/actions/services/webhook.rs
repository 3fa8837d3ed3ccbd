//! Actions that tell the merchant's own systems.

use serde_json::{Value, json};

use super::double::{Asked, Double, Say};
use super::scene::{Shop, run_of, state};
use crate::support::doubles;
use crate::support::people::text;

/// Which of these requests the package for Python takes for signed with this secret.
pub fn verified(asked: &[Asked], secret: &str) -> Vec<bool> {
    let messages: Vec<Value> = asked
        .iter()
        .map(|one| {
            let header = |name: &str| json!(one.header(name));
            json!({"body": one.text, "headers": {"webhook-id": header("webhook-id"),
                "webhook-timestamp": header("webhook-timestamp"), "webhook-signature": header("webhook-signature")}})
        })
        .collect();
    let verdicts = doubles::ask("webhook_verify.py", &json!({"messages": messages, "secrets": [secret]}));
    let verdicts: Vec<Vec<bool>> = serde_json::from_value(verdicts).expect("verdicts");
    verdicts.concat()
}

#[actix_web::test]
async fn a_sale_is_told_until_it_is_heard_with_one_key_and_a_signature() {
    let double = Double::start(|_, number| Say::Json(if number == 0 { 503 } else { 204 }, json!({}))).await;
    let shop = Shop::new("told", &double).await;
    let config = json!({"url": format!("{}/sold?tenant=7", double.url)});
    let made = shop.product_action("webhook", config).await;
    let secret = text(&made["secret"]);
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["queued", 1, "The receiver answered 503."])
    );
    let order = shop.later(&order).await;
    let run = run_of(&order);
    assert_eq!(
        json!([run["status"], run["attempts"], order["status"]]),
        json!(["succeeded", 2, "completed"])
    );

    let asked = double.asked();
    assert_eq!(double.lines(), ["POST /sold?tenant=7", "POST /sold?tenant=7"]);
    for one in &asked {
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.header("webhook-id"), run["id"]);
        assert_eq!(one.header("idempotency-key"), run["id"]);
        assert_eq!(
            json!([one.body["type"], one.body["id"], one.body["order_line_id"]]),
            json!(["action.run", run["id"], order["lines"][0]["id"]])
        );
        let told = &one.body["order"];
        assert_eq!(
            json!([told["id"], told["number"], told["total"], told["lines"][0]["name"]]),
            json!([order["id"], 1001, 3900, "The course"])
        );
    }
    assert_eq!(verified(&asked, &secret), [true, true]);
    // A key that was renewed is used at once: an order has frozen none.
    let path = shop
        .merchant
        .path(&format!("actions/{}/rotate-secret", text(&made["id"])));
    let call = crate::support::request::Call::new("POST", path);
    let renewed = text(&shop.merchant.call(&shop.test, call).await.expect(200)["secret"]);
    double.take();
    shop.sell().await;
    assert_eq!(verified(&double.asked(), &secret), [false]);
    assert_eq!(verified(&double.asked(), &renewed), [true]);
    shop.keeps_secret(&[&secret, &renewed]).await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_action_of_the_checkout_names_no_line() {
    let double = Double::start(|_, _| Say::Json(204, Value::Null)).await;
    let shop = Shop::new("lineless", &double).await;
    shop.action("webhook", json!({"url": format!("{}/sold", double.url)}))
        .await;
    let order = shop.sell().await;
    assert_eq!(run_of(&order)["status"], "succeeded");
    assert_eq!(double.asked()[0].body.get("order_line_id"), None);
}

#[actix_web::test]
async fn a_refusal_ends_the_run_and_somebody_runs_it_again() {
    let answers = [
        Say::Json(410, json!({})),
        Say::With(302, "location: /elsewhere\r\n"),
        Say::Json(200, json!({})),
    ];
    let double = Double::start(move |_, number| answers[number].clone()).await;
    let shop = Shop::new("refused", &double).await;
    shop.action("webhook", json!({"url": format!("{}/hidden-path", double.url)}))
        .await;
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["failed", 1, "The receiver answered 410."])
    );
    assert_eq!(order["status"], "paid");
    let order = shop.again(&order, &run_of(&order)).await;
    assert_eq!(
        state(&run_of(&order)),
        json!(["failed", 2, "The receiver answered 302. Redirects are not followed."])
    );
    let order = shop.again(&order, &run_of(&order)).await;
    let run = run_of(&order);
    assert_eq!(
        json!([run["status"], run["attempts"], order["status"]]),
        json!(["succeeded", 3, "completed"])
    );
    assert_eq!(double.lines(), ["POST /hidden-path"; 3]);
    for one in double.asked() {
        assert_eq!(one.header("idempotency-key"), run["id"], "the same over re-runs");
    }
    let history = shop
        .merchant
        .read(&shop.test, &format!("orders/{}/actions", text(&order["id"])))
        .await;
    assert!(
        !history.to_string().contains("hidden-path") && !history.to_string().contains("127.0.0.1"),
        "{history}"
    );
}

#[actix_web::test]
async fn a_receiver_that_is_away_is_called_again() {
    let double = Double::start(|_, _| Say::Nothing).await;
    let shop = Shop::new("away", &double).await;
    shop.action("webhook", json!({"url": format!("{}/sold", double.url)}))
        .await;
    let order = shop.sell().await;
    assert_eq!(
        state(&run_of(&order)),
        json!([
            "queued",
            1,
            "The receiver: the connection was closed without a valid answer."
        ])
    );
    assert_eq!(state(&run_of(&shop.later(&order).await))[1], 2);
}
