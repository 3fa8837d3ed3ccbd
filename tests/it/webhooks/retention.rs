//! How long deliveries are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use chrono::TimeDelta;
use kassa::db::sql::sql;
use kassa::kernel::ids::WebhookEndpointId;
use serde_json::json;

use super::scene::{Receiver, Say, Scene};
use crate::support::request::Call;

#[actix_web::test]
async fn a_delivery_is_forgotten_thirty_days_after_it_ended_and_can_be_made_again_from_the_log() {
    let scene = Scene::new("kept").await;
    let status = Arc::new(AtomicU16::new(204));
    let now = Arc::clone(&status);
    let receiver =
        Receiver::start(move |one, _| Say::Status(if one.is_of(3) { now.load(Ordering::SeqCst) } else { 204 })).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1, 2]).await;
    scene.drain().await;
    let rows = scene.deliveries(&path).await;
    let one = |index: usize| format!("{path}/deliveries/{}", rows[index]["id"].as_str().expect("an id"));
    // Ten days later one of them is made again, and another event fails.
    scene.later(TimeDelta::days(10));
    scene.post(&format!("{}/retry", one(1)), json!({}), 202).await;
    status.store(500, Ordering::SeqCst);
    scene.tell(&[3]).await;
    scene.drain().await;
    scene.later(TimeDelta::days(20) - TimeDelta::minutes(1));
    scene.drain().await;
    assert_eq!(
        scene.of_each(&path, "sequence").await,
        [1, 2, 3].map(|n| json!(n)),
        "a minute is missing"
    );
    scene.later(TimeDelta::minutes(2));
    scene.drain().await;
    assert_eq!(scene.of_each(&path, "sequence").await, [2, 3].map(|n| json!(n)));
    let call = Call::get(scene.merchant.path(&one(0))).bearer(&scene.merchant.api_key);
    assert_eq!(scene.test.call(call).await.status, 404);
    // What is pending stays for as long as it is.
    let rest = scene.patch(&path, json!({"active": false})).await;
    assert_eq!(rest["active"], false);
    scene.later(TimeDelta::days(60));
    scene.drain().await;
    let left = scene.deliveries(&path).await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(
        (&left[0]["sequence"], &left[0]["status"]),
        (&json!(3), &json!("pending"))
    );
    // The log still has everything.
    let statistics = scene.read(&format!("{path}/statistics")).await;
    assert_eq!(
        (&statistics["succeeded"], &statistics["pending"]),
        (&json!(0), &json!(1))
    );
    status.store(204, Ordering::SeqCst);
    scene.patch(&path, json!({"active": true})).await;
    scene.drain().await;
    let before = receiver.seen().len();
    let queued = scene.post(&format!("{path}/replay"), json!({}), 202).await;
    assert_eq!(queued["queued"], 3);
    scene.drain().await;
    let mut again = receiver.sequences().split_off(before);
    again.sort_unstable();
    assert_eq!(again, [1, 2, 3]);
    assert_eq!(
        scene.of_each(&path, "attempt_count").await[0],
        json!(1),
        "its attempts went with it"
    );
    scene.check().await;
}

#[actix_web::test]
async fn what_a_deleted_endpoint_did_not_get_is_forgotten_in_batches_and_nobody_elses() {
    let scene = Scene::new("gone").await;
    let receiver = Receiver::start(|_, _| Say::Status(500)).await;
    let other = Receiver::start(|_, _| Say::Status(500)).await;
    let (deleted, kept) = (scene.endpoint(&receiver.url).await, scene.endpoint(&other.url).await);
    // More than two batches.
    let objects: Vec<u128> = (0..1100).collect();
    let checkout = scene.merchant.checkout;
    scene
        .test
        .db()
        .write(
            async |tx: &mut kassa::db::Tx| -> Result<(), kassa::db::error::DbError> {
                let events = objects
                    .iter()
                    .map(|object| super::scene::event(kassa::events::EventType::OrderUpdated, *object));
                kassa::events::publish(tx, checkout, events.collect()).await
            },
        )
        .await
        .expect("events");
    scene.drain().await;
    assert!(receiver.seen().len() > 8);
    // Asked for and not begun when the endpoint goes: nothing is queued for it any more.
    scene
        .post(&format!("{deleted}/replay"), json!({"from_sequence": 1}), 202)
        .await;
    let call = Call::new("DELETE", scene.merchant.path(&deleted));
    assert_eq!(scene.merchant.call(&scene.test, call).await.status, 204);
    let before = receiver.seen().len();
    scene.drain().await;
    assert_eq!(receiver.seen().len(), before);
    let id = |path: &str| path.rsplit('/').next().expect("an id").to_owned();
    assert_eq!(
        counts(&scene, &id(&deleted)).await,
        [0, 0, 0],
        "deliveries, attempts, queues"
    );
    let [deliveries, attempts, queues] = counts(&scene, &id(&kept)).await;
    assert_eq!((deliveries, queues), (1100, 1));
    assert!(attempts > 0);
    // The other one goes on.
    let before = other.seen().len();
    scene.later(TimeDelta::minutes(20));
    scene.drain().await;
    assert!(other.seen().len() > before);
    scene.check().await;
}

/// How many deliveries, attempts and queues an endpoint has.
async fn counts(scene: &Scene, endpoint: &str) -> [usize; 3] {
    let endpoint: WebhookEndpointId = endpoint.parse().expect("an id");
    let conn = scene.test.db().read().await.expect("a connection");
    let (deliveries, attempts, queues) = futures_util::try_join!(
        sql("SELECT 1 FROM deliveries WHERE endpoint_id = $1")
            .bind(endpoint)
            .execute(&conn),
        sql("SELECT 1 FROM delivery_attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.endpoint_id = $1")
            .bind(endpoint)
            .execute(&conn),
        sql("SELECT 1 FROM webhook_queues WHERE endpoint_id = $1")
            .bind(endpoint)
            .execute(&conn),
    )
    .expect("counts");
    [deliveries, attempts, queues]
}
