//! What staff say of money: it is booked once, whole, and never taken while it is on its way back.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::kernel::ids::{PaymentId, RefundId};
use kassa::kernel::problem::Problem;
use kassa::orders::settle::settle;
use kassa::payments::provider::{News, Outcome};
use kassa::refunds::settle::Became;
use kassa::refunds::unallocated::request_of_payment;
use serde_json::{Value, json};

use super::transfers::{Shop, Waiting, minor, payments};
use crate::refunds::scene::{became, part, refund};
use crate::support::dice::Dice;
use crate::support::people::text;
use crate::support::request::Call;

#[actix_web::test]
async fn what_is_missing_comes_later() {
    let shop = Shop::open("instalments").await;
    let waiting = shop.confirmed("offline").await;
    let first = shop
        .mark(&waiting, json!({"amount": 4810, "reference": "A"}))
        .await
        .expect(200);
    assert_eq!(
        json!([first["status"], first["requires_attention"]]),
        json!(["not_paid", true])
    );
    let paid = shop.mark(&waiting, json!({"amount": 100})).await.expect(200);
    assert_eq!(
        json!([
            paid["payment_status"],
            paid["refundable_amount"],
            paid["requires_attention"]
        ]),
        json!(["paid", 4910, false])
    );
    assert_eq!(
        payments(&paid),
        json!([["offline", "succeeded", 4810, 4810], ["offline", "succeeded", 100, 100]])
    );
    assert_eq!(
        paid["payments"][0]["bank_reference"], "A",
        "each transfer keeps what the bank calls it"
    );
    // Two halves are told apart by what the bank calls them, also if only one of them is called anything, or by when they came.
    for (one, two) in [
        (json!({"reference": "one"}), json!({"reference": "two"})),
        (json!({}), json!({"reference": "two"})),
        (
            json!({"paid_at": "2026-01-02T10:00:00Z"}),
            json!({"paid_at": "2026-01-03T10:00:00Z"}),
        ),
    ] {
        let waiting = shop.confirmed("offline").await;
        for mut half in [one, two] {
            half["amount"] = json!(2455);
            shop.mark(&waiting, half).await.expect(200);
        }
        let paid = shop.read(&waiting).await;
        assert_eq!(
            json!([paid["payment_status"], paid["refundable_amount"]]),
            json!(["paid", 4910])
        );
    }
    shop.test.drain_jobs().await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_short_payment_gives_back_no_more_than_came() {
    let shop = Shop::open("short").await;
    let waiting = shop.confirmed("offline").await;
    for _ in 0..2 {
        shop.mark(&waiting, json!({"amount": 4810})).await.expect(200);
    }
    let paid = shop.read(&waiting).await;
    assert_eq!(
        json!([
            paid["payment_status"],
            paid["refundable_amount"],
            paid["requires_attention"]
        ]),
        json!(["paid", 4810, false])
    );
    shop.test.drain_jobs().await;
    shop.test.check_invariants().await;
    let spent = async || {
        let list = shop.merchant.read(&shop.test, "customers?test_mode=true").await;
        list["data"][0]["total_spent"][0]["amount"].clone()
    };
    assert_eq!(spent().await, 4810, "what they paid, and not what was let go");
    let whole = json!({"lines": [part(&paid, 0, 3907), part(&paid, 1, 1003)]});
    let refused = refund(&shop.test, &shop.merchant, &paid, "whole", whole).await;
    assert_eq!(refused.problem().1, "refund-too-large");
    let line = |at: usize| minor(&paid["lines"][at]["refundable_amount"]);
    let all = json!({"lines": [
        {"order_line_id": paid["lines"][0]["id"], "amount": line(0), "remove_access": true}, part(&paid, 1, line(1))]});
    refund(&shop.test, &shop.merchant, &paid, "all", all).await.expect(201);
    let back = shop.read(&waiting).await;
    assert_eq!(
        json!([
            back["status"],
            back["payment_status"],
            back["refunded_amount"],
            back["refundable_amount"]
        ]),
        json!(["refunded", "refunded", 4810, 0])
    );
    assert_eq!(spent().await, 0);
    // What comes for an order whose money is back is money for no order.
    let more = shop.mark(&waiting, json!({"amount": 100})).await.expect(200);
    assert_eq!(
        json!([more["status"], more["requires_attention"]]),
        json!(["refunded", true])
    );
    assert_eq!(more["payments"][1]["unallocated_amount"], 100);
    shop.test.drain_jobs().await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn what_was_let_go_may_come_after_all() {
    let shop = Shop::open("made-up").await;
    let waiting = shop.confirmed("offline").await;
    for _ in 0..2 {
        shop.mark(&waiting, json!({"amount": 4810})).await.expect(200);
    }
    let before = shop.order_updates().await;
    let paid = shop.read(&waiting).await;
    let some = json!({"lines": [part(&paid, 0, 1000)]});
    refund(&shop.test, &shop.merchant, &paid, "some", some)
        .await
        .expect(201);
    // Not exactly what is missing: it waits for a person, who takes it.
    shop.mark(&waiting, json!({"amount": 60, "reference": "B"}))
        .await
        .expect(200);
    assert_eq!(shop.read(&waiting).await["refundable_amount"], 3810);
    let taken = shop
        .mark(&waiting, json!({"amount": 60, "reference": "B"}))
        .await
        .expect(200);
    assert_eq!(
        json!([taken["refundable_amount"], taken["requires_attention"]]),
        json!([3870, false])
    );
    // The rest is exactly what is missing.
    shop.mark(&waiting, json!({"amount": 40, "reference": "C"}))
        .await
        .expect(200);
    let read = shop.read(&waiting).await;
    assert_eq!(
        json!([read["refundable_amount"], read["requires_attention"]]),
        json!([3910, false])
    );
    assert_eq!(shop.order_updates().await, before + 2);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_second_transfer_is_recorded_and_a_repeated_request_is_not() {
    let shop = Shop::open("twice").await;
    let waiting = shop.confirmed("offline").await;
    shop.mark(&waiting, json!({"amount": 4910, "reference": "A"}))
        .await
        .expect(200);
    for again in [json!({"amount": 4910}), json!({"amount": 4910, "reference": "A"})] {
        assert_eq!(shop.mark(&waiting, again).await.problem().1, "impossible-transition");
    }
    let twice = shop
        .mark(&waiting, json!({"amount": 4910, "reference": "B"}))
        .await
        .expect(200);
    assert_eq!(
        payments(&twice),
        json!([["offline", "succeeded", 4910, 4910], ["offline", "succeeded", 4910, 0]])
    );
    assert_eq!(twice["attention_reasons"][0]["code"], "double_payment");
    assert_eq!(
        shop.mark(&waiting, json!({"amount": 4910, "reference": "B"}))
            .await
            .problem()
            .1,
        "impossible-transition",
        "the order is paid: there is nothing to take it for"
    );
    let path = format!("payments/{}/refund", text(&twice["payments"][1]["id"]));
    let call = Call::post(shop.merchant.path(&path), json!({"reason": "duplicate"}));
    let back = shop
        .merchant
        .call(&shop.test, call.header("idempotency-key", "back"))
        .await
        .expect(201);
    assert_eq!(
        json!([back["amount"], back["manual_transfer_required"]]),
        json!([4910, true])
    );
    shop.test.drain_jobs().await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn money_on_its_way_back_is_not_taken() {
    let shop = Shop::open("leaving").await;
    let waiting = shop.confirmed("test").await;
    let checkout = shop.merchant.checkout;
    let payment: PaymentId = waiting.payment.parse().expect("an id");
    let news = News {
        payment,
        outcome: Outcome::Succeeded {
            received: 4810,
            currency: "EUR".parse().expect("a currency"),
        },
    };
    let settled = shop
        .test
        .db()
        .write(async |tx: &mut Tx| -> Result<_, DbError> { settle(tx, checkout, &news).await });
    settled.await.expect("news is always taken");
    // Written down and on its way: its provider takes its time.
    let leave = async |amount: i64| -> RefundId {
        let input = serde_json::from_value(json!({"amount": amount, "reason": "other"})).expect("a refund");
        let written = shop.test.db().write(async |tx: &mut Tx| -> Result<_, Problem> {
            Ok(request_of_payment(tx, checkout, payment, &input).await?.refund.id)
        });
        written.await.expect("a refund")
    };
    let first = leave(1000).await;
    let refused = shop.mark(&waiting, json!({"amount": 4810})).await;
    assert_eq!((refused.problem().0, refused.problem().2), (422, "/amount".to_owned()));
    let rest = leave(3810).await;
    assert_eq!(shop.mark(&waiting, json!({"amount": 4810})).await.status, 422);
    became(&shop.test, &shop.merchant, first, Became::Succeeded).await;
    became(&shop.test, &shop.merchant, rest, Became::Succeeded).await;
    let read = shop.read(&waiting).await;
    assert_eq!(
        json!([read["status"], read["payments"][0]["unallocated_amount"]]),
        json!(["not_paid", 0])
    );
    // Other money pays the order still.
    let paid = shop
        .mark(&waiting, json!({"amount": 4910, "reference": "bank"}))
        .await
        .expect(200);
    assert_eq!(
        payments(&paid),
        json!([["test", "succeeded", 4810, 0], ["offline", "succeeded", 4910, 4910]])
    );
    // The database itself keeps a payment from giving back more than came.
    let conn = shop.test.db().read().await.expect("a connection");
    let broken = kassa::db::sql::sql("UPDATE payments SET allocated_amount = 1 WHERE checkout_id = $1 AND id = $2")
        .bind(checkout)
        .bind(payment)
        .execute(&conn)
        .await;
    assert!(broken.is_err(), "{broken:?}");
    drop(conn);
    shop.test.drain_jobs().await;
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn whatever_is_said_every_sum_is_kept() {
    let shop = Shop::open("any").await;
    let mut dice = Dice(11);
    for round in 0..8 {
        let waiting = shop.confirmed(if round % 2 == 0 { "offline" } else { "test" }).await;
        let mut said = 0;
        for step in 0..8 {
            let before = shop.read(&waiting).await;
            let row =
                usize::try_from(dice.roll(8)).expect("small") % before["payments"].as_array().expect("rows").len();
            let row = &before["payments"][row];
            let named = Waiting {
                order: waiting.order.clone(),
                payment: text(&row["id"]),
            };
            let received = sum_received(&before);
            match dice.roll(4) {
                // What is kept of it is taken as it is.
                0 if minor(&row["unallocated_amount"]) > 0 => {
                    shop.mark(&named, json!({"amount": row["unallocated_amount"]})).await;
                }
                1 if !before["paid_at"].is_null() => {
                    let line = usize::try_from(dice.roll(2)).expect("a line");
                    let body = json!({"lines": [part(&before, line, 1 + dice.roll(2000))]});
                    refund(&shop.test, &shop.merchant, &before, &format!("{round} {step}"), body).await;
                }
                // New money: what is missing, the total, or anything.
                kind => {
                    let missing = (4910 - received).max(1);
                    let amount = [missing, 4910, 1 + dice.roll(3000)][usize::try_from(kind % 3).expect("small")];
                    let body = json!({"amount": amount, "reference": format!("{round} {step}")});
                    shop.mark(&named, body).await.expect(200);
                    said += amount;
                }
            }
            let now = shop.read(&waiting).await;
            assert_eq!(sum_received(&now), said, "all that was said, and nothing else: {now}");
        }
        shop.test.drain_jobs().await;
        shop.test.check_invariants().await;
    }
}

fn sum_received(order: &Value) -> i64 {
    let rows = order["payments"].as_array().expect("payments").iter();
    rows.map(|row| row["received_amount"].as_i64().unwrap_or(0)).sum()
}
