//! One private cluster for all tests, one migrated template, and a clone of it for each test (about 40 ms).
//!
//! The cluster stops by itself when no test process uses it any more. Databases of processes that are gone are dropped by the
//! next one.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kassa::db::embedded::{Cluster, Options};
use kassa::db::migrate;
use kassa::kernel::secret::sha256;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

struct Shared {
    cluster: Cluster,
    template: String,
}

static SHARED: OnceCell<Shared> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database of one test.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    /// With the rights the product serves with.
    pub serve: SecretString,
    /// With the rights of the owner, for the rules of the house.
    pub owner: SecretString,
    /// With every right, to look at what the others may not.
    pub admin: SecretString,
}

/// A fresh clone of the template.
pub async fn fresh() -> TestDatabase {
    clone_of(Some(())).await
}

/// A fresh database without any table.
pub async fn empty() -> TestDatabase {
    clone_of(None).await
}

async fn clone_of(template: Option<()>) -> TestDatabase {
    let shared = SHARED.get_or_init(start).await;
    let name = format!("t_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    match template {
        None => shared.cluster.create_database(&name).await.expect("a database"),
        Some(()) => {
            let statement = format!(
                "CREATE DATABASE {name} TEMPLATE {} STRATEGY FILE_COPY OWNER kassa_owner",
                shared.template
            );
            admin(shared)
                .await
                .batch_execute(&statement)
                .await
                .expect("a clone of the template");
        }
    }
    TestDatabase {
        serve: shared.cluster.app_url(&name),
        owner: shared.cluster.owner_url(&name),
        admin: with_database(shared.cluster.admin_url(), &name),
    }
}

/// The same server and role, another database.
fn with_database(url: &SecretString, name: &str) -> SecretString {
    let url = url.expose_secret();
    let (server, _) = url.rsplit_once('/').expect("a URL with a database");
    format!("{server}/{name}").into()
}

async fn admin(shared: &Shared) -> AsyncPgConnection {
    AsyncPgConnection::establish(shared.cluster.admin_url().expose_secret())
        .await
        .expect("the cluster answers")
}

/// Started on a thread and a runtime of its own: migrations need a multi-threaded one, and the cluster outlives every test's.
async fn start() -> Shared {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let _ = sender.send(runtime.block_on(prepare()));
    });
    receiver.await.expect("the cluster started")
}

async fn prepare() -> Shared {
    let data_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("database");
    std::fs::create_dir_all(&data_dir).expect("a folder for the test cluster");
    let lock = std::fs::File::create(data_dir.join("template.lock")).expect("a lock file");
    let options = Options {
        durable: false,
        linger: true,
        ..Options::new(&data_dir)
    };
    let cluster = Cluster::start(options)
        .await
        .expect("a private PostgreSQL for the tests");
    let shared = Shared {
        template: template_name(),
        cluster,
    };
    // Other test processes wait here while one makes the template.
    lock.lock().expect("the lock of the template");
    make_template(&shared).await;
    drop_abandoned(&shared).await;
    shared
}

/// Named by what it is made from: other migrations, another template.
fn template_name() -> String {
    let mut text = String::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut migrations: Vec<_> = std::fs::read_dir(folder)
        .expect("migrations")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    migrations.sort();
    for migration in migrations {
        text.push_str(&std::fs::read_to_string(migration.join("up.sql")).expect("an up.sql"));
    }
    let hash = sha256(text.as_bytes());
    format!("template_{}", data_encoding::HEXLOWER.encode(&hash[..6]))
}

#[derive(diesel::QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    datname: String,
}

async fn databases(connection: &mut AsyncPgConnection) -> Vec<String> {
    let rows: Vec<Named> = RunQueryDsl::load(diesel::sql_query("SELECT datname::text FROM pg_database"), connection)
        .await
        .expect("the list of databases");
    rows.into_iter().map(|row| row.datname).collect()
}

async fn make_template(shared: &Shared) {
    let mut admin = admin(shared).await;
    if databases(&mut admin).await.contains(&shared.template) {
        return;
    }
    // Under another name until it is whole: a killed run must not leave half a template.
    let draft = format!("draft_{}", std::process::id());
    shared
        .cluster
        .create_database(&draft)
        .await
        .expect("a database for the template");
    migrate::run(&shared.cluster.owner_url(&draft))
        .await
        .expect("the migrations");
    let rename = format!("ALTER DATABASE {draft} RENAME TO {}", shared.template);
    admin.batch_execute(&rename).await.expect("the template");
}

async fn drop_abandoned(shared: &Shared) {
    let mut admin = admin(shared).await;
    for name in databases(&mut admin).await {
        let owner = name.strip_prefix("t_").or_else(|| name.strip_prefix("draft_"));
        let process = owner
            .and_then(|rest| rest.split('_').next())
            .and_then(|pid| pid.parse::<u32>().ok());
        if process.is_some_and(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = admin
                .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .await;
        }
    }
}
