//! A double of somebody else's system: it keeps every request and answers as a test says.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// The body, where it is JSON.
    pub body: Value,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Method and path.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path without the query, in its parts.
    pub fn parts(&self) -> Vec<&str> {
        let path = self.path.split('?').next().unwrap_or_default();
        path.trim_start_matches('/').split('/').collect()
    }

    /// A value of the query, as it stands there.
    pub fn query(&self, name: &str) -> String {
        let query = self.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let found = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = found.clone().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

/// What a double answers.
#[derive(Clone, Debug)]
pub enum Say {
    Json(u16, Value),
    /// A status and a header line.
    With(u16, &'static str),
    /// It does what it was asked and drops the connection.
    Nothing,
}

/// A double.
#[derive(Clone)]
pub struct Double {
    /// Where it is, without a trailing slash.
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Double {
    /// Answers each request as the closure says; its number counts from 0.
    pub async fn start(mut answer: impl FnMut(&Asked, usize) -> Say + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let double = Self {
            url: format!("http://127.0.0.1:{port}"),
            asked: Arc::default(),
        };
        let kept = double.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(asked) = read(&mut stream).await else { continue };
                let said = {
                    let mut all = kept.asked.lock().expect("no test panics with it");
                    let said = answer(&asked, all.len());
                    all.push(asked);
                    said
                };
                let (status, more, body) = match said {
                    Say::Json(204, _) => (204, "", String::new()),
                    Say::Json(status, value) => (status, "content-type: application/json\r\n", value.to_string()),
                    Say::With(status, line) => (status, line, String::new()),
                    Say::Nothing => continue,
                };
                let head = format!(
                    "HTTP/1.1 {status} Said\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        double
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no test panics with it").clone()
    }

    /// Methods and paths of all requests so far.
    pub fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }

    /// The requests so far, which are forgotten.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("no test panics with it"))
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
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
        if body.len() < length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0) {
            continue;
        }
        let mut first = head.lines().next().unwrap_or_default().split(' ');
        let mut word = || first.next().unwrap_or_default().to_owned();
        return Some(Asked {
            method: word(),
            path: word(),
            headers,
            text: body.to_owned(),
            body: serde_json::from_str(body).unwrap_or_default(),
        });
    }
}
