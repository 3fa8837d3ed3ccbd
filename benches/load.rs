//! The load behind `benches/run`: a few closed-loop scenarios, a webhook receiver and a counting proxy, over raw sockets.
//!
//! It must cost as little as it can, because it shares the machine with what it measures: one thread, keep-alive connections,
//! requests as ready bytes, answers searched and not parsed. It prints one JSON line per run and knows nothing of the crate.

#![allow(clippy::print_stdout, reason = "the result is what this program is for")]

use std::collections::HashMap;
use std::io::{Error, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, LocalSet, spawn_local};

type Outcome<T> = std::io::Result<T>;

const USAGE: &str = "load <scenario> --url http://127.0.0.1:8080 --demo demo.json [--clients 16] [--seconds 5] [--warm 1]
scenarios: livez link link-unchanged open quote stateless apply apply-hot confirm sale orders ready; receive (endpoint only); proxy --listen --upstream";

/// `--name value` pairs.
struct Options(HashMap<String, String>);

impl Options {
    fn text(&self, name: &str) -> Outcome<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Error::other(format!("--{name} is missing\n{USAGE}")))
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    fn seconds(&self, name: &str, default: f64) -> Duration {
        Duration::from_secs_f64(self.0.get(name).and_then(|text| text.parse().ok()).unwrap_or(default))
    }
}

fn main() -> Outcome<()> {
    // Cargo adds --bench to what it runs.
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(scenario) = arguments.next() else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut options = HashMap::new();
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        options.insert(name.trim_start_matches('-').to_owned(), value);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run(&scenario, Options(options)))
}

async fn run(scenario: &str, options: Options) -> Outcome<()> {
    match scenario {
        "proxy" => return proxy(options.text("listen")?, options.text("upstream")?).await,
        "ready" => return ready(options.text("url")?).await,
        "receive" => return redelivered(&options).await,
        _ => {}
    }
    let shop = Rc::new(Shop::read(&options)?);
    let clients = options.number("clients", 16);
    let (warm, length) = (options.seconds("warm", 1.0), options.seconds("seconds", 5.0));
    let result = match scenario {
        "confirm" => {
            let request = |opened: &Opened| opened.confirmation(&opened.total);
            prepared(&shop, clients, length, options.number("count", u64::MAX), request).await?
        }
        "apply" | "apply-hot" => {
            let code = shop.code(scenario == "apply-hot").await?;
            let request = move |opened: &Opened| opened.application(&code);
            prepared(&shop, clients, length, options.number("count", u64::MAX), request).await?
        }
        "sale" => sale(&shop, clients, warm, length, options.number("count", u64::MAX)).await?,
        "deliver" => deliver(&shop, clients, warm, length).await?,
        single => {
            let request = shop.single(single).await?;
            repeat(
                &shop,
                &request,
                clients,
                warm,
                length,
                options.number("count", u64::MAX),
            )
            .await?
        }
    };
    println!("{result}");
    Ok(())
}

// ------------------------------------------------------------------------------------------------------------- requests

/// The demo merchant and where they are.
struct Shop {
    address: String,
    checkout: String,
    link: String,
    checkout_id: String,
    key: String,
}

