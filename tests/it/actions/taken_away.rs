//! Access that is taken away with the money, and given back.

use serde_json::json;

use super::scene::{buy, confirm, import, keys_of, pay, read, run_of, sell, stands, told};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn a_license_is_revoked_and_given_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "revoked").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    import(&test, &merchant, &product, &["GIVEN", "SPARE"])
        .await
        .expect(200);
    let order = buy(&test, &merchant, 1).await;
    let id = text(&order["id"]);
    let body = json!({"refund_payment": false, "lines": [{"order_line_id": order["lines"][0]["id"], "amount": order["total"],
        "remove_access": true}]});
    let refund = Call::post(merchant.path(&format!("orders/{id}/refunds")), body).header("idempotency-key", "all");
    merchant.call(&test, refund).await.expect(201);
    test.drain_jobs().await;
    let refunded = read(&test, &merchant, &id).await;
    assert_eq!(stands(&refunded), json!(["refunded", "delivered", []]));
    let license = &refunded["lines"][0]["licenses"][0];
    assert_eq!(json!([license["status"], license["key"]]), json!(["revoked", "GIVEN"]));
    let runs = refunded["actions"].as_array().expect("runs");
    let revocation = runs
        .iter()
        .find(|run| !run["revokes"].is_null())
        .expect("a run that takes it back");
    assert_eq!(
        json!([revocation["type"], revocation["status"], revocation["revokes"]]),
        json!(["license", "succeeded", run_of(&refunded, "license")["id"]])
    );
    assert_eq!(
        (
            told(&test, &merchant, "license.revoked").await,
            told(&test, &merchant, "product.returned").await
        ),
        (1, 1)
    );
    let path = merchant.path(&format!(
        "orders/{id}/actions/{}/rerun",
        text(&run_of(&refunded, "license")["id"])
    ));
    merchant
        .call(&test, Call::post(path, json!({"confirm": true})))
        .await
        .expect(202);
    test.drain_jobs().await;
    let refused = read(&test, &merchant, &id).await;
    assert_eq!(
        run_of(&refused, "license")["status"],
        "failed",
        "what was taken away is not sent"
    );
    let restore = Call::post(
        merchant.path(&format!("orders/{id}/complete")),
        json!({"restore_refunded": true}),
    );
    merchant.call(&test, restore).await.expect(200);
    test.drain_jobs().await;
    let restored = read(&test, &merchant, &id).await;
    assert_eq!(stands(&restored), json!(["completed", "delivered", []]));
    assert_eq!(keys_of(&restored), ["GIVEN"], "the same key, and no other");
    assert_eq!(restored["lines"][0]["licenses"][0]["status"], "issued");
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_was_not_given_yet_never_is() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "never").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    let order = buy(&test, &merchant, 1).await;
    let id = text(&order["id"]);
    assert_eq!(stands(&order), json!(["paid", "not_delivered", ["license_pool_empty"]]));
    let body =
        json!({"lines": [{"order_line_id": order["lines"][0]["id"], "amount": order["total"], "remove_access": true}]});
    let refund = Call::post(merchant.path(&format!("orders/{id}/refunds")), body).header("idempotency-key", "all");
    merchant.call(&test, refund).await.expect(201);
    test.drain_jobs().await;
    import(&test, &merchant, &product, &["LATE"]).await.expect(200);
    test.drain_jobs().await;
    let refunded = read(&test, &merchant, &id).await;
    assert_eq!(run_of(&refunded, "license")["status"], "cancelled");
    assert_eq!(
        stands(&refunded),
        json!(["refunded", "not_delivered", []]),
        "nobody waits for it any more"
    );
    assert_eq!(refunded["lines"][0]["licenses"], json!([]));
    test.check_invariants().await;
}

#[actix_web::test]
async fn offer_access_can_be_taken_only_where_there_is_some() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "nothing").await;
    sell(&test, &merchant, json!({"kind": "manual", "per": "line"})).await;
    let order = buy(&test, &merchant, 1).await;
    assert_eq!(order["can_remove_offer_access"], false);
    let body = json!({"lines": [], "remove_offer_access": true});
    let path = merchant.path(&format!("orders/{}/refunds", text(&order["id"])));
    let refused = merchant
        .call(&test, Call::post(path, body).header("idempotency-key", "access"))
        .await;
    assert_eq!(refused.problem().0, 422);
}

#[actix_web::test]
async fn an_order_is_done_when_what_it_waited_for_goes_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "rest").await;
    let waited_for = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    let simple = json!({"name": "Simple", "type": "digital_content", "vat_type": "digital_service",
        "prices": [{"currency": "EUR", "amount": 500}]});
    let simple = merchant.create(&test, "products", simple).await;
    let items = json!([{"product_id": waited_for["id"]}, {"product_id": simple["id"]}]);
    let offer = merchant
        .create(
            &test,
            "offers",
            json!({"name": "Both", "title": "Both", "items": items}),
        )
        .await;
    let link = json!({"name": "Both", "offer_id": offer["id"], "slug": "both"});
    merchant.create(&test, "checkout-links", link).await;
    let confirmed = confirm(&test, &merchant, "both", "buyer@example.com", 1).await;
    pay(&test, &merchant, &confirmed).await.expect(200);
    test.drain_jobs().await;
    let order = read(&test, &merchant, &confirmed.order).await;
    assert_eq!(
        stands(&order),
        json!(["paid", "partially_delivered", ["license_pool_empty"]])
    );
    let line = order["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .find(|line| line["name"] == "Program");
    let line = line.expect("the line");
    let body = json!({"lines": [{"order_line_id": line["id"], "amount": line["total"], "remove_access": true}]});
    let path = merchant.path(&format!("orders/{}/refunds", confirmed.order));
    let refund = Call::post(path, body).header("idempotency-key", "one");
    merchant.call(&test, refund).await.expect(201);
    test.drain_jobs().await;
    let order = read(&test, &merchant, &confirmed.order).await;
    assert_eq!(stands(&order), json!(["completed", "partially_delivered", []]));
    test.check_invariants().await;
}
