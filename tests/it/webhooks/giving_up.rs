//! Endpoints that are gone, or fail for days.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use chrono::TimeDelta;
use serde_json::json;

use super::scene::{Receiver, Say, Scene};

#[actix_web::test]
async fn after_five_days_of_failure_an_endpoint_is_disabled_and_the_owner_told() {
    let scene = Scene::new("failing").await;
    let status = Arc::new(AtomicU16::new(500));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |_, _| Say::Status(now.load(Ordering::SeqCst))).await;
    let path = scene.endpoint(&receiver.url).await;
    // Something happens every twelve hours.
    for _ in 0..10 {
        scene.tell(&[1, 2]).await;
        for _ in 0..12 {
            scene.drain().await;
            assert_eq!(scene.read(&path).await["active"], true);
            scene.later(TimeDelta::hours(1));
        }
    }
    let statistics = scene.read(&format!("{path}/statistics")).await;
    assert!(statistics["failing_since"].is_string());
    scene.later(TimeDelta::minutes(1));
    // The pauses are random: something new is tried at once, whatever waits.
    scene.tell(&[9]).await;
    scene.drain().await;
    let endpoint = scene.read(&path).await;
    assert_eq!(
        (&endpoint["active"], &endpoint["disabled_reason"]),
        (&json!(false), &json!("failing"))
    );
    let mails = scene.test.mails();
    assert_eq!(mails.len(), 1, "told once");
    assert!(mails[0].contains("owner@failing.example"), "{}", mails[0]);
    assert!(
        mails[0].contains("switched off") && !mails[0].contains("/hooks"),
        "{}",
        mails[0]
    );
    // Its events are kept; enabled again it catches up, what waited for an attempt included.
    let before = receiver.seen().len();
    scene.tell(&[3, 1]).await;
    scene.later(TimeDelta::days(20));
    scene.drain().await;
    assert_eq!(receiver.seen().len(), before, "nothing is sent");
    status.store(204, Ordering::SeqCst);
    scene.patch(&path, json!({"active": true})).await;
    scene.drain().await;
    let rows = scene.deliveries(&path).await;
    assert_eq!(rows.len(), 23);
    assert!(rows.iter().all(|row| row["status"] != "pending"), "{rows:#?}");
    let given_up = rows.iter().filter(|row| row["status"] == "failed").count();
    assert!((4..=10).contains(&given_up), "ten attempts over three days: {given_up}");
    let statistics = scene.read(&format!("{path}/statistics")).await;
    assert_eq!(
        (&statistics["failing_since"], &statistics["failed"]),
        (&json!(null), &json!(given_up))
    );
    scene.check().await;
}

#[actix_web::test]
async fn a_failure_now_and_then_is_no_failure_for_days() {
    let scene = Scene::new("sometimes").await;
    let receiver = Receiver::start(|_, number| Say::Status(if number % 3 == 2 { 204 } else { 500 })).await;
    let path = scene.endpoint(&receiver.url).await;
    for object in 1..20 {
        scene.tell(&[object]).await;
        scene.drain().await;
        scene.later(TimeDelta::hours(20));
    }
    assert_eq!(scene.read(&path).await["active"], true);
    // A single failure, then nothing to send for two weeks, then another.
    let scene = Scene::new("rarely").await;
    let status = Arc::new(AtomicU16::new(500));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |_, _| Say::Status(now.load(Ordering::SeqCst))).await;
    let path = scene.endpoint(&receiver.url).await;
    for object in 1..3 {
        scene.tell(&[object]).await;
        for _ in 0..10 {
            scene.drain().await;
            scene.later(TimeDelta::hours(9));
        }
        scene.later(TimeDelta::days(14));
    }
    assert_eq!(scene.read(&path).await["active"], true);
    assert_eq!(scene.test.mails().len(), 0);
}

#[actix_web::test]
async fn what_is_gone_is_disabled_and_its_events_are_kept() {
    let scene = Scene::new("gone").await;
    let status = Arc::new(AtomicU16::new(410));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |_, _| Say::Status(now.load(Ordering::SeqCst))).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1, 1, 1]).await;
    scene.drain().await;
    scene.tell(&[1]).await;
    scene.later(TimeDelta::days(1));
    scene.drain().await;
    assert_eq!(receiver.sequences(), [1]);
    let endpoint = scene.read(&path).await;
    assert_eq!(
        (&endpoint["active"], &endpoint["disabled_reason"]),
        (&json!(false), &json!("gone"))
    );
    assert_eq!(scene.of_each(&path, "status").await, vec![json!("pending"); 3]);
    assert_eq!(scene.deliveries(&path).await[0]["last_error"], "answered 410");
    assert_eq!(scene.test.mails().len(), 1);
    status.store(204, Ordering::SeqCst);
    scene.patch(&path, json!({"active": true})).await;
    scene.drain().await;
    assert_eq!(receiver.sequences(), [1, 1, 2, 3, 4]);
    scene.check().await;
}