impl Shop {
    fn read(options: &Options) -> Outcome<Self> {
        let demo: Value = serde_json::from_str(&std::fs::read_to_string(options.text("demo")?)?)?;
        let text = |name: &str| demo[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            address: options.text("url")?.trim_start_matches("http://").to_owned(),
            checkout: text("checkout"),
            link: text("link"),
            checkout_id: text("checkout_id"),
            key: text("api_key"),
        })
    }

    /// The request of a scenario that repeats one.
    async fn single(&self, scenario: &str) -> Outcome<Vec<u8>> {
        let link = format!("/v1/storefront/checkouts/{}/links/{}", self.checkout, self.link);
        Ok(match scenario {
            "livez" => get("/livez", "", ""),
            "link" => get(&link, "", ""),
            "link-unchanged" => {
                let answer = Client::open(&self.address).await?.send(&get(&link, "", "")).await?;
                let tag = header(&answer.head, "etag").ok_or_else(|| broken("a link without an ETag"))?;
                get(&link, "", &format!("if-none-match: {tag}\r\n"))
            }
            "open" => self.opening("Buyer"),
            "quote" => {
                let mut client = Client::open(&self.address).await?;
                let opened = Opened::from(&client.send(&self.opening("Buyer")).await?)?;
                get(&opened.path(""), &opened.secret, "")
            }
            "stateless" => with_body(
                "POST",
                "/v1/storefront/quotes",
                "",
                &json!({"checkout": self.checkout, "link": self.link, "currency": "EUR", "country": "FI"}),
            ),
            "orders" => get(
                &format!("/v1/checkouts/{}/orders?limit=50&test_mode=true", self.checkout_id),
                &self.key,
                "",
            ),
            other => return Err(Error::other(format!("{other}: no such scenario\n{USAGE}"))),
        })
    }

    fn opening(&self, name: &str) -> Vec<u8> {
        let customer = json!({"email": format!("{name}@example.com"), "country": "FI", "first_name": "Aino"});
        with_body(
            "POST",
            "/v1/storefront/sessions",
            "",
            &json!({"checkout": self.checkout, "link": self.link, "customer": customer}),
        )
    }

    /// A code that everybody may use, or one that counts: with more uses than there will be buyers, so that each of them queues
    /// for its counter and gets one.
    async fn code(&self, hot: bool) -> Outcome<String> {
        let (code, limit) = if hot { ("HOT", Some(10_000_000)) } else { ("ALL", None) };
        let body = json!({"code": code, "type": "percentage", "percentage": "10", "usage_limit": limit});
        let answer = self.merchant("POST", "discount-codes", &body).await?;
        if answer.status != 409 {
            answer.expect(201)?;
        }
        Ok(code.to_owned())
    }

    async fn merchant(&self, method: &str, rest: &str, body: &Value) -> Outcome<Answer> {
        let path = format!("/v1/checkouts/{}/{rest}", self.checkout_id);
        Client::open(&self.address)
            .await?
            .send(&with_body(method, &path, &self.key, body))
            .await
    }
}

/// A session as its opening answered.
struct Opened {
    id: String,
    secret: String,
    total: String,
}

impl Opened {
    fn from(answer: &Answer) -> Outcome<Self> {
        let body = answer.expect(201)?;
        Ok(Self {
            id: string(body, "id")?.to_owned(),
            secret: string(body, "client_secret")?.to_owned(),
            total: total(body)?.to_owned(),
        })
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/storefront/sessions/{}{rest}", self.id)
    }

    fn application(&self, code: &str) -> Vec<u8> {
        with_body("PUT", &self.path("/discount"), &self.secret, &json!({"code": code}))
    }

    fn confirmation(&self, total: &str) -> Vec<u8> {
        let total: i64 = total.parse().unwrap_or(-1);
        let consents = json!({"terms": true, "privacy": true, "immediate_delivery": true});
        let body = json!({"expected_total": total, "provider": "test", "consents": consents});
        with_body("POST", &self.path("/confirm"), &self.secret, &body)
    }
}

fn head(method: &str, path: &str, token: &str, more: &str) -> String {
    let token = if token.is_empty() {
        String::new()
    } else {
        format!("authorization: Bearer {token}\r\n")
    };
    format!("{method} {path} HTTP/1.1\r\nhost: kassa\r\n{token}{more}")
}

fn get(path: &str, token: &str, more: &str) -> Vec<u8> {
    format!("{}\r\n", head("GET", path, token, more)).into_bytes()
}

