//! Back to the basket and forward again: one order, revision by revision, and money for any of them.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::shop::Shop;
use crate::support::people::text;

#[actix_web::test]
async fn a_buyer_goes_back_and_confirms_something_else() {
    let shop = Shop::new("back").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("one").await.expect(200);
    let first = buyer.confirm().await;
    let session = buyer.resume().await;
    assert_eq!(
        (&session["status"], &session["discount"]["code"], &session["order_id"]),
        (&json!("open"), &json!("ONE"), &first["order"]["id"])
    );
    assert_eq!(buyer.resume().await["status"], "open", "again changes nothing");
    let order = shop.order(&first["order"]["id"]).await;
    assert_eq!(
        (
            &order["payments"][0]["status"],
            &order["payment_status"],
            &order["revision"]
        ),
        (&json!("cancelled"), &json!("unpaid"), &json!(1))
    );
    // The short hold again.
    shop.test.advance(TimeDelta::minutes(4));
    buyer.accept(&shop.bump, 1).await.expect(200);
    buyer
        .patch(json!({"customer": {"email": "other@example.com"}}))
        .await
        .expect(200);
    let second = buyer.confirm().await;
    assert_eq!(
        (
            &second["order"]["id"],
            &second["order"]["number"],
            &second["order"]["revision"]
        ),
        (&first["order"]["id"], &first["order"]["number"], &json!(2))
    );
    assert_ne!(second["payment"]["id"], first["payment"]["id"]);
    let order = shop.order(&first["order"]["id"]).await;
    assert_eq!(
        (
            &order["total"],
            &order["customer"]["email"],
            order["lines"].as_array().map(Vec::len)
        ),
        (&json!(4414), &json!("other@example.com"), Some(2))
    );
    assert_eq!(buyer.pay().await["order"]["payment_status"], "paid");
    assert_eq!(shop.counts(code).await, (0, 1));
    shop.test.drain_jobs().await;
    let events = shop.merchant.read(&shop.test, "events?test_mode=true").await;
    let types: Vec<_> = events["data"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| text(&event["type"]))
        .collect();
    assert_eq!(types.iter().filter(|word| *word == "order.created").count(), 1);
    assert_eq!(types.iter().filter(|word| *word == "order.updated").count(), 1);
    assert_eq!(buyer.call("POST", "/resume", None).await.problem().1, "session-closed");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn money_for_an_older_revision_makes_it_the_order() {
    let shop = Shop::new("older").await;
    let old = shop.ten_percent("OLD", Some(1)).await;
    let new = shop.ten_percent("NEW", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("old").await.expect(200);
    let first = buyer.confirm().await;
    buyer.resume().await;
    buyer.accept(&shop.bump, 1).await.expect(200);
    buyer.apply("new").await.expect(200);
    let second = buyer.confirm().await;
    assert_eq!((shop.counts(old).await, shop.counts(new).await), ((0, 0), (1, 0)));
    // The provider's news of the first attempt comes after all.
    let news = |payment: &serde_json::Value, received: i64| kassa::payments::provider::News {
        payment: text(&payment["id"]).parse().expect("an id"),
        outcome: kassa::payments::provider::Outcome::Succeeded {
            received,
            currency: "EUR".parse().expect("a currency"),
        },
    };
    let settle = |news: kassa::payments::provider::News| {
        let (db, checkout) = (shop.test.db().clone(), shop.merchant.checkout);
        async move {
            db.write(async |tx: &mut kassa::db::Tx| -> Result<_, kassa::db::error::DbError> {
                kassa::orders::settle::settle(tx, checkout, &news).await
            })
            .await
            .expect("settled")
        }
    };
    settle(news(&first["payment"], 3510)).await;
    let order = shop.order(&first["order"]["id"]).await;
    assert_eq!(
        (
            &order["revision"],
            &order["total"],
            &order["payment_status"],
            order["lines"].as_array().map(Vec::len)
        ),
        (&json!(1), &json!(3510), &json!("paid"), Some(1))
    );
    assert_eq!(
        order["discount"],
        json!({"code": "OLD", "amount": 390, "over_limit": false})
    );
    let statuses: Vec<_> = order["payments"]
        .as_array()
        .expect("payments")
        .iter()
        .map(|payment| text(&payment["status"]))
        .collect();
    assert_eq!(statuses, ["succeeded", "cancelled"]);
    assert_eq!(
        (shop.counts(old).await, shop.counts(new).await),
        ((0, 1), (0, 0)),
        "the other code is free again"
    );
    assert_eq!(buyer.read().await["status"], "completed");
    // Money for the second one, too: received, and raised.
    settle(news(&second["payment"], 4414)).await;
    let order = shop.order(&first["order"]["id"]).await;
    assert_eq!(
        (
            &order["total"],
            &order["requires_attention"],
            &order["attention_reasons"][0]["code"]
        ),
        (&json!(3510), &json!(true), &json!("double_payment"))
    );
    assert_eq!(
        (
            &order["payments"][1]["received_amount"],
            &order["payments"][1]["allocated_amount"]
        ),
        (&json!(4414), &json!(0))
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn going_back_confirming_and_paying_at_once_end_in_one_order() {
    let shop = Shop::new("atonce").await;
    let code = shop.ten_percent("HOT", Some(20)).await;
    let buyers = join_all((0..10).map(|index| {
        let shop = &shop;
        async move {
            let buyer = shop.buyer(&format!("{index}@example.com")).await;
            buyer.apply("hot").await.expect(200);
            buyer.confirm().await;
            buyer
        }
    }))
    .await;
    join_all(buyers.iter().map(|buyer| async move {
        let back = async {
            let reply = buyer.call("POST", "/resume", None).await;
            assert!(matches!(reply.status, 200 | 409), "{}", reply.status);
            let total = buyer.read().await["totals"]["total"].clone();
            let reply = buyer.confirm_at(&total, "test").await;
            assert!(matches!(reply.status, 200 | 409), "{}", reply.status);
        };
        let pay = async {
            let reply = buyer
                .call("POST", "/test-payment", Some(json!({"outcome": "succeeded"})))
                .await;
            assert!(
                matches!(reply.status, 200 | 409),
                "{}",
                String::from_utf8_lossy(&reply.body)
            );
        };
        futures_util::join!(back, pay)
    }))
    .await;
    for buyer in &buyers {
        let session = buyer.read().await;
        if session["status"] != "completed" {
            if session["status"] == "open" {
                buyer.confirm().await;
            }
            buyer
                .call("POST", "/payments", Some(json!({"provider": "test"})))
                .await
                .expect(201);
            buyer.pay().await;
        }
    }
    assert_eq!(shop.counts(code).await, (0, 10));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn who_goes_back_and_leaves_has_an_order_that_can_be_paid() {
    let shop = Shop::new("leaves").await;
    let buyer = shop.buyer("a@example.com").await;
    let confirmed = buyer.confirm().await;
    buyer.resume().await;
    shop.test.advance(TimeDelta::hours(25));
    assert_eq!(buyer.read().await["status"], "confirmed");
    shop.test.drain_jobs().await;
    let again = buyer
        .call("POST", "/payments", Some(json!({"provider": "test"})))
        .await
        .expect(201);
    assert_eq!(
        (&again["order"]["id"], &again["order"]["revision"]),
        (&confirmed["order"]["id"], &json!(1))
    );
    buyer.pay().await;
    shop.test.check_invariants().await;
}
