//! Endpoints: made, changed, switched off and on, tested, counted.

use kassa::events::EventType;
use kassa::kernel::secret::Keyring;
use kassa::webhooks::endpoints::reseal::reseal;
use serde_json::{Value, json};

use super::scene::{Receiver, Say, Scene};
use crate::support::request::Call;

#[actix_web::test]
async fn an_endpoint_is_changed_by_merge_patch_and_deleted() {
    let scene = Scene::new("change").await;
    let body = json!({"url": "https://a.example.com/hooks", "events": ["order.created"], "description": "first",
        "metadata": {"team": "a", "old": "x"}});
    let (path, made) = scene.endpoint_of(body).await;
    assert!(
        made["secret"]
            .as_str()
            .is_some_and(|secret| secret.starts_with("whsec_"))
    );
    let read = scene.read(&path).await;
    assert_eq!(read["secret"], Value::Null, "shown once");
    assert_eq!(
        (&read["active"], &read["disabled_reason"]),
        (&json!(true), &Value::Null)
    );
    let patch = json!({"url": "https://b.example.com/hooks", "events": ["*"], "description": null, "active": false,
        "test_mode": true, "metadata": {"team": "b", "old": null}});
    let changed = scene.patch(&path, patch).await;
    assert_eq!(changed["url"], "https://b.example.com/hooks");
    assert_eq!(
        (&changed["events"], &changed["description"]),
        (&json!(["*"]), &Value::Null)
    );
    assert_eq!(
        (&changed["test_mode"], &changed["metadata"]),
        (&json!(true), &json!({"team": "b"}))
    );
    assert_eq!(
        (&changed["active"], &changed["disabled_reason"]),
        (&json!(false), &json!("by_staff"))
    );
    assert!(changed["disabled_at"].is_string());
    assert_eq!(changed, scene.read(&path).await);
    let on = scene.patch(&path, json!({"active": true})).await;
    assert_eq!(
        (&on["disabled_reason"], &on["disabled_at"]),
        (&Value::Null, &Value::Null)
    );

    let call = async |call: Call| scene.merchant.call(&scene.test, call).await;
    for (patch, pointer) in [
        (json!({"url": "https://127.0.0.1:1x/"}), "/url"),
        (json!({"events": ["order.invented"]}), "/events/0"),
        (json!({"events": []}), "/events"),
        (json!({"secret": "whsec_x"}), "/secret"),
        (json!({"active": null}), "/active"),
    ] {
        let reply = call(Call::patch(scene.merchant.path(&path), patch.clone())).await;
        assert_eq!(
            reply.problem(),
            (422, "validation-failed".to_owned(), pointer.to_owned()),
            "{patch}"
        );
    }
    let stale = Call::patch(scene.merchant.path(&path), json!({"active": false})).header("if-match", "\"other\"");
    assert_eq!(call(stale).await.status, 412);
    let gone = call(Call::new("DELETE", scene.merchant.path(&path))).await;
    assert_eq!(gone.status, 204);
    for rest in ["", "/deliveries", "/statistics"] {
        assert_eq!(
            call(Call::get(scene.merchant.path(&format!("{path}{rest}"))))
                .await
                .status,
            404
        );
    }
    scene.check().await;
}

#[actix_web::test]
async fn an_endpoint_hears_the_types_and_the_mode_it_listens_to() {
    let scene = Scene::new("filter").await;
    let all = Receiver::start(|_, _| Say::Status(204)).await;
    let some = Receiver::start(|_, _| Say::Status(204)).await;
    let tests = Receiver::start(|_, _| Say::Status(204)).await;
    scene.tell(&[9]).await;
    scene.drain().await;
    scene.endpoint(&all.url).await;
    let (path, _) = scene
        .endpoint_of(json!({"url": some.url, "events": ["order.completed"]}))
        .await;
    scene
        .endpoint_of(json!({"url": tests.url, "events": ["*"], "test_mode": true}))
        .await;
    scene.tell_of(EventType::OrderCreated, 1).await;
    scene.tell_of(EventType::OrderCompleted, 1).await;
    scene.drain().await;
    assert_eq!(all.sequences(), [2, 3], "what happened before it was there is not sent");
    assert_eq!(some.sequences(), [3]);
    assert_eq!(tests.sequences(), [0; 0]);
    // From the next event on.
    scene.patch(&path, json!({"events": ["order.created"]})).await;
    scene.tell_of(EventType::OrderCreated, 2).await;
    scene.tell_of(EventType::OrderCompleted, 2).await;
    scene.drain().await;
    assert_eq!(some.sequences(), [3, 4]);
    scene.check().await;
}

