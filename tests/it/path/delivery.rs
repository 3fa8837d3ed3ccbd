//! What leaves the house: the receipt over real SMTP, webhooks to a receiver in another language.

use std::collections::BTreeSet;

use kassa::net::Mailer;
use serde_json::{Value, json};

use crate::support::app::Settings;
use crate::support::doubles::Double;
use crate::support::{Merchant, TestApp};

const SALE: [&str; 4] = [
    "order.created",
    "payment.succeeded",
    "product.delivered",
    "order.completed",
];

async fn endpoint(test: &TestApp, merchant: &Merchant, receiver: &mut Double) -> Value {
    let url = format!("http://127.0.0.1:{}/hooks", receiver.port);
    let made = merchant
        .create(
            test,
            "webhook-endpoints",
            json!({"url": url, "events": ["*"], "test_mode": true}),
        )
        .await;
    receiver.tell(made["secret"].as_str().expect("a secret"));
    made
}

#[actix_web::test]
async fn the_receipt_goes_through_a_mail_server() {
    let server = Double::start("smtp_server.py", &[]);
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let test = TestApp::with(Settings {
        mailer: Some(Mailer::from_url(&url.into()).expect("a mailer")),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "smtp").await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let mail = server.next().expect("a mail");
    assert_eq!(mail["to"], json!(["buyer@example.com"]));
    assert_eq!(mail["from"], "help@shop.example.com");
    let data = mail["data"].as_str().expect("a text");
    assert!(data.contains("Subject: [Test] Receipt for your order 1001"), "{data}");
    assert!(data.contains("Message-ID: <act_"), "{data}");
    // Quoted-printable: the euro sign has three bytes.
    assert!(
        data.contains("=E2=82=AC39.00") && data.contains("=E2=82=AC7.92"),
        "{data}"
    );
    assert_eq!(server.so_far(), Vec::<Value>::new(), "one receipt");
}

#[actix_web::test]
async fn a_mail_server_that_is_away_delays_the_receipt_and_loses_nothing() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a port")
        .port();
    let url = format!("smtp://127.0.0.1:{port}");
    let test = TestApp::with(Settings {
        mailer: Some(Mailer::from_url(&url.into()).expect("a mailer")),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "away").await;
    let visit = merchant.visit(&test).await;
    let order = visit.confirm(&test).await["order"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["status"], &read["actions"][0]["status"]),
        (&json!("paid"), &json!("queued"))
    );
    assert!(read["actions"][0]["last_error"].is_string(), "it says why");
    test.check_invariants().await;
    // The pauses add up to about a day; then it is given up, and the order stays paid.
    for _ in 0..12 {
        test.advance(chrono::TimeDelta::hours(6));
        test.drain_jobs().await;
    }
    let read = merchant.read(&test, &format!("orders/{order}")).await;
    assert_eq!(
        (&read["status"], &read["actions"][0]["status"]),
        (&json!("paid"), &json!("failed"))
    );
    assert_eq!(read["actions"][0]["attempts"], 10);
    test.check_invariants().await;
}

#[actix_web::test]
async fn events_are_verified_by_a_receiver_in_python_in_their_order() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "python").await;
    let mut receiver = Double::start("webhook_receiver.py", &[]);
    let endpoint = endpoint(&test, &merchant, &mut receiver).await;
    let visit = merchant.visit(&test).await;
    let order = visit.confirm(&test).await["order"]["id"].clone();
    visit.pay(&test, "succeeded").await.expect(200);
    test.drain_jobs().await;
    for (sequence, expected) in (1..).zip(SALE) {
        let line = receiver.next().expect("a delivery");
        let event = &line["event"];
        assert_eq!(event["type"], expected, "{line}");
        assert_eq!((&event["sequence"], &event["object"]["id"]), (&json!(sequence), &order));
        assert_eq!(line["id"], event["id"], "the header is the event's id");
        assert_eq!(event["data"]["id"], order, "the order as the API shows it");
    }
    // The pull feed tells the same, to the byte of meaning.
    let feed = merchant.read(&test, "events?test_mode=true&after=2").await;
    assert_eq!(feed["data"].as_array().map(Vec::len), Some(2));
    let deliveries = format!(
        "webhook-endpoints/{}/deliveries",
        endpoint["id"].as_str().expect("an id")
    );
    let rows = merchant.read(&test, &deliveries).await;
    assert!(
        rows["data"]
            .as_array()
            .expect("rows")
            .iter()
            .all(|row| row["status"] == "succeeded" && row["attempt_count"] == 1)
    );
}

#[actix_web::test]
async fn a_refused_event_comes_again_and_holds_back_only_its_own_object() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "again").await;
    let mut receiver = Double::start("webhook_receiver.py", &["--fail-first"]);
    endpoint(&test, &merchant, &mut receiver).await;
    for _ in 0..2 {
        let visit = merchant.visit(&test).await;
        visit.confirm(&test).await;
        visit.pay(&test, "succeeded").await.expect(200);
    }
    // Each event is refused once, and waits for its first pause.
    for _ in 0..8 {
        test.drain_jobs().await;
        test.advance(chrono::TimeDelta::seconds(7));
    }
    let lines = receiver.so_far();
    let received: Vec<_> = lines.iter().filter(|line| line["answered"] == 204).collect();
    assert_eq!(received.len(), 8, "{lines:#?}");
    let ids: BTreeSet<_> = received.iter().map(|line| line["id"].to_string()).collect();
    assert_eq!(ids.len(), 8, "each once");
    let objects: BTreeSet<_> = received
        .iter()
        .filter_map(|line| line["event"]["object"]["id"].as_str())
        .collect();
    for object in objects {
        let own = received.iter().filter(|line| line["event"]["object"]["id"] == object);
        let types: Vec<_> = own.map(|line| line["event"]["type"].clone()).collect();
        assert_eq!(json!(types), json!(SALE), "in order per object");
    }
}

#[actix_web::test]
async fn an_endpoint_that_is_gone_gets_nothing_more() {
    let test = TestApp::new().await;
    let merchant = Merchant::with_course(&test, "gone").await;
    let mut receiver = Double::start("webhook_receiver.py", &["--gone"]);
    let made = endpoint(&test, &merchant, &mut receiver).await;
    let visit = merchant.visit(&test).await;
    visit.confirm(&test).await;
    visit.pay(&test, "succeeded").await.expect(200);
    for _ in 0..3 {
        test.drain_jobs().await;
        test.advance(chrono::TimeDelta::minutes(10));
    }
    assert_eq!(
        receiver.so_far().len(),
        1,
        "the first event is answered with 410, and is the last"
    );
    let path = format!("webhook-endpoints/{}", made["id"].as_str().expect("an id"));
    assert_eq!(merchant.read(&test, &path).await["active"], false);
    let rows = merchant.read(&test, &format!("{path}/deliveries")).await;
    let rows = rows["data"].as_array().expect("rows");
    assert!(
        rows.iter().all(|row| row["status"] == "pending"),
        "kept for the day it is enabled again: {rows:#?}"
    );
    let events = merchant.read(&test, "events?test_mode=true").await;
    assert_eq!(
        events["data"].as_array().map(Vec::len),
        Some(4),
        "the events stay in the log"
    );
}
