//! `net::client` against loopback servers: what is sent, what is kept, and what is never reached.

use kassa::net::{Answer, ClientOptions, GuardedClient, Lookup, Method, OutboundRequest, Refusal, SendError};
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Answers in order, the last one for ever, and counts how often it was asked.
struct Script {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|a| a.parse().unwrap()).collect();
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(parse).collect()),
            asked: AtomicUsize::new(0),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Shared(Arc<Script>);

impl Lookup for Shared {
    fn lookup(&self, _host: String) -> Found {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.0.answers.lock().unwrap();
        let next = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        Box::pin(async move { next.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)) })
    }
}

fn options(allow_private: bool) -> ClientOptions {
    ClientOptions {
        allow_private,
        user_agent: "Kassa-Test/1".to_owned(),
        connect_timeout: Duration::from_millis(500),
        timeout: Duration::from_secs(3),
        ..ClientOptions::default()
    }
}

fn open() -> GuardedClient {
    GuardedClient::new(options(true)).unwrap()
}

fn scripted(allow_private: bool, answers: &[&[&str]]) -> (GuardedClient, Arc<Script>) {
    let script = Script::new(answers);
    let lookup = Arc::new(Shared(Arc::clone(&script)));
    (
        GuardedClient::with_lookup(options(allow_private), lookup).unwrap(),
        script,
    )
}

async fn request_head(stream: &mut TcpStream) -> String {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
        }
    }
    String::from_utf8_lossy(&seen).into_owned()
}

/// A server that runs `serve` on each connection once the request's head has been read, and counts.
async fn server<F, R>(serve: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream, String) -> R + Send + Sync + Clone + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let serve = serve.clone();
            tokio::spawn(async move {
                let head = request_head(&mut stream).await;
                serve(stream, head).await;
            });
        }
    });
    (address, count)
}

async fn fixed(answer: impl Into<Vec<u8>>) -> (SocketAddr, Arc<AtomicUsize>) {
    let answer: Arc<Vec<u8>> = Arc::new(answer.into());
    server(move |mut stream, _| {
        let answer = Arc::clone(&answer);
        async move {
            let _ = stream.write_all(&answer).await;
        }
    })
    .await
}

/// A server that speaks at once, whatever is said to it.
async fn blunt(words: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 512];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(words).await;
        }
    });
    address
}

async fn post(client: &GuardedClient, url: impl Into<String>) -> Result<Answer, SendError> {
    let mut request = OutboundRequest::new(Method::POST, url);
    request.body = br#"{"type":"order.completed"}"#.to_vec();
    client.send(request).await
}

#[tokio::test]
async fn an_ordinary_delivery() {
    let seen = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&seen);
    let (address, _) = server(move |mut stream, head| {
        *keep.lock().unwrap() = head;
        async move {
            let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\nSet-Cookie: a=b\r\n\r\n\0ok!";
            stream.write_all(answer).await.unwrap();
        }
    })
    .await;
    let client = open();
    for _ in 0..2 {
        let mut request = OutboundRequest::new(Method::POST, format!("http://{address}/hook"));
        request.headers.push(("webhook-id".to_owned(), "msg_1".to_owned()));
        request.body = b"{}".to_vec();
        let answer = client.send(request).await.unwrap();
        assert_eq!(answer.status, 201);
        assert!(answer.is_success() && !answer.truncated);
        assert_eq!(answer.text(), "\u{FFFD}ok!");
        assert_eq!(answer.remote_addr, Some(address));
        assert_eq!(answer.retry_after(), None);
    }
    let head = seen.lock().unwrap().to_ascii_lowercase();
    assert!(head.starts_with("post /hook http/1.1\r\n"), "{head}");
    assert!(head.contains("webhook-id: msg_1\r\n") && head.contains("user-agent: kassa-test/1\r\n"));
    assert!(head.contains("content-length: 2\r\n"));
    for absent in ["cookie", "referer", "accept-encoding", "transfer-encoding"] {
        assert!(!head.contains(absent), "{absent} in {head}");
    }
}