#[actix_web::test]
async fn while_disabled_its_events_are_kept_and_it_catches_up_in_order() {
    let scene = Scene::new("catchup").await;
    let receiver = Receiver::start(|_, _| Say::Status(204)).await;
    let path = scene.endpoint(&receiver.url).await;
    scene.tell(&[1]).await;
    scene.drain().await;
    scene.patch(&path, json!({"active": false})).await;
    // More than one batch of reading, over many objects.
    let objects: Vec<u128> = (0..250).map(|n| n % 7).collect();
    scene.tell(&objects).await;
    scene.drain().await;
    assert_eq!(receiver.sequences(), [1], "nothing is sent");
    assert_eq!(scene.read(&format!("{path}/statistics")).await["pending"], 0);
    // So late that what it had received is nearly forgotten.
    scene.later(chrono::TimeDelta::days(29));
    scene.patch(&path, json!({"active": true})).await;
    scene.tell(&[1]).await;
    scene.drain().await;
    let mut all = receiver.sequences();
    let seen = receiver.seen();
    for object in (0..7).map(|n| seen.iter().filter(move |one| one.is_of(n))) {
        let own: Vec<_> = object.map(|one| one.sequence()).collect();
        assert!(own.is_sorted() && own.len() > 30, "in order per object: {own:?}");
    }
    all.sort_unstable();
    assert_eq!(all, (1..=252).collect::<Vec<_>>(), "each once");
    let statistics = scene.read(&format!("{path}/statistics")).await;
    assert_eq!(
        (&statistics["succeeded"], &statistics["pending"], &statistics["failed"]),
        (&json!(252), &json!(0), &json!(0))
    );
    assert!(statistics["last_success_at"].is_string());
    scene.check().await;
}

#[actix_web::test]
async fn a_test_is_sent_at_once_and_says_what_came_of_it() {
    let scene = Scene::new("test").await;
    let receiver = Receiver::start(|_, number| match number {
        0 => Say::With(200, String::new(), "thank you".to_owned()),
        _ => Say::Status(500),
    })
    .await;
    let (path, made) = scene
        .endpoint_of(json!({"url": receiver.url, "events": ["order.created"], "active": false}))
        .await;
    let sent = scene.post(&format!("{path}/test"), json!({}), 200).await;
    assert_eq!(
        (&sent["delivered"], &sent["status"]),
        (&json!(true), &json!(200)),
        "also while disabled"
    );
    assert_eq!((&sent["answer"], &sent["error"]), (&json!("thank you"), &Value::Null));
    let seen = &receiver.seen()[0];
    assert_eq!(seen.event["type"], "webhook_endpoint.test");
    assert_eq!(
        (&seen.event["id"], &seen.event["object"]["id"]),
        (&sent["event_id"], &made["id"])
    );
    assert_eq!(seen.header("webhook-id"), sent["event_id"]);
    assert!(!seen.body.contains("whsec_"), "no secret");
    let sent = scene.post(&format!("{path}/test"), json!({}), 200).await;
    assert_eq!(
        (&sent["delivered"], &sent["error"]),
        (&json!(false), &json!("answered 500"))
    );
    assert_eq!(scene.read("events").await["data"], json!([]), "it is in no log");
    assert_eq!(scene.deliveries(&path).await.len(), 0);
}

#[actix_web::test]
async fn its_secrets_move_to_a_new_key() {
    let scene = Scene::new("resealed").await;
    let body = json!({"url": "https://a.example.com/hooks", "events": ["order.created"]});
    let (path, _) = scene.endpoint_of(body.clone()).await;
    scene.endpoint_of(body).await;
    scene.post(&format!("{path}/rotate-secret"), json!({}), 200).await;
    let ring = |keys: &[u8]| Keyring::new(keys.iter().map(|id| (*id, [*id; 32])).collect()).expect("keys");
    let db = scene.test.db();
    assert_eq!(
        reseal(db, &ring(&[3])).await.expect("a look"),
        0,
        "what no key opens is left as it is"
    );
    assert_eq!(reseal(db, &ring(&[2, 1])).await.expect("moved"), 2);
    assert_eq!(reseal(db, &ring(&[2, 1])).await.expect("nothing to move"), 0);
    // The one that was replaced as well: everything is under the new key, by which it is sealed anew once more.
    assert_eq!(reseal(db, &ring(&[3, 2])).await.expect("moved"), 2);
}
