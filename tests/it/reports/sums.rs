//! Groups and totals after any sequence of sales and refunds, against the orders themselves.

use std::collections::BTreeMap;

use chrono::{SubsecRound, TimeDelta};
use kassa::refunds::settle::Became;
use serde_json::{Value, json};

use super::reference::{Asked, report, sums_of};
use crate::refunds::scene::{became, failed, part, refund, written};
use crate::sessions::shop::Shop;
use crate::support::dice::Dice;
use crate::support::merchant::Visit;
use crate::support::people::text;
use crate::support::request::Call;

/// A buyer with some basket; most of them pay.
async fn sale(shop: &Shop, dice: &mut Dice) -> String {
    let link = ["course", "second"][dice.roll(2)];
    let currency = ["EUR", "EUR", "SEK"][dice.roll(3)];
    let country = ["FI", "SE", "US"][dice.roll(3)];
    let body = json!({"checkout": shop.merchant.slug, "link": link, "currency": currency,
        "customer": {"email": format!("b{}@example.com", dice.roll(5)), "country": country}});
    let opened = shop
        .test
        .call(Call::post("/v1/storefront/sessions", body))
        .await
        .expect(201);
    let mut visit = Visit::of(&opened);
    for (one_of, method, rest, body) in [
        (2, "PUT", format!("/add-ons/{}", shop.bump), json!({"quantity": 1})),
        (4, "PUT", format!("/add-ons/{}", shop.upgrade), json!({"quantity": 1})),
        (3, "PUT", "/discount".to_owned(), json!({"code": "TEN"})),
        (5, "PUT", "/discount".to_owned(), json!({"code": "ODD"})),
    ] {
        if dice.roll(one_of) == 0 {
            let call = Call::new(method, visit.path(&rest)).json(body).bearer(&visit.secret);
            visit.session = shop.test.call(call).await.expect(200);
        }
    }
    let order = text(&visit.confirm(&shop.test).await["order"]["id"]);
    if dice.roll(6) > 0 {
        visit.pay(&shop.test, "succeeded").await.expect(200);
    }
    shop.test.drain_jobs().await;
    order
}

/// Something that can happen to an order's money.
async fn money(shop: &Shop, dice: &mut Dice, id: &str, step: usize) {
    let (test, merchant) = (&shop.test, &shop.merchant);
    let order = merchant.read(test, &format!("orders/{id}")).await;
    let line = dice.roll(order["lines"].as_array().expect("lines").len());
    let left = order["lines"][line]["refundable_amount"].as_u64().unwrap_or(0);
    let most = usize::try_from(left).expect("an amount");
    if order["paid_at"].is_null() || most == 0 {
        return;
    }
    let amount = if dice.roll(4) == 0 { most } else { 1 + dice.roll(most) };
    let body = json!({"lines": [part(&order, line, i64::try_from(amount).expect("an amount"))]});
    match dice.roll(6) {
        // Recorded, and some of it made void.
        0 | 1 => {
            let mut body = body;
            body["refund_payment"] = json!(false);
            refund(test, merchant, &order, &format!("{step}"), body)
                .await
                .expect(201);
            if dice.roll(2) == 0 {
                shop.advance(TimeDelta::hours(30));
                let path = merchant.path(&format!("orders/{id}/complete"));
                let body = json!({"run_actions": false, "restore_refunded": true});
                merchant.call(test, Call::post(path, body)).await.expect(200);
            }
        }
        2 => {
            // It took effect, and days later the bank sends it back.
            let refund = written(test, merchant, &order, body).await.expect("a refund");
            became(test, merchant, refund, Became::Succeeded).await;
            shop.advance(TimeDelta::hours(40));
            became(test, merchant, refund, failed()).await;
            if dice.roll(2) == 0 {
                shop.advance(TimeDelta::hours(20));
                became(test, merchant, refund, Became::Succeeded).await;
            }
        }
        3 => {
            let refund = written(test, merchant, &order, body).await.expect("a refund");
            became(test, merchant, refund, Became::Unknown).await;
            shop.advance(TimeDelta::hours(9));
            let end = [Became::Succeeded, failed(), Became::ByHand][dice.roll(3)].clone();
            became(test, merchant, refund, end).await;
        }
        // Nobody has answered yet.
        4 => drop(written(test, merchant, &order, body).await.expect("a refund")),
        _ => drop(
            refund(test, merchant, &order, &format!("{step}"), body)
                .await
                .expect(201),
        ),
    }
}

