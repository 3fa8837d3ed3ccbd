//! When a delivery is tried, and what is kept of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::scene::{Receiver, Say, Scene, impatient};
use crate::support::app::Settings;

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}

#[actix_web::test]
async fn ten_attempts_over_three_days_and_each_is_kept() {
    let scene = Scene::new("ten").await;
    let receiver = Receiver::start(|_, number| Say::With(500, String::new(), format!("no {number}"))).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1]).await;
    let nominal: [i64; 9] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
    for (tried, nominal) in (1..).zip(nominal) {
        scene.drain().await;
        assert_eq!(receiver.seen().len(), tried);
        let row = scene.deliveries(&path).await.remove(0);
        assert_eq!(
            (&row["status"], &row["attempt_count"]),
            (&json!("pending"), &json!(tried))
        );
        let pause = moment(&row["next_attempt_at"]) - moment(&row["last_attempt_at"]);
        assert!(
            (nominal * 790..=nominal * 1210).contains(&pause.num_milliseconds()),
            "{tried}: {pause}"
        );
        // Not a moment before.
        scene.later(TimeDelta::milliseconds(nominal * 790));
        scene.drain().await;
        assert_eq!(receiver.seen().len(), tried, "too early");
        scene.later(TimeDelta::milliseconds(nominal * 430));
    }
    scene.drain().await;
    // What has ended is kept for thirty days.
    scene.later(TimeDelta::days(29));
    scene.drain().await;
    assert_eq!(receiver.seen().len(), 10, "then it is given up");
    let row = scene.deliveries(&path).await.remove(0);
    assert_eq!(
        (&row["status"], &row["last_error"]),
        (&json!("failed"), &json!("answered 500"))
    );
    let detail = format!("{path}/deliveries/{}", row["id"].as_str().expect("an id"));
    let attempts = scene.read(&detail).await["attempts"]
        .as_array()
        .expect("a list")
        .clone();
    let said: Vec<_> = attempts.iter().map(|attempt| attempt["answer"].clone()).collect();
    let expected: Vec<_> = (0..10).rev().map(|number| json!(format!("no {number}"))).collect();
    assert_eq!(said, expected, "newest first");
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt["status"] == 500 && attempt["duration_ms"].is_i64())
    );
    assert!(attempts.is_sorted_by_key(|attempt| std::cmp::Reverse(moment(&attempt["attempted_at"]))));
    // The same bytes and id every time, signed anew.
    let seen = receiver.seen();
    assert!(seen.iter().all(|one| one.body == seen[0].body));
    assert!(
        seen.iter()
            .all(|one| one.header("webhook-id") == seen[0].header("webhook-id"))
    );
    let times: Vec<i64> = seen
        .iter()
        .map(|one| one.header("webhook-timestamp").parse().expect("seconds"))
        .collect();
    assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    scene.check().await;
}

#[actix_web::test]
async fn who_is_busy_is_left_alone_for_as_long_as_they_ask() {
    for (status, header, hours) in [
        (429, "retry-after: 7200\r\n", 2),
        (503, "retry-after: 7200\r\n", 2),
        // Nobody may put us off for ten years, or confuse us.
        (503, "retry-after: 315360000\r\n", 24),
        (500, "retry-after: 7200\r\n", 0),
        (503, "retry-after: soon\r\n", 0),
    ] {
        let scene = Scene::new("busy").await;
        let receiver = Receiver::start(move |_, _| Say::With(status, header.to_owned(), String::new())).await;
        let path = scene.endpoint(&receiver.url).await;
        scene.tell(&[1]).await;
        scene.drain().await;
        let row = scene.deliveries(&path).await.remove(0);
        let pause = moment(&row["next_attempt_at"]) - moment(&row["last_attempt_at"]);
        assert_eq!(pause.num_hours(), hours, "{status} {header}");
    }
}

#[actix_web::test]
async fn a_redirect_is_a_failure_and_leads_nowhere() {
    let scene = Scene::new("moved").await;
    let canary = Receiver::start(|_, _| Say::Status(204)).await;
    let to = canary.url.clone();
    let status = Arc::new(AtomicU16::new(301));
    let now = Arc::clone(&status);
    let receiver = Receiver::start(move |_, _| {
        Say::With(now.load(Ordering::SeqCst), format!("location: {to}\r\n"), String::new())
    })
    .await;
    let path = scene.endpoint(&receiver.url).await;
    for moved in [301, 302, 303, 307, 308] {
        status.store(moved, Ordering::SeqCst);
        scene.tell(&[u128::from(moved)]).await;
        scene.drain().await;
        let row = scene.deliveries(&path).await.pop().expect("a delivery");
        assert_eq!(row["last_error"], format!("answered {moved}"));
    }
    assert_eq!(canary.seen().len(), 0);
}

#[actix_web::test]
async fn of_an_answer_two_kilobytes_are_kept_and_nothing_that_breaks_a_text() {
    let scene = Scene::new("long").await;
    let receiver = Receiver::start(|_, number| match number {
        0 => Say::With(500, String::new(), "é".repeat(100_000)),
        _ => Say::With(500, String::new(), "a\0b".to_owned()),
    })
    .await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1]).await;
    scene.drain().await;
    scene.later(TimeDelta::seconds(7));
    scene.drain().await;
    let row = scene.deliveries(&path).await.remove(0);
    let detail = format!("{path}/deliveries/{}", row["id"].as_str().expect("an id"));
    let attempts = scene.read(&detail).await["attempts"].clone();
    assert_eq!(attempts[0]["answer"], "a\u{FFFD}b");
    assert_eq!(attempts[1]["answer"], "é".repeat(1024));
}

#[actix_web::test]
async fn who_does_not_answer_is_not_waited_for() {
    let settings = Settings {
        client: Some(impatient()),
        ..Settings::default()
    };
    let scene = Scene::with("silent", settings).await;
    let silent = Receiver::start(|_, _| Say::Nothing).await;
    let path = scene.endpoint(&silent.url).await;
    let objects: Vec<u128> = (1..=100).collect();
    scene.tell(&objects).await;
    let begun = std::time::Instant::now();
    scene.drain().await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    let errors = scene.of_each(&path, "last_error").await;
    assert!(
        errors
            .iter()
            .all(|error| error == "timeout: no answer within the time limit"),
        "{errors:?}"
    );
    assert!((4..=32).contains(&silent.most_at_once()), "{}", silent.most_at_once());
    scene.check().await;
}
