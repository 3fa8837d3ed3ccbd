//! Any sequence of refunds, with failures mixed in, one after another or at once: never more than was paid, and exact at the end.

use futures_util::future::join_all;
use kassa::refunds::settle::Became;
use serde_json::{Value, json};

use super::scene::{became, failed, paid_pair, part, read, refund, refund_call, sell_pair, written};
use crate::support::dice::Dice;
use crate::support::people::text;
use crate::support::request::send;
use crate::support::{Merchant, TestApp};

fn minor(value: &Value) -> i64 {
    value.as_i64().expect("an amount")
}

/// What is left goes back, and every sum is exact.
async fn ends_exactly(test: &TestApp, merchant: &Merchant, order: &Value) {
    let id = text(&order["id"]);
    let now = read(test, merchant, &id).await;
    let left: Vec<Value> = (0..2)
        .filter(|line| minor(&now["lines"][line]["refundable_amount"]) > 0)
        .map(|line| part(order, line, minor(&now["lines"][line]["refundable_amount"])))
        .collect();
    if !left.is_empty() {
        refund(test, merchant, order, "rest", json!({"lines": left}))
            .await
            .expect(201);
    }
    let now = read(test, merchant, &id).await;
    assert_eq!(
        json!([now["status"], now["refunded_amount"], now["refundable_amount"]]),
        json!(["refunded", order["total"], 0])
    );
    let gone = now["refunds"]
        .as_array()
        .expect("refunds")
        .iter()
        .filter(|one| one["status"] == "succeeded");
    let tax: i64 = gone.map(|one| minor(&one["tax_amount"])).sum();
    assert_eq!(json!(tax), order["tax"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn sequences_with_failures_mixed_in() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "dice").await;
    sell_pair(&test, &merchant, [3907, 1003]).await;
    let mut dice = Dice(7);
    for _ in 0..6 {
        let order = paid_pair(&test, &merchant).await;
        let mut open = Vec::new();
        for _ in 0..14 {
            let line = usize::try_from(dice.roll(2)).expect("a line");
            let amount = 1 + dice.roll(900);
            match written(&test, &merchant, &order, json!({"lines": [part(&order, line, amount)]})).await {
                Ok(refund) => open.push(refund),
                Err(refused) => assert_eq!(refused.code.as_str(), "refund-too-large"),
            }
            if dice.roll(3) > 0 && !open.is_empty() {
                let which = usize::try_from(dice.roll(i64::try_from(open.len()).expect("few"))).expect("one of them");
                let refund = open.swap_remove(which);
                match dice.roll(4) {
                    0 => became(&test, &merchant, refund, failed()).await,
                    1 => {
                        // Succeeds, and the buyer's bank sends it back later.
                        became(&test, &merchant, refund, Became::Succeeded).await;
                        became(&test, &merchant, refund, failed()).await;
                    }
                    2 => {
                        became(&test, &merchant, refund, Became::Unknown).await;
                        open.push(refund);
                    }
                    _ => became(&test, &merchant, refund, Became::Succeeded).await,
                }
            }
            let now = read(&test, &merchant, &text(&order["id"])).await;
            for line in now["lines"].as_array().expect("lines") {
                let sum = minor(&line["refunded_amount"]) + minor(&line["refundable_amount"]);
                assert!((0..=minor(&line["total"])).contains(&sum), "{line}");
            }
        }
        for refund in open {
            let end = if dice.roll(2) == 0 { failed() } else { Became::Succeeded };
            became(&test, &merchant, refund, end).await;
        }
        ends_exactly(&test, &merchant, &order).await;
    }
}

#[actix_web::test]
async fn the_sequence_that_stacked_past_the_net_elsewhere() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "stacked").await;
    sell_pair(&test, &merchant, [62, 50]).await;
    let order = paid_pair(&test, &merchant).await;
    for (step, amount) in [32, 9, 8, 3, 6, 3].into_iter().enumerate() {
        let body = json!({"lines": [part(&order, 0, amount)]});
        refund(&test, &merchant, &order, &step.to_string(), body)
            .await
            .expect(201);
    }
    let refused = refund(&test, &merchant, &order, "more", json!({"lines": [part(&order, 0, 2)]})).await;
    assert_eq!(refused.problem().1, "refund-too-large");
    ends_exactly(&test, &merchant, &order).await;
}

#[actix_web::test]
async fn many_at_once_never_pass_what_was_paid() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "crowd").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let service = test.service().await;
    let calls = (0..12).map(|n| {
        let body = json!({"lines": [part(&order, 0, 600), part(&order, 1, 10)]});
        let call = refund_call(&merchant, &order, &format!("crowd {n}"), body);
        send(&service, call.bearer(&merchant.api_key))
    });
    let replies = join_all(calls).await;
    let given = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(given, 6, "six times 600 fit into 3900");
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refused.problem().1, "refund-too-large");
    }
    // The same request from many hands is one refund.
    let body = json!({"lines": [part(&order, 0, 100)]});
    let calls = (0..6).map(|_| {
        send(
            &service,
            refund_call(&merchant, &order, "one", body.clone()).bearer(&merchant.api_key),
        )
    });
    for reply in join_all(calls).await {
        assert!(
            reply.status == 201 || reply.problem().1 == "idempotency-in-flight",
            "{reply:?}"
        );
    }
    assert_eq!(
        read(&test, &merchant, &text(&order["id"])).await["refunded_amount"],
        3760
    );
    ends_exactly(&test, &merchant, &order).await;
}
