//! Holds: exact, whoever comes at once and however time passes.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kassa::discounts::holds::redeem::Redeemed;
use kassa::discounts::refusal::Refusal;
use kassa::kernel::ids::SessionId;
use serde_json::{Value, json};

use super::scene::Scene;

#[actix_web::test]
async fn of_five_hundred_buyers_at_once_fifty_hold_it() {
    let scene = Scene::new(500, Some(50), None).await;
    let outcomes = join_all(scene.sessions.iter().map(|session| scene.take(*session, None))).await;
    let held = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(held, 50);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(()) | Err(Refusal::UsageLimitReached)))
    );
    assert_eq!(scene.counts().await, (50, 0));
    // Five minutes later all of it is free again, and as many as came can have it once more.
    scene.test.advance(TimeDelta::minutes(5));
    assert_eq!(
        (scene.counts().await, scene.code().await["remaining"].clone()),
        ((0, 0), json!(50))
    );
    let refused: Vec<SessionId> = scene
        .sessions
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| outcome.is_err())
        .map(|(id, _)| *id)
        .collect();
    let again = join_all(refused.iter().map(|session| scene.take(*session, None))).await;
    assert_eq!(
        again.iter().filter(|outcome| outcome.is_ok()).count(),
        50,
        "never a false refusal"
    );
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn of_fifty_sessions_of_one_customer_one_holds_it() {
    let scene = Scene::new(50, None, Some(1)).await;
    let outcomes = join_all(scene.sessions.iter().map(|session| scene.take(*session, Some([7; 32])))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(()) | Err(Refusal::CustomerLimitReached)))
    );
    scene
        .take(scene.sessions[0], Some([8; 32]))
        .await
        .expect("another customer");
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn a_limit_set_under_load_holds_from_that_moment() {
    let scene = Scene::new(120, None, None).await;
    let takes = join_all(scene.sessions.iter().map(|session| scene.take(*session, None)));
    let (outcomes, patched) = futures_util::join!(takes, scene.patch(json!({"usage_limit": 20})));
    patched.expect(200);
    let held = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let (seen, _) = scene.counts().await;
    assert_eq!(i64::try_from(held).expect("a count"), seen);
    // Whatever was held before the limit came stays; the counter knows all of it, and nobody else gets in.
    scene.test.check_invariants().await;
    let late = scene
        .sessions
        .iter()
        .zip(&outcomes)
        .find(|(_, outcome)| outcome.is_err());
    if held >= 20
        && let Some((session, _)) = late
    {
        assert_eq!(scene.take(*session, None).await, Err(Refusal::UsageLimitReached));
    }
}

#[actix_web::test]
async fn both_timers() {
    let scene = Scene::new(2, Some(1), None).await;
    let (one, two) = (scene.sessions[0], scene.sessions[1]);
    scene.take(one, None).await.expect("the first");
    assert_eq!(scene.take(two, None).await, Err(Refusal::UsageLimitReached));
    // Activity keeps it.
    scene.test.advance(TimeDelta::minutes(4));
    scene.take(one, None).await.expect("renewed");
    scene.test.advance(TimeDelta::minutes(4));
    assert_eq!(scene.take(two, None).await, Err(Refusal::UsageLimitReached));
    // Overdue, but nobody came: revived by its session's next activity.
    scene.test.advance(TimeDelta::minutes(2));
    assert_eq!(
        scene.counts().await,
        (0, 0),
        "what is overdue does not count for readers"
    );
    scene.take(one, None).await.expect("revived");
    assert_eq!(scene.counts().await, (1, 0));
    // At payment: two hours.
    scene.phase(one, true).await;
    scene.test.advance(TimeDelta::minutes(119));
    assert_eq!(scene.take(two, None).await, Err(Refusal::UsageLimitReached));
    // Back in the basket: minutes again.
    scene.phase(one, false).await;
    scene.test.advance(TimeDelta::minutes(5));
    scene.take(two, None).await.expect("free");
    assert_eq!(scene.take(one, None).await, Err(Refusal::UsageLimitReached));
    scene.test.check_invariants().await;
}

#[actix_web::test]
async fn an_hour_in_the_basket_is_the_most() {
    let scene = Scene::new(1, Some(1), None).await;
    let session = scene.sessions[0];
    scene.take(session, None).await.expect("a hold");
    let first = live_hold(&scene).await;
    for _ in 0..14 {
        scene.test.advance(TimeDelta::minutes(4));
        scene.take(session, None).await.expect("renewed");
    }
    assert_eq!(live_hold(&scene).await["id"], first["id"], "56 minutes");
    scene.test.advance(TimeDelta::minutes(4));
    scene
        .take(session, None)
        .await
        .expect("a new one, since nobody else wants it");
    assert_ne!(live_hold(&scene).await["id"], first["id"]);
    scene.test.check_invariants().await;
}

async fn live_hold(scene: &Scene) -> Value {
    scene
        .merchant
        .read(&scene.test, &format!("discount-codes/{}/holds", scene.code))
        .await["data"][0]
        .clone()
}

#[actix_web::test]
async fn late_money_is_honoured_and_marked_only_beyond_the_limit() {
    let scene = Scene::new(3, Some(1), None).await;
    let [one, two, three] = scene.sessions[..] else {
        panic!("three")
    };
    scene.take(one, None).await.expect("a hold");
    scene.phase(one, true).await;
    scene.test.advance(TimeDelta::hours(2));
    scene.take(two, None).await.expect("free by now");
    assert_eq!(scene.redeem(two).await, Redeemed::Last(1));
    assert_eq!(scene.redeem(one).await, Redeemed::OverLimit);
    assert_eq!(scene.redeem(one).await, Redeemed::None, "once");
    assert_eq!(scene.counts().await, (0, 2));
    assert_eq!(scene.code().await["remaining"], 0);
    assert_eq!(scene.redeem(three).await, Redeemed::None);
    let history = scene
        .merchant
        .read(&scene.test, &format!("discount-codes/{}/redemptions", scene.code))
        .await;
    let marks: Vec<_> = history["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["over_limit"].clone())
        .collect();
    assert_eq!(marks, [json!(false), json!(true)]);
    // With room, late money is nothing special.
    scene.patch(json!({"usage_limit": 3})).await.expect(200);
    scene.take(three, None).await.expect("a hold");
    scene.release(three).await;
    assert_eq!(scene.redeem(three).await, Redeemed::Last(3));
    scene.test.check_invariants().await;
    // What it is worth stays from here on; the rest can be changed.
    let refused = scene.patch(json!({"percentage": "20"})).await;
    assert_eq!(refused.problem().1, "discount-redeemed");
    scene
        .patch(json!({"description": "x", "max_per_customer": 3, "percentage": "10"}))
        .await
        .expect(200);
}

#[actix_web::test]
async fn switching_a_code_off_ends_baskets_and_spares_payments() {
    let scene = Scene::new(3, Some(3), None).await;
    for session in &scene.sessions {
        scene.take(*session, None).await.expect("a hold");
    }
    scene.phase(scene.sessions[0], true).await;
    assert_eq!(scene.counts().await, (3, 0));
    scene.patch(json!({"active": false})).await.expect(200);
    assert_eq!(scene.counts().await, (1, 0));
    assert_eq!(scene.redeem(scene.sessions[0]).await, Redeemed::Within);
    scene.test.check_invariants().await;
}