#[tokio::test]
async fn the_vetted_answer_is_the_one_connected_to_and_asked_for_once() {
    let (address, count) = fixed("HTTP/1.1 204 No Content\r\n\r\n").await;
    let (client, script) = scripted(true, &[&["127.0.0.1"], &["127.0.0.2"]]);
    let answer = post(&client, format!("http://shop.example:{}/", address.port()))
        .await
        .unwrap();
    assert_eq!(answer.remote_addr, Some(address));
    assert_eq!((script.asked(), count.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn private_answers_are_refused_before_any_connection() {
    let (canary, touched) = fixed("HTTP/1.1 200 OK\r\n\r\n").await;
    for (answer, reason) in [
        (&["127.0.0.1"][..], Refusal::Loopback),
        (&["8.8.8.8", "127.0.0.1"], Refusal::Loopback),
        (&["127.0.0.1", "8.8.8.8"], Refusal::Loopback),
        (&["::ffff:127.0.0.1"], Refusal::Transition),
        (&["169.254.169.254"], Refusal::Metadata),
        (&["fd00::1"], Refusal::Private),
    ] {
        let (client, script) = scripted(false, &[answer]);
        let url = format!("https://shop.example:{}/", canary.port());
        assert_eq!(client.check_url(&url), Ok(()), "no look-up at registration");
        assert_eq!(script.asked(), 0);
        let error = post(&client, url).await.unwrap_err();
        assert!(
            matches!(error, SendError::RefusedAddress { reason: r, .. } if r == reason),
            "{answer:?}: {error:?}"
        );
        assert_eq!(error.code(), "refused_address");
        assert!(!error.to_string().contains("127.0.0.1") && !error.may_have_arrived());
    }
    assert_eq!(touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_turns_private_after_registration_is_refused() {
    let (canary, touched) = fixed("HTTP/1.1 200 OK\r\n\r\n").await;
    // A name with no address yet, then one that points inside.
    let (client, script) = scripted(false, &[&[], &["127.0.0.1"]]);
    let url = format!("https://rebind.example:{}/", canary.port());
    assert_eq!(post(&client, url.clone()).await.unwrap_err(), SendError::Dns);
    let error = post(&client, url).await.unwrap_err();
    assert!(matches!(error, SendError::RefusedAddress { .. }), "{error:?}");
    assert_eq!((script.asked(), touched.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test]
async fn literal_addresses_are_refused_although_no_resolver_is_asked() {
    let (canary, touched) = fixed("HTTP/1.1 200 OK\r\n\r\n").await;
    let port = canary.port();
    let (client, script) = scripted(false, &[&["127.0.0.1"]]);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "127%2e0.0.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
        "a.localhost",
        "localhost.",
    ] {
        let url = format!("https://{host}:{port}/");
        let error = post(&client, url.clone()).await.unwrap_err();
        assert_eq!(client.check_url(&url), Err(error.clone()), "{host}");
        assert!(
            matches!(error.code(), "refused_address" | "invalid_url"),
            "{host}: {error:?}"
        );
    }
    assert_eq!((script.asked(), touched.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (canary, touched) = fixed("HTTP/1.1 200 OK\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Moved\r\nLocation: http://{canary}/\r\nRefresh: 0;url=http://{canary}/\r\n\
             Content-Length: 0\r\n\r\n"
        );
        let (address, _) = fixed(answer).await;
        let answer = post(&open(), format!("http://{address}/")).await.unwrap();
        assert_eq!(answer.status, status);
        assert!(!answer.is_success());
    }
    assert_eq!(touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_huge_body_is_cut_and_the_connection_dropped() {
    let sent = Arc::new(AtomicUsize::new(0));
    let (done, closed) = tokio::sync::oneshot::channel();
    let done = Arc::new(Mutex::new(Some(done)));
    let counter = Arc::clone(&sent);
    let (address, _) = server(move |mut stream, _| {
        let (counter, done) = (Arc::clone(&counter), done.lock().unwrap().take());
        async move {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n";
            stream.write_all(head).await.unwrap();
            let block = vec![b'x'; 64 * 1024];
            while stream.write_all(&block).await.is_ok() {
                counter.fetch_add(block.len(), Ordering::SeqCst);
            }
            if let Some(done) = done {
                let _ = done.send(());
            }
        }
    })
    .await;
    let answer = post(&open(), format!("http://{address}/")).await.unwrap();
    assert!(answer.truncated);
    assert_eq!(answer.body, vec![b'x'; 2048]);
    tokio::time::timeout(Duration::from_secs(2), closed)
        .await
        .unwrap()
        .unwrap();
    assert!(sent.load(Ordering::SeqCst) < 20 * 1024 * 1024);

    let (address, _) = fixed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").await;
    for (max, kept, truncated) in [(0, 0, true), (9, 9, true), (10, 10, false), (11, 10, false)] {
        let mut request = OutboundRequest::new(Method::GET, format!("http://{address}/"));
        request.max_answer = Some(max);
        let answer = open().send(request).await.unwrap();
        assert_eq!((answer.body.len(), answer.truncated), (kept, truncated), "{max}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_left_alone() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00";
    let (address, _) = fixed(&head[..]).await;
    let answer = post(&open(), format!("http://{address}/")).await.unwrap();
    assert_eq!(answer.body, b"\x1f\x8b\x08\x00");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn the_timeout_covers_every_phase() {
    async fn drip(mut stream: TcpStream, head: &[u8], piece: &[u8]) {
        let _ = stream.write_all(head).await;
        while stream.write_all(piece).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let silent = server(|stream, _| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await
    .0;
    let slow_head = server(|s, _| async move { drip(s, b"HTTP/1.1 200 OK\r\nX: ", b"x").await })
        .await
        .0;
    let informational = server(|s, _| async move { drip(s, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n").await })
        .await
        .0;
    let slow_body =
        server(|s, _| async move { drip(s, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x").await })
            .await
            .0;
    for (address, status) in [
        (silent, None),
        (slow_head, None),
        (informational, None),
        (slow_body, Some(200)),
    ] {
        let mut request = OutboundRequest::new(Method::POST, format!("http://{address}/"));
        request.timeout = Some(Duration::from_millis(300));
        let started = Instant::now();
        let error = open().send(request).await.unwrap_err();
        assert_eq!(error, SendError::Timeout { status });
        assert_eq!(error.status(), status);
        assert!(error.may_have_arrived());
        let took = started.elapsed();
        assert!(
            took >= Duration::from_millis(290) && took < Duration::from_secs(2),
            "{took:?}"
        );
    }
}

#[tokio::test]
async fn a_look_up_that_never_ends_is_cut_by_the_connect_timeout() {
    struct Never;
    impl Lookup for Never {
        fn lookup(&self, _host: String) -> Found {
            Box::pin(std::future::pending())
        }
    }
    let client = GuardedClient::with_lookup(options(false), Arc::new(Never)).unwrap();
    let started = Instant::now();
    let error = post(&client, "https://shop.example/").await.unwrap_err();
    assert_eq!(error.code(), "timeout");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn failures_are_told_apart() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let reset = server(|stream, _| async move {
        stream.set_zero_linger().unwrap();
        drop(stream);
    })
    .await
    .0;
    let gone = server(|stream, _| async move { drop(stream) }).await.0;
    let garbage = fixed("SSH-2.0-OpenSSH_9.9\r\n\r\n").await.0;
    let short = fixed("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc").await.0;
    let endless = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-A: b\r\n".repeat(100_000));
    let endless = fixed(endless).await.0;
    for (url, expected) in [
        (format!("http://{closed}/"), "connect"),
        (format!("https://{closed}/"), "connect"),
        (format!("http://{reset}/"), "no_answer"),
        (format!("http://{gone}/"), "no_answer"),
        (format!("http://{garbage}/"), "no_answer"),
        (format!("http://{endless}/"), "no_answer"),
        (format!("http://{short}/"), "body"),
        (format!("https://{}/", blunt(b"SSH-2.0-OpenSSH_9.9\r\n").await), "tls"),
        (format!("https://{}/", blunt(b"").await), "tls"),
        ("http://kassa-no-such-host.invalid/".to_owned(), "dns"),
    ] {
        let error = post(&open(), url.clone()).await.unwrap_err();
        assert_eq!(error.code(), expected, "{url}: {error:?}");
        println!("{url}: {error}");
    }
}

#[tokio::test]
async fn headers_that_steer_the_connection_are_refused() {
    let (address, touched) = fixed("HTTP/1.1 200 OK\r\n\r\n").await;
    for (name, value) in [
        ("Host", "internal"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "close"),
        ("expect", "100-continue"),
        ("upgrade", "h2c"),
        ("x y", "z"),
        ("", "z"),
        ("x", "a\r\nhost: b"),
        ("x", "a\0"),
    ] {
        let mut request = OutboundRequest::new(Method::POST, format!("http://{address}/"));
        request.headers.push((name.to_owned(), value.to_owned()));
        let error = open().send(request).await.unwrap_err();
        assert_eq!(error.code(), "invalid_request", "{name}");
    }
    assert_eq!(touched.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn retry_after_variants() {
    for (value, at_least, at_most) in [
        ("120", 120, 120),
        ("99999999999999999999999", 86_400, 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400, 86_400),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0),
    ] {
        let answer = format!("HTTP/1.1 503 Busy\r\nRetry-After: {value}\r\nContent-Length: 0\r\n\r\n");
        let answer = post(&open(), format!("http://{}/", fixed(answer).await.0))
            .await
            .unwrap();
        let wait = answer.retry_after().unwrap().as_secs();
        assert!((at_least..=at_most).contains(&wait), "{value}: {wait}");
    }
    for garbage in ["soon", "-1", "", "1.5", "\u{e9}"] {
        let answer = format!("HTTP/1.1 429 Busy\r\nRetry-After: {garbage}\r\nContent-Length: 0\r\n\r\n");
        let answer = post(&open(), format!("http://{}/", fixed(answer).await.0))
            .await
            .unwrap();
        assert_eq!(answer.retry_after(), None, "{garbage}");
    }
}

#[test]
fn debug_output_keeps_secrets() {
    let mut request = OutboundRequest::new(Method::POST, "https://hooks.example/T00/hunter2");
    request
        .headers
        .push(("authorization".to_owned(), "Bearer hunter2".to_owned()));
    request.body = b"hunter2".to_vec();
    assert!(!format!("{request:?}").contains("hunter2"));
}

/// Started by the test below with proxies in its environment.
#[tokio::test]
#[ignore = "needs the environment that proxies_from_the_environment_are_ignored gives it"]
async fn child_with_proxies() {
    let target = std::env::var("KASSA_TEST_TARGET").unwrap();
    let answer = post(&open(), target).await.unwrap();
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn proxies_from_the_environment_are_ignored() {
    let (target, reached) = fixed("HTTP/1.1 204 No Content\r\n\r\n").await;
    let (proxy, touched) = fixed("HTTP/1.1 500 Proxied\r\nContent-Length: 0\r\n\r\n").await;
    let proxy = format!("http://{proxy}");
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    let name = concat!(module_path!(), "::child_with_proxies");
    let name = name.split_once("::").unwrap().1;
    child.args(["--exact", name, "--ignored"]);
    child.env("KASSA_TEST_TARGET", format!("http://{target}/"));
    for variable in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(variable, &proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((reached.load(Ordering::SeqCst), touched.load(Ordering::SeqCst)), (1, 0));
}
