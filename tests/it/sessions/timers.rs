//! Both timers, moved over at every step, and money that comes when the hold is gone.

use chrono::TimeDelta;
use serde_json::json;

use super::shop::{Shop, told};

#[actix_web::test]
async fn five_minutes_at_every_step_of_the_basket() {
    let shop = Shop::new("five").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    let other = shop.buyer("b@example.com").await;
    buyer.apply("one").await.expect(200);
    // Every kind of activity keeps it, a read does not.
    let line = format!(
        "/lines/{}",
        buyer.visit.session["lines"][0]["id"].as_str().expect("an id")
    );
    for step in 0..5 {
        shop.test.advance(TimeDelta::minutes(4));
        match step {
            0 => drop(
                buyer
                    .patch(json!({"customer": {"first_name": "Aino"}}))
                    .await
                    .expect(200),
            ),
            1 => drop(
                buyer
                    .call("PATCH", &line, Some(json!({"quantity": 2})))
                    .await
                    .expect(200),
            ),
            2 => drop(buyer.heartbeat().await.expect(204)),
            3 => drop(buyer.accept(&shop.bump, 1).await.expect(200)),
            _ => buyer.decline(&shop.bump).await,
        }
        assert_eq!(other.refused("one").await, "usage_limit_reached", "after step {step}");
    }
    shop.test.advance(TimeDelta::minutes(4));
    buyer.read().await;
    shop.test.advance(TimeDelta::minutes(1));
    assert_eq!(shop.counts(code).await, (0, 0), "over");
    // Nobody came: the next activity finds it still there, and a confirmation is activity.
    assert_eq!(buyer.read().await["discount"]["state"], "held");
    buyer.heartbeat().await.expect(204);
    assert_eq!(shop.counts(code).await, (1, 0));
    shop.test.advance(TimeDelta::minutes(6));
    let read = buyer.read().await;
    let confirmed = buyer.confirm_at(&read["totals"]["total"], "test").await.expect(200);
    assert_eq!(
        confirmed["order"]["discount"],
        json!({"code": "ONE", "amount": 780, "over_limit": false})
    );
    assert_eq!(shop.counts(code).await, (1, 0));
    // At payment it waits two hours.
    shop.test.advance(TimeDelta::minutes(119));
    assert_eq!(other.refused("one").await, "usage_limit_reached");
    buyer.heartbeat().await.expect(204);
    shop.test.advance(TimeDelta::minutes(1));
    other.apply("one").await.expect(200);
    // What was agreed on stays what the session says, and that its time is over.
    let read = buyer.read().await;
    assert_eq!(
        (&read["discount"]["state"], &read["totals"]["total"], told(&read).len()),
        (&json!("lapsed"), &json!(7020), 0)
    );
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn somebody_else_was_quicker() {
    let shop = Shop::new("quicker").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    let other = shop.buyer("b@example.com").await;
    let held = buyer.apply("one").await.expect(200);
    shop.test.advance(TimeDelta::minutes(5));
    other.apply("one").await.expect(200);
    // The read says what a confirmation would find.
    let read = buyer.read().await;
    assert_eq!(
        (told(&read), &read["totals"]["total"]),
        (vec!["discount_lapsed".to_owned()], &json!(3900))
    );
    let refused = buyer.confirm_at(&held["totals"]["total"], "test").await;
    assert_eq!(refused.problem().1, "quote-changed");
    let now = &refused.json()["session"];
    assert_eq!(
        (told(now), &now["totals"]["total"], &now["status"]),
        (vec!["discount_lapsed".to_owned()], &json!(3900), &json!("open"))
    );
    let confirmed = buyer.confirm_at(&json!(3900), "test").await.expect(200);
    assert!(confirmed["order"]["discount"].is_null());
    assert_eq!(shop.counts(code).await, (1, 0));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn an_hour_in_the_basket_is_the_most() {
    let shop = Shop::new("hour").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("one").await.expect(200);
    for _ in 0..14 {
        shop.test.advance(TimeDelta::minutes(4));
        buyer.heartbeat().await.expect(204);
    }
    assert_eq!(shop.counts(code).await, (1, 0), "56 minutes");
    shop.test.advance(TimeDelta::minutes(4));
    let changed = buyer.patch(json!({"locale": "fi"})).await.expect(200);
    assert_eq!(
        (told(&changed), changed["discount"].is_null()),
        (vec!["discount_lapsed".to_owned()], true)
    );
    assert_eq!(shop.counts(code).await, (0, 0));
    // In the queue with everybody else.
    buyer.apply("one").await.expect(200);
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn dates_bind_until_it_is_held_and_a_switch_ends_baskets_only() {
    let shop = Shop::new("dates").await;
    let until = (shop.test.clock.now() + TimeDelta::minutes(3)).to_rfc3339();
    let code = shop
        .code(json!({"code": "TODAY", "type": "percentage", "percentage": "10", "expires_at": until}))
        .await;
    let (buyer, payer) = (shop.buyer("a@example.com").await, shop.buyer("b@example.com").await);
    buyer.apply("today").await.expect(200);
    payer.apply("today").await.expect(200);
    let confirmed = payer.confirm().await;
    shop.test.advance(TimeDelta::minutes(4));
    assert_eq!(
        buyer.patch(json!({"locale": "fi"})).await.expect(200)["discount"]["code"],
        "TODAY",
        "a hold outlives the dates"
    );
    buyer.apply("today").await.expect(200);
    assert_eq!(shop.buyer("c@example.com").await.refused("today").await, "expired");
    shop.patch_code(code, json!({"active": false})).await;
    let read = buyer.read().await;
    assert_eq!(told(&read), ["discount_lapsed"]);
    let changed = buyer.patch(json!({"locale": "en"})).await.expect(200);
    assert_eq!(changed["messages"][0]["reason"], "inactive");
    // Who was at payment pays what was agreed.
    let paid = payer.pay().await;
    assert_eq!(paid["order"]["total"], confirmed["order"]["total"]);
    assert_eq!(shop.counts(code).await, (0, 1));
    shop.test.check_invariants().await;
}

#[actix_web::test]
async fn late_money_is_honoured_and_raised_only_beyond_the_limit() {
    for filled in [true, false] {
        let shop = Shop::new("late").await;
        let code = shop.ten_percent("ONE", Some(1)).await;
        let buyer = shop.buyer("a@example.com").await;
        buyer.apply("one").await.expect(200);
        buyer.confirm().await;
        shop.test.advance(TimeDelta::hours(2));
        if filled {
            let quicker = shop.buyer("b@example.com").await;
            quicker.apply("one").await.expect(200);
            quicker.confirm().await;
            quicker.pay().await;
        }
        let paid = buyer.pay().await;
        assert_eq!(
            (&paid["order"]["total"], &paid["order"]["payment_status"]),
            (&json!(3510), &json!("paid"))
        );
        let order = shop.order(&paid["order"]["id"]).await;
        assert_eq!(
            order["discount"],
            json!({"code": "ONE", "amount": 390, "over_limit": filled})
        );
        assert_eq!(order["requires_attention"], filled);
        let reasons = order["attention_reasons"].as_array().expect("reasons");
        assert_eq!(
            reasons.iter().map(|reason| reason["code"].clone()).collect::<Vec<_>>(),
            if filled {
                vec![json!("discount_over_limit")]
            } else {
                vec![]
            }
        );
        assert_eq!(shop.counts(code).await, (0, if filled { 2 } else { 1 }));
        shop.test.check_invariants().await;
    }
}

#[actix_web::test]
async fn another_attempt_takes_the_hold_again_or_is_refused() {
    let shop = Shop::new("again").await;
    let code = shop.ten_percent("ONE", Some(1)).await;
    let buyer = shop.buyer("a@example.com").await;
    buyer.apply("one").await.expect(200);
    let confirmed = buyer.confirm().await;
    let attempt = || buyer.call("POST", "/payments", Some(json!({"provider": "test"})));
    // The same way while its attempt is open is that attempt.
    let same = attempt().await.expect(201);
    assert_eq!(same["payment"]["id"], confirmed["payment"]["id"]);
    buyer
        .call("POST", "/test-payment", Some(json!({"outcome": "failed"})))
        .await
        .expect(200);
    shop.test.advance(TimeDelta::minutes(121));
    let second = attempt().await.expect(201);
    assert_ne!(second["payment"]["id"], confirmed["payment"]["id"]);
    assert_eq!(shop.counts(code).await, (1, 0), "revived");
    buyer
        .call("POST", "/test-payment", Some(json!({"outcome": "failed"})))
        .await
        .expect(200);
    shop.test.advance(TimeDelta::minutes(121));
    let quicker = shop.buyer("b@example.com").await;
    quicker.apply("one").await.expect(200);
    let refused = attempt().await;
    assert_eq!(
        (refused.problem().1.as_str(), &refused.json()["reason"]),
        ("discount-unavailable", &json!("usage_limit_reached"))
    );
    // Free again: a new hold.
    quicker.remove().await;
    attempt().await.expect(201);
    assert_eq!(shop.counts(code).await, (1, 0));
    assert_eq!(buyer.pay().await["order"]["total"], 3510);
    assert_eq!(shop.counts(code).await, (0, 1));
    let order = shop.order(&confirmed["order"]["id"]).await;
    let statuses: Vec<_> = order["payments"]
        .as_array()
        .expect("payments")
        .iter()
        .map(|payment| payment["status"].clone())
        .collect();
    assert_eq!(statuses, [json!("failed"), json!("failed"), json!("succeeded")]);
    assert_eq!(attempt().await.problem().1, "session-not-confirmed");
    shop.test.check_invariants().await;
}
