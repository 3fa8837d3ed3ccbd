//! A proxy between us and a provider that loses, delays and spoils what passes, at random but the same in every run.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::random::Random;
use super::{PATIENCE, Request, Response, listen, read_message};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It passes, and so does its answer.
    None,
    /// It never arrives.
    RequestLost,
    /// It is done, and nobody is told.
    AnswerLost,
    /// It arrives after the caller has given up.
    RequestLate,
    /// It is done, and the answer comes after the caller has given up.
    AnswerLate,
    /// It never arrives, and 500 is answered.
    Error,
    /// It is done, and 500 is answered.
    ErrorAfter,
    /// It is done, and the answer is no HTTP.
    Garbage,
    /// It is done, and the answer is a page of some gateway.
    Page,
    /// It is done, and the answer breaks off in the middle of its body.
    HalfBody,
}

impl Fault {
    pub const EVERY: &'static [Self] = &[
        Self::RequestLost,
        Self::AnswerLost,
        Self::RequestLate,
        Self::AnswerLate,
        Self::Error,
        Self::ErrorAfter,
        Self::Garbage,
        Self::Page,
        Self::HalfBody,
    ];
}

/// The proxy.
pub struct Faults {
    pub port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    to: u16,
    late: Duration,
    random: Mutex<Random>,
    failing: AtomicBool,
    under_way: AtomicUsize,
    counts: Mutex<BTreeMap<Fault, usize>>,
    script: Mutex<Vec<Fault>>,
}

impl Faults {
    /// A proxy to a loopback port that does something else with two of three requests. What is late is late by `late`: more than the
    /// caller's timeout.
    pub fn to(port: u16, seed: u64, late: Duration) -> Self {
        let inner = Arc::new(Inner {
            to: port,
            late,
            random: Mutex::new(Random::new(seed)),
            failing: AtomicBool::new(true),
            under_way: AtomicUsize::new(0),
            counts: Mutex::default(),
            script: Mutex::default(),
        });
        let serving = Arc::clone(&inner);
        let port = listen(move |stream| {
            serving.under_way.fetch_add(1, Ordering::SeqCst);
            serving.serve(stream);
            serving.under_way.fetch_sub(1, Ordering::SeqCst);
        });
        Self { port, inner }
    }

    /// The same without any fault until [`Faults::next`] says one.
    pub fn calm(port: u16, late: Duration) -> Self {
        let proxy = Self::to(port, 0, late);
        proxy.inner.failing.store(false, Ordering::SeqCst);
        proxy
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What happens to the next requests, in this order; chance is asked after them.
    pub fn next(&self, faults: &[Fault]) {
        let mut script = self.inner.script.lock().expect("the script");
        script.extend(faults);
    }

    /// From now on everything passes; waits until nothing that was delayed is under way any more.
    pub fn stop(&self) {
        self.inner.failing.store(false, Ordering::SeqCst);
        self.inner.script.lock().expect("the script").clear();
        let begun = Instant::now();
        while self.inner.under_way.load(Ordering::SeqCst) > 0 {
            assert!(begun.elapsed() < PATIENCE, "requests under way");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// How often what happened.
    pub fn counts(&self) -> BTreeMap<Fault, usize> {
        self.inner.counts.lock().expect("the counts").clone()
    }
}

impl Inner {
    fn draw(&self) -> Fault {
        let mut script = self.script.lock().expect("the script");
        let mut random = self.random.lock().expect("the numbers");
        let fault = if !script.is_empty() {
            script.remove(0)
        } else if !self.failing.load(Ordering::SeqCst) || random.below(3) == 0 {
            Fault::None
        } else {
            Fault::EVERY[random.below(Fault::EVERY.len())]
        };
        *self.counts.lock().expect("the counts").entry(fault).or_default() += 1;
        fault
    }

    fn serve(&self, stream: TcpStream) {
        let Some(request) = Request::read(&stream) else { return };
        let fault = self.draw();
        match fault {
            Fault::RequestLost => return,
            Fault::Error => {
                let _ = (&stream).write_all(&failure().bytes());
                return;
            }
            Fault::RequestLate => std::thread::sleep(self.late),
            _ => {}
        }
        let Some(answer) = self.forward(&request) else { return };
        let whole = answer.bytes();
        let said = match fault {
            Fault::AnswerLost => return,
            Fault::AnswerLate => {
                std::thread::sleep(self.late);
                whole
            }
            Fault::ErrorAfter => failure().bytes(),
            Fault::Garbage => b"\x16\x03\x01SSH-2.0-\xff\xfe\r\n\r\n".to_vec(),
            Fault::Page => {
                let page = b"<html><body>OK</body></html>".to_vec();
                let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
                Response {
                    status: 200,
                    headers,
                    body: page,
                }
                .bytes()
            }
            Fault::HalfBody => whole[..whole.len() - answer.body.len() / 2].to_vec(),
            _ => whole,
        };
        let _ = (&stream).write_all(&said);
    }

    fn forward(&self, request: &Request) -> Option<Response> {
        let there = TcpStream::connect(("127.0.0.1", self.to)).ok()?;
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
        for (name, value) in &request.headers {
            if !name.eq_ignore_ascii_case("connection") {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        head.push_str("connection: close\r\n\r\n");
        (&there).write_all(head.as_bytes()).ok()?;
        (&there).write_all(&request.body).ok()?;
        let (first, headers, body) = read_message(&there, true)?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        Some(Response { status, headers, body })
    }
}

/// As many APIs say it.
fn failure() -> Response {
    Response::json(
        500,
        &serde_json::json!({"error": {"type": "api_error", "message": "Something went wrong"}}),
    )
}
