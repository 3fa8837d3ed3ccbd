//! Any order of what buyers do, against a model of a few lines.

use chrono::TimeDelta;
use kassa::discounts::holds::redeem::Redeemed;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::scene::Scene;

#[derive(Clone, Copy, Debug)]
enum Step {
    Take(usize),
    Release(usize),
    Redeem(usize),
    Pay(usize),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..6_usize).prop_map(Step::Take),
        2 => (0..6_usize).prop_map(Step::Release),
        1 => (0..6_usize).prop_map(Step::Redeem),
        1 => (0..6_usize).prop_map(Step::Pay),
        2 => (1..8_i64).prop_map(Step::Wait),
    ]
}

/// What a session's use is, kept without a database: the moment its time is over, in minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Basket(i64),
    Payment(i64),
    Redeemed,
}

/// Any order of what buyers do, against a model that has no concurrency, no counters and no database.
#[test]
fn any_order_of_steps_is_what_the_model_says() {
    let mut runner = TestRunner::new(Config {
        cases: 8,
        failure_persistence: None,
        ..Config::default()
    });
    let steps = proptest::collection::vec(step(), 1..40);
    runner
        .run(&steps, |steps| {
            actix_web::rt::System::new().block_on(follow(steps));
            Ok(())
        })
        .expect("the model and the database agree");
}

async fn follow(steps: Vec<Step>) {
    let limit = 3;
    let scene = Scene::new(6, Some(limit), None).await;
    let mut model: Vec<Option<Use>> = vec![None; 6];
    let mut now = 0;
    let live = |model: &[Option<Use>], now: i64| {
        let of = |used: &Option<Use>| matches!(used, Some(Use::Basket(end) | Use::Payment(end)) if *end > now);
        model.iter().filter(|used| of(used)).count()
    };
    for step in steps {
        match step {
            Step::Wait(minutes) => {
                scene.test.advance(TimeDelta::minutes(minutes));
                now += minutes;
            }
            Step::Take(index) if model[index] != Some(Use::Redeemed) => {
                let redeemed = model.iter().filter(|used| **used == Some(Use::Redeemed)).count();
                let mut others = model.clone();
                others[index] = None;
                let room = live(&others, now) + redeemed < usize::try_from(limit).expect("small");
                let outcome = scene.take(scene.sessions[index], None).await;
                assert_eq!(outcome.is_ok(), room, "{step:?} at {now}: {model:?}");
                if room {
                    model[index] = match model[index] {
                        Some(Use::Payment(end)) if end > now => Some(Use::Payment(end)),
                        // A hold at payment that nobody has marked is revived as it is.
                        Some(Use::Payment(end)) => Some(Use::Payment(end)),
                        _ => Some(Use::Basket(now + 5)),
                    };
                    // The minute in which the hour of a basket ends is another test's.
                    if let Some(Use::Payment(end)) = model[index]
                        && end <= now
                    {
                        return;
                    }
                }
            }
            Step::Release(index) if model[index] != Some(Use::Redeemed) => {
                scene.release(scene.sessions[index]).await;
                model[index] = None;
            }
            Step::Pay(index) if matches!(model[index], Some(Use::Basket(end)) if end > now) => {
                scene.phase(scene.sessions[index], true).await;
                model[index] = Some(Use::Payment(now + 120));
            }
            Step::Redeem(index) if matches!(model[index], Some(Use::Basket(end) | Use::Payment(end)) if end > now) => {
                let outcome = scene.redeem(scene.sessions[index]).await;
                assert!(matches!(outcome, Redeemed::Within | Redeemed::Last(_)), "{outcome:?}");
                model[index] = Some(Use::Redeemed);
            }
            _ => {}
        }
        let redeemed = model.iter().filter(|used| **used == Some(Use::Redeemed)).count();
        let expected = (
            i64::try_from(live(&model, now)).expect("small"),
            i64::try_from(redeemed).expect("small"),
        );
        assert_eq!(scene.counts().await, expected, "{step:?} at {now}: {model:?}");
    }
    scene.test.check_invariants().await;
}
