//! What an order says of its worth in US dollars: the rate of its confirmation, for good.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{by_buyer, confirmed};
use crate::pricing::rates::import;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

fn bring_in(test: &TestApp, rate: &str) {
    let today = test.clock.now().date_naive();
    let file = format!("date,currency,rate\n{today},USD,{rate}\n");
    let imported = import(&test.database, &["-", "--json"], &file);
    let told = String::from_utf8_lossy(&imported.stderr);
    assert!(imported.status.success(), "{told}");
}

async fn worth(test: &TestApp, merchant: &Merchant, order: &str) -> Value {
    let order = merchant.read(test, &format!("orders/{order}")).await;
    json!([
        order["currency_rate"],
        order["currency_rate_date"],
        order["currency_rate_stale"],
        order["total_usd"]
    ])
}

#[actix_web::test]
async fn the_rate_is_that_of_the_confirmation() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "worth").await;
    // Nothing was imported: the table in the program, and said so. 39.00 EUR.
    let visit = merchant.visit(&test).await;
    let first = confirmed(&test, &visit).await;
    let last_resort = json!(["1.0411", "2025-02-28", true, 4060]);
    assert_eq!(worth(&test, &merchant, &first).await, last_resort);
    bring_in(&test, "1.0017");
    let today = test.clock.now().date_naive().to_string();
    assert_eq!(
        worth(&test, &merchant, &first).await,
        last_resort,
        "an import changes no order"
    );
    let second = confirmed(&test, &merchant.visit(&test).await).await;
    let fresh = json!(["1.0017", today, false, 3907]);
    assert_eq!(worth(&test, &merchant, &second).await, fresh);
    // Tax on top: 39.00 and 9.95 are 3906.63 and 996.69 cents. What they come to, 4903.32, is never converted by itself.
    let patch = Call::patch(
        format!("/v1/checkouts/{}", merchant.checkout),
        json!({"prices_include_tax": false}),
    );
    merchant.call(&test, patch).await.expect(200);
    let third = confirmed(&test, &merchant.visit(&test).await).await;
    assert_eq!(
        worth(&test, &merchant, &third).await,
        json!(["1.0017", today, false, 4904])
    );
    // A rate grows old.
    test.advance(TimeDelta::days(5));
    let fourth = confirmed(&test, &merchant.visit(&test).await).await;
    assert_eq!(
        worth(&test, &merchant, &fourth).await,
        json!(["1.0017", today, true, 4904])
    );
    assert_eq!(worth(&test, &merchant, &second).await, fresh, "it was fresh then");
    // What is told of an order is the order.
    test.drain_jobs().await;
    let events = merchant
        .read(&test, "events?test_mode=true&types=order.created&limit=100")
        .await;
    let told: Vec<_> = events["data"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["data"]["total_usd"].clone())
        .collect();
    assert_eq!(told, [json!(4060), json!(3907), json!(4904), json!(4904)]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_revision_has_the_rate_of_its_own_confirmation() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "again").await;
    bring_in(&test, "1.2");
    let visit = merchant.visit(&test).await;
    let order = confirmed(&test, &visit).await;
    test.advance(TimeDelta::hours(1));
    by_buyer(&test, &visit, "POST", "/resume", Value::Null)
        .await
        .expect(200);
    bring_in(&test, "1.3");
    assert_eq!(confirmed(&test, &visit).await, order);
    assert_eq!(worth(&test, &merchant, &order).await[3], 5070);
    test.check_invariants().await;
}

#[actix_web::test]
async fn where_no_rate_is_known_nothing_is_said() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "unknown").await;
    let nothing = json!([null, null, null, null]);
    // The bank publishes no dinar; a dollar is a dollar.
    let product = json!({"name": "Course", "type": "online_course", "vat_type": "commercial_education",
        "prices": [{"currency": "KWD", "amount": 12500}, {"currency": "USD", "amount": 4900}]});
    let product = merchant.create(&test, "products", product).await;
    let offer = json!({"name": "Course", "title": "The course", "items": [{"product_id": product["id"]}]});
    let offer = merchant.create(&test, "offers", offer).await;
    let today = test.clock.now().date_naive().to_string();
    for (currency, expected) in [("KWD", nothing.clone()), ("USD", json!(["1", today, false, 4900]))] {
        let slug = currency.to_lowercase();
        let link =
            json!({"name": "Course", "offer_id": offer["id"], "slug": slug, "currency": currency, "test_mode": true});
        merchant.create(&test, "checkout-links", link).await;
        let body = json!({"checkout": merchant.slug, "link": slug, "currency": currency,
            "customer": {"email": "buyer@example.com", "country": "FI"}});
        let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
        let visit = crate::support::merchant::Visit {
            id: crate::support::people::text(&opened["session"]["id"]),
            secret: crate::support::people::text(&opened["client_secret"]),
            session: opened["session"].clone(),
        };
        let order = confirmed(&test, &visit).await;
        assert_eq!(worth(&test, &merchant, &order).await, expected, "{currency}");
        if currency == "USD" {
            // As orders are that were there before.
            test.as_admin("UPDATE orders SET currency_rate = NULL, currency_rate_on = NULL, currency_rate_stale = NULL, total_usd = NULL")
                .await;
            assert_eq!(worth(&test, &merchant, &order).await, nothing);
        }
    }
}
