//! Licenses: given, waited for, delivered by hand, sent again.

use serde_json::json;

use super::scene::{buy, import, keys_of, read, run_of, sell, stands, told};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn every_unit_gets_a_key_of_its_own() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "units").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    let imported = import(&test, &merchant, &product, &["A-1", "B-2", "C-3"]).await;
    assert_eq!(imported.expect(200), json!({"imported": 3, "duplicates": 0}));
    let order = buy(&test, &merchant, 2).await;
    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
    assert_eq!(keys_of(&order), ["A-1", "B-2"], "the oldest first");
    assert_eq!(run_of(&order, "license")["status"], "succeeded");
    let mails: Vec<String> = test.mails().into_iter().filter(|mail| mail.contains("A-1")).collect();
    assert_eq!(mails.len(), 1, "one mail for the line");
    assert!(mails[0].contains("B-2"));
    assert_eq!(
        (
            told(&test, &merchant, "license.issued").await,
            told(&test, &merchant, "product.delivered").await
        ),
        (2, 1)
    );
    let list = format!("products/{}/license-keys", text(&product["id"]));
    let free = merchant.read(&test, &format!("{list}?state=available")).await;
    assert_eq!(free["data"].as_array().map(Vec::len), Some(1));
    let given = merchant.read(&test, &format!("{list}?state=given")).await;
    assert_eq!(given["data"][0]["order_line_id"], order["lines"][0]["id"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_line_gets_one_key_however_many_it_is_of() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "line").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "line"})).await;
    import(&test, &merchant, &product, &["A-1", "B-2"]).await.expect(200);
    let order = buy(&test, &merchant, 3).await;
    assert_eq!(keys_of(&order), ["A-1"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_person_delivers() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "by-hand").await;
    sell(&test, &merchant, json!({"kind": "manual", "per": "unit"})).await;
    let order = buy(&test, &merchant, 1).await;
    assert_eq!(
        stands(&order),
        json!(["paid", "not_delivered", ["manual_delivery_due"]])
    );
    let run = run_of(&order, "license");
    assert_eq!(
        json!([run["status"], run["waiting_for"]]),
        json!(["waiting", "manual_delivery"])
    );
    let asked = test
        .mails()
        .iter()
        .filter(|mail| mail.contains("owner@by-hand.example"))
        .count();
    assert_eq!(asked, 1, "the merchant is asked");
    let path = merchant.path(&format!(
        "orders/{}/lines/{}/deliver",
        text(&order["id"]),
        text(&order["lines"][0]["id"])
    ));
    let deliver = |body| merchant.call(&test, Call::post(&path, body));
    let wrong = deliver(json!({"licenses": ["  "]})).await;
    assert_eq!(wrong.problem().0, 422);
    deliver(json!({"licenses": ["HAND-MADE"]})).await.expect(200);
    test.drain_jobs().await;
    let order = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
    assert_eq!(keys_of(&order), ["HAND-MADE"]);
    assert_eq!(test.mails().iter().filter(|mail| mail.contains("HAND-MADE")).count(), 1);
    let again = deliver(json!({"licenses": ["HAND-MADE"]})).await;
    assert_eq!(again.problem().1, "nothing-to-deliver");
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_delivery_may_have_no_license() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "no-text").await;
    sell(&test, &merchant, json!({"kind": "manual", "per": "line"})).await;
    let order = buy(&test, &merchant, 1).await;
    let path = merchant.path(&format!(
        "orders/{}/lines/{}/deliver",
        text(&order["id"]),
        text(&order["lines"][0]["id"])
    ));
    let delivered = merchant.call(&test, Call::post(&path, json!({}))).await.expect(200);
    assert_eq!(stands(&delivered), json!(["completed", "delivered", []]));
    test.check_invariants().await;
}

