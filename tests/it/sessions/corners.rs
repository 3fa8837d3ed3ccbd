//! Corners that a second look found: each was wrong once.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;

use super::shop::Shop;
use crate::support::people::text;
use crate::support::request::Call;

#[actix_web::test]
async fn a_limit_changed_while_uses_end_keeps_the_books() {
    let shop = Shop::new("limits").await;
    let code = shop.ten_percent("HOT", Some(40)).await;
    for round in 0..4 {
        let buyers = join_all((0..12).map(|index| {
            let shop = &shop;
            async move {
                let buyer = shop.buyer(&format!("{round}.{index}@example.com")).await;
                buyer.apply("hot").await.expect(200);
                buyer
            }
        }))
        .await;
        let limits = async {
            for limit in [41, 42, 43, 44] {
                shop.patch_code(code, json!({"usage_limit": limit})).await;
            }
        };
        futures_util::join!(join_all(buyers.iter().map(|buyer| buyer.remove())), limits);
        shop.test.check_invariants().await;
        assert_eq!(shop.counts(code).await, (0, 0));
    }
}

#[actix_web::test]
async fn who_was_left_after_going_back_pays_with_a_hold_of_their_own() {
    let shop = Shop::new("left").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("one").await.expect(200);
    buyer.confirm().await;
    buyer.resume().await;
    shop.test.advance(TimeDelta::hours(25));
    // Before the sweeper has come by.
    let paying = json!({"provider": "test"});
    buyer.call("POST", "/payments", Some(paying.clone())).await.expect(201);
    assert_eq!(shop.counts(code).await, (1, 0));
    shop.test.drain_jobs().await;
    assert_eq!(shop.counts(code).await, (1, 0), "a payment's hold is not the sweeper's");
    assert_eq!(
        shop.buyer("b@example.com").await.refused("one").await,
        "usage_limit_reached"
    );
    buyer.pay().await;
    assert_eq!(shop.counts(code).await, (0, 1));
    // Asked again when it is paid, the same key is answered with what became of it.
    let again = Call::post(buyer.visit.path("/payments"), paying).bearer(&buyer.visit.secret);
    let keyed = shop.test.call(again.header("idempotency-key", "late")).await;
    assert_eq!(
        keyed.problem().1,
        "session-not-confirmed",
        "a key that was never seen is a new attempt"
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_repeated_attempt_is_answered_with_the_paid_order() {
    let shop = Shop::new("repeat").await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.confirm().await;
    buyer
        .call("POST", "/test-payment", Some(json!({"outcome": "failed"})))
        .await
        .expect(200);
    let attempt = || {
        let call = Call::post(buyer.visit.path("/payments"), json!({"provider": "test"})).bearer(&buyer.visit.secret);
        shop.test.call(call.header("idempotency-key", "k1"))
    };
    let first = attempt().await.expect(201);
    buyer.pay().await;
    let again = attempt().await.expect(201);
    assert_eq!(
        (&again["payment"]["id"], &again["order"]["payment_status"]),
        (&first["payment"]["id"], &json!("paid"))
    );
}

#[actix_web::test]
async fn a_code_whose_time_is_over_is_not_held_again() {
    let shop = Shop::new("over").await;
    let until = (shop.test.clock.now() + TimeDelta::minutes(3)).to_rfc3339();
    shop.code(json!({"code": "TODAY", "type": "percentage", "percentage": "10", "expires_at": until}))
        .await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("today").await.expect(200);
    shop.test.advance(TimeDelta::minutes(4));
    buyer.apply("today").await.expect(200);
    // The hour is over: what would be taken now is a new hold.
    shop.test.advance(TimeDelta::hours(2));
    assert_eq!(buyer.refused("today").await, "expired");
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn a_basket_cannot_be_emptied_and_had_for_nothing() {
    let shop = Shop::new("empty").await;
    let path = shop.merchant.path(&format!("offers/{}", shop.offer));
    let optional = json!({"items": [{"product_id": shop.course["id"], "optional": true, "selected": true}]});
    shop.merchant
        .call(&shop.test, Call::patch(path, optional))
        .await
        .expect(200);
    let buyer = shop.buyer("a@example.com").await;
    let line = format!("/lines/{}", text(&buyer.visit.session["lines"][0]["id"]));
    let out = json!({"selected": false});
    assert_eq!(
        buyer.call("PATCH", &line, Some(out.clone())).await.problem().1,
        "line-required"
    );
    buyer.accept(&shop.bump, 1).await.expect(200);
    buyer.call("PATCH", &line, Some(out)).await.expect(200);
    let bump = format!("/add-ons/{}", shop.bump);
    assert_eq!(buyer.call("DELETE", &bump, None).await.problem().1, "line-required");
    assert_eq!(buyer.read().await["totals"]["total"], 1005);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn another_attempt_is_held_to_its_own_codes_terms() {
    let shop = Shop::new("terms").await;
    let once = shop
        .code(json!({"code": "ONCE", "type": "percentage", "percentage": "10", "max_per_customer": 1}))
        .await;
    let free = shop.ten_percent("FREE", None).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("once").await.expect(200);
    buyer.confirm().await;
    buyer.resume().await;
    buyer.apply("free").await.expect(200);
    // The same customer uses the code elsewhere, and pays.
    let other = shop.buyer("A@example.com").await;
    other.apply("once").await.expect(200);
    other.confirm().await;
    other.pay().await;
    shop.test.advance(TimeDelta::hours(25));
    let refused = buyer.call("POST", "/payments", Some(json!({"provider": "test"}))).await;
    assert_eq!(
        (refused.problem().1.as_str(), &refused.json()["reason"]),
        ("discount-unavailable", &json!("customer_limit_reached"))
    );
    assert_eq!((shop.counts(once).await, shop.counts(free).await), ((0, 1), (0, 0)));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn money_for_a_revision_without_a_code_frees_the_code_of_the_next() {
    let shop = Shop::new("frees").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    let first = buyer.confirm().await;
    buyer.resume().await;
    buyer.apply("one").await.expect(200);
    buyer.confirm().await;
    assert_eq!(shop.counts(code).await, (1, 0));
    let news = kassa::payments::provider::News {
        payment: text(&first["payment"]["id"]).parse().expect("an id"),
        outcome: kassa::payments::provider::Outcome::Succeeded {
            received: 3900,
            currency: "EUR".parse().expect("a currency"),
        },
    };
    let checkout = shop.merchant.checkout;
    shop.test
        .db()
        .write(async |tx: &mut kassa::db::Tx| -> Result<_, kassa::db::error::DbError> {
            kassa::orders::settle::settle(tx, checkout, &news).await
        })
        .await
        .expect("settled");
    assert_eq!(shop.counts(code).await, (0, 0));
    shop.buyer("b@example.com").await.apply("one").await.expect(200);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn codes_cannot_be_guessed_by_quotes_either() {
    let shop = Shop::new("guess").await;
    let quote = |code: String| {
        let body = json!({"checkout": "guess", "link": "course", "discount_code": code});
        shop.test.call(Call::post("/v1/storefront/quotes", body))
    };
    for guess in 0..100 {
        assert_eq!(quote(format!("guess {guess}")).await.status, 422);
    }
    assert_eq!(quote("guess".to_owned()).await.problem().1, "rate-limited");
}
