//! The real binary as a process of its own, to be killed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kassa::net::client::{ClientOptions, GuardedClient, OutboundRequest};
use kassa::net::{Answer, Method};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::database::TestDatabase;

/// A running server and what it left word of.
pub struct Server {
    child: Child,
    pub demo: Value,
}

impl Server {
    /// Starts the binary over a database of the test's own, with its data in `data`.
    pub fn start(database: &TestDatabase, data: &Path) -> Self {
        Self::start_later(database, data, 0)
    }

    /// The same, so many seconds later by its clock: leases of a killed process have lapsed, without waiting for them.
    pub fn start_later(database: &TestDatabase, data: &Path, seconds: u32) -> Self {
        let word = data.join("demo.json");
        let _ = std::fs::remove_file(&word);
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(data.join("log"))
            .expect("a log");
        let child = kassa(data)
            .env("KASSA_ENV", "development")
            .env("KASSA_CLOCK_OFFSET", seconds.to_string())
            .env("DATABASE_URL", database.serve.expose_secret())
            .env("KASSA_MIGRATE_DATABASE_URL", database.owner.expose_secret())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the binary");
        let mut server = Self {
            child,
            demo: Value::Null,
        };
        let begun = Instant::now();
        while server.demo.is_null() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "the server did not start: {}",
                data.join("log").display()
            );
            if let Ok(text) = std::fs::read_to_string(&word) {
                server.demo = serde_json::from_str(&text).expect("demo.json");
            } else {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        server
    }

    /// Ends it with no warning.
    pub fn kill(mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its end");
    }

    /// Ends it as an operator does; true when it ended well.
    pub fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        told.success() && self.child.wait().expect("its end").success()
    }

    /// A text of what it left word of.
    pub fn word(&self, name: &str) -> String {
        self.demo[name].as_str().expect("a text").to_owned()
    }

    /// Makes a request over a real socket.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Value {
        let answer = self.answer(method, path, token, body).await;
        assert!(answer.is_success(), "{path}: {} {}", answer.status, answer.text());
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// The same, whatever the answer.
    pub async fn answer(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = OutboundRequest::new(method, format!("{}{path}", self.word("url")));
        request
            .headers
            .push(("authorization".to_owned(), format!("Bearer {token}")));
        if let Some(body) = body {
            request
                .headers
                .push(("content-type".to_owned(), "application/json".to_owned()));
            request.body = body.to_string().into_bytes();
        }
        request.max_answer = Some(1 << 20);
        client().send(request).await.expect("the server answers")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary with nothing but the settings of a test.
pub fn kassa(data: &Path) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_kassa")));
    command
        .env_remove("DATABASE_URL")
        .env_remove("RUST_LOG")
        .env("KASSA_DATA_DIR", data)
        .env("KASSA_LISTEN", "127.0.0.1:0")
        .env("KASSA_METRICS_LISTEN", "off");
    command
}

fn client() -> GuardedClient {
    GuardedClient::new(ClientOptions {
        allow_private: true,
        allow_http: true,
        ..ClientOptions::default()
    })
    .expect("a client")
}
