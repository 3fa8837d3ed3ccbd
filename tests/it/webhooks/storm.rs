//! Five hundred orders while the worker and the database are killed again and again. One receiver is healthy, one answers 500 at
//! random, one hangs.
//!
//! The orders are made in this process; the background work is done by a process of its own, killed with no warning. Both reach the
//! database by a door that stays where it is while the server behind it dies and comes back on another port. The clock is moved at
//! every strike, so that nobody waits for leases.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use data_encoding::BASE64;
use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use kassa::db::embedded::{Cluster, Options};
use kassa::db::migrate;
use rustix::process::{Pid, Signal, kill_process};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::scene::{Receiver, Say};
use crate::support::app::Settings;
use crate::support::database::TestDatabase;
use crate::support::merchant::Visit;
use crate::support::process::kassa;
use crate::support::request::{Call, Reply};
use crate::support::{Merchant, TestApp};

const ORDERS: usize = 500;
const STRIKES: usize = 9;
/// How far the clock is moved at a strike, in seconds: beyond every lease.
const STEP: i64 = 61;
/// created, payment.succeeded, product.delivered, completed.
const EVENTS: usize = ORDERS * 4;

/// A number that looks like chance and can be had again.
fn chance(state: &AtomicU64) -> u64 {
    let next = |x: u64| {
        x.wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407)
    };
    let before = state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |x| Some(next(x)));
    before.expect("it is always updated") >> 33
}

/// A database server and a worker that can be killed.
struct Weather {
    data: TempDir,
    behind_the_door: Arc<AtomicU16>,
    database: TestDatabase,
    cluster: Cluster,
    worker: Option<Child>,
    offset: i64,
}

fn port_of(url: &SecretString) -> u16 {
    let (_, tail) = url.expose_secret().rsplit_once(':').expect("a port");
    tail.split_once('/').expect("a database").0.parse().expect("a port")
}

fn through(url: &SecretString, door: u16) -> SecretString {
    url.expose_secret()
        .replace(&format!(":{}/", port_of(url)), &format!(":{door}/"))
        .into()
}

/// A door that stays, to a server that does not.
fn door(behind: Arc<AtomicU16>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for inside in listener.incoming().flatten() {
            let Ok(outside) = TcpStream::connect(("127.0.0.1", behind.load(Ordering::SeqCst))) else {
                continue;
            };
            for (from, to) in [(&inside, &outside), (&outside, &inside)] {
                let (mut from, mut to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
                to.set_nodelay(true).expect("an option of TCP");
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                    let _ = from.shutdown(Shutdown::Both);
                });
            }
        }
    });
    port
}

impl Weather {
    async fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let opened = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(data.path(), opened).expect("the server may enter");
        let cluster = Cluster::start(Options::new(data.path().join("db")))
            .await
            .expect("a server");
        let behind_the_door = Arc::new(AtomicU16::new(port_of(cluster.admin_url())));
        let port = door(Arc::clone(&behind_the_door));
        let database = TestDatabase {
            serve: through(&cluster.app_url("kassa"), port),
            owner: through(&cluster.owner_url("kassa"), port),
            admin: through(cluster.admin_url(), port),
        };
        let owner = database.owner.clone();
        let migrated = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(migrate::run(&owner)).expect("the migrations");
        });
        migrated.join().expect("the migrations");
        Self {
            data,
            behind_the_door,
            database,
            cluster,
            worker: None,
            offset: 0,
        }
    }

    fn start_worker(&mut self) {
        let mut command = kassa(self.data.path());
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.data.path().join("log"))
            .expect("a log");
        command
            .args(["serve", "--role", "worker"])
            .env("KASSA_ENV", "development")
            .env("KASSA_CLOCK_OFFSET", self.offset.to_string())
            .env("KASSA_ENCRYPTION_KEYS", format!("1:{}", BASE64.encode(&[1; 32])))
            .env("DATABASE_URL", self.database.serve.expose_secret())
            .env("KASSA_MIGRATE_DATABASE_URL", self.database.owner.expose_secret())
            .stdout(Stdio::null())
            .stderr(log);
        self.worker = Some(command.spawn().expect("the binary"));
    }

    /// The end of what the worker said.
    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.data.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn kill_worker(&mut self) {
        if let Some(mut worker) = self.worker.take() {
            worker.kill().expect("SIGKILL");
            worker.wait().expect("its end");
        }
    }

    async fn kill_database(&mut self) {
        let pid_file: PathBuf = self.data.path().join("db/postgres/cluster/data/postmaster.pid");
        let text = std::fs::read_to_string(pid_file).expect("its number");
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        kill_process(pid.and_then(Pid::from_raw).expect("a number"), Signal::KILL).expect("SIGKILL");
        self.cluster = Cluster::start(Options::new(self.data.path().join("db")))
            .await
            .expect("the server comes back");
        self.behind_the_door
            .store(port_of(self.cluster.admin_url()), Ordering::SeqCst);
    }

    /// Kills the worker, the database, or both; the worker comes back later by its clock.
    async fn strike(&mut self, kind: u64, test: &TestApp) {
        if kind % 3 != 1 {
            self.kill_worker();
        }
        if !kind.is_multiple_of(3) {
            self.kill_database().await;
        }
        // One that lost its database may have ended, and one that has not keeps its clock.
        self.kill_worker();
        self.offset += STEP;
        test.advance(TimeDelta::seconds(STEP));
        self.start_worker();
    }
}

