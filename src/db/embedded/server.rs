//! Makes, starts and stops the server itself.
//!
//! Guarantees: a cluster appears under its final name complete or not at all; the server is a
//! daemon in a session of its own that listens on 127.0.0.1 only; it counts as ready when it let
//! the administrator in and named this very data folder. Must not: be called without `start.lock`
//! held.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use secrecy::SecretString;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::SqlState;

use super::POLL;
use super::binaries::Binaries;
use super::error::EmbeddedError;
use super::passwords::{self, write_secret};
use super::pidfile::{self, State};
use super::place::{self, Place};
use super::programs::Programs;
use super::session::{self, ADMIN, Session};

const INIT_LIMIT: Duration = Duration::from_secs(120);
/// Recovery after a crash counts, too.
const READY_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// A start can lose its port to another program, or meet what a killed server left behind.
const LAUNCHES: u32 = 5;
const INIT_PREFIX: &str = "init-";

/// Settings every server gets. They hold no blank or quote, because a shell splits them.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= \
     -c cluster_name=kassa -c max_connections=200 -c shared_buffers=128MB -c max_wal_size=512MB \
     -c timezone=UTC -c log_timezone=UTC -c password_encryption=scram-sha-256 \
     -c logging_collector=on -c log_directory=../log -c log_filename=server-%a.log \
     -c log_rotation_age=1d -c log_rotation_size=0 -c log_truncate_on_rotation=on";
const NOT_DURABLE: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// Makes an empty cluster.
///
/// It grows under another name and gets its own by one rename, so a start that is killed half-way
/// leaves nothing that looks like a cluster. The other name is new each time, because `initdb`
/// outlives a Kassa that was killed.
pub async fn init(
    place: &Place,
    binaries: &Binaries,
    password: &SecretString,
    durable: bool,
) -> Result<(), EmbeddedError> {
    tracing::info!(base = %place.base.display(), "making a private PostgreSQL cluster");
    remove_leftovers(&place.base);
    let work = place.base.join(format!(
        "{INIT_PREFIX}{}",
        crate::kernel::clock::Clock::default().new_uuid()
    ));
    let (data, secret) = (work.join("data"), work.join("password"));
    for folder in [&work, &data] {
        std::fs::create_dir(folder).map_err(EmbeddedError::io(folder))?;
    }
    place::pass_through(&work)?;
    write_secret(&secret, password)?;
    place.account.give(&data)?;
    place.account.give(&secret)?;
    let mut command = place.account.command(binaries.program("initdb"));
    command
        .env("PGDATA", &data)
        .args(["--encoding=UTF8", "--locale=C", "--data-checksums"])
        .args(["--auth=scram-sha-256", "--username", ADMIN])
        .arg("--pwfile")
        .arg(&secret);
    if !durable {
        command.arg("--no-sync");
    }
    let done = run(command, binaries.program("initdb"), INIT_LIMIT).await;
    let named = done.and_then(|()| give_name(&data, place));
    remove_leftovers(&place.base);
    named
}

fn give_name(data: &Path, place: &Place) -> Result<(), EmbeddedError> {
    std::fs::rename(data, place.data()).map_err(EmbeddedError::io(&place.data()))?;
    // The new name has to outlive a power cut as well as the files do.
    std::fs::File::open(&place.base)
        .and_then(|base| base.sync_all())
        .map_err(EmbeddedError::io(&place.base))
}

/// Starts the server if it does not run, and returns an administrator's session with it.
pub async fn ensure_running(
    place: &Place,
    programs: &Programs<'_>,
    password: &SecretString,
    durable: bool,
) -> Result<(u16, Session), EmbeddedError> {
    let data = place.data();
    let mut deadline = Instant::now() + READY_LIMIT;
    let mut launches = 0;
    let mut launched: Option<Child> = None;
    while Instant::now() < deadline {
        if launched.as_mut().is_none_or(is_done) {
            launched = None;
            match pidfile::state(&data)? {
                State::Running { .. } | State::Draining => {}
                State::Stopped | State::Stale if launches == LAUNCHES => break,
                state => {
                    launches += 1;
                    let binaries = programs.find().await?;
                    // Finding programs can take a download, which has a limit of its own.
                    deadline = Instant::now() + READY_LIMIT;
                    launched = Some(launch(place, &binaries, state, durable)?);
                }
            }
        }
        if let State::Running { port: Some(port), .. } = pidfile::state(&data)?
            && let Some(session) = greet(place, port, password).await?
        {
            return Ok((port, session));
        }
        sleep(POLL).await;
    }
    Err(EmbeddedError::NotReady {
        log: place.log_tail(),
        data,
    })
}

