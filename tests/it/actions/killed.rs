//! The worker is killed at random while it does the actions of orders: every action still ends, nobody gets what somebody else has, and
//! who is called can tell a repeat from something new.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use kassa::actions::action::Services;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::scene::{confirm, open_shop, pay, read, stands};
use super::services::double::{Double, Say};
use super::services::{active_campaign, kajabi, systeme_io};
use crate::support::app::Settings;
use crate::support::people::text;
use crate::support::process::kassa;
use crate::support::request::Call;
use crate::support::{Merchant, TestApp};

const LICENSES: [&str; 4] = ["key_pool", "web_service", "information_email", "manual"];

/// Everything that the actions of one order call.
struct World {
    test: TestApp,
    merchant: Merchant,
    kajabi: Double,
    systeme_io: Double,
    active_campaign: Double,
    /// Mailchimp, the webhook and the service of licenses.
    others: Double,
    pool: Value,
    data: TempDir,
}

impl World {
    /// A shop whose every order has an action of every kind, and a license of every kind.
    async fn new(slug: &str) -> Self {
        let (kajabi, systeme_io) = (kajabi::kajabi().await, systeme_io::service(|_| None).await);
        let active_campaign = active_campaign::service(|_| None).await;
        let others = Double::start(|asked, _| match asked.parts().first().copied() {
            Some("licenses") => Say::Json(
                200,
                json!({"license": format!("OF {}", asked.header("idempotency-key"))}),
            ),
            Some("sold") => Say::Json(204, Value::Null),
            _ if asked.method == "PUT" => Say::Json(200, json!({"contact_id": "9f86d081"})),
            _ => Say::Json(204, Value::Null),
        })
        .await;
        let services = Services {
            systeme_io: systeme_io.url.clone(),
            mailchimp: others.url.clone(),
            any_host: true,
        };
        let test = TestApp::with(Settings {
            services: Some(services),
            ..Settings::default()
        })
        .await;
        let merchant = Merchant::new(&test, slug).await;
        let world = Self {
            pool: sell(&test, &merchant, &others).await,
            data: tempfile::tempdir().expect("a folder"),
            test,
            merchant,
            kajabi,
            systeme_io,
            active_campaign,
            others,
        };
        world.set_up().await;
        world
    }

    async fn set_up(&self) {
        for (service, body) in [
            ("systeme_io", json!({"api_key": "a-key-of-theirs"})),
            (
                "active_campaign",
                json!({"api_key": "a-key-of-theirs", "url": self.active_campaign.url}),
            ),
            ("mailchimp", json!({"api_key": "a-key-of-theirs-us1"})),
        ] {
            let path = self.merchant.path(&format!("integrations/{service}"));
            let call = Call::new("PUT", path).json(body);
            self.merchant.call(&self.test, call).await.expect(200);
        }
        for (kind, config) in [
            ("webhook", json!({"url": format!("{}/sold", self.others.url)})),
            (
                "email",
                json!({"subject": "Welcome", "text": "Welcome, {{ first_name }}."}),
            ),
            (
                "kajabi_grant",
                json!({"activation_url": format!("{}/offers/1/activate", self.kajabi.url)}),
            ),
            ("systeme_io", json!({"tags": ["customer"]})),
            ("active_campaign", json!({"tags": ["customer"]})),
            ("mailchimp", json!({"list_id": "a1b2c3", "tags": ["customer"]})),
        ] {
            let body = json!({"level": "checkout", "type": kind, "name": kind, "config": config});
            self.merchant.create(&self.test, "actions", body).await;
        }
    }

    /// Somebody buys; nothing is done about it here.
    async fn buy(&self, number: usize) -> String {
        let buyer = format!("buyer{number}@example.com");
        let confirmed = confirm(&self.test, &self.merchant, "all", &buyer, 1).await;
        pay(&self.test, &self.merchant, &confirmed).await.expect(200);
        confirmed.order
    }

