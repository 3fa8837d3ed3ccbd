//! Delivering again: one, or many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use chrono::TimeDelta;
use kassa::events::EventType;
use serde_json::{Value, json};

use super::scene::{Receiver, Say, Scene};
use crate::support::request::Call;

async fn replay(scene: &Scene, path: &str, body: Value) -> i64 {
    let queued = scene.post(&format!("{path}/replay"), body, 202).await;
    queued["queued"].as_i64().expect("a count")
}

#[actix_web::test]
async fn one_delivery_is_made_again_whatever_became_of_it() {
    let scene = Scene::new("retry").await;
    let status = Arc::new(AtomicU16::new(204));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |_, _| Say::Status(now.load(Ordering::SeqCst))).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1]).await;
    scene.drain().await;
    let delivery = scene.deliveries(&path).await.remove(0);
    let retry = format!("{path}/deliveries/{}/retry", delivery["id"].as_str().expect("an id"));
    let queued = scene.post(&retry, json!({}), 202).await;
    assert_eq!((&queued["id"], &queued["status"]), (&delivery["id"], &json!("pending")));
    // Asked twice, done once.
    scene.post(&retry, json!({}), 202).await;
    status.store(500, Ordering::SeqCst);
    scene.drain().await;
    assert_eq!(receiver.sequences(), [1, 1]);
    let seen = receiver.seen();
    assert_eq!(
        seen[0].header("webhook-id"),
        seen[1].header("webhook-id"),
        "the same event"
    );
    // It failed: it has a schedule of its own, and can be hurried.
    scene.drain().await;
    assert_eq!(receiver.seen().len(), 2);
    status.store(204, Ordering::SeqCst);
    scene.post(&retry, json!({}), 202).await;
    scene.drain().await;
    let after = scene.deliveries(&path).await.remove(0);
    assert_eq!(
        (&after["status"], &after["attempt_count"]),
        (&json!("succeeded"), &json!(3))
    );
    let detail = scene
        .read(&format!(
            "{path}/deliveries/{}",
            delivery["id"].as_str().expect("an id")
        ))
        .await;
    let told: Vec<_> = detail["attempts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["status"].clone())
        .collect();
    assert_eq!(
        told,
        [204, 500, 204].map(|status| json!(status)),
        "what was before is kept"
    );
    // Of another endpoint it is not.
    let other = scene.endpoint(&receiver.url).await;
    let wrong = scene.merchant.path(&retry.replace(&path, &other));
    assert_eq!(
        scene
            .merchant
            .call(&scene.test, Call::post(wrong, json!({})))
            .await
            .status,
        404
    );
    scene.check().await;
}

#[actix_web::test]
async fn a_replay_takes_what_its_filters_leave_in_order_and_only_once() {
    let scene = Scene::new("replay").await;
    let status = Arc::new(AtomicU16::new(204));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |one, _| {
        Say::Status(if one.sequence() <= 2 {
            500
        } else {
            now.load(Ordering::SeqCst)
        })
    })
    .await;
    let path = scene.endpoint(&receiver.url).await;
    // 1 and 2 are given up, 3 to 8 received.
    scene.tell(&[1, 2]).await;
    for _ in 0..38 {
        scene.drain().await;
        scene.later(TimeDelta::hours(3));
    }
    for object in [3, 4, 3] {
        scene.tell_of(EventType::OrderCreated, object).await;
    }
    scene.drain().await;
    let since = scene.test.clock.now();
    scene.later(TimeDelta::minutes(1));
    for object in [3, 4, 3] {
        scene.tell_of(EventType::OrderCompleted, object).await;
    }
    scene.drain().await;
    let before = receiver.seen().len();
    let came = |from: usize| {
        let mut sequences = receiver.sequences().split_off(from);
        sequences.sort_unstable();
        sequences
    };
    assert_eq!(replay(&scene, &path, json!({"only_failed": true})).await, 2);
    assert_eq!(
        replay(&scene, &path, json!({"only_failed": true})).await,
        2,
        "the same replay"
    );
    scene.drain().await;
    assert_eq!(came(before), [1, 2]);
    assert_eq!(
        replay(&scene, &path, json!({"only_failed": true})).await,
        0,
        "they are pending"
    );
    for (body, expected) in [
        (json!({"from_sequence": 7}), vec![7, 8]),
        (json!({"types": ["order.created"]}), vec![3, 4, 5]),
        (json!({"since": since.to_rfc3339()}), vec![6, 7, 8]),
        (json!({"until": since.to_rfc3339(), "from_sequence": 4}), vec![4, 5]),
        (json!({"types": ["order.created"], "since": since.to_rfc3339()}), vec![]),
    ] {
        let before = receiver.seen().len();
        let queued = replay(&scene, &path, body.clone()).await;
        assert_eq!(usize::try_from(queued), Ok(expected.len()), "{body}");
        scene.drain().await;
        assert_eq!(came(before), expected, "{body}");
        let order: Vec<_> = receiver.seen()[before..]
            .iter()
            .filter(|one| one.event["data"]["object"] == "3")
            .map(|one| one.sequence())
            .collect();
        assert!(order.is_sorted(), "{order:?}");
    }
    for body in [
        json!({"types": ["order.invented"]}),
        json!({"from_sequence": 0}),
        json!({"from": 1}),
    ] {
        let call = Call::post(scene.merchant.path(&format!("{path}/replay")), body);
        assert_eq!(scene.merchant.call(&scene.test, call).await.status, 422);
    }
    scene.check().await;
}

#[actix_web::test]
async fn a_new_endpoint_gets_the_whole_log_by_a_replay() {
    let scene = Scene::new("log").await;
    let objects: Vec<u128> = (0..1500).map(|n| n % 11).collect();
    let checkout = scene.merchant.checkout;
    scene
        .test
        .db()
        .write(
            async |tx: &mut kassa::db::Tx| -> Result<(), kassa::db::error::DbError> {
                let events = objects
                    .iter()
                    .map(|object| super::scene::event(EventType::OrderUpdated, *object));
                kassa::events::publish(tx, checkout, events.collect()).await
            },
        )
        .await
        .expect("events");
    scene.drain().await;
    let receiver = Receiver::start(|_, _| Say::Status(204)).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.drain().await;
    assert_eq!(receiver.seen().len(), 0);
    assert_eq!(replay(&scene, &path, json!({})).await, 1500);
    scene.drain().await;
    let mut all = receiver.sequences();
    let seen = receiver.seen();
    for object in 0..11 {
        let own = seen
            .iter()
            .filter(|one| one.event["data"]["object"] == object.to_string());
        let own: Vec<_> = own.map(|one| one.sequence()).collect();
        assert!(own.is_sorted(), "{own:?}");
    }
    all.sort_unstable();
    assert_eq!(all, (1..=1500).collect::<Vec<_>>());
    scene.check().await;
}
