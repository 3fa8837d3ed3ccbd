//! How often the buyer's steps ask the database: the numbers of the design, held by a test.

use serde_json::json;

use super::shop::Shop;
use crate::support::request::Call;
use crate::support::turns::{Count, counted};

#[actix_web::test]
async fn the_steps_of_a_buyer_take_few_turns() {
    let shop = Shop::new("turns").await;
    shop.ten_percent("ALL", None).await;
    shop.ten_percent("HOT", Some(1000)).await;
    let (through, door) = counted(&shop.test).await;
    let mut seen = Vec::new();
    // The first buyer prepares the statements, the second is counted.
    for _ in 0..2 {
        seen.clear();
        for code in ["all", "hot"] {
            let buyer = shop.buyer("a@example.com").await;
            let at = |rest: &str| buyer.visit.path(rest);
            let mut step = async |name: &'static str, call: Call, status: u16| {
                door.take();
                let answer = through.call(call.bearer(&buyer.visit.secret)).await.expect(status);
                seen.push((name, door.take()));
                answer
            };
            step("read", Call::get(at("")), 200).await;
            step(
                "apply",
                Call::new("PUT", at("/discount")).json(json!({"code": code})),
                200,
            )
            .await;
            let held = step("read with a code", Call::get(at("")), 200).await;
            step("heartbeat", Call::new("POST", at("/heartbeat")), 204).await;
            let body = json!({"expected_total": held["totals"]["total"], "provider": "test", "consents": {"terms": true, "privacy": true}});
            step("confirm", Call::post(at("/confirm"), body), 200).await;
        }
    }
    let lines: Vec<String> = seen
        .iter()
        .map(|(name, Count { turns, statements })| format!("{name}: {turns} turns, {statements} statements"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