fn with_body(method: &str, path: &str, token: &str, body: &Value) -> Vec<u8> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let more = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    format!("{}\r\n{body}", head(method, path, token, &more)).into_bytes()
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// The first string member of this name.
fn string<'a>(body: &'a str, name: &str) -> Outcome<&'a str> {
    let (_, rest) = body
        .split_once(&format!("\"{name}\":\""))
        .ok_or_else(|| broken(&format!("no {name} in {body}")))?;
    rest.split('"').next().ok_or_else(|| broken(name))
}

/// The total of the totals, not of a line.
fn total(body: &str) -> Outcome<&str> {
    let (_, totals) = body
        .split_once("\"totals\":{")
        .ok_or_else(|| broken(&format!("no totals in {body}")))?;
    let (_, rest) = totals.split_once("\"total\":").ok_or_else(|| broken("no total"))?;
    rest.split([',', '}']).next().ok_or_else(|| broken("no total"))
}

// --------------------------------------------------------------------------------------------------------------- client

/// One keep-alive connection.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn expect(&self, status: u16) -> Outcome<&str> {
        if self.status == status {
            return Ok(&self.body);
        }
        Err(broken(&format!("answered {}: {}", self.status, self.body)))
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl Client {
    async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    async fn send(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).await?;
        let (head, body) = message(&mut self.stream, &mut self.buffer)
            .await?
            .ok_or_else(|| broken("closed"))?;
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .ok_or_else(|| broken("no status"))?;
        Ok(Answer { status, head, body })
    }
}

