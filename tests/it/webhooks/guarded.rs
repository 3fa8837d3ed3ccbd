//! Nothing is sent to what is not public, and the delivery says why.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use kassa::net::client::{ClientOptions, GuardedClient};
use kassa::net::resolver::Lookup;
use serde_json::json;

use super::scene::{Receiver, Say, Scene};
use crate::support::app::Settings;
use crate::support::request::Call;

/// Names have the addresses that a test gives them now.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<IpAddr>>>);

impl Names {
    fn become_these(&self, addresses: &[&str]) {
        *self.0.lock().expect("no test panics with it") = addresses
            .iter()
            .map(|address| address.parse().expect("an address"))
            .collect();
    }
}

impl Lookup for Names {
    fn lookup(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let found = self.0.lock().expect("no test panics with it").clone();
        Box::pin(async move { Ok(found) })
    }
}

/// As in production.
async fn strict(slug: &str) -> (Scene, Names) {
    let names = Names::default();
    let options = ClientOptions {
        connect_timeout: Duration::from_millis(200),
        timeout: Duration::from_millis(400),
        ..ClientOptions::default()
    };
    let client = GuardedClient::with_lookup(options, Arc::new(names.clone())).expect("a client");
    let settings = Settings {
        client: Some(client),
        ..Settings::default()
    };
    (Scene::with(slug, settings).await, names)
}

#[actix_web::test]
async fn literal_addresses_that_are_not_public_are_refused_when_they_are_registered() {
    let (scene, _) = strict("literal").await;
    let (path, _) = scene
        .endpoint_of(json!({"url": "https://shop.example.com/", "events": ["*"]}))
        .await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::]",
        "[2002:7f00:1::]",
        "[2001:0::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[100::1]",
        "[5f00::1]",
        "[3fff::1]",
        "localhost",
        "a.localhost",
        "localhost.",
        "metadata.google.internal",
        "user:pass@example.com",
        "example.com:22",
        "example.com:5432",
    ] {
        let url = format!("https://{host}/");
        let body = json!({"url": url, "events": ["*"]});
        let path_of_all = scene.merchant.path("webhook-endpoints");
        for call in [
            Call::post(path_of_all, body),
            Call::patch(scene.merchant.path(&path), json!({"url": url})),
        ] {
            let reply = scene.merchant.call(&scene.test, call).await;
            assert_eq!(
                reply.problem(),
                (422, "validation-failed".to_owned(), "/url".to_owned()),
                "{url}"
            );
        }
    }
    let plain = Call::post(
        scene.merchant.path("webhook-endpoints"),
        json!({"url": "http://example.com/", "events": ["*"]}),
    );
    assert_eq!(scene.merchant.call(&scene.test, plain).await.status, 422, "without TLS");
}

#[actix_web::test]
async fn a_name_is_judged_by_the_addresses_it_has_at_every_attempt() {
    let (scene, names) = strict("names").await;
    let canary = Receiver::start(|_, _| Say::Status(204)).await;
    let url = format!("https://shop.example.com:{}/", canary.port);
    let path = scene.endpoint(&url).await;
    for (object, addresses, reason) in [
        (1, &["127.0.0.1"][..], "loopback address"),
        (2, &["8.8.8.8", "127.0.0.1"], "loopback address"),
        (3, &["::1"], "loopback address"),
        (4, &["::ffff:127.0.0.1"], "IPv4 address wrapped in IPv6"),
        (5, &["64:ff9b::7f00:1"], "IPv4 address wrapped in IPv6"),
        (6, &["10.1.2.3"], "private network"),
        (7, &["fd12::1"], "private network"),
        (8, &["169.254.1.1"], "link-local address"),
        (9, &["169.254.169.254"], "cloud metadata service"),
        (10, &["239.1.1.1"], "multicast address"),
        (11, &["0.0.0.0"], "unspecified address"),
    ] {
        names.become_these(addresses);
        scene.tell(&[object]).await;
        scene.drain().await;
        let row = scene.deliveries(&path).await.pop().expect("a delivery");
        let expected = format!("refused_address: the address is not public ({reason})");
        assert_eq!(row["last_error"], expected, "{addresses:?}");
        let sent = scene.post(&format!("{path}/test"), json!({}), 200).await;
        assert_eq!((&sent["delivered"], &sent["error"]), (&json!(false), &json!(expected)));
    }
    assert_eq!(canary.seen().len(), 0, "nobody was asked anything");
}

#[actix_web::test]
async fn a_name_that_turns_private_later_gains_nothing() {
    let (scene, names) = strict("rebinding").await;
    let canary = Receiver::start(|_, _| Say::Status(204)).await;
    let path = scene
        .endpoint(&format!("https://shop.example.com:{}/", canary.port))
        .await;
    // An address where nobody answers, then, for the next attempt, this machine.
    names.become_these(&["198.41.0.4"]);
    scene.tell(&[1]).await;
    scene.drain().await;
    let error = scene.deliveries(&path).await[0]["last_error"].clone();
    assert!(
        !error.as_str().expect("a reason").starts_with("refused_address"),
        "{error}"
    );
    names.become_these(&["127.0.0.1"]);
    scene.later(chrono::TimeDelta::seconds(7));
    scene.drain().await;
    let row = scene.deliveries(&path).await.remove(0);
    let detail = scene
        .read(&format!("{path}/deliveries/{}", row["id"].as_str().expect("an id")))
        .await;
    assert_eq!(
        detail["attempts"][0]["error"],
        "refused_address: the address is not public (loopback address)"
    );
    assert_eq!(canary.seen().len(), 0);
}
