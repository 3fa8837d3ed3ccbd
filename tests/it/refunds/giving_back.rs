//! Refunds over HTTP.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::orders::settle::settle;
use kassa::payments::provider::{News, Outcome};
use serde_json::{Value, json};

use super::scene::{paid_pair, part, read, refund, sell_pair, told};
use crate::support::people::text;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

#[actix_web::test]
async fn in_parts_until_nothing_is_left() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "parts").await;
    sell_pair(&test, &merchant, [3900, 1001]).await;
    let order = paid_pair(&test, &merchant).await;
    assert_eq!(
        (&order["refundable_amount"], &order["lines"][1]["refundable_amount"]),
        (&json!(4901), &json!(1001))
    );
    let body = json!({"lines": [part(&order, 0, 1900)], "reason": "requested_by_customer", "comment": "Half of it"});
    let given = refund(&test, &merchant, &order, "a", body).await;
    let shown = given.expect(201);
    assert_eq!(
        json!([
            shown["status"],
            shown["amount"],
            shown["tax_amount"],
            shown["kind"],
            shown["manual_transfer_required"]
        ]),
        json!(["succeeded", 1900, 386, "order", false])
    );
    assert!(shown["effective_at"].is_string() && shown["provider_reference"].is_string());
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(
        json!([
            now["status"],
            now["payment_status"],
            now["refunded_amount"],
            now["refundable_amount"],
            now["refunds"][0]["id"]
        ]),
        json!(["completed", "partially_refunded", 1900, 3001, shown["id"]])
    );
    assert_eq!(now["payments"][0]["refunded_amount"], 1900);
    let body = json!({"lines": [part(&order, 0, 2000), part(&order, 1, 1001)]});
    refund(&test, &merchant, &order, "b", body).await.expect(201);
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(
        json!([
            now["status"],
            now["payment_status"],
            now["refunded_amount"],
            now["refundable_amount"]
        ]),
        json!(["refunded", "refunded", 4901, 0])
    );
    let taxes: i64 = now["refunds"]
        .as_array()
        .expect("refunds")
        .iter()
        .map(|one| one["tax_amount"].as_i64().expect("a tax"))
        .sum();
    assert_eq!(json!(taxes), order["tax"]);
    assert_eq!(told(&test, &merchant, "order.refunded").await, 1);
    assert_eq!(told(&test, &merchant, "refund.succeeded").await, 2);
    let list = merchant.read(&test, "refunds?test_mode=true&status=succeeded").await;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        merchant.read(&test, "refunds").await["data"],
        json!([]),
        "live refunds are others"
    );
    test.check_invariants().await;
}

#[actix_web::test]
async fn what_is_refused() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "refused").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let ask = async |body: Value| refund(&test, &merchant, &order, "k", body).await.problem();
    let access = json!({"order_line_id": order["lines"][0]["id"], "amount": 3899, "remove_access": true});
    for (body, status, code, pointer) in [
        (
            json!({"lines": [part(&order, 0, 3901)]}),
            409,
            "refund-too-large",
            "/lines/0/amount",
        ),
        (
            json!({"lines": [part(&order, 0, 0)]}),
            422,
            "validation-failed",
            "/lines/0/amount",
        ),
        (
            json!({"lines": [part(&order, 0, -1)]}),
            422,
            "validation-failed",
            "/lines/0/amount",
        ),
        (json!({"lines": []}), 422, "validation-failed", "/lines"),
        (
            json!({"lines": [part(&order, 0, 1), part(&order, 0, 1)]}),
            422,
            "validation-failed",
            "/lines/1/order_line_id",
        ),
        (
            json!({"lines": [{"order_line_id": "lin_01jd5wq0zsfa2tq4n9v8kx3m7h", "amount": 1}]}),
            422,
            "validation-failed",
            "/lines/0/order_line_id",
        ),
        (
            json!({"lines": [access]}),
            422,
            "validation-failed",
            "/lines/0/remove_access",
        ),
        (
            json!({"lines": [part(&order, 0, 1)], "remove_offer_access": true}),
            422,
            "validation-failed",
            "/remove_offer_access",
        ),
    ] {
        assert_eq!(
            ask(body.clone()).await,
            (status, code.to_owned(), pointer.to_owned()),
            "{body}"
        );
    }
    let path = merchant.path(&format!("orders/{}/refunds", text(&order["id"])));
    let keyless = merchant
        .call(&test, Call::post(path, json!({"lines": [part(&order, 0, 1)]})))
        .await;
    assert_eq!(keyless.problem().1, "idempotency-key-required");
    let unpaid = merchant.visit(&test).await.confirm(&test).await["order"].clone();
    let unpaid = read(&test, &merchant, &text(&unpaid["id"])).await;
    let refused = refund(&test, &merchant, &unpaid, "u", json!({"lines": [part(&unpaid, 0, 1)]})).await;
    assert_eq!(refused.problem().1, "order-not-paid");
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!((&now["refunds"], &now["refunded_amount"]), (&json!([]), &json!(0)));
    test.check_invariants().await;
}

#[actix_web::test]
async fn the_same_request_twice_is_one_refund() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "twice").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let body = json!({"lines": [part(&order, 0, 1500)]});
    let first = refund(&test, &merchant, &order, "same", body.clone()).await;
    first.expect(201);
    let second = refund(&test, &merchant, &order, "same", body).await;
    assert_eq!(second.expect(201), first.json());
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    let other = refund(&test, &merchant, &order, "same", json!({"lines": [part(&order, 0, 1)]})).await;
    assert_eq!(other.problem().1, "idempotency-conflict");
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert_eq!(now["refunded_amount"], 1500);
    test.check_invariants().await;
}