/// Reads one message with a length from a connection; `None` at its orderly end.
async fn message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Outcome<Option<(String, String)>> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            let bodyless = head.contains(" 304 ") || head.contains(" 204 ");
            let length = header(&head, "content-length").and_then(|length| length.parse().ok());
            let length = if bodyless { 0 } else { length.unwrap_or(0_usize) };
            let whole = end + 4 + length;
            while buffer.len() < whole {
                if stream.read_buf(buffer).await? == 0 {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
            }
            let body = String::from_utf8_lossy(&buffer[end + 4..whole]).into_owned();
            buffer.drain(..whole);
            return Ok(Some((head, body)));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

// ------------------------------------------------------------------------------------------------------------ scenarios

/// Latencies in microseconds and what they amount to.
fn report(mut latencies: Vec<u64>, length: Duration) -> Value {
    latencies.sort_unstable();
    let count = latencies.len();
    let at = |percent: usize| {
        latencies
            .get((count * percent / 100).min(count.saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let rate = count as f64 / length.as_secs_f64();
    json!({"count": count, "seconds": length.as_secs_f64(), "rate": rate, "p50_us": at(50), "p99_us": at(99)})
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

async fn joined(mut tasks: JoinSet<Outcome<Vec<u64>>>) -> Outcome<Vec<u64>> {
    let mut all = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        all.extend(ended.map_err(Error::other)??);
    }
    Ok(all)
}

/// Every client sends the same request, one after the other.
async fn repeat(
    shop: &Shop,
    request: &[u8],
    clients: u64,
    warm: Duration,
    length: Duration,
    count: u64,
) -> Outcome<Value> {
    let request: Rc<[u8]> = request.into();
    let mut tasks: JoinSet<Outcome<Vec<u64>>> = JoinSet::new();
    let from = Instant::now() + warm;
    let until = from + length;
    for _ in 0..clients {
        let (request, address) = (Rc::clone(&request), shop.address.clone());
        tasks.spawn_local(async move {
            let mut client = Client::open(&address).await?;
            let mut latencies = Vec::new();
            let mut sent = 0;
            while Instant::now() < until && sent < count {
                let begun = Instant::now();
                let answer = client.send(&request).await?;
                if !matches!(answer.status, 200 | 201 | 304) {
                    answer.expect(200)?;
                }
                sent += 1;
                if begun >= from {
                    latencies.push(micros(begun));
                }
            }
            Ok(latencies)
        });
    }
    Ok(report(joined(tasks).await?, length))
}

/// Sends one request each for sessions that were opened before.
async fn prepared(
    shop: &Rc<Shop>,
    clients: u64,
    length: Duration,
    count: u64,
    request: impl Fn(&Opened) -> Vec<u8> + 'static,
) -> Outcome<Value> {
    let request = Rc::new(request);
    // Enough for two thousand of them a second.
    let enough = 2 * u64::try_from(length.as_millis()).map_err(Error::other)? / clients + 1;
    let each = enough.min(count);
    let barrier = Rc::new(tokio::sync::Barrier::new(
        usize::try_from(clients).map_err(Error::other)?,
    ));
    let mut tasks: JoinSet<Outcome<Vec<u64>>> = JoinSet::new();
    for number in 0..clients {
        let (shop, barrier, request) = (Rc::clone(shop), Rc::clone(&barrier), Rc::clone(&request));
        tasks.spawn_local(async move {
            let mut client = Client::open(&shop.address).await?;
            let mut ready = Vec::new();
            for sale in 0..each {
                let opened = Opened::from(&client.send(&shop.opening(&format!("c{number}.{sale}"))).await?)?;
                ready.push(request(&opened));
            }
            barrier.wait().await;
            let begun = Instant::now();
            let mut latencies = Vec::new();
            for request in ready {
                if begun.elapsed() >= length {
                    break;
                }
                let sent = Instant::now();
                client.send(&request).await?.expect(200)?;
                latencies.push(micros(sent));
            }
            // The last entry is the time of this client's own run, for the rate.
            latencies.push(micros(begun));
            Ok(latencies)
        });
    }
    let (mut latencies, mut longest) = (Vec::new(), 0);
    while let Some(ended) = tasks.join_next().await {
        let mut own = ended.map_err(Error::other)??;
        longest = longest.max(own.pop().unwrap_or(0));
        latencies.extend(own);
    }
    Ok(report(latencies, Duration::from_micros(longest)))
}

/// One whole sale; returns the path that shows its order.
async fn sell(client: &mut Client, shop: &Shop, name: &str) -> Outcome<(String, String)> {
    let opening = with_body(
        "POST",
        "/v1/storefront/sessions",
        "",
        &json!({"checkout": shop.checkout, "link": shop.link}),
    );
    let opened = Opened::from(&client.send(&opening).await?)?;
    let customer = json!({"customer": {"email": format!("{name}@example.com"), "country": "SE", "first_name": "Aino"}});
    let patched = client
        .send(&with_body("PATCH", &opened.path(""), &opened.secret, &customer))
        .await?;
    let total = total(patched.expect(200)?)?;
    client.send(&opened.confirmation(total)).await?.expect(200)?;
    let paid = with_body(
        "POST",
        &opened.path("/test-payment"),
        &opened.secret,
        &json!({"outcome": "succeeded"}),
    );
    client.send(&paid).await?.expect(200)?;
    Ok((opened.path("/order"), opened.secret))
}

/// Whole sales. The rate counts what was completed, so it includes the time in which the worker caught up.
async fn sale(shop: &Rc<Shop>, clients: u64, warm: Duration, length: Duration, count: u64) -> Outcome<Value> {
    let mut tasks: JoinSet<Outcome<Vec<u64>>> = JoinSet::new();
    let from = Instant::now() + warm;
    let until = from + length;
    for number in 0..clients {
        let shop = Rc::clone(shop);
        tasks.spawn_local(async move {
            let mut client = Client::open(&shop.address).await?;
            let (mut latencies, mut last, mut sold) = (Vec::new(), None, 0);
            while Instant::now() < until && sold < count {
                let begun = Instant::now();
                // Everyone buys for the first time: no two clients meet at one customer.
                last = Some(sell(&mut client, &shop, &format!("s{number}.{}.{sold}", std::process::id())).await?);
                sold += 1;
                if begun >= from {
                    latencies.push(micros(begun));
                }
            }
            if let Some((order, secret)) = last {
                completed(&mut client, &order, &secret).await?;
            }
            Ok(latencies)
        });
    }
    let latencies = joined(tasks).await?;
    let paid = report(latencies.clone(), length);
    let mut all = report(latencies, from.elapsed());
    all["paid_rate"] = paid["rate"].clone();
    Ok(all)
}

/// Waits until an order is completed.
async fn completed(client: &mut Client, order: &str, secret: &str) -> Outcome<()> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if client
            .send(&get(order, secret, ""))
            .await?
            .expect(200)?
            .contains("\"status\":\"completed\"")
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(broken("an order was not completed within a minute"))
}

// ------------------------------------------------------------------------------------------------------------- webhooks

/// What came to the receiver: when, and how long after its event.
type Arrival = (Instant, u64);

/// Answers 200 to whatever comes.
async fn receiver(arrivals: mpsc::UnboundedSender<Arrival>) -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            spawn_local(receive(stream, arrivals.clone()));
        }
    });
    Ok(url)
}

