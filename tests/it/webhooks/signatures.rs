//! Signatures, verified by the libraries that receivers use: while a secret is changed, too.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{Received, Receiver, Say, Scene};
use crate::support::doubles;

/// What the libraries say of each message with each secret.
fn verified(messages: &[Received], secrets: &[&str]) -> Vec<Vec<bool>> {
    let messages: Vec<Value> = messages
        .iter()
        .map(|one| {
            let header = |name: &str| json!(one.header(name));
            json!({"body": one.body, "headers": {"webhook-id": header("webhook-id"),
                "webhook-timestamp": header("webhook-timestamp"), "webhook-signature": header("webhook-signature")}})
        })
        .collect();
    let question = json!({"messages": messages, "secrets": secrets});
    let python = doubles::ask("webhook_verify.py", &question);
    let python: Vec<Vec<bool>> = serde_json::from_value(python).expect("verdicts");
    // The package for Node says one word per message and secret.
    let pairs: Vec<Value> = messages
        .iter()
        .flat_map(|message| secrets.iter().map(move |secret| (message, secret)))
        .map(|(message, secret)| json!({"secret": secret, "headers": message["headers"], "body": message["body"]}))
        .collect();
    let node = doubles::ask_node("webhook_signatures.cjs", &json!(pairs));
    let node: Vec<bool> = node
        .as_array()
        .expect("verdicts")
        .iter()
        .map(|one| one["event"].is_object())
        .collect();
    assert_eq!(node, python.concat(), "both libraries say the same");
    python
}

#[actix_web::test]
async fn while_a_secret_is_changed_both_are_good() {
    let scene = Scene::new("rotate").await;
    let receiver = Receiver::start(|_, _| Say::Status(204)).await;
    let (path, made) = scene.endpoint_of(json!({"url": receiver.url, "events": ["*"]})).await;
    let rotate = format!("{path}/rotate-secret");
    let secret = |answer: &Value| answer["secret"].as_str().expect("a secret").to_owned();
    let first = secret(&made);
    scene.tell(&[1]).await;
    scene.drain().await;
    let rotated = scene.post(&rotate, json!({}), 200).await;
    let second = secret(&rotated);
    assert_ne!(first, second);
    let until = rotated["previous_secret_expires_at"]
        .as_str()
        .expect("a time")
        .to_owned();
    assert_eq!(scene.read(&path).await["previous_secret_expires_at"], until);
    assert_eq!(scene.read(&path).await["secret"], Value::Null, "shown once");
    scene.tell(&[2]).await;
    scene.drain().await;
    scene.post(&format!("{path}/test"), json!({}), 200).await;
    // A third within the day: the first is over.
    let third = secret(&scene.post(&rotate, json!({}), 200).await);
    scene.tell(&[3]).await;
    scene.drain().await;
    let seen = receiver.seen();
    let signatures: Vec<_> = seen
        .iter()
        .map(|one| one.header("webhook-signature").split(' ').count())
        .collect();
    assert_eq!(signatures, [1, 2, 2, 2]);
    let secrets = [first.as_str(), &second, &third];
    assert_eq!(
        verified(&seen, &secrets),
        [
            [true, false, false],
            [true, true, false],
            [true, true, false],
            [false, true, true]
        ]
    );
    // After a day the old one is over, by its time: the message is from the future of the library's clock, so only signatures count.
    scene.later(TimeDelta::hours(25));
    scene.tell(&[4]).await;
    scene.drain().await;
    let last = receiver.seen().pop().expect("a message");
    assert_eq!(last.header("webhook-signature").split(' ').count(), 1);
    scene.check().await;
}

#[actix_web::test]
async fn a_changed_message_is_refused() {
    let scene = Scene::new("changed").await;
    let receiver = Receiver::start(|_, _| Say::Status(204)).await;
    let (_, made) = scene.endpoint_of(json!({"url": receiver.url, "events": ["*"]})).await;
    scene.tell(&[1]).await;
    scene.drain().await;
    let good = receiver.seen().remove(0);
    let mut changed = good.clone();
    changed.body = changed.body.replace("order.updated", "order.created");
    let mut other_id = good.clone();
    other_id.headers.iter_mut().for_each(|(name, value)| {
        if name == "webhook-id" {
            value.push('x');
        }
    });
    let mut old = good.clone();
    old.headers.iter_mut().for_each(|(name, value)| {
        if name == "webhook-timestamp" {
            *value = "1614265330".to_owned();
        }
    });
    let verdicts = verified(
        &[good, changed, other_id, old],
        &[made["secret"].as_str().expect("a secret")],
    );
    assert_eq!(verdicts, [[true], [false], [false], [false]]);
}
