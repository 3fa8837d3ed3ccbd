//! Links that were made for one buyer, once that buyer is forgotten.

use serde_json::json;

use super::erasing::erase;
use super::exporting::customer_of;
use crate::sessions::shop::Shop;
use crate::support::people::text;
use crate::support::request::Call;

#[actix_web::test]
async fn the_kept_answer_to_who_made_a_link_says_nothing_of_whom_it_was_for() {
    let shop = Shop::new("kept").await;
    let (test, merchant) = (&shop.test, &shop.merchant);
    let code = json!({"code": "TEN", "type": "percentage", "percentage": "10"});
    merchant.create(test, "discount-codes", code).await;
    let body = json!({"name": "One", "offer_id": shop.offer, "max_orders": 5, "test_mode": true,
        "checkout_data": {"email": "Buyer@Example.com", "name": "Aino Virtanen", "billing_address": {"country": "FI", "zip": "00990"},
            "custom": {"member": "member-7"}, "discount_code": "TEN", "locked": ["email"]}});
    let make = || Call::post(merchant.path("checkout-links"), body.clone()).header("idempotency-key", "made");
    let made = merchant.call(test, make()).await.expect(201);
    let link = text(&made["id"]);
    let patch = Call::patch(
        merchant.path(&format!("checkout-links/{link}")),
        json!({"name": "Other"}),
    );
    let renamed = merchant.call(test, patch.header("idempotency-key", "renamed")).await;
    assert_eq!(renamed.expect(200)["checkout_data"]["name"], "Aino Virtanen");
    let another = json!({"name": "Two", "offer_id": shop.offer, "max_orders": 5, "test_mode": true,
        "checkout_data": {"email": "other@example.com", "name": "Eino Berg"}});
    let another = || Call::post(merchant.path("checkout-links"), another.clone()).header("idempotency-key", "another");
    let others = merchant.call(test, another()).await.expect(201);
    let buyer = shop
        .open(json!({"customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}}))
        .await;
    buyer.confirm().await;
    buyer.pay().await;
    test.drain_jobs().await;
    let customer = customer_of(test, merchant, "buyer@example.com").await;
    erase(test, merchant, &customer).await.expect(200);
    let again = merchant.call(test, make()).await.expect(201);
    assert_eq!(
        json!([again["id"], again["checkout_data"]]),
        json!([link, {"discount_code": "TEN"}]),
        "the same answer, without the person"
    );
    assert_eq!(
        merchant.call(test, another()).await.expect(201),
        others,
        "another's is whole"
    );
    let said = ["buyer@example.com", "Aino", "Virtanen", "00990", "member-7"];
    assert_eq!(test.traces_of(&said).await, Vec::<String>::new());
}
