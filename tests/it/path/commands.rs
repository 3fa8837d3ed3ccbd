//! The command line, as an operator and a newcomer meet it.

use std::process::{Command, Output};

use kassa::net::Method;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::support::database;
use crate::support::process::{Server, kassa};

fn run(command: &mut Command) -> Output {
    command.output().expect("the binary")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_command_explains_itself() {
    let data = tempfile::tempdir().expect("a folder");
    for name in [
        "serve",
        "migrate",
        "openapi",
        "check-config",
        "check",
        "bootstrap",
        "suspend",
        "import-rates",
        "completions",
        "demo",
    ] {
        let output = run(kassa(data.path()).args([name, "--help"]));
        assert!(
            output.status.success() && text(&output.stdout).contains("Usage: kassa"),
            "{name}"
        );
    }
}

#[test]
fn every_fault_of_the_settings_is_listed_at_once_and_no_secret_with_them() {
    let data = tempfile::tempdir().expect("a folder");
    let output = run(kassa(data.path())
        .args(["check-config"])
        .env("KASSA_LISTEN", "nonsense")
        .env("KASSA_DB_POOL", "0")
        .env("KASSA_ENCRYPTION_KEYS", "1:hunter2hunter2")
        .env("KASSA_NO_SUCH", "1"));
    let shown = text(&output.stderr);
    assert!(!output.status.success());
    for name in [
        "KASSA_LISTEN",
        "KASSA_DB_POOL",
        "KASSA_ENCRYPTION_KEYS",
        "KASSA_NO_SUCH",
    ] {
        assert!(shown.contains(name), "{name} in {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(
        std::fs::read_dir(data.path()).expect("the folder").count(),
        0,
        "nothing was created"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_plays_a_sale_against_a_database_of_the_users_own() {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&database, data.path());
    let played = run(kassa(data.path()).arg("demo"));
    assert!(
        played.status.success(),
        "{}\n{}",
        text(&played.stdout),
        text(&played.stderr)
    );
    assert!(text(&played.stdout).contains("4 events delivered and verified"));
    // The owner's login that is printed at the start signs in.
    let body = serde_json::json!({"email": server.word("email"), "password": server.word("password")});
    let token = server.call(Method::POST, "/v1/auth/login", "", Some(body)).await;
    let token = token["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(server.call(Method::GET, "/v1/me", &token, None).await["type"], "user");
    let wrong = serde_json::json!({"email": server.word("email"), "password": "wrong"});
    assert_eq!(
        server
            .answer(Method::POST, "/v1/auth/login", "", Some(wrong))
            .await
            .status,
        401
    );
    for path in [
        "/livez",
        "/readyz",
        "/docs/",
        "/openapi/v1.json",
        "/storefront/demo/course",
        "/.well-known/jwks.json",
        "/problems/quote-changed",
    ] {
        assert_eq!(server.answer(Method::GET, path, "", None).await.status, 200, "{path}");
    }
    assert!(server.stop());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_server_wants_its_migrations_and_bootstrap_makes_the_first_owner() {
    let database = database::empty().await;
    let data = tempfile::tempdir().expect("a folder");
    let key = data_encoding::BASE64.encode(&[7; 32]);
    let in_production = |arguments: &[&str]| {
        let mut command = kassa(data.path());
        command
            .args(arguments)
            .env("DATABASE_URL", database.serve.expose_secret())
            .env("KASSA_MIGRATE_DATABASE_URL", database.owner.expose_secret())
            .env("KASSA_PUBLIC_URL", "https://kassa.example.com")
            .env("KASSA_ENCRYPTION_KEYS", format!("1:{key}"))
            .env("KASSA_SIGNING_KEYS", format!("a:{key}"))
            .env("KASSA_SMTP_URL", "smtp://127.0.0.1:2525");
        command
    };
    let production = |arguments: &[&str]| run(&mut in_production(arguments));
    let refused = production(&["serve"]);
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("kassa migrate"),
        "{}",
        text(&refused.stderr)
    );
    let applied: Value = serde_json::from_slice(&production(&["migrate", "--json"]).stdout).expect("JSON");
    assert!(
        applied["applied"].as_array().is_some_and(|list| !list.is_empty()),
        "{applied}"
    );
    let refused = run(in_production(&["serve"]).env("DATABASE_URL", database.admin.expose_secret()));
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("superuser"),
        "{}",
        text(&refused.stderr)
    );
    let made = production(&[
        "bootstrap",
        "--organization",
        "Acme",
        "--email",
        "a@acme.example",
        "--checkout",
        "acme",
        "--json",
    ]);
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    assert!(
        made["api_key"]
            .as_str()
            .is_some_and(|key| key.starts_with("kassa_sk_live_")),
        "{made}"
    );
    let again = production(&["bootstrap", "--organization", "Acme", "--email", "a@acme.example"]);
    assert!(
        text(&again.stderr).contains("exists already"),
        "{}",
        text(&again.stderr)
    );
    let checked: Value = serde_json::from_slice(&production(&["check", "--json"]).stdout).expect("JSON");
    assert_eq!(checked["ok"], true, "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_is_said_by_name() {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&database, data.path());
    let with_database = |arguments: &[&str]| {
        let mut command = kassa(data.path());
        command
            .args(arguments)
            .env("KASSA_ENV", "development")
            .env("DATABASE_URL", database.serve.expose_secret())
            .env("KASSA_MIGRATE_DATABASE_URL", database.owner.expose_secret());
        command
    };
    let refused = |command: &mut Command| {
        let output = run(command);
        assert!(!output.status.success(), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let taken = server.word("url").replace("http://", "");
    for setting in ["KASSA_LISTEN", "KASSA_METRICS_LISTEN"] {
        let why = refused(with_database(&["serve"]).env(setting, &taken));
        assert!(why.contains(setting) && why.contains(&taken), "{why}");
    }
    // A lost answer is no success, but who has read enough may close the pipe.
    let full = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full")
    };
    for arguments in [&["openapi"][..], &["check"], &["demo"], &["completions", "bash"]] {
        let why = refused(with_database(arguments).stdout(full()));
        assert!(why.contains("could not be written"), "{arguments:?}: {why}");
    }
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert!(run(with_database(&["openapi"]).stdout(writer)).status.success());
    assert!(server.stop());

    let elsewhere = tempfile::tempdir().expect("a folder");
    let nothing = elsewhere.path().join("nothing");
    for arguments in [&["check"][..], &["import-rates", "rates.csv"]] {
        std::fs::write(elsewhere.path().join("rates.csv"), "2025-01-02,USD,1.1").expect("a file");
        let why = refused(kassa(&nothing).args(arguments).current_dir(elsewhere.path()));
        assert!(why.contains("no database in"), "{arguments:?}: {why}");
        assert!(!nothing.exists(), "nothing was made");
    }
    let url = "postgres://shop:hunter2@127.0.0.1:1/books";
    let why = refused(
        kassa(&nothing)
            .arg("check")
            .env("KASSA_ENV", "development")
            .env("DATABASE_URL", url),
    );
    let place = "the database books at 127.0.0.1:1 as shop";
    assert!(
        why.contains(place) && why.contains("refused") && !why.contains("hunter2"),
        "{why}"
    );
    let empty = database::empty().await;
    let command = || {
        let mut command = kassa(&nothing);
        command
            .arg("check")
            .env("KASSA_ENV", "development")
            .env("DATABASE_URL", empty.owner.expose_secret());
        command
    };
    let why = refused(&mut command());
    assert!(why.contains("run `kassa migrate` first"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_runs_beside_the_server_with_the_same_settings() {
    let database = database::fresh().await;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&database, data.path());
    let demo = std::fs::read(data.path().join("demo.json")).expect("the word of the server");
    let log = std::fs::File::create(data.path().join("worker.log")).expect("a log");
    let mut worker = kassa(data.path())
        .args(["serve", "--role", "worker"])
        .env("KASSA_ENV", "development")
        .env("DATABASE_URL", database.serve.expose_secret())
        .env("KASSA_MIGRATE_DATABASE_URL", database.owner.expose_secret())
        .env("KASSA_LISTEN", server.word("url").replace("http://", ""))
        .stderr(log)
        .spawn()
        .expect("the binary");
    let begun = std::time::Instant::now();
    let said = || std::fs::read_to_string(data.path().join("worker.log")).expect("the log");
    while !said().contains("working in the background") {
        assert!(worker.try_wait().expect("its state").is_none(), "{}", said());
        assert!(begun.elapsed().as_secs() < 30, "{}", said());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(server.answer(Method::GET, "/livez", "", None).await.status, 200);
    assert_eq!(std::fs::read(data.path().join("demo.json")).expect("still there"), demo);
    worker.kill().expect("SIGKILL");
    worker.wait().expect("its end");
}
