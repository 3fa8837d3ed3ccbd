//! What `postmaster.pid` says, and whether it is true.
//!
//! Guarantees: a process is taken for the server only if it works in this very data folder, so a
//! number that was handed to another program after a crash is seen through. Must not: signal
//! anything, nor call the server stopped while processes of an earlier one still work in the
//! folder.
//!
//! Where there is no `/proc` (macOS) a process is known by its name instead, and processes left
//! over are left to PostgreSQL's own check of shared memory.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Pid;

use super::error::EmbeddedError;
use super::place::read_small;

/// What became of the server of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is none, and a new one can start.
    Stopped,
    /// The file names a process that is none of ours: PostgreSQL would not start before it is
    /// gone.
    Stale,
    /// The server is gone, but processes of it are not.
    Draining,
    /// It is there; it has no port until it listens.
    Running { pid: Pid, port: Option<u16> },
}

/// The pid file of a data folder.
pub fn path(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// Looks at the pid file in `data` and at the process it names.
pub fn state(data: &Path) -> Result<State, EmbeddedError> {
    let path = path(data);
    let text = match read_small(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Stopped),
        Err(error) => return Err(EmbeddedError::io(&path)(error)),
    };
    let Some((pid, port)) = parse(&text) else {
        // Empty for an instant while it is written, or for good after a crash.
        return Ok(if any_in(data) { State::Draining } else { State::Stale });
    };
    Ok(match pid {
        _ if is_server(pid, data) => State::Running { pid, port },
        _ if any_in(data) => State::Draining,
        // A zombie counts too: PostgreSQL asks no more than whether the number is taken.
        _ if rustix::process::test_kill_process(pid).is_ok() => State::Stale,
        _ => State::Stopped,
    })
}

/// The first line is the process, the fourth the port.
fn parse(text: &str) -> Option<(Pid, Option<u16>)> {
    let mut lines = text.lines().map(str::trim);
    let pid = lines.next()?.parse().ok().and_then(Pid::from_raw)?;
    let port = lines.nth(2).and_then(|line| line.parse().ok());
    Some((pid, port.filter(|port| *port != 0)))
}

fn is_server(pid: Pid, data: &Path) -> bool {
    if has_proc() {
        return works_in(&format!("{}", pid.as_raw_nonzero()), data);
    }
    let asked = Command::new("ps")
        .args(["-o", "comm=", "-p"])
        .arg(pid.as_raw_nonzero().to_string())
        .output();
    asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("postgres"))
}

/// Whether any process works in the data folder: every one of PostgreSQL's does.
fn any_in(data: &Path) -> bool {
    std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .any(|pid| works_in(&pid, data))
}

fn works_in(pid: &str, data: &Path) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == data)
}

fn has_proc() -> bool {
    Path::new("/proc/self/cwd").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "4711\n/srv/data\n1763692380\n54321\n\n127.0.0.1\n  123456 7\nready   \n";

    #[test]
    fn reads_process_and_port() {
        let pid = Pid::from_raw(4711);
        assert_eq!(parse(FILE), pid.map(|pid| (pid, Some(54321))));
        assert_eq!(parse("4711\n/srv/data\n"), pid.map(|pid| (pid, None)));
        assert_eq!(parse(""), None);
        assert_eq!(parse("0\n"), None);
    }
}