#[actix_web::test]
async fn information_is_the_same_for_everybody() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "information").await;
    let license = json!({"kind": "information_email", "per": "line", "text": "The door opens at nine."});
    sell(&test, &merchant, license).await;
    let order = buy(&test, &merchant, 2).await;
    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
    assert_eq!(order["lines"][0]["licenses"], json!([]));
    let told = test
        .mails()
        .iter()
        .filter(|mail| mail.contains("The door opens at nine."))
        .count();
    assert_eq!(told, 1);
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_same_license_is_sent_again_until_it_is_refunded() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "again").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    import(&test, &merchant, &product, &["ONLY-ONE", "ANOTHER"])
        .await
        .expect(200);
    let order = buy(&test, &merchant, 1).await;
    let license = text(&order["lines"][0]["licenses"][0]["id"]);
    let id = text(&order["id"]);
    let resend = || {
        merchant.call(
            &test,
            Call::post(
                merchant.path(&format!("orders/{id}/licenses/{license}/resend")),
                json!({}),
            ),
        )
    };
    resend().await.expect(202);
    test.drain_jobs().await;
    let order = read(&test, &merchant, &id).await;
    assert_eq!(keys_of(&order), ["ONLY-ONE"], "no other key is taken");
    assert_eq!(run_of(&order, "license")["attempts"], 2);
    let attempts = merchant.read(&test, &format!("orders/{id}/actions")).await;
    let outcomes: Vec<_> = attempts["attempts"].as_array().expect("attempts").iter().collect();
    assert!(
        outcomes.iter().all(|attempt| attempt["outcome"] == "succeeded"),
        "{attempts:#}"
    );
    let part = json!({"lines": [{"order_line_id": order["lines"][0]["id"], "amount": order["total"]}]});
    let refund = Call::post(merchant.path(&format!("orders/{id}/refunds")), part).header("idempotency-key", "all");
    merchant.call(&test, refund).await.expect(201);
    test.drain_jobs().await;
    assert_eq!(resend().await.problem().1, "license-not-sendable");
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_product_and_its_action_say_the_same() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "in-step").await;
    let product = sell(&test, &merchant, json!({"kind": "manual", "per": "unit"})).await;
    let list = merchant.read(&test, "actions").await;
    let action = list["data"]
        .as_array()
        .expect("actions")
        .iter()
        .find(|action| action["type"] == "license");
    let action = action.expect("made with the product").clone();
    assert_eq!(
        json!([action["owner_id"], action["config"]["kind"], action["run_in_test"]]),
        json!([product["id"], "manual", true])
    );
    let another = json!({"level": "product", "owner_id": product["id"], "type": "license", "name": "Second",
        "config": {"kind": "manual", "per": "unit"}});
    let another = merchant
        .call(&test, Call::post(merchant.path("actions"), another))
        .await;
    assert_eq!(another.problem().1, "already-licensed");
    let path = merchant.path(&format!("actions/{}", text(&action["id"])));
    let patch = json!({"config": {"kind": "key_pool", "low_stock_threshold": 5}});
    merchant
        .call(&test, Call::new("PATCH", &path).json(patch))
        .await
        .expect(200);
    let of_product = async || {
        merchant
            .read(&test, &format!("products/{}", text(&product["id"])))
            .await["license"]
            .clone()
    };
    assert_eq!(
        of_product().await,
        json!({"kind": "key_pool", "per": "unit", "low_stock_threshold": 5})
    );
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert!(of_product().await.is_null());
    // And the other way round.
    let own = merchant.path(&format!("products/{}", text(&product["id"])));
    let license = async |license: serde_json::Value| {
        let patch = Call::new("PATCH", &own).json(json!({"license": license}));
        merchant.call(&test, patch).await.expect(200);
        let list = merchant.read(&test, "actions").await;
        let found = list["data"]
            .as_array()
            .expect("actions")
            .iter()
            .find(|action| action["type"] == "license");
        found.map(|action| action["config"]["kind"].clone())
    };
    assert_eq!(
        license(json!({"kind": "manual", "per": "line"})).await,
        Some(json!("manual"))
    );
    // The one that was put away has no say any more.
    let old = Call::new("PATCH", &path).json(json!({"name": "Old"}));
    merchant.call(&test, old).await.expect(200);
    assert_eq!(of_product().await["kind"], "manual");
    assert_eq!(license(json!({"kind": "key_pool"})).await, Some(json!("key_pool")));
    assert_eq!(license(serde_json::Value::Null).await, None);
    let wrong = json!({"name": "Wrong", "type": "digital_content", "vat_type": "digital_service",
        "prices": [{"currency": "EUR", "amount": 1}], "license": {"kind": "information_email", "per": "line"}});
    let wrong = merchant.call(&test, Call::post(merchant.path("products"), wrong)).await;
    assert_eq!(wrong.problem().0, 422);
    test.check_invariants().await;
}
