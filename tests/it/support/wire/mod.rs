//! HTTP as a test needs it: a server that answers as it is told, and a proxy that loses things.
//!
//! Threads and blocking sockets, one request for each connection: so it works beside any runtime, and holds as long as the process.

pub mod faults;
pub mod random;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// Reads one. None when the peer says nothing whole.
    fn read(stream: &TcpStream) -> Option<Self> {
        let (head, headers, body) = read_message(stream, false)?;
        let mut words = head.split(' ').map(str::to_owned);
        Some(Self {
            method: words.next()?,
            target: words.next()?,
            headers,
            body,
        })
    }
}

/// An answer to be given.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Response {
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} Status\r\n", self.status);
        let framing = ["content-length", "transfer-encoding", "connection"];
        for (name, value) in &self.headers {
            if !framing.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                bytes.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        bytes.push_str(&format!(
            "content-length: {}\r\nconnection: close\r\n\r\n",
            self.body.len()
        ));
        [bytes.as_bytes(), &self.body].concat()
    }
}

type Headers = Vec<(String, String)>;

/// The first line, the headers and the body; of an answer also a body that ends with the connection, or comes in chunks.
fn read_message(stream: &TcpStream, answer: bool) -> Option<(String, Headers, Vec<u8>)> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let of = |name: &str| {
        let mut found = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.clone())
    };
    let mut body = Vec::new();
    if let Some(length) = of("content-length") {
        body.resize(length.parse().ok()?, 0);
        reader.read_exact(&mut body).ok()?;
    } else if of("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).ok()?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else if answer {
        reader.read_to_end(&mut body).ok()?;
    }
    Some((first, headers, body))
}

/// A server on a loopback port; its answers come from a function, which may take its time.
pub struct Server {
    pub port: u16,
}

impl Server {
    pub fn start(answer: impl Fn(Request) -> Response + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        let port = listen(move |stream| {
            if let Some(request) = Request::read(&stream) {
                let _ = (&stream).write_all(&answer(request).bytes());
            }
        });
        Self { port }
    }

    /// A server that takes everything, and what it took.
    pub fn inbox() -> (Self, Receiver<Request>) {
        let (sender, received) = channel();
        let server = Self::start(move |request| {
            let _ = sender.send(request);
            Response::empty(200)
        });
        (server, received)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Serves each connection in a thread of its own.
fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    port
}