async fn receive(mut stream: TcpStream, arrivals: mpsc::UnboundedSender<Arrival>) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    while let Some((_, body)) = message(&mut stream, &mut buffer).await? {
        let occurred = string(&body, "occurred_at")?;
        let occurred = chrono::DateTime::parse_from_rfc3339(occurred).map_err(Error::other)?;
        let now = std::time::UNIX_EPOCH.elapsed().map_err(Error::other)?;
        let then = u64::try_from(occurred.timestamp_micros()).unwrap_or(0);
        let age = u64::try_from(now.as_micros()).unwrap_or(0).saturating_sub(then);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await?;
        if arrivals.send((Instant::now(), age)).is_err() {
            break;
        }
    }
    Ok(())
}

async fn register(shop: &Shop, url: &str) -> Outcome<String> {
    let body = json!({"url": url, "description": "benchmark", "events": ["*"], "test_mode": true});
    let answer = shop.merchant("POST", "webhook-endpoints", &body).await?;
    Ok(string(answer.expect(201)?, "id")?.to_owned())
}

/// Everything that comes until nothing has come for a while.
async fn arrivals_until_quiet(receiver: &mut mpsc::UnboundedReceiver<Arrival>, quiet: Duration) -> Vec<Arrival> {
    let mut all = Vec::new();
    while let Ok(Some(arrival)) = tokio::time::timeout(quiet, receiver.recv()).await {
        all.push(arrival);
    }
    all
}

fn ages(arrivals: &[Arrival]) -> Value {
    let span = match (arrivals.first(), arrivals.last()) {
        (Some((first, _)), Some((last, _))) => last.duration_since(*first).max(Duration::from_millis(1)),
        _ => Duration::from_millis(1),
    };
    report(arrivals.iter().map(|(_, age)| *age).collect(), span)
}

/// Sales at a pace that the machine can hold, with an endpoint that listens to everything.
async fn deliver(shop: &Rc<Shop>, clients: u64, warm: Duration, length: Duration) -> Outcome<Value> {
    let (sender, mut receiver_side) = mpsc::unbounded_channel();
    let endpoint = register(shop, &receiver(sender).await?).await?;
    let sold = sale(shop, clients, warm, length, u64::MAX).await?;
    let arrivals = arrivals_until_quiet(&mut receiver_side, Duration::from_secs(3)).await;
    shop.merchant("DELETE", &format!("webhook-endpoints/{endpoint}"), &Value::Null)
        .await?;
    let mut result = ages(&arrivals);
    result["sales"] = sold;
    Ok(result)
}

