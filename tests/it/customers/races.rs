//! Forgetting somebody who is buying at this very moment.

use futures_util::future::{join, join_all};
use serde_json::json;

use super::exporting::customer_of;
use crate::support::merchant::second_instance;
use crate::support::people::text;
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn while_orders_of_the_same_address_are_confirmed_and_paid() {
    let test = TestApp::new().await;
    let other = second_instance(&test).await;
    let merchant = Merchant::with_course(&test, "racing").await;
    let (first, second) = (test.service().await, other.service().await);
    for round in 0..6 {
        let visit = merchant.visit(&test).await;
        visit.confirm(&test).await;
        visit.pay(&test, "succeeded").await.expect(200);
        test.drain_jobs().await;
        let customer = customer_of(&test, &merchant, "buyer@example.com").await;
        let visits = join_all((0..4).map(|_| merchant.visit(&test))).await;
        let path = merchant.path(&format!("customers/{customer}"));
        let erase = || Call::new("POST", format!("{path}/erase")).bearer(&merchant.api_key);
        let export = || Call::get(format!("{path}/export")).bearer(&merchant.api_key);
        let confirmed = join_all(visits.iter().enumerate().map(|(place, visit)| {
            let (first, second) = (&first, &second);
            async move {
                let confirm = visit.confirmation();
                let reply = if place % 2 == 0 {
                    send(first, confirm).await
                } else {
                    send(second, confirm).await
                };
                if reply.status != 200 {
                    assert_eq!(reply.problem().1, "session-closed");
                    return None;
                }
                let pay =
                    Call::post(visit.path("/test-payment"), json!({"outcome": "succeeded"})).bearer(&visit.secret);
                send(second, pay).await.expect(200);
                Some(text(&reply.json()["order"]["id"]))
            }
        }));
        let erased = join_all((0..3).map(|_| send(&first, erase())));
        let exported = join_all((0..2).map(|_| send(&second, export())));
        let (confirmed, (erased, exported)) = join(confirmed, join(erased, exported)).await;
        for reply in &erased {
            let code = if reply.status == 200 {
                String::new()
            } else {
                reply.problem().1
            };
            assert!(
                ["", "customer-not-settled"].contains(&code.as_str()),
                "round {round}: {reply:?}"
            );
        }
        for reply in &exported {
            assert_eq!(reply.expect(200)["customer"]["id"], json!(customer));
        }
        test.drain_jobs().await;
        let gone = merchant.read(&test, &format!("customers/{customer}")).await["email"].is_null();
        for order in confirmed.into_iter().flatten() {
            let read = merchant.read(&test, &format!("orders/{order}")).await;
            assert_eq!(read["status"], "completed");
            let own = read["customer"]["id"] == json!(customer);
            // An order of who was forgotten says nothing of them, and nobody else's was touched.
            assert_eq!(
                read["customer"]["email"].is_null(),
                own && gone,
                "round {round}: {}",
                read["customer"]
            );
        }
        test.check_invariants().await;
        if gone {
            let list = merchant
                .read(&test, "customers?test_mode=true&email=buyer@example.com")
                .await;
            assert!(
                list["data"]
                    .as_array()
                    .expect("customers")
                    .iter()
                    .all(|row| row["id"] != json!(customer))
            );
        } else {
            send(&first, erase()).await.expect(200);
        }
    }
}
