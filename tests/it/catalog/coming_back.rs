//! What is archived comes back: whatever the document says can be archived has a way to be restored.

use kassa::app::document;
use serde_json::{Value, json};

use crate::contract::access::cast::Cast;
use crate::contract::none;
use crate::contract::spec::operations;
use crate::support::people::text;
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn everything_that_is_archived_can_be_restored() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    // The last variant of a product cannot be archived: another one stays.
    let products = cast.merchant.read(&test, "products").await;
    let variants = format!("products/{}/variants", text(&products["data"][0]["id"]));
    cast.merchant.create(&test, &variants, json!({"name": "Other"})).await;
    let service = test.service().await;
    let operations = operations(&document());
    let (mut faults, mut tried) = (Vec::new(), 0);
    for archive in operations.iter().filter(|operation| {
        operation.body["operationId"]
            .as_str()
            .is_some_and(|id| id.starts_with("archive"))
    }) {
        let restore = operations
            .iter()
            .find(|operation| operation.method == "POST" && operation.path == format!("{}/restore", archive.path));
        let Some(restore) = restore else {
            faults.push(format!("{} has no POST …/restore", archive.name()));
            continue;
        };
        let call = |call: Call| call.bearer(&cast.merchant.api_key);
        let gone = send(&service, call(Call::new("DELETE", cast.path(archive)))).await;
        let back = send(&service, call(Call::new("POST", cast.path(restore)))).await;
        let again = send(&service, call(Call::new("POST", cast.path(restore)))).await;
        let statuses = [gone.status, back.status, again.status];
        if statuses != [204, 200, 200] || back.json()["status"] != "active" {
            faults.push(format!(
                "{}: {statuses:?} {}",
                archive.name(),
                String::from_utf8_lossy(&back.body)
            ));
        }
        tried += 1;
    }
    assert!(tried >= 7, "the walk has lost what can be archived: {tried}");
    none(
        &faults,
        "What orders refer to is archived, and comes back by POST …/restore.",
    );
}

#[actix_web::test]
async fn a_product_is_licensed_by_one_action_that_comes_back() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "relicensed").await;
    let body = json!({"name": "Editor", "type": "online_course", "vat_type": "commercial_education", "license": {"kind": "key_pool", "per": "unit"},
        "prices": [{"currency": "EUR", "amount": 900}]});
    let product = merchant.create(&test, "products", body).await;
    let read = async || {
        merchant
            .read(&test, &format!("products/{}", text(&product["id"])))
            .await
    };
    let actions = merchant.read(&test, "actions").await;
    let rows = actions["data"].as_array().expect("rows");
    let license = rows
        .iter()
        .find(|row| row["type"] == "license")
        .expect("its action")
        .clone();
    let path = merchant.path(&format!("actions/{}", text(&license["id"])));
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    assert_eq!(read().await["license"], Value::Null);
    let restore = || Call::new("POST", format!("{path}/restore"));
    merchant.call(&test, restore()).await.expect(200);
    assert_eq!(read().await["license"], product["license"]);
    // Meanwhile another one has come.
    merchant.call(&test, Call::new("DELETE", &path)).await.expect(204);
    let other = json!({"level": "product", "owner_id": product["id"], "type": "license", "name": "Other",
        "config": {"kind": "key_pool", "per": "line"}});
    merchant.create(&test, "actions", other).await;
    let refused = merchant.call(&test, restore()).await;
    assert_eq!(refused.problem().1, "already-licensed");
}