/// Registers an endpoint, prints its id, receives until nothing comes, for a backlog that someone else makes.
async fn redelivered(options: &Options) -> Outcome<()> {
    let shop = Shop::read(options)?;
    let (sender, mut receiver_side) = mpsc::unbounded_channel();
    let endpoint = register(&shop, &receiver(sender).await?).await?;
    println!("{}", json!({"endpoint": endpoint}));
    // A backlog that never comes must not keep the whole run waiting.
    let first = tokio::time::timeout(Duration::from_secs(20), receiver_side.recv())
        .await
        .ok()
        .flatten();
    let mut arrivals: Vec<Arrival> = first.into_iter().collect();
    arrivals.extend(arrivals_until_quiet(&mut receiver_side, Duration::from_secs(2)).await);
    shop.merchant("DELETE", &format!("webhook-endpoints/{endpoint}"), &Value::Null)
        .await?;
    println!("{}", ages(&arrivals));
    Ok(())
}

// ------------------------------------------------------------------------------------------------------- start and proxy

/// Prints the time until the server is ready.
async fn ready(url: &str) -> Outcome<()> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if let Ok(mut client) = Client::open(url.trim_start_matches("http://")).await
            && client
                .send(&get("/readyz", "", ""))
                .await
                .is_ok_and(|answer| answer.status == 200)
        {
            println!("{}", json!({"ready_us": micros(begun)}));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err(broken("not ready within 30 s"))
}

/// What went through the proxy.
#[derive(Default)]
struct Counts {
    /// Times that the client spoke after the server had: round trips.
    trips: AtomicU64,
    /// Executed statements, BEGIN and COMMIT included.
    statements: AtomicU64,
    /// COMMIT only; single statements commit by themselves.
    commits: AtomicU64,
    /// Statements prepared: near zero once the caches are warm.
    prepared: AtomicU64,
}

/// Stands between Kassa and PostgreSQL, counts, and prints its counts for every line on standard input,
/// until that ends.
async fn proxy(listen: &str, upstream: &str) -> Outcome<()> {
    let listener = TcpListener::bind(listen).await?;
    let counts = Arc::new(Counts::default());
    let asked = Arc::clone(&counts);
    std::thread::spawn(move || {
        for _ in std::io::stdin().lines() {
            let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            println!(
                "{}",
                json!({"trips": read(&asked.trips), "statements": read(&asked.statements),
                    "commits": read(&asked.commits), "prepared": read(&asked.prepared)})
            );
        }
        std::process::exit(0);
    });
    println!("{}", json!({"listening": listen}));
    loop {
        let (client, _) = listener.accept().await?;
        let (upstream, counts) = (upstream.to_owned(), Arc::clone(&counts));
        spawn_local(async move {
            let server = TcpStream::connect(&upstream).await?;
            relay(client, server, &counts).await
        });
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, counts: &Counts) -> Outcome<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut from_server) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut pending = Vec::new();
    let (mut started, mut server_spoke) = (false, true);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                if std::mem::take(&mut server_spoke) {
                    counts.trips.fetch_add(1, Ordering::Relaxed);
                }
                pending.extend_from_slice(&from_client[..read]);
                count(&mut pending, &mut started, counts);
                server.write_all(&from_client[..read]).await?;
            }
            read = server.read(&mut from_server) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                server_spoke = true;
                client.write_all(&from_server[..read]).await?;
            }
        }
    }
}

/// Takes whole messages of the frontend protocol off the buffer. The first has no type byte.
fn count(pending: &mut Vec<u8>, started: &mut bool, counts: &Counts) {
    loop {
        let prefix = usize::from(*started);
        let Some(length) = pending.get(prefix..prefix + 4) else {
            return;
        };
        let length = prefix + u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
        if pending.len() < length {
            return;
        }
        if *started {
            match pending[0] {
                b'E' => drop(counts.statements.fetch_add(1, Ordering::Relaxed)),
                b'P' => drop(counts.prepared.fetch_add(1, Ordering::Relaxed)),
                b'Q' => {
                    counts.statements.fetch_add(1, Ordering::Relaxed);
                    if pending[5..length].starts_with(b"COMMIT") {
                        counts.commits.fetch_add(1, Ordering::Relaxed);
                    }
                }
                _ => {}
            }
        }
        *started = true;
        pending.drain(..length);
    }
}
