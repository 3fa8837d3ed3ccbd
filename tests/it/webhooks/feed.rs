//! The log by pull: ascending, without gap, and nobody who commits late is skipped.

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::events::{EventType, publish};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::scene::{Receiver, Say, Scene, event};
use crate::support::request::Call;

/// Reads on from a number, page by page.
async fn read_on(scene: &Scene, mut after: i64) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = scene.read(&format!("events?limit=7&after={after}")).await;
        let rows = page["data"].as_array().expect("rows").clone();
        after = rows.last().and_then(|row| row["sequence"].as_i64()).unwrap_or(after);
        all.extend(rows);
        if page["has_more"] == false {
            return all;
        }
    }
}

#[actix_web::test]
async fn an_event_that_commits_late_gets_a_later_number_and_is_not_skipped() {
    let scene = Scene::new("late").await;
    let receiver = Receiver::start(|_, _| Say::Status(204)).await;
    scene.endpoint(&receiver.url).await;
    let (written, go) = (Notify::new(), Notify::new());
    let checkout = scene.merchant.checkout;
    let late = scene.test.db().write(async |tx: &mut Tx| -> Result<(), DbError> {
        publish(tx, checkout, vec![event(EventType::OrderCreated, 1)]).await?;
        written.notify_one();
        go.notified().await;
        Ok(())
    });
    let others = async {
        written.notified().await;
        scene.tell(&(2..30).collect::<Vec<_>>()).await;
        scene.drain().await;
        let first = read_on(&scene, 0).await;
        go.notify_one();
        first
    };
    let (late, first) = tokio::join!(late, others);
    late.expect("it commits");
    assert_eq!(first.len(), 28);
    scene.drain().await;
    let then = read_on(&scene, 28).await;
    assert_eq!(then.len(), 1, "found by who read on");
    assert_eq!(
        (&then[0]["type"], &then[0]["sequence"]),
        (&json!("order.created"), &json!(29))
    );
    assert!(
        then[0]["id"].as_str() < first[0]["id"].as_str(),
        "although it is the oldest by its id"
    );
    let all: Vec<_> = read_on(&scene, 0)
        .await
        .iter()
        .map(|row| row["sequence"].clone())
        .collect();
    assert_eq!(json!(all), json!((1..=29).collect::<Vec<_>>()));
    assert!(receiver.sequences().contains(&29));
    scene.check().await;
}

#[actix_web::test]
async fn events_of_one_object_are_numbered_by_its_version() {
    let scene = Scene::new("versions").await;
    let checkout = scene.merchant.checkout;
    // Instances with different clocks: the later version has the smaller id, and more events than a batch lie between.
    for version in (1..=3).rev() {
        let mut events: Vec<_> = (0..600).map(|n| event(EventType::OrderUpdated, 1000 + n)).collect();
        let mut first = event(EventType::OrderUpdated, 1);
        first.object_version = version;
        events.push(first);
        scene
            .test
            .db()
            .write(async |tx: &mut Tx| -> Result<(), DbError> { publish(tx, checkout, events.clone()).await })
            .await
            .expect("events");
    }
    scene.drain().await;
    let own: Vec<_> = read_on(&scene, 0)
        .await
        .into_iter()
        .filter(|row| row["data"]["object"] == "1")
        .map(|row| row["object_version"].clone())
        .collect();
    assert_eq!(own, [1, 2, 3].map(|version| json!(version)));
    scene.check().await;
}

#[actix_web::test]
async fn the_feed_has_its_filters_and_an_event_is_read_alone() {
    let scene = Scene::new("alone").await;
    scene.tell_of(EventType::OrderCreated, 1).await;
    scene.tell_of(EventType::OrderCompleted, 1).await;
    let unseen = scene.read("events").await;
    assert_eq!(unseen["data"], json!([]), "not numbered yet");
    scene.drain().await;
    let completed = scene.read("events?types=order.completed,order.deleted").await;
    assert_eq!(completed["data"].as_array().map(Vec::len), Some(1));
    let listed = &completed["data"][0];
    let path = format!("events/{}", listed["id"].as_str().expect("an id"));
    assert_eq!(&scene.read(&path).await, listed);
    let call = async |path: &str| {
        scene
            .merchant
            .call(&scene.test, Call::get(scene.merchant.path(path)))
            .await
    };
    assert_eq!(call("events/evt_01jd5wq0zsfa2tq4n9v8kx3m7h").await.status, 404);
    for wrong in [
        "events?types=order.invented",
        "events?after=x",
        "events?limit=101",
        "events?page=2",
    ] {
        assert_eq!(call(wrong).await.status, 422, "{wrong}");
    }
}