/// A shop with two links, two codes, and both ways to state prices.
async fn shop(slug: &str, prices_include_tax: bool) -> Shop {
    let shop = Shop::new(slug).await;
    let path = format!("/v1/checkouts/{}", shop.merchant.checkout);
    let settings = json!({"prices_include_tax": prices_include_tax});
    shop.merchant
        .call(&shop.test, Call::patch(path, settings))
        .await
        .expect(200);
    let link = json!({"name": "Second", "offer_id": shop.offer, "slug": "second", "test_mode": true});
    shop.merchant.create(&shop.test, "checkout-links", link).await;
    shop.ten_percent("TEN", None).await;
    shop.code(json!({"code": "ODD", "type": "percentage", "percentage": "33.3"}))
        .await;
    shop
}

async fn all_orders(shop: &Shop) -> Vec<Value> {
    let list = shop.merchant.read(&shop.test, "orders?test_mode=true&limit=100").await;
    let mut orders = Vec::new();
    for row in list["data"].as_array().expect("orders") {
        orders.push(shop.order(&row["id"]).await);
    }
    orders
}

async fn compare(shop: &Shop, orders: &[Value], asked: Asked<'_>) {
    let query = format!(
        "reports/sales?test_mode=true&group_by={}&from={}&to={}&currency={}",
        asked.group_by, asked.from, asked.to, asked.currency
    );
    let shown = shop.merchant.read(&shop.test, &query).await;
    let (groups, totals) = report(orders, &asked);
    assert_eq!(sums_of(&shown["totals"]), totals.shown(), "{query}");
    let key = |row: &Value| match asked.group_by {
        "discount_code" => row["label"].to_string(),
        _ => row["key"].to_string(),
    };
    let rows = shown["data"].as_array().expect("groups");
    let empty = json!([0, 0, 0]);
    let told: BTreeMap<String, Value> = rows
        .iter()
        .filter(|row| json!([row["gross"], row["refunds"], row["orders"]]) != empty)
        .map(|row| (key(row), sums_of(row)))
        .collect();
    let expected: BTreeMap<String, Value> = groups
        .into_iter()
        .map(|(key, sums)| (key, sums.shown()))
        .filter(|(_, sums)| json!([sums["gross"], sums["refunds"], sums["orders"]]) != empty)
        .collect();
    assert_eq!(told, expected, "{query}");
    for name in ["gross", "discounts", "tax", "refunds", "refunded_tax", "net"] {
        let sum: i64 = rows.iter().map(|row| row[name].as_i64().expect("an amount")).sum();
        assert_eq!(json!(sum), shown["totals"][name], "{name} of {query}");
    }
    assert_eq!(shown["rest"], Value::Null);
}

async fn any_sequence(seed: u64, prices_include_tax: bool) {
    let shop = shop(&format!("sums{seed}"), prices_include_tax).await;
    let mut dice = Dice(seed);
    let began = shop.test.clock.now();
    let mut orders = Vec::new();
    for step in 0..24 {
        shop.advance(TimeDelta::minutes(dice.roll(1500)));
        if orders.len() < 4 || dice.roll(2) == 0 {
            orders.push(sale(&shop, &mut dice).await);
        } else {
            let which = dice.roll(orders.len());
            money(&shop, &mut dice, &orders[which], step).await;
        }
    }
    let orders = all_orders(&shop).await;
    assert!(
        orders
            .iter()
            .any(|order| !order["refunds"].as_array().expect("refunds").is_empty())
    );
    let ended = shop.test.clock.now() + TimeDelta::hours(1);
    let shown = |at: chrono::DateTime<chrono::Utc>| at.trunc_subsecs(3).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let middle = began + (ended - began) / 2;
    for group_by in ["day", "source", "link", "product", "discount_code", "country"] {
        for (from, to) in [(began - TimeDelta::hours(1), ended), (began, middle), (middle, ended)] {
            for currency in ["EUR", "SEK"] {
                let (from, to) = (shown(from), shown(to));
                let asked = Asked {
                    group_by,
                    from: &from,
                    to: &to,
                    currency,
                };
                compare(&shop, &orders, asked).await;
            }
        }
    }
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn add_up_to_what_orders_say_with_tax_in_the_prices() {
    for seed in [1, 2] {
        any_sequence(seed, true).await;
    }
}

#[actix_web::test]
async fn add_up_to_what_orders_say_with_tax_on_top() {
    for seed in [3, 4] {
        any_sequence(seed, false).await;
    }
}
