//! Actions on three levels: put on an order when it is confirmed, as they are then.

use serde_json::{Value, json};

use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

async fn email(test: &TestApp, merchant: &Merchant, level: &str, owner: Option<&Value>, name: &str) -> Value {
    let mut body = json!({"level": level, "type": "email", "name": name, "run_in_test": true,
        "config": {"subject": name, "text": format!("This is {name}.")}});
    if let Some(owner) = owner {
        body["owner_id"] = owner.clone();
    }
    merchant.create(test, "actions", body).await
}

/// Name, level and state of each run of an order.
fn runs(order: &Value) -> Vec<String> {
    let runs = order["actions"].as_array().expect("runs");
    let mut named: Vec<String> = runs
        .iter()
        .map(|run| {
            format!(
                "{} {} {}",
                text(&run["name"]),
                text(&run["level"]),
                text(&run["status"])
            )
        })
        .collect();
    named.sort();
    named
}

async fn open(test: &TestApp, merchant: &Merchant, link: &str) -> Visit {
    let body =
        json!({"checkout": merchant.slug, "link": link, "customer": {"email": "buyer@example.com", "country": "FI"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    Visit::of(&opened)
}

#[actix_web::test]
async fn one_order_carries_all_three() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "levels").await;
    let mut items = Vec::new();
    for name in ["One", "Two"] {
        let product = json!({"name": name, "type": "online_course", "vat_type": "commercial_education",
            "prices": [{"currency": "EUR", "amount": 1000}]});
        items.push(json!({"product_id": merchant.create(&test, "products", product).await["id"]}));
    }
    let offer = json!({"name": "Pair", "title": "The pair", "items": items});
    let offer = merchant.create(&test, "offers", offer).await;
    let other = json!({"name": "Other", "title": "Other", "items": [items[0]]});
    let other = merchant.create(&test, "offers", other).await;
    let link = json!({"name": "Pair", "offer_id": offer["id"], "slug": "pair", "test_mode": true});
    merchant.create(&test, "checkout-links", link).await;
    email(&test, &merchant, "product", Some(&items[0]["product_id"]), "of one").await;
    email(&test, &merchant, "offer", Some(&offer["id"]), "of the pair").await;
    email(&test, &merchant, "offer", Some(&other["id"]), "of another").await;
    let changed = email(&test, &merchant, "checkout", None, "of the shop").await;
    let quiet = email(&test, &merchant, "checkout", None, "quiet").await;
    let off =
        Call::new("PATCH", merchant.path(&format!("actions/{}", text(&quiet["id"])))).json(json!({"enabled": false}));
    merchant.call(&test, off).await.expect(200);
    let live = email(&test, &merchant, "checkout", None, "live only").await;
    let live = Call::new("PATCH", merchant.path(&format!("actions/{}", text(&live["id"]))))
        .json(json!({"run_in_test": false}));
    merchant.call(&test, live).await.expect(200);
    let visit = open(&test, &merchant, "pair").await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    // What changes now is for orders to come.
    let later = json!({"name": "of the shop, later", "config": {"text": "Another text."}});
    let later = Call::new("PATCH", merchant.path(&format!("actions/{}", text(&changed["id"])))).json(later);
    merchant.call(&test, later).await.expect(200);
    let read = async || merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        runs(&read().await),
        [
            "Receipt checkout frozen",
            "of one product frozen",
            "of the pair offer frozen",
            "of the shop checkout frozen"
        ]
    );
    visit.pay(&test, "succeeded").await.expect(200);
    let paid = read().await;
    assert_eq!(
        json!([
            paid["fulfillment_status"],
            paid["lines"][0]["fulfillment_status"],
            paid["lines"][1]["fulfillment_status"]
        ]),
        json!(["partially_delivered", "not_delivered", "delivered"]),
        "a line is delivered with the last of its own actions"
    );
    test.drain_jobs().await;
    let done = read().await;
    assert_eq!(
        json!([done["status"], done["fulfillment_status"]]),
        json!(["completed", "delivered"])
    );
    assert_eq!(
        runs(&done),
        [
            "Receipt checkout succeeded",
            "of one product succeeded",
            "of the pair offer succeeded",
            "of the shop checkout succeeded"
        ]
    );
    let said = |words: &str| test.mails().iter().filter(|mail| mail.contains(words)).count();
    assert_eq!((said("This is of the shop."), said("Another text.")), (1, 0));
    let shop = done["actions"]
        .as_array()
        .expect("runs")
        .iter()
        .find(|run| run["name"] == "of the shop");
    let again = merchant.path(&format!(
        "orders/{order}/actions/{}/rerun",
        text(&shop.expect("it")["id"])
    ));
    let again = Call::post(again, json!({"confirm": true, "use_latest_configuration": true}));
    merchant.call(&test, again).await.expect(202);
    test.drain_jobs().await;
    assert_eq!((said("This is of the shop."), said("Another text.")), (1, 1));
    let events = merchant
        .read(&test, "events?test_mode=true&types=product.delivered")
        .await;
    assert_eq!(events["data"].as_array().map(Vec::len), Some(2));
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_new_revision_has_the_actions_of_what_it_sells() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "revised").await;
    let product = merchant.read(&test, "products").await["data"][0]["id"].clone();
    email(&test, &merchant, "product", Some(&product), "from the first").await;
    let visit = merchant.visit(&test).await;
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    email(&test, &merchant, "product", Some(&product), "new by now").await;
    let back = Call::post(visit.path("/resume"), json!({})).bearer(&visit.secret);
    test.call(back).await.expect(200);
    let read = async || merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        runs(&read().await),
        ["Receipt checkout frozen", "from the first product frozen"]
    );
    visit.confirm(&test).await;
    let revised = read().await;
    assert_eq!(revised["revision"], 2);
    assert_eq!(
        runs(&revised),
        [
            "Receipt checkout frozen",
            "from the first product frozen",
            "new by now product frozen"
        ]
    );
    assert_eq!(
        revised["actions"]
            .as_array()
            .expect("runs")
            .iter()
            .find(|run| run["name"] == "new by now")
            .expect("it")["order_line_id"],
        revised["lines"][0]["id"]
    );
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let done = read().await;
    assert_eq!(
        json!([done["status"], done["fulfillment_status"]]),
        json!(["completed", "delivered"])
    );
    assert_eq!(test.mails().len(), 3, "one receipt, one mail of each");
    test.check_invariants().await;
}
