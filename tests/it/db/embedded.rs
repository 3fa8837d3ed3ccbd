//! The private cluster from outside: what a person who clones and runs depends on.
//!
//! Every test has a folder of its own. They pass as root and as an ordinary user; what only one of
//! them can meet returns early for the other.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use kassa::db::embedded::{Archive, Cluster, DATABASE, Download, DownloadFault, EmbeddedError, Options, Search};
use rustix::process::{Pid, Signal};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::{Client, NoTls, error::SqlState};

/// Names the folder to a copy of this executable that is there to be killed.
const CHILD_DIR: &str = "EMBEDDED_TEST_DIR";

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("kassa-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn options(&self) -> Options {
        Options {
            durable: false,
            download: Download::Never,
            ..Options::new(self.0.join("data"))
        }
    }

    fn base(&self) -> PathBuf {
        self.0.join("data/postgres/cluster")
    }

    fn pid_file(&self) -> PathBuf {
        self.base().join("data/postmaster.pid")
    }

    fn pid(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.pid_file()).ok()?;
        Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A test that failed may have left its server.
        if let Some(pid) = self.pid().filter(|pid| works_in(*pid, &self.base())) {
            let _ = rustix::process::kill_process(pid, Signal::QUIT);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn works_in(pid: Pid, folder: &Path) -> bool {
    fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())).is_ok_and(|cwd| cwd.starts_with(folder))
}

