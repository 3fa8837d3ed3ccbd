//! A link that works once works once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use kassa::db::Tx;
use kassa::kernel::ids::LinkId;
use kassa::kernel::problem::Problem;
use kassa::links::limit;
use serde_json::{Value, json};

use crate::support::merchant::{Visit, second_instance};
use crate::support::request::{Call, send};
use crate::support::{Merchant, TestApp};

const BUYERS: usize = 300;

async fn limited(test: &TestApp, merchant: &Merchant, max_orders: i64) -> Value {
    let offer = merchant.read(test, "offers").await["data"][0]["id"].clone();
    let link = json!({"name": "Limited", "offer_id": offer, "max_orders": max_orders, "test_mode": true,
        "inactive_message": "Sold out, sorry."});
    merchant.create(test, "checkout-links", link).await
}

async fn visit(test: &TestApp, link: &Value) -> Visit {
    let body = json!({"link_token": link["token"], "customer": {"email": "buyer@example.com", "country": "FI"}});
    let opened = test.call(Call::post("/v1/storefront/sessions", body)).await.expect(201);
    Visit::of(&opened)
}

#[actix_web::test]
async fn three_hundred_buyers_of_a_link_for_one_make_one_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "once").await;
    let link = limited(&test, &merchant, 1).await;
    let mut visits = Vec::with_capacity(BUYERS);
    for _ in 0..BUYERS {
        visits.push(visit(&test, &link).await);
    }
    // Two instances, so that nothing is settled inside one process.
    let other = second_instance(&test).await;
    let (first, second) = (test.service().await, other.service().await);
    let calls = visits.iter().enumerate().map(|(number, visit)| {
        let (first, second) = (&first, &second);
        async move {
            if number % 2 == 0 {
                send(first, visit.confirmation()).await
            } else {
                send(second, visit.confirmation()).await
            }
        }
    });
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for reply in join_all(calls).await {
        let outcome = match reply.status {
            200 => "200".to_owned(),
            _ => {
                let (status, code, _) = reply.problem();
                format!("{status} {code}")
            }
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    let expected = [("200".to_owned(), 1), ("409 link-used-up".to_owned(), BUYERS - 1)];
    assert_eq!(outcomes, expected.into_iter().collect());
    let orders = merchant.read(&test, "orders?test_mode=true").await;
    assert_eq!(orders["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(orders["data"][0]["number"], 1001);
    let read = merchant
        .read(
            &test,
            &format!("checkout-links/{}", link["id"].as_str().expect("an id")),
        )
        .await;
    assert_eq!(read["stats"], json!({"sessions": BUYERS, "orders": 1}));
    // From now on it is closed at the door.
    let token = link["token"].as_str().expect("a token");
    let shown = test.call(Call::get(format!("/v1/storefront/links/{token}"))).await;
    assert_eq!(shown.problem(), (410, "link-used-up".to_owned(), String::new()));
    assert_eq!(shown.json()["inactive_message"], "Sold out, sorry.");
    let open = Call::post("/v1/storefront/sessions", json!({"link_token": token}));
    assert_eq!(test.call(open).await.problem().1, "link-used-up");

    // Staff cancel the order: its place is free, for one.
    let order = orders["data"][0]["id"].as_str().expect("an id");
    let cancel = Call::post(
        merchant.path(&format!("orders/{order}/cancel")),
        json!({"reason": "Not wanted"}),
    );
    merchant.call(&test, cancel).await.expect(200);
    test.call(Call::get(format!("/v1/storefront/links/{token}")))
        .await
        .expect(200);
    let replies = join_all(visits.iter().map(|visit| send(&first, visit.confirmation()))).await;
    let mut outcomes: BTreeMap<u16, usize> = BTreeMap::new();
    for reply in &replies {
        *outcomes.entry(reply.status).or_default() += 1;
    }
    assert_eq!(
        outcomes,
        [(200, 1), (409, BUYERS - 1)].into(),
        "the first buyer's session has ended"
    );
    let orders = merchant.read(&test, "orders?test_mode=true").await;
    let statuses: Vec<_> = orders["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|order| &order["status"])
        .collect();
    assert_eq!(statuses, ["not_paid", "deleted"]);
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_limit_lets_exactly_so_many_through_and_a_place_given_back_is_free_again() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "several").await;
    let link = limited(&test, &merchant, 3).await;
    let visits = join_all((0..10).map(|_| visit(&test, &link))).await;
    let service = test.service().await;
    let service = &service;
    let replies = join_all(visits.iter().map(|visit| send(service, visit.confirmation()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 3);
    let late: Vec<_> = visits
        .iter()
        .zip(&replies)
        .filter(|(_, reply)| reply.status == 409)
        .map(|(visit, _)| visit)
        .collect();
    assert_eq!(late.len(), 7);
    // Confirming again what was confirmed takes no place.
    let again = visits.iter().zip(&replies).find(|(_, reply)| reply.status == 200);
    test.call(again.expect("a confirmed one").0.confirmation())
        .await
        .expect(200);

    let id: LinkId = link["id"].as_str().expect("an id").parse().expect("an id");
    let checkout = merchant.checkout;
    let released = test
        .db()
        .write(async |tx: &mut Tx| -> Result<(), Problem> { Ok(limit::release(tx, checkout, id).await?) })
        .await;
    assert!(released.is_ok());
    let replies = join_all(late.iter().map(|visit| send(service, visit.confirmation()))).await;
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        1,
        "one place was free"
    );

    // The merchant makes room, and takes it away.
    let path = merchant.path(&format!("checkout-links/{id}"));
    let raise = |max: Value| Call::patch(path.clone(), json!({"max_orders": max}));
    assert_eq!(merchant.call(&test, raise(json!(5))).await.expect(200)["max_orders"], 5);
    let waiting = late.iter().zip(&replies).filter(|(_, reply)| reply.status == 409);
    let waiting: Vec<_> = waiting.map(|(visit, _)| *visit).collect();
    // Four are counted though one was given back: the order itself still stands.
    test.call(waiting[0].confirmation()).await.expect(200);
    test.call(waiting[1].confirmation()).await.expect(200);
    test.call(waiting[2].confirmation()).await.expect(409);
    merchant.call(&test, raise(json!(1))).await.expect(200);
    test.call(waiting[2].confirmation()).await.expect(409);
    merchant.call(&test, raise(Value::Null)).await.expect(200);
    test.call(waiting[2].confirmation()).await.expect(200);
    merchant.call(&test, raise(json!(0))).await.expect(422);
}
