//! In order per object, and nobody waits for somebody else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;

use super::scene::{Receiver, Say, Scene};

#[actix_web::test]
async fn an_object_whose_event_fails_holds_up_its_own_events_until_they_overtake() {
    let scene = Scene::new("overtake").await;
    let receiver = Receiver::start(|one, _| Say::Status(if one.sequence() == 1 { 500 } else { 204 })).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1, 2, 1, 1, 2]).await;
    scene.drain().await;
    let mut sequences = receiver.sequences();
    sequences.sort_unstable();
    assert_eq!(sequences, [1, 2, 5], "the other object is through");
    assert_eq!(
        scene.of_each(&path, "blocked").await,
        [false, false, true, true, false].map(|b| json!(b))
    );
    // Its attempts at 5 s and 5 min change nothing.
    for _ in 0..2 {
        scene.later(TimeDelta::minutes(7));
        scene.drain().await;
    }
    assert!(!receiver.sequences().contains(&3), "{:?}", receiver.sequences());
    assert!(
        scene
            .of_each(&path, "overtaken")
            .await
            .iter()
            .all(|overtaken| overtaken == false)
    );
    scene.later(TimeDelta::minutes(2));
    scene.drain().await;
    assert_eq!(
        receiver.sequences()[receiver.sequences().len() - 2..],
        [3, 4],
        "after a quarter of an hour, in order"
    );
    let rows = scene.deliveries(&path).await;
    assert_eq!(
        (&rows[0]["overtaken"], &rows[0]["status"]),
        (&json!(true), &json!("pending"))
    );
    assert!(
        rows[1..]
            .iter()
            .all(|row| row["overtaken"] == false && row["status"] == "succeeded")
    );
    // It is still tried, and later events of its object do not wait for it.
    scene.tell(&[1]).await;
    scene.later(TimeDelta::hours(1));
    scene.drain().await;
    assert!(receiver.sequences().iter().filter(|sequence| **sequence == 1).count() >= 4);
    assert!(receiver.sequences().contains(&6));
    scene.check().await;
}

#[actix_web::test]
async fn events_that_are_open_together_come_in_order_when_the_receiver_is_back() {
    let scene = Scene::new("back").await;
    let up = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&up);
    let receiver = Receiver::start(move |_, _| Say::Status(if now.load(Ordering::SeqCst) { 204 } else { 503 })).await;
    let path = scene.endpoint(&receiver.url).await;
    let objects: Vec<u128> = (0..60).map(|n| n % 6).collect();
    scene.tell(&objects).await;
    scene.drain().await;
    assert_eq!(receiver.seen().len(), 6, "one of each object");
    up.store(true, Ordering::SeqCst);
    scene.later(TimeDelta::seconds(7));
    scene.drain().await;
    let mut by_object: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in &receiver.seen()[6..] {
        by_object.entry(one.object()).or_default().push(one.sequence());
    }
    assert!(
        by_object.values().all(|own| own.len() == 10 && own.is_sorted()),
        "{by_object:?}"
    );
    assert!(
        scene
            .of_each(&path, "status")
            .await
            .iter()
            .all(|status| status == "succeeded")
    );
    scene.check().await;
}

/// The loops of the worker, as in production: one endpoint hangs for as long as the client waits (15 s), the other is healthy.
#[actix_web::test]
async fn an_endpoint_that_hangs_holds_up_nobody_else() {
    let scene = Scene::new("hangs").await;
    let silent = Receiver::start(|_, _| Say::Nothing).await;
    let healthy = Receiver::start(|_, _| Say::Status(204)).await;
    scene.endpoint(&silent.url).await;
    scene.endpoint(&healthy.url).await;
    let objects: Vec<u128> = (1..=300).collect();
    scene.tell(&objects).await;
    let running = scene.test.app.worker().clone().start();
    let begun = Instant::now();
    while healthy.seen().len() < 300 {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{} came",
            healthy.seen().len()
        );
        tokio::task::yield_now().await;
    }
    assert_eq!(silent.most_at_once(), 32, "bounded per endpoint");
    assert_eq!(healthy.seen().len(), 300, "each once");
    drop(running);
}