async fn connect(url: &SecretString) -> Client {
    let (client, connection) = tokio_postgres::connect(url.expose_secret(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn select_one(url: &SecretString) -> i32 {
    let row = connect(url).await.query_one("SELECT 1", &[]).await.unwrap();
    row.get(0)
}

fn port(cluster: &Cluster) -> u16 {
    let url = cluster.admin_url().expose_secret();
    let rest = url.rsplit_once(':').unwrap().1;
    rest.split('/').next().unwrap().parse().unwrap()
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn three_roles_may_do_what_they_are_for_and_no_more() {
    let scratch = Scratch::new();
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    cluster.create_database("other_1").await.unwrap();
    cluster.create_database("other_1").await.unwrap();
    assert!(matches!(
        cluster.create_database("drop table").await,
        Err(EmbeddedError::BadName(_))
    ));
    for database in [DATABASE, "other_1"] {
        let (owner, app) = (cluster.owner_url(database), cluster.app_url(database));
        for url in [cluster.admin_url(), &owner, &app] {
            assert_eq!(select_one(url).await, 1);
        }
        owner_defines_and_app_uses(&connect(&owner).await, &connect(&app).await).await;
    }
    let admin = connect(cluster.admin_url()).await;
    let sql = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'kassa%' \
               AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)";
    let rows = admin.query(sql, &[]).await.unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["kassa_admin"]);
    let sql = "SELECT current_setting('TimeZone') || ' ' || pg_encoding_to_char(encoding) \
               || ' ' || datcollate || ' ' || current_setting('data_checksums') \
               FROM pg_database WHERE datname = 'kassa'";
    let row = admin.query_one(sql, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "UTC UTF8 C on");
    cluster.stop().await.unwrap();
}

async fn owner_defines_and_app_uses(owner: &Client, app: &Client) {
    let sql = "CREATE TABLE goods (id bigserial PRIMARY KEY, name text NOT NULL); \
               CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';";
    owner.batch_execute(sql).await.unwrap();
    let sql = "INSERT INTO goods (name) VALUES ('a'); UPDATE goods SET name = 'b'; \
               SELECT twice(1) FROM goods; DELETE FROM goods;";
    app.batch_execute(sql).await.unwrap();
    for sql in [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "ALTER TABLE goods ADD COLUMN more int",
        "DROP TABLE goods",
        "TRUNCATE goods",
        "COPY goods TO PROGRAM 'true'",
    ] {
        let error = app.batch_execute(sql).await.unwrap_err();
        let code = error.code();
        assert_eq!(code, Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn instances_share_and_the_last_one_stops_the_server() {
    let scratch = Scratch::new();
    // Both at once on an empty folder: one makes the cluster, the other waits for it.
    let (first, second) = tokio::join!(Cluster::start(scratch.options()), Cluster::start(scratch.options()));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(port(&first), port(&second));
    let pid = scratch.pid();
    first.stop().await.unwrap();
    assert_eq!(scratch.pid(), pid);
    assert_eq!(select_one(&second.app_url(DATABASE)).await, 1);
    second.stop().await.unwrap();
    assert_eq!(scratch.pid(), None);
}

#[tokio::test]
async fn many_starts_and_stops_at_once_never_meet_a_stopped_server() {
    let scratch = Scratch::new();
    Cluster::start(scratch.options()).await.unwrap().stop().await.unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let options = scratch.options();
            tokio::spawn(async move {
                for _ in 0..4 {
                    let cluster = Cluster::start(options.clone()).await.unwrap();
                    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
                    cluster.stop().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(scratch.pid(), None);
}

#[tokio::test]
async fn data_outlives_stop_and_a_killed_server() {
    let scratch = Scratch::new();
    let durable = Options {
        durable: true,
        ..scratch.options()
    };
    let cluster = Cluster::start(durable.clone()).await.unwrap();
    let owner = connect(&cluster.owner_url(DATABASE)).await;
    let sql = "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)";
    owner.batch_execute(sql).await.unwrap();
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(durable.clone()).await.unwrap();
    let app = connect(&cluster.app_url(DATABASE)).await;
    app.batch_execute("INSERT INTO kept VALUES (2)").await.unwrap();
    rustix::process::kill_process(scratch.pid().unwrap(), Signal::KILL).unwrap();

    // The instance that saw the crash is still a user; the next one brings the server back.
    let next = Cluster::start(durable).await.unwrap();
    let app = connect(&next.app_url(DATABASE)).await;
    let row = app.query_one("SELECT count(*) FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 2);
    cluster.stop().await.unwrap();
    next.stop().await.unwrap();
    assert_eq!(scratch.pid(), None);
}

#[tokio::test]
async fn a_pid_file_that_names_another_program_is_seen_through() {
    let scratch = Scratch::new();
    Cluster::start(scratch.options()).await.unwrap().stop().await.unwrap();
    let own = std::process::id();
    for stale in [
        format!("{own}\n/nowhere\n1\n1\n\n127.0.0.1\n"),
        "999999999\n/nowhere\n1\n1\n\n127.0.0.1\n".to_owned(),
        String::new(),
    ] {
        fs::write(scratch.pid_file(), &stale).unwrap();
        let data = fs::metadata(scratch.base().join("data")).unwrap();
        std::os::unix::fs::chown(scratch.pid_file(), Some(data.uid()), Some(data.gid())).unwrap();
        let cluster = Cluster::start(scratch.options()).await.unwrap();
        assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
        cluster.stop().await.unwrap();
    }
}

#[tokio::test]
async fn listens_on_loopback_only() {
    let scratch = Scratch::new();
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    let port = format!(":{:04X}", port(&cluster));
    let mut tables = String::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        tables += &fs::read_to_string(table).unwrap_or_default();
    }
    let listening: Vec<_> = tables
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields[1].ends_with(&port) && fields[3] == "0A")
        .map(|fields| fields[1].to_owned())
        .collect();
    assert_eq!(listening, [format!("0100007F{port}")]);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn the_server_is_a_daemon_that_holds_no_lock() {
    let scratch = Scratch::new();
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    let pid = scratch.pid().unwrap();
    assert_eq!(rustix::process::getsid(Some(pid)).unwrap(), pid);
    let open = fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).unwrap();
    let open = open.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    let locks: Vec<_> = open.filter(|path| path.extension() == Some("lock".as_ref())).collect();
    assert_eq!(locks, Vec::<PathBuf>::new());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn any_folder_name_will_do() {
    let scratch = Scratch::new();
    let options = Options {
        data_dir: scratch.0.join("da ta $(touch x) 'a' \"b\" \\"),
        ..scratch.options()
    };
    let cluster = Cluster::start(options).await.unwrap();
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    cluster.stop().await.unwrap();
}

/// Test suites start one cluster and use it from the runtime each test has of its own.
#[test]
fn a_cluster_outlives_the_runtime_that_started_it() {
    let scratch = Scratch::new();
    let options = Options {
        linger: true,
        ..scratch.options()
    };
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let cluster = runtime().block_on(Cluster::start(options)).unwrap();
    runtime().block_on(async {
        cluster.create_database("later").await.unwrap();
        assert_eq!(select_one(&cluster.app_url("later")).await, 1);
    });
    runtime().block_on(cluster.stop()).unwrap();
    assert_eq!(scratch.pid(), None);
}

#[tokio::test]
async fn passwords_are_kept_to_one_private_file() {
    let scratch = Scratch::new();
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    let file = scratch.0.join("data/postgres/passwords");
    let meta = fs::metadata(&file).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    assert_eq!(meta.uid(), rustix::process::geteuid().as_raw());
    let text = fs::read_to_string(&file).unwrap();
    let secrets: Vec<_> = text.lines().filter_map(|line| line.split('=').nth(1)).collect();
    assert_eq!(secrets.len(), 3);
    let said = format!("{cluster:?} {}", cluster.describe());
    let mut written = vec![said.into_bytes()];
    for entry in fs::read_dir(scratch.base().join("log")).unwrap().flatten() {
        written.push(fs::read(entry.path()).unwrap());
    }
    written.push(fs::read(scratch.base().join("data/postmaster.opts")).unwrap());
    for text in written {
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    }
    assert!(cluster.describe().contains(scratch.base().to_str().unwrap()));
    cluster.stop().await.unwrap();

    let others = "ab".repeat(32);
    let others = format!("admin={others}\nowner={others}\napp={others}\n");
    fs::write(&file, others).unwrap();
    let error = Cluster::start(scratch.options()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PasswordsLost { .. }), "{error}");
    assert_eq!(scratch.pid(), None, "a start that failed leaves no server");
    fs::remove_file(&file).unwrap();
    let error = Cluster::start(scratch.options()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PasswordsLost { .. }), "{error}");
}

#[tokio::test]
async fn without_a_server_one_sentence_says_what_to_install() {
    let scratch = Scratch::new();
    let options = Options {
        search: Search::Dirs(Vec::new()),
        ..scratch.options()
    };
    let error = Cluster::start(options).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NoServer));
    let said = error.to_string();
    for part in [
        "apt-get install postgresql",
        "dnf install",
        "brew install",
        "DATABASE_URL",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn data_of_another_major_names_the_version_it_needs() {
    let scratch = Scratch::new();
    Cluster::start(scratch.options()).await.unwrap().stop().await.unwrap();
    fs::write(scratch.base().join("data/PG_VERSION"), "11\n").unwrap();
    let error = Cluster::start(scratch.options()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NeedsMajor { major: 11, .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let scratch = Scratch::new();
    Cluster::start(scratch.options()).await.unwrap().stop().await.unwrap();
    let conf = scratch.base().join("data/postgresql.conf");
    let mut text = fs::read_to_string(&conf).unwrap();
    text += "\nno_such_setting = on\n";
    fs::write(&conf, text).unwrap();
    let error = Cluster::start(scratch.options()).await.unwrap_err();
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

// ---- downloads ----

/// A release like the real ones: the installed programs and their modules below one folder. What
/// they do not find beside them they look for where they were built to be installed.
fn release() -> Vec<u8> {
    let mut tar = archive();
    let bin = pg_config("--bindir");
    for name in ["initdb", "postgres", "pg_ctl"] {
        let path = format!("postgresql-test/bin/{name}");
        tar.append_path_with_name(bin.join(name), path).unwrap();
    }
    for entry in fs::read_dir(pg_config("--pkglibdir")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_file() && !name.starts_with("llvm") {
            let path = format!("postgresql-test/lib/{name}");
            tar.append_path_with_name(entry.path(), path).unwrap();
        }
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn pg_config(what: &str) -> PathBuf {
    let said = Command::new("pg_config").arg(what).output().unwrap();
    PathBuf::from(String::from_utf8(said.stdout).unwrap().trim())
}

fn archive() -> tar::Builder<flate2::write::GzEncoder<Vec<u8>>> {
    let fast = flate2::Compression::fast();
    tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), fast))
}

/// Serves `body` once on loopback, of which only the first `sent` bytes arrive.
fn serve(body: Vec<u8>, sent: usize, status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/server.tar.gz", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).unwrap();
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // A client that refuses what it gets hangs up early.
        let _ = stream.write_all(&body[..sent]);
    });
    url
}

fn download(scratch: &Scratch, url: String, sha256: String) -> Options {
    Options {
        search: Search::Dirs(Vec::new()),
        download: Download::From(Archive {
            url,
            sha256,
            version: "15.0.0".to_owned(),
        }),
        ..scratch.options()
    }
}

fn sha256(body: &[u8]) -> String {
    HEXLOWER.encode(digest::digest(&digest::SHA256, body).as_ref())
}

async fn refused(scratch: &Scratch, options: Options) -> DownloadFault {
    let error = Cluster::start(options).await.unwrap_err();
    let left: Vec<_> = fs::read_dir(scratch.base()).unwrap().flatten().collect();
    let left: Vec<_> = left.iter().map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name == "log"), "left behind: {left:?}");
    assert!(error.to_string().contains("DATABASE_URL"), "{error}");
    match error {
        EmbeddedError::Download { fault, .. } => fault,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_pinned_release_is_fetched_once_and_used() {
    let scratch = Scratch::new();
    let body = release();
    let (hash, length) = (sha256(&body), body.len());
    let options = download(&scratch, serve(body, length, "200 OK"), hash);
    let cluster = Cluster::start(options.clone()).await.unwrap();
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    cluster.stop().await.unwrap();
    assert!(scratch.base().join("server-15.0.0/bin/postgres").exists());
    // The file server is gone: what was unpacked is used again.
    let cluster = Cluster::start(options).await.unwrap();
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_download_that_is_not_the_pinned_one_is_refused() {
    let scratch = Scratch::new();
    let body = release();
    let length = body.len();
    let hash = sha256(&body);

    let url = serve(body.clone(), length, "200 OK");
    let fault = refused(&scratch, download(&scratch, url, "00".repeat(32))).await;
    assert!(matches!(fault, DownloadFault::Checksum { .. }), "{fault}");

    let url = serve(body.clone(), length / 2, "200 OK");
    let fault = refused(&scratch, download(&scratch, url, hash.clone())).await;
    assert!(matches!(fault, DownloadFault::Transfer(_)), "{fault}");

    let url = serve(body, length, "404 Not Found");
    let fault = refused(&scratch, download(&scratch, url, hash.clone())).await;
    assert!(matches!(fault, DownloadFault::Status(404)), "{fault}");

    let url = "http://127.0.0.1:1/server.tar.gz".to_owned();
    let fault = refused(&scratch, download(&scratch, url, hash)).await;
    assert!(matches!(fault, DownloadFault::Transfer(_)), "{fault}");
}

#[tokio::test]
async fn an_archive_that_reaches_out_of_its_folder_is_refused() {
    let scratch = Scratch::new();
    let name = |name: &str| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        header
    };
    let mut up = name("../../evil");
    up.set_size(4);
    let mut link = name("lib");
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    link.set_link_name("../../..").unwrap();
    for (mut header, content) in [(up, "evil"), (link, "")] {
        header.set_cksum();
        let mut tar = archive();
        tar.append(&header, content.as_bytes()).unwrap();
        let body = tar.into_inner().unwrap().finish().unwrap();
        let (hash, length) = (sha256(&body), body.len());
        let options = download(&scratch, serve(body, length, "200 OK"), hash);
        let fault = refused(&scratch, options).await;
        assert!(matches!(fault, DownloadFault::Escapes { .. }), "{fault}");
    }
}

// ---- root ----

#[tokio::test]
async fn root_gets_a_cluster_where_the_server_account_can_go() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    let said = cluster.describe();
    assert!(said.contains("cannot enter"), "{said}");
    let data = said.split("data in ").nth(1).unwrap().split(" (").next().unwrap();
    let base = Path::new(data).parent().unwrap().to_owned();
    assert!(base.starts_with("/var/lib/kassa"), "{said}");
    assert_eq!(fs::metadata(&base).unwrap().uid(), 0);
    assert_ne!(fs::metadata(data).unwrap().uid(), 0);
    cluster.stop().await.unwrap();
    let again = Cluster::start(scratch.options()).await.unwrap();
    assert!(again.describe().contains(data));
    again.stop().await.unwrap();
    fs::remove_dir_all(base).unwrap();
}

#[tokio::test]
async fn root_does_not_leave_data_behind_for_an_empty_cluster() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new();
    Cluster::start(scratch.options()).await.unwrap().stop().await.unwrap();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o700)).unwrap();
    let error = Cluster::start(scratch.options()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::NotTraversable { .. }), "{error}");
}

#[tokio::test]
async fn programs_the_server_account_may_not_run_are_named() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new();
    let bin = scratch.0.join("closed/bin");
    fs::create_dir_all(&bin).unwrap();
    for name in ["initdb", "postgres", "pg_ctl"] {
        fs::write(bin.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o700)).unwrap();
    }
    let options = Options {
        search: Search::Dirs(vec![bin.clone()]),
        ..scratch.options()
    };
    let error = Cluster::start(options).await.unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::NotExecutable { bin_dir, .. } if *bin_dir == bin),
        "{error}"
    );
}