    /// A worker in a process of its own, whose leases last two seconds.
    fn worker(&self) -> Child {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.data.path().join("log"));
        kassa(self.data.path())
            .args(["serve", "--role", "worker"])
            .env("KASSA_ENV", "development")
            .env("KASSA_JOB_LEASE", "2")
            .env("KASSA_SYSTEME_IO_API_BASE", &self.systeme_io.url)
            .env("KASSA_MAILCHIMP_API_BASE", &self.others.url)
            .env("KASSA_ENCRYPTION_KEYS", format!("1:{}", BASE64.encode(&[1; 32])))
            .env("DATABASE_URL", self.test.database.serve.expose_secret())
            .env("KASSA_MIGRATE_DATABASE_URL", self.test.database.owner.expose_secret())
            .stdout(Stdio::null())
            .stderr(log.expect("a log"))
            .spawn()
            .expect("the binary")
    }

    /// How many orders wait for a person, by the counter and by the list: they are the same at every moment between two changes.
    async fn attention(&self) -> (u64, u64) {
        let count = self.merchant.read(&self.test, "orders/requires-attention/count").await;
        let list = "orders?requires_attention=true&limit=100";
        let list = self.merchant.read(&self.test, list).await;
        let listed = list["data"].as_array().map_or(0, Vec::len);
        // One page of the list is a hundred at the most.
        let counted = count["count"].as_u64().expect("a number").min(100);
        (counted, u64::try_from(listed).expect("small"))
    }

    /// Waits until the worker has begun with an order.
    async fn begun(&self, order: &str) {
        let begun = Instant::now();
        loop {
            let order = read(&self.test, &self.merchant, order).await;
            let runs = order["actions"].as_array().expect("runs");
            if runs.iter().any(|run| run["attempts"] != 0) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is done: {order:#}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How many attempts at the actions of these orders never ended.
    async fn cut_off(&self, orders: &[String]) -> usize {
        let mut cut_off = 0;
        for order in orders {
            let read = self.merchant.read(&self.test, &format!("orders/{order}/actions")).await;
            let attempts = read["attempts"].as_array().expect("attempts");
            cut_off += attempts
                .iter()
                .filter(|attempt| attempt["finished_at"].is_null())
                .count();
        }
        cut_off
    }

    /// Waits until no action is queued or running.
    async fn settled(&self, orders: &[String]) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let mut read_all = Vec::new();
            for order in orders {
                read_all.push(read(&self.test, &self.merchant, order).await);
            }
            let open = |order: &Value| {
                let runs = order["actions"].as_array().expect("runs");
                runs.iter()
                    .any(|run| ["queued", "running"].iter().any(|state| run["status"] == *state))
            };
            if !read_all.iter().any(open) {
                return read_all;
            }
            let waiting: Vec<_> = read_all
                .iter()
                .filter(|order| open(order))
                .map(|order| order["actions"].clone())
                .collect();
            assert!(begun.elapsed() < Duration::from_secs(60), "not done: {waiting:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Every idempotency key that somebody was called with.
    fn keys(&self) -> BTreeSet<String> {
        let doubles = [&self.kajabi, &self.systeme_io, &self.active_campaign, &self.others];
        let asked = doubles.iter().flat_map(|double| double.asked());
        asked.map(|asked| asked.header("idempotency-key").to_owned()).collect()
    }
}

/// An offer of four products, each licensed in its own way, by the link `all`; the product with the pool.
async fn sell(test: &TestApp, merchant: &Merchant, others: &Double) -> Value {
    open_shop(test, merchant).await;
    let (mut items, mut pool) = (Vec::new(), Value::Null);
    for kind in LICENSES {
        let mut license = json!({"kind": kind, "per": "unit"});
        match kind {
            "web_service" => license["url"] = json!(format!("{}/licenses", others.url)),
            "information_email" => license["text"] = json!("It begins at nine."),
            _ => {}
        }
        let product = json!({"name": kind, "type": "digital_content", "vat_type": "digital_service",
            "prices": [{"currency": "EUR", "amount": 1000}], "license": license});
        let product = merchant.create(test, "products", product).await;
        items.push(json!({"product_id": product["id"]}));
        if kind == "key_pool" {
            pool = product;
        }
    }
    let list = merchant.read(test, "actions?limit=100").await;
    for action in list["data"].as_array().expect("actions") {
        if action["config"]["kind"] == "web_service" {
            let path = merchant.path(&format!("actions/{}/rotate-secret", text(&action["id"])));
            merchant.call(test, Call::post(path, json!({}))).await.expect(200);
        }
    }
    let offer = merchant
        .create(test, "offers", json!({"name": "All", "title": "All", "items": items}))
        .await;
    let link = json!({"name": "All", "offer_id": offer["id"], "slug": "all"});
    merchant.create(test, "checkout-links", link).await;
    pool
}

/// The next of a row of numbers that looks like chance.
fn chance(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

async fn kill_the_worker(slug: &str, kills: usize) {
    let seed = std::time::UNIX_EPOCH.elapsed().expect("a time").subsec_nanos();
    println!("seed {seed}");
    let mut luck = u64::from(seed);
    let world = World::new(slug).await;
    let keys: Vec<String> = (0..kills / 2).map(|number| format!("POOL-{number:04}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    super::scene::import(&world.test, &world.merchant, &world.pool, &keys)
        .await
        .expect(200);
    let mut orders = Vec::new();
    for number in 0..kills {
        let mut worker = world.worker();
        orders.push(world.buy(number).await);
        world.begun(&orders[number]).await;
        // It is somewhere in it.
        tokio::time::sleep(Duration::from_millis(chance(&mut luck) % 100)).await;
        worker.kill().expect("SIGKILL");
        worker.wait().expect("its end");
        let (counted, listed) = world.attention().await;
        assert_eq!(counted, listed, "after kill {number}");
    }
    let mut worker = world.worker();
    let done = world.settled(&orders).await;
    judge(&world, &done, kills);
    let cut_off = world.cut_off(&orders).await;
    println!("{cut_off} attempts were cut off");
    assert!(
        cut_off >= kills / 4,
        "only {cut_off} attempts were cut off: nothing was tried"
    );
    deliver(&world, &done, kills).await;
    let done = world.settled(&orders).await;
    worker.kill().expect("SIGKILL");
    worker.wait().expect("its end");
    for order in &done {
        assert_eq!(stands(order), json!(["completed", "delivered", []]), "{order:#}");
    }
    assert_eq!(world.attention().await, (0, 0));
    world.test.check_invariants().await;
}

/// Every action has ended as it should, and everybody who was called knows which run it was for.
fn judge(world: &World, orders: &[Value], kills: usize) {
    let (mut given, mut tally) = (Vec::new(), BTreeMap::new());
    let asked_for = world.keys();
    for order in orders {
        for run in order["actions"].as_array().expect("runs") {
            let kind = text(&run["type"]);
            *tally
                .entry(format!("{kind} {} {}", text(&run["status"]), run["waiting_for"]))
                .or_insert(0) += 1;
            let calls = !["receipt_email", "email", "license"].contains(&kind.as_str());
            assert!(
                !calls || asked_for.contains(&text(&run["id"])),
                "nobody was called for {run:#}"
            );
        }
        let lines = order["lines"].as_array().expect("lines");
        let licenses = lines
            .iter()
            .flat_map(|line| line["licenses"].as_array().expect("licenses"));
        given.extend(licenses.map(|license| text(&license["key"])));
        let reasons: BTreeSet<_> = order["attention_reasons"]
            .as_array()
            .expect("reasons")
            .iter()
            .map(|reason| text(&reason["code"]))
            .collect();
        assert!(reasons.contains("manual_delivery_due"), "{order:#}");
    }
    let distinct: BTreeSet<_> = given.iter().collect();
    assert_eq!(distinct.len(), given.len(), "no license twice");
    let expected: BTreeMap<String, usize> = [
        ("active_campaign succeeded null", kills),
        ("email succeeded null", kills),
        ("kajabi_grant succeeded null", kills),
        // Half of those from the pool, all of the service's, and all that is only told.
        ("license succeeded null", kills / 2 + 2 * kills),
        ("license waiting \"license_keys\"", kills - kills / 2),
        ("license waiting \"manual_delivery\"", kills),
        ("mailchimp succeeded null", kills),
        ("receipt_email succeeded null", kills),
        ("systeme_io succeeded null", kills),
        ("webhook succeeded null", kills),
    ]
    .into_iter()
    .map(|(state, count)| (state.to_owned(), count))
    .collect();
    assert_eq!(tally, expected);
}

/// Somebody delivers by hand, and fills the pool.
async fn deliver(world: &World, orders: &[Value], kills: usize) {
    for (number, order) in orders.iter().enumerate() {
        let line = order["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .find(|line| line["name"] == "manual");
        let line = text(&line.expect("the line")["id"]);
        let path = world
            .merchant
            .path(&format!("orders/{}/lines/{line}/deliver", text(&order["id"])));
        let body = json!({"licenses": [format!("BY HAND {number}")]});
        world
            .merchant
            .call(&world.test, Call::post(path, body))
            .await
            .expect(200);
    }
    let more: Vec<String> = (0..kills).map(|number| format!("MORE-{number:04}")).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    super::scene::import(&world.test, &world.merchant, &world.pool, &more)
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_worker_that_is_killed_twenty_times_leaves_nothing_undone() {
    kill_the_worker("killed", 20).await;
}

#[actix_web::test]
#[ignore = "two hundred kills: `benches/run --only kills`"]
async fn a_worker_that_is_killed_two_hundred_times_leaves_nothing_undone() {
    kill_the_worker("killed-often", 200).await;
}