impl Drop for Weather {
    fn drop(&mut self) {
        self.kill_worker();
        let pid_file = self.data.path().join("db/postgres/cluster/data/postmaster.pid");
        let text = std::fs::read_to_string(pid_file).unwrap_or_default();
        if let Some(pid) = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok())
            .and_then(Pid::from_raw)
        {
            let _ = kill_process(pid, Signal::QUIT);
        }
    }
}

/// Asks until the answer is one of a server that has its database.
async fn patiently(test: &TestApp, call: Call) -> Reply {
    loop {
        let reply = test.call(call.clone()).await;
        if reply.status < 500 {
            return reply;
        }
        // Asked at once again and again, the server would have no core left to recover on.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn sell(test: &TestApp, merchant: &Merchant) {
    let body = json!({"checkout": merchant.slug, "link": "course",
        "customer": {"email": "buyer@example.com", "country": "FI", "first_name": "Aino"}});
    let opened = patiently(test, Call::post("/v1/storefront/sessions", body))
        .await
        .expect(201);
    let visit = Visit::of(&opened);
    patiently(test, visit.confirmation()).await.expect(200);
    let paid = Call::post(visit.path("/test-payment"), json!({"outcome": "succeeded"})).bearer(&visit.secret);
    let paid = patiently(test, paid).await;
    // An answer that was lost may have been a good one: then there is no payment to end any more.
    assert!(
        matches!(paid.status, 200 | 409),
        "{}",
        String::from_utf8_lossy(&paid.body)
    );
}

/// The log, read on by its numbers while everything happens: each page goes on where the last one ended, with no gap.
async fn follow(test: &TestApp, merchant: &Merchant, log: &mut Vec<Value>) {
    let after = log
        .last()
        .map_or(0, |event| event["sequence"].as_i64().expect("a number"));
    let call = Call::get(merchant.path(&format!("events?test_mode=true&limit=100&after={after}")));
    let page = patiently(test, call.bearer(&merchant.api_key)).await.expect(200);
    for (expected, event) in (after + 1..).zip(page["data"].as_array().expect("a page")) {
        assert_eq!(event["sequence"], expected, "no gap");
        log.push(event.clone());
    }
}

fn ids(receiver: &Receiver) -> BTreeSet<String> {
    let seen = receiver.seen();
    seen.iter().map(|one| one.header("webhook-id").to_owned()).collect()
}

#[actix_web::test]
async fn five_hundred_orders_in_a_storm_lose_no_event() {
    let seed = std::time::UNIX_EPOCH.elapsed().expect("a time").subsec_nanos();
    println!("seed {seed}");
    let random = Arc::new(AtomicU64::new(u64::from(seed)));
    let weather = Weather::new().await;
    let test = TestApp::with(Settings {
        database: Some(weather.database.clone()),
        ..Settings::default()
    })
    .await;
    let merchant = Merchant::with_course(&test, "storm").await;
    let healthy = Receiver::start(|_, _| Say::Status(204)).await;
    let luck = Arc::clone(&random);
    let flaky = Receiver::start(move |_, _| Say::Status(if chance(&luck).is_multiple_of(4) { 500 } else { 204 })).await;
    let awake = Arc::new(AtomicBool::new(false));
    let woken = Arc::clone(&awake);
    let hanging = Receiver::start(move |_, _| match woken.load(Ordering::SeqCst) {
        true => Say::Status(204),
        false => Say::Nothing,
    })
    .await;
    let mut endpoints = BTreeMap::new();
    for (name, receiver) in [("healthy", &healthy), ("flaky", &flaky), ("hanging", &hanging)] {
        let body = json!({"url": receiver.url, "events": ["*"], "test_mode": true});
        let made = merchant.create(&test, "webhook-endpoints", body).await;
        endpoints.insert(
            name,
            format!("webhook-endpoints/{}", made["id"].as_str().expect("an id")),
        );
    }

    let weather = Mutex::new(weather);
    weather.lock().await.start_worker();
    let mut work: Vec<LocalBoxFuture<'_, ()>> = (0..ORDERS).map(|_| sell(&test, &merchant).boxed_local()).collect();
    for strike in 0..STRIKES {
        let kind = chance(&random);
        let place = (strike * ORDERS / STRIKES) + usize::try_from(chance(&random)).expect("small") % (ORDERS / STRIKES);
        let (weather, test) = (&weather, &test);
        work.insert(
            place,
            async move { weather.lock().await.strike(kind, test).await }.boxed_local(),
        );
    }
    let mut log = Vec::new();
    let mut storm = futures_util::stream::iter(work).buffer_unordered(4);
    let mut done = 0;
    while storm.next().await.is_some() {
        done += 1;
        if done % 20 == 0 {
            follow(&test, &merchant, &mut log).await;
        }
    }
    drop(storm);

    // Calm: one more start, because what was claimed last may be nobody's. The healthy one gets all of it at its own speed.
    weather.lock().await.strike(0, &test).await;
    let begun = Instant::now();
    while log.len() < EVENTS || ids(&healthy).len() < EVENTS {
        follow(&test, &merchant, &mut log).await;
        let got = ids(&healthy).len();
        if begun.elapsed() > Duration::from_secs(120) {
            let log_of_worker = weather.lock().await.log();
            panic!("{} events, {got} received\n{log_of_worker}", log.len());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(ids(&hanging).len() < EVENTS / 2, "while the hanging one hangs");
    weather.lock().await.kill_worker();

    // The others catch up.
    awake.store(true, Ordering::SeqCst);
    for hours in [1, 1, 2, 3, 6, 8, 12, 16, 24, 30] {
        test.advance(TimeDelta::hours(hours));
        test.drain_jobs().await;
        if ids(&flaky).len() == EVENTS && ids(&hanging).len() == EVENTS {
            break;
        }
    }
    follow(&test, &merchant, &mut log).await;
    let told: BTreeSet<String> = log
        .iter()
        .map(|event| event["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!((log.len(), told.len()), (EVENTS, EVENTS), "no duplicate");
    for (name, receiver) in [("healthy", &healthy), ("flaky", &flaky), ("hanging", &hanging)] {
        assert_eq!(ids(receiver), told, "{name}");
    }
    let overtaken = overtaken(&test, &merchant, &endpoints["healthy"]).await;
    in_order(&healthy, &overtaken);
    test.check_invariants().await;
}

/// The numbers of the events that let others pass.
async fn overtaken(test: &TestApp, merchant: &Merchant, endpoint: &str) -> BTreeSet<i64> {
    let mut found = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = merchant
            .read(test, &format!("{endpoint}/deliveries?limit=100{cursor}"))
            .await;
        let rows = page["data"].as_array().expect("rows");
        found.extend(
            rows.iter()
                .filter(|row| row["overtaken"] == true)
                .filter_map(|row| row["sequence"].as_i64()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Per object, no event came for the first time before an earlier one that nobody might overtake.
fn in_order(receiver: &Receiver, overtaken: &BTreeSet<i64>) {
    let mut seen: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in receiver.seen() {
        let own = seen.entry(one.object()).or_default();
        if !own.contains(&one.sequence()) {
            own.push(one.sequence());
        }
    }
    for (object, own) in &mut seen {
        own.retain(|sequence| !overtaken.contains(sequence));
        assert!(own.is_sorted(), "{object}: {own:?}");
    }
}