// ---- deaths ----

/// This very executable, starting the cluster in `scratch` and then waiting to be killed.
fn spawn_child(scratch: &Scratch) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            concat!(module_path!(), "::child").trim_start_matches("it::"),
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD_DIR, &scratch.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
#[ignore = "runs only as a child of other tests, which kill it"]
async fn child() {
    let Some(folder) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let options = Options {
        durable: false,
        download: Download::Never,
        linger: true,
        ..Options::new(folder.join("data"))
    };
    let cluster = Cluster::start(options).await.unwrap();
    fs::write(folder.join("up"), cluster.describe()).unwrap();
    std::future::pending::<()>().await;
}

fn watchers(scratch: &Scratch) -> usize {
    let data = scratch.base().join("data");
    let data = data.to_str().unwrap();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| line.contains("kassa-watcher") && line.contains(data))
        .count()
}

#[tokio::test]
async fn a_killed_process_that_lingers_leaves_no_server() {
    let scratch = Scratch::new();
    let mut child = spawn_child(&scratch);
    until("the child is up", || scratch.0.join("up").exists()).await;
    assert!(scratch.pid().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    until("the watcher stopped the server", || scratch.pid().is_none()).await;
    until("the watcher is gone", || watchers(&scratch) == 0).await;
}

#[tokio::test]
async fn the_watcher_leaves_a_server_alone_that_is_in_use() {
    let scratch = Scratch::new();
    let mut child = spawn_child(&scratch);
    until("the child is up", || scratch.0.join("up").exists()).await;
    let pid = scratch.pid();
    child.kill().unwrap();
    child.wait().unwrap();
    // The killed process left its server running, and it is found again.
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    assert_eq!(scratch.pid(), pid);
    until("the watcher is gone", || watchers(&scratch) == 0).await;
    assert_eq!(scratch.pid(), pid);
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_killed_while_making_the_cluster_is_made_good() {
    let scratch = Scratch::new();
    let mut child = spawn_child(&scratch);
    let growing = || {
        let entries = fs::read_dir(scratch.base()).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("init-"))
            .any(|entry| entry.path().join("data/base").exists())
    };
    until("initdb is at work", growing).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!scratch.base().join("data").exists());
    let cluster = Cluster::start(scratch.options()).await.unwrap();
    assert_eq!(select_one(&cluster.app_url(DATABASE)).await, 1);
    cluster.stop().await.unwrap();
}

// ---- times ----

#[tokio::test]
async fn a_second_start_is_fast() {
    let scratch = Scratch::new();
    let mut times = Vec::new();
    let mut start = async || {
        let begun = Instant::now();
        let cluster = Cluster::start(scratch.options()).await.unwrap();
        times.push(begun.elapsed());
        cluster
    };
    start().await.stop().await.unwrap();
    let first = start().await;
    let second = start().await;
    let begun = Instant::now();
    first.stop().await.unwrap();
    second.stop().await.unwrap();
    let stopped = begun.elapsed();
    println!("new, stopped, running: {times:?}; stop: {stopped:?}");
    assert!(times[1] < Duration::from_secs(5) && times[2] < Duration::from_secs(1));
}
