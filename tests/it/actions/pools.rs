//! Pools of keys: empty, low, refilled, and many buyers at once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::scene::{buy, confirm, import, keys_of, read, run_of, sell, sell_at, stands};
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn an_empty_pool_waits_and_goes_on_when_it_is_filled() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "empty").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    import(&test, &merchant, &product, &["A-1"]).await.expect(200);
    let order = buy(&test, &merchant, 2).await;
    assert_eq!(stands(&order), json!(["paid", "not_delivered", ["license_pool_empty"]]));
    let run = run_of(&order, "license");
    assert_eq!(
        json!([run["status"], run["waiting_for"]]),
        json!(["waiting", "license_keys"])
    );
    let count = merchant.read(&test, "orders/requires-attention/count").await;
    assert_eq!(count["count"], 1);
    let other = buy(&test, &merchant, 1).await;
    assert_eq!(keys_of(&other), ["A-1"], "who needs fewer is not held up");
    let filled = import(&test, &merchant, &product, &["B-2", " A-1 ", "C-3", "C-3"]).await;
    assert_eq!(filled.expect(200), json!({"imported": 2, "duplicates": 2}));
    test.drain_jobs().await;
    let order = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
    assert_eq!(keys_of(&order), ["B-2", "C-3"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_low_pool_is_told_once() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "low").await;
    let license = json!({"kind": "key_pool", "per": "unit", "low_stock_threshold": 2});
    let product = sell(&test, &merchant, license).await;
    let told = || {
        test.mails()
            .iter()
            .filter(|mail| mail.contains("Few license keys"))
            .count()
    };
    import(&test, &merchant, &product, &["A", "B", "C"]).await.expect(200);
    buy(&test, &merchant, 1).await;
    assert_eq!(told(), 0, "two are left");
    buy(&test, &merchant, 1).await;
    buy(&test, &merchant, 1).await;
    assert_eq!(told(), 1);
    import(&test, &merchant, &product, &["D", "E"]).await.expect(200);
    buy(&test, &merchant, 1).await;
    assert_eq!(told(), 2, "low again");
    test.check_invariants().await;
}

#[actix_web::test]
async fn keys_are_read_strictly() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "strict").await;
    let stranger = Merchant::new(&test, "strange").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    let long = "x".repeat(2001);
    let wrong = import(&test, &merchant, &product, &["good", "", "bad\u{7}", &long]).await;
    let pointers: Vec<_> = wrong.json()["errors"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| text(&fault["pointer"]))
        .collect();
    assert_eq!(pointers, ["/keys/1", "/keys/2", "/keys/3"]);
    assert_eq!(import(&test, &stranger, &product, &["mine"]).await.problem().0, 404);
    let path = merchant.path(&format!("products/{}/license-keys?state=gone", text(&product["id"])));
    assert_eq!(merchant.call(&test, Call::get(path)).await.problem().0, 422);
    let none = merchant
        .read(&test, &format!("products/{}/license-keys", text(&product["id"])))
        .await;
    assert_eq!(none["data"], json!([]), "all or nothing");
}

#[actix_web::test]
async fn three_hundred_buyers_and_a_hundred_keys() {
    const BUYERS: usize = 300;
    const KEYS: usize = 100;
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "rush").await;
    let license = json!({"kind": "key_pool", "per": "unit"});
    // For nothing: all are paid the moment they are confirmed.
    let product = sell_at(&test, &merchant, license, 0).await;
    let fill = async |from: usize, to: usize| {
        let keys: Vec<String> = (from..to).map(|number| format!("KEY-{number:04}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        import(&test, &merchant, &product, &keys).await.expect(200)
    };
    fill(0, KEYS).await;
    let mut orders = Vec::with_capacity(BUYERS);
    for first in (0..BUYERS).step_by(30) {
        let some = (first..first + 30).map(async |number| {
            let buyer = format!("b{number}@example.com");
            confirm(&test, &merchant, "licensed", &buyer, 1).await.order
        });
        orders.extend(join_all(some).await);
    }
    // Two workers at once.
    tokio::join!(test.drain_jobs(), test.drain_jobs());
    test.drain_jobs().await;
    let tally = async || {
        let (mut keys, mut waiting) = (Vec::new(), 0);
        for order in &orders {
            let order = read(&test, &merchant, order).await;
            match keys_of(&order).as_slice() {
                [] => {
                    assert_eq!(stands(&order), json!(["paid", "not_delivered", ["license_pool_empty"]]));
                    waiting += 1;
                }
                own => {
                    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
                    keys.extend(own.iter().cloned());
                }
            }
        }
        let distinct: BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "no key twice");
        (keys.len(), waiting)
    };
    assert_eq!(tally().await, (KEYS, BUYERS - KEYS));
    let count = merchant.read(&test, "orders/requires-attention/count").await;
    assert_eq!(count["count"], BUYERS - KEYS);
    fill(KEYS, BUYERS).await;
    tokio::join!(test.drain_jobs(), test.drain_jobs());
    test.drain_jobs().await;
    assert_eq!(tally().await, (BUYERS, 0));
    test.check_invariants().await;
}

#[actix_web::test]
async fn test_orders_take_no_key() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "tried").await;
    let product = sell(&test, &merchant, json!({"kind": "key_pool", "per": "unit"})).await;
    import(&test, &merchant, &product, &["REAL-KEY-0001"]).await.expect(200);
    let body = json!({"checkout": merchant.slug, "link": "tried", "quantity": 2,
        "customer": {"email": "buyer@example.com", "country": "FI"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    let visit = Visit::of(&opened);
    let order = text(&visit.confirm(&test).await["order"]["id"]);
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let order = read(&test, &merchant, &order).await;
    assert_eq!(stands(&order), json!(["completed", "delivered", []]));
    let keys = keys_of(&order);
    assert!(
        keys.len() == 2 && keys.iter().all(|key| key.starts_with("TEST-")),
        "{keys:?}"
    );
    let list = format!("products/{}/license-keys?state=available", text(&product["id"]));
    assert_eq!(merchant.read(&test, &list).await["data"][0]["key"], "REAL-KEY-0001");
    let viewer = json!({"name": "viewer", "checkout_roles": [{"checkout_id": merchant.checkout, "role": "viewer"}]});
    let viewer = merchant.create(&test, "api-keys", viewer).await;
    let seen = Call::get(merchant.path(&list)).bearer(&text(&viewer["api_key"]));
    assert_eq!(test.call(seen).await.expect(200)["data"][0]["key"], "…0001");
    test.check_invariants().await;
}
