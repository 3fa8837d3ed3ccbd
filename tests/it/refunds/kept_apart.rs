//! Money that belongs to no order goes back once, whatever comes late.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::kernel::ids::{PaymentId, RefundId};
use kassa::kernel::problem::Problem;
use kassa::orders::settle::settle;
use kassa::payments::provider::{News, Outcome};
use kassa::refunds::settle::Became;
use kassa::refunds::unallocated::request_of_payment;
use serde_json::{Value, json};

use super::scene::{became, failed, read};
use crate::support::people::text;
use crate::support::{Merchant, TestApp};

/// A shop that got 3800 for an order of 3900.
struct Scene {
    test: TestApp,
    merchant: Merchant,
    order: String,
    payment: PaymentId,
}

impl Scene {
    async fn new(slug: &str) -> Self {
        let test = TestApp::new().await;
        let merchant = Merchant::with_course(&test, slug).await;
        let made = merchant.visit(&test).await.confirm(&test).await;
        let payment = text(&made["payment"]["id"]).parse().expect("an id");
        let (checkout, news) = (
            merchant.checkout,
            News {
                payment,
                outcome: Outcome::Succeeded {
                    received: 3800,
                    currency: "EUR".parse().expect("a currency"),
                },
            },
        );
        test.db()
            .write(async |tx: &mut Tx| -> Result<_, DbError> { settle(tx, checkout, &news).await })
            .await
            .expect("news is always taken");
        Self {
            test,
            merchant,
            order: text(&made["order"]["id"]),
            payment,
        }
    }

    /// Writes a refund of all of it down and sends it nowhere.
    async fn written(&self) -> Result<RefundId, Problem> {
        let (checkout, payment) = (self.merchant.checkout, self.payment);
        let input = serde_json::from_value(json!({"reason": "duplicate"})).expect("a refund");
        self.test
            .db()
            .write(async |tx: &mut Tx| -> Result<_, Problem> {
                Ok(request_of_payment(tx, checkout, payment, &input).await?.refund.id)
            })
            .await
    }

    async fn became(&self, refund: RefundId, what: Became) {
        became(&self.test, &self.merchant, refund, what).await;
    }

    /// How the refunds stand, what is left, and why a person should look.
    async fn seen(&self) -> Value {
        let order = read(&self.test, &self.merchant, &self.order).await;
        let of = |rows: &Value, field: &str| -> Vec<Value> {
            let rows = rows.as_array().expect("rows");
            rows.iter().map(|row| row[field].clone()).collect()
        };
        json!([
            of(&order["refunds"], "status"),
            order["payments"][0]["unallocated_amount"],
            of(&order["attention_reasons"], "code")
        ])
    }
}

#[actix_web::test]
async fn what_arrives_twice_is_counted_once() {
    let scene = Scene::new("apart-twice").await;
    let first = scene.written().await.expect("a refund");
    scene.became(first, failed()).await;
    let second = scene.written().await.expect("its money is free again");
    scene.became(second, Became::Succeeded).await;
    scene.became(first, Became::Succeeded).await;
    assert_eq!(
        scene.seen().await,
        json!([
            ["failed", "succeeded"],
            0,
            ["amount_mismatch", "refund_failed", "refund_unknown"]
        ])
    );
    scene.test.check_invariants().await;
    // Alone, it is counted.
    let scene = Scene::new("apart-once").await;
    let late = scene.written().await.expect("a refund");
    scene.became(late, failed()).await;
    scene.became(late, Became::Succeeded).await;
    assert_eq!(
        scene.seen().await,
        json!([["succeeded"], 0, ["amount_mismatch", "refund_failed"]])
    );
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn what_a_person_gives_back_is_not_there_any_more() {
    let scene = Scene::new("apart-hand").await;
    let refund = scene.written().await.expect("a refund");
    scene.became(refund, Became::ByHand).await;
    assert_eq!(scene.seen().await, json!([["recorded"], 0, ["amount_mismatch"]]));
    let again = scene.written().await.expect_err("nothing is left");
    assert_eq!(again.code.as_str(), "nothing-unallocated");
    scene.test.check_invariants().await;
}