#[actix_web::test]
async fn access_goes_with_a_line_that_is_refunded_in_full() {
    let test = TestApp::new().await;
    let merchant = Merchant::new(&test, "access").await;
    sell_pair(&test, &merchant, [3900, 1000]).await;
    let order = paid_pair(&test, &merchant).await;
    let whole = json!({"lines": [{"order_line_id": order["lines"][1]["id"], "amount": 1000, "remove_access": true}]});
    refund(&test, &merchant, &order, "a", whole).await.expect(201);
    let now = read(&test, &merchant, &text(&order["id"])).await;
    assert!(now["lines"][1]["returned_at"].is_string() && now["lines"][0]["returned_at"].is_null());
    assert_eq!(
        (
            &now["lines"][1]["can_remove_access"],
            &now["lines"][0]["can_remove_access"]
        ),
        (&json!(false), &json!(true))
    );
    assert_eq!(told(&test, &merchant, "product.returned").await, 1);
    // The other one later: first its money, then its access.
    refund(&test, &merchant, &order, "b", json!({"lines": [part(&order, 0, 3900)]}))
        .await
        .expect(201);
    let access = json!({"lines": [{"order_line_id": order["lines"][0]["id"], "amount": 0, "remove_access": true}]});
    refund(&test, &merchant, &order, "c", access).await.expect(201);
    assert_eq!(told(&test, &merchant, "product.returned").await, 2);
    test.check_invariants().await;
}

#[actix_web::test]
async fn money_that_belongs_to_no_order_goes_back_by_itself() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "orphan").await;
    let made = merchant.visit(&test).await.confirm(&test).await;
    let (order, payment) = (text(&made["order"]["id"]), text(&made["payment"]["id"]));
    let cancelled = Call::post(
        merchant.path(&format!("orders/{order}/cancel")),
        json!({"reason": "Gone"}),
    );
    merchant.call(&test, cancelled).await.expect(200);
    let (checkout, news) = (
        merchant.checkout,
        News {
            payment: payment.parse().expect("an id"),
            outcome: Outcome::Succeeded {
                received: 3900,
                currency: "EUR".parse().expect("a currency"),
            },
        },
    );
    test.db()
        .write(async |tx: &mut Tx| -> Result<_, DbError> { settle(tx, checkout, &news).await })
        .await
        .expect("news is always taken");
    let give = async |key: &str, body: Value| {
        let call = Call::post(merchant.path(&format!("payments/{payment}/refund")), body);
        merchant.call(&test, call.header("idempotency-key", key)).await
    };
    let too_much = give("a", json!({"amount": 3901, "reason": "duplicate"})).await;
    assert_eq!(
        too_much.problem(),
        (409, "refund-too-large".to_owned(), "/amount".to_owned())
    );
    let part = give("b", json!({"amount": 900, "reason": "duplicate"}))
        .await
        .expect(201);
    assert_eq!(
        json!([
            part["status"],
            part["kind"],
            part["amount"],
            part["tax_amount"],
            part["lines"]
        ]),
        json!(["succeeded", "unallocated", 900, 0, []])
    );
    assert_eq!(give("c", json!({"reason": "other"})).await.expect(201)["amount"], 3000);
    assert_eq!(
        give("d", json!({"reason": "other"})).await.problem().1,
        "nothing-unallocated"
    );
    let now = read(&test, &merchant, &order).await;
    assert_eq!(
        json!([
            now["status"],
            now["refunded_amount"],
            now["lines"][0]["refunded_amount"],
            now["payments"][0]["refunded_amount"]
        ]),
        json!(["deleted", 0, 0, 0])
    );
    assert_eq!(told(&test, &merchant, "order.refunded").await, 0);
    // An order's own money is not given back this way.
    let visit = merchant.visit(&test).await;
    let made = visit.confirm(&test).await;
    visit.pay(&test, "succeeded").await.expect(200);
    let call = Call::post(
        merchant.path(&format!("payments/{}/refund", text(&made["payment"]["id"]))),
        json!({"reason": "other"}),
    );
    let refused = merchant.call(&test, call.header("idempotency-key", "e")).await;
    assert_eq!(refused.problem().1, "nothing-unallocated");
    test.drain_jobs().await;
    test.check_invariants().await;
}

#[actix_web::test]
async fn a_code_that_gives_it_back_can_be_used_again() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "slot").await;
    for (code, policy, again) in [("KEEP", "keep", 422), ("BACK", "release_customer_slot", 200)] {
        let body = json!({"code": code, "type": "percentage", "percentage": "10", "max_per_customer": 1, "refund_policy": policy});
        merchant.create(&test, "discount-codes", body).await;
        let apply = async |visit: &crate::support::merchant::Visit| {
            let call = Call::new("PUT", visit.path("/discount")).json(json!({"code": code}));
            test.call(call.bearer(&visit.secret)).await
        };
        let visit = merchant.visit(&test).await;
        let session = apply(&visit).await.expect(200);
        let visit = crate::support::merchant::Visit { session, ..visit };
        let order = text(&visit.confirm(&test).await["order"]["id"]);
        visit.pay(&test, "succeeded").await.expect(200);
        assert_eq!(
            apply(&merchant.visit(&test).await).await.status,
            422,
            "{code}: used once"
        );
        let order = read(&test, &merchant, &order).await;
        let all = json!({"lines": [part(&order, 0, 3510)]});
        refund(&test, &merchant, &order, code, all).await.expect(201);
        assert_eq!(apply(&merchant.visit(&test).await).await.status, again, "{code}");
    }
}