/// Asks the server to end its sessions and stop, and waits until it is gone.
pub async fn stop(place: &Place) -> Result<(), EmbeddedError> {
    let data = place.data();
    let deadline = Instant::now() + STOP_LIMIT;
    let mut asked = false;
    while Instant::now() < deadline {
        match pidfile::state(&data)? {
            State::Stopped | State::Stale => return Ok(()),
            State::Running { pid, .. } if !asked => {
                asked = true;
                // A shell of the server's account sends it: should the file lie about the number,
                // root's power to signal anything is not behind it.
                let mut command = place.account.command("/bin/sh");
                let number = pid.as_raw_nonzero().to_string();
                command.args(["-c", "kill -INT \"$1\"", "sh", &number]);
                if let Err(error) = run(command, PathBuf::from("kill"), STOP_LIMIT).await {
                    // It may just have gone by itself, which the next look will tell.
                    tracing::debug!(%error, "the private PostgreSQL was not signalled");
                }
            }
            State::Running { .. } | State::Draining => sleep(POLL).await,
        }
    }
    Err(EmbeddedError::NotStopped { data })
}

/// Hands the server over to `pg_ctl`, which gives it a session of its own and is itself gone when
/// the server is ready, or has failed.
fn launch(place: &Place, binaries: &Binaries, state: State, durable: bool) -> Result<Child, EmbeddedError> {
    place.prepare()?;
    if state == State::Stale {
        let path = pidfile::path(&place.data());
        std::fs::remove_file(&path).map_err(EmbeddedError::io(&path))?;
    }
    // `pg_ctl` appends, and only the last start is of interest.
    let _ = std::fs::remove_file(place.log().join("start.log"));
    let settings = if durable { "" } else { NOT_DURABLE };
    let options = format!("-p {} {SETTINGS} {settings}", free_port()?);
    let program = binaries.program("pg_ctl");
    let wait = READY_LIMIT.as_secs().to_string();
    place
        .account
        .command(&program)
        // The paths go by the environment and the working folder, not by the shell `pg_ctl` uses.
        .env("PGDATA", place.data())
        .current_dir(&place.base)
        .args(["start", "-w", "-t", &wait])
        .args(["-l", "log/start.log", "-o", &options])
        .spawn()
        .map_err(|source| EmbeddedError::Run { program, source })
}

/// Whether `pg_ctl` has had its say. What came of it is for the pid file to tell.
fn is_done(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(Some(_)) | Err(_))
}

/// A session with the server on `port`, if it is this cluster's and lets us in by now.
async fn greet(place: &Place, port: u16, password: &SecretString) -> Result<Option<Session>, EmbeddedError> {
    let session = match session::connect(port, session::MAINTENANCE, password).await {
        Ok(session) => session,
        // Waiting will not make a wrong password right.
        Err(error) if error.code() == Some(&SqlState::INVALID_PASSWORD) => {
            return Err(EmbeddedError::PasswordsLost {
                file: passwords::file(&place.home),
                data: place.data(),
            });
        }
        Err(_) => return Ok(None),
    };
    // A server that is just stopping lets in and breaks off: it is asked again.
    let Ok(ours) = session.value("SHOW data_directory").await else {
        return Ok(None);
    };
    Ok((Path::new(&ours) == place.data()).then_some(session))
}

/// A port nobody listens on now. Somebody may in a moment: then the next launch takes another.
fn free_port() -> Result<u16, EmbeddedError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(EmbeddedError::io(Path::new("127.0.0.1")))
}

async fn run(mut command: Command, program: PathBuf, limit: Duration) -> Result<(), EmbeddedError> {
    command.stderr(Stdio::piped()).kill_on_drop(true);
    let output = match timeout(limit, command.output()).await {
        Ok(Ok(output)) if output.status.success() => return Ok(()),
        Ok(Ok(output)) => output,
        Ok(Err(source)) => return Err(EmbeddedError::Run { program, source }),
        Err(_) => {
            let detail = format!("not done after {} s", limit.as_secs());
            return Err(EmbeddedError::Failed { program, detail });
        }
    };
    Err(EmbeddedError::Failed {
        program,
        detail: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// Removes what starts that were killed left behind. One that cannot be removed is in nobody's way.
fn remove_leftovers(base: &Path) {
    for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(INIT_PREFIX)
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::debug!(%error, path = %entry.path().display(), "leftover stays");
        }
    }
}
