//! A shop whose events go to a receiver that says what a test wants it to say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kassa::db::Tx;
use kassa::db::error::DbError;
use kassa::events::{EventType, NewEvent, publish};
use kassa::net::client::{ClientOptions, GuardedClient};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::app::Settings;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

/// What a receiver answers.
#[derive(Clone, Debug)]
pub enum Say {
    Status(u16),
    /// A status, further header lines, a body.
    With(u16, String, String),
    /// Nothing, for as long as the sender waits.
    Nothing,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub event: Value,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub fn sequence(&self) -> i64 {
        self.event["sequence"].as_i64().expect("a number")
    }

    pub fn object(&self) -> String {
        self.event["object"]["id"].as_str().expect("an id").to_owned()
    }
}

/// A receiver.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    pub port: u16,
    seen: Arc<Mutex<Vec<Received>>>,
    most_at_once: Arc<AtomicUsize>,
}

impl Receiver {
    /// Answers each request as the closure says; its number counts from 0.
    pub async fn start(answer: impl Fn(&Received, usize) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self {
            url: format!("http://127.0.0.1:{port}/hooks"),
            port,
            seen: Arc::default(),
            most_at_once: Arc::default(),
        };
        let (answer, at_once) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        let kept = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, at_once, kept) = (Arc::clone(&answer), Arc::clone(&at_once), kept.clone());
                tokio::spawn(async move {
                    let now = at_once.fetch_add(1, Ordering::SeqCst) + 1;
                    kept.most_at_once.fetch_max(now, Ordering::SeqCst);
                    kept.serve(stream, &*answer).await;
                    at_once.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        receiver
    }

    async fn serve(&self, mut stream: TcpStream, answer: &(dyn Fn(&Received, usize) -> Say + Send + Sync)) {
        let Some(received) = read(&mut stream).await else {
            return;
        };
        let said = {
            let mut seen = self.seen.lock().expect("no test panics with it");
            let said = answer(&received, seen.len());
            seen.push(received);
            said
        };
        let (status, more, body) = match said {
            Say::Status(status) => (status, String::new(), String::new()),
            Say::With(status, more, body) => (status, more, body),
            Say::Nothing => {
                // Until the sender goes away.
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
        };
        let head = format!("HTTP/1.1 {status} Said\r\n{more}content-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all((head + &body).as_bytes()).await;
    }

    /// All that came so far.
    pub fn seen(&self) -> Vec<Received> {
        self.seen.lock().expect("no test panics with it").clone()
    }

    /// The numbers of the events that came so far.
    pub fn sequences(&self) -> Vec<i64> {
        self.seen().iter().map(Received::sequence).collect()
    }

    /// How many requests were open at once at the most.
    pub fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let headers: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        if body.len() >= length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0) {
            let event = serde_json::from_str(body).unwrap_or_default();
            return Some(Received {
                headers,
                body: body.to_owned(),
                event,
            });
        }
    }
}

/// A client that waits for a quarter of a second.
pub fn impatient() -> GuardedClient {
    let options = ClientOptions {
        allow_private: true,
        allow_http: true,
        timeout: Duration::from_millis(250),
        ..ClientOptions::default()
    };
    GuardedClient::new(options).expect("a client")
}

/// A shop, and the way to its events.
pub struct Scene {
    pub test: TestApp,
    pub merchant: Merchant,
}

impl Scene {
    pub async fn new(slug: &str) -> Self {
        Self::with(slug, Settings::default()).await
    }

    pub async fn with(slug: &str, settings: Settings) -> Self {
        let test = TestApp::with(settings).await;
        let merchant = Merchant::new(&test, slug).await;
        Self { test, merchant }
    }

    /// An endpoint for all live events; its path below the checkout.
    pub async fn endpoint(&self, url: &str) -> String {
        self.endpoint_of(json!({"url": url, "events": ["*"]})).await.0
    }

    /// An endpoint like this: its path, and what was answered.
    pub async fn endpoint_of(&self, body: Value) -> (String, Value) {
        let made = self.merchant.create(&self.test, "webhook-endpoints", body).await;
        let path = format!("webhook-endpoints/{}", made["id"].as_str().expect("an id"));
        (path, made)
    }

    /// Facts about these objects, one after the other, each in a transaction of its own: object 7 is the order that ends in 7.
    pub async fn tell(&self, objects: &[u128]) {
        for object in objects {
            self.tell_of(EventType::OrderUpdated, *object).await;
        }
    }

    pub async fn tell_of(&self, event_type: EventType, object: u128) {
        let checkout = self.merchant.checkout;
        self.test
            .db()
            .write(async |tx: &mut Tx| -> Result<(), DbError> {
                publish(tx, checkout, vec![event(event_type, object)]).await
            })
            .await
            .expect("an event");
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        let call = Call::patch(self.merchant.path(path), body);
        self.merchant.call(&self.test, call).await.expect(200)
    }

    pub async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let call = Call::post(self.merchant.path(path), body);
        self.merchant.call(&self.test, call).await.expect(status)
    }

    pub async fn read(&self, path: &str) -> Value {
        self.merchant.read(&self.test, path).await
    }

    /// The deliveries to an endpoint, oldest event first.
    pub async fn deliveries(&self, endpoint: &str) -> Vec<Value> {
        let list = self.read(&format!("{endpoint}/deliveries?limit=100")).await;
        let mut rows = list["data"].as_array().expect("rows").clone();
        rows.sort_by_key(|row| row["sequence"].as_i64());
        rows
    }

    /// Each delivery's value of this name, oldest event first.
    pub async fn of_each(&self, endpoint: &str, name: &str) -> Vec<Value> {
        let rows = self.deliveries(endpoint).await;
        rows.iter().map(|row| row[name].clone()).collect()
    }

    pub async fn drain(&self) {
        self.test.drain_jobs().await;
    }

    pub fn later(&self, by: chrono::TimeDelta) {
        self.test.advance(by);
    }

    /// Ends the test.
    pub async fn check(&self) {
        self.test.check_invariants().await;
    }
}

/// A fact about an object. All have one version: their order is that of their ids.
pub fn event(event_type: EventType, object: u128) -> NewEvent {
    NewEvent {
        event_type,
        object_id: uuid::Uuid::from_u128(object),
        object_version: 1,
        test_mode: false,
        data: json!({"object": object.to_string()}),
    }
}
