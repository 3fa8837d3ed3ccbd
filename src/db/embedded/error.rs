//! What can go wrong with the private cluster, as one typed error.
//!
//! Guarantees: every message says what to do next or names the file that tells why; none holds a
//! password. Must not: need its causes printed beside it; `source` is for code that asks.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::db::error::Cause;

/// The way out when there is no PostgreSQL to run, per family of systems.
pub const INSTALL_HINT: &str = "install it (Debian/Ubuntu: `apt-get install postgresql`; \
     Fedora/RHEL: `dnf install postgresql-server`; macOS: `brew install postgresql@17`) \
     or set DATABASE_URL";

/// Why the private cluster could not be started, used or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// A file or folder of the cluster could not be read or written.
    Io { path: PathBuf, source: io::Error },
    /// A program could not be run at all.
    Run { program: PathBuf, source: io::Error },
    /// A program ran and failed, or took too long.
    Failed { program: PathBuf, detail: String },
    /// Another instance is starting or stopping the same cluster, and is not done.
    Busy { lock: PathBuf, waited: Duration },
    /// Neither installed server programs nor a download for this platform.
    NoServer,
    /// The cluster was made by a major version that is not to be found.
    NeedsMajor { major: u32, data: PathBuf },
    /// Server programs are there, but the account that must run them may not.
    NotExecutable { bin_dir: PathBuf, account: String },
    /// The download did not happen or was refused.
    Download { url: String, fault: DownloadFault },
    /// Running as root, and this system has no account to run PostgreSQL as.
    NoAccount,
    /// The cluster is where the account that runs the server may no longer go.
    NotTraversable { path: PathBuf, account: String },
    /// The cluster exists, but the file with its passwords does not, or has others.
    PasswordsLost { file: PathBuf, data: PathBuf },
    /// The server did not come up; `log` is the end of what it said.
    NotReady { data: PathBuf, log: String },
    /// The server did not go away in time.
    NotStopped { data: PathBuf },
    /// The server refused a connection or a statement.
    Sql(tokio_postgres::Error),
    /// A database name that would need quoting.
    BadName(String),
}

/// Why a download was not used.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadFault {
    /// The transfer failed or broke off.
    Transfer(reqwest::Error),
    /// The server answered something else than the file.
    Status(u16),
    /// More bytes than any release has.
    TooLarge { limit: u64 },
    /// It took longer than the whole transfer may.
    TooSlow { limit: Duration },
    /// The file is not the one that was pinned.
    Checksum { expected: String, actual: String },
    /// An entry of the archive points out of the folder it is unpacked to.
    Escapes { entry: String },
    /// The archive has no `bin/postgres`, or what it has does not run here.
    Unusable { detail: String },
}

impl EmbeddedError {
    /// For `map_err`: ties an input/output error to the path it was about.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

impl fmt::Display for EmbeddedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Run { program, source } => {
                write!(f, "cannot run {}: {source}", program.display())
            }
            Self::Failed { program, detail } => {
                write!(f, "{} failed: {detail}", program.display())
            }
            Self::Busy { lock, waited } => write!(
                f,
                "another instance has been starting or stopping the private PostgreSQL for more \
                 than {} s (lock {}): wait for it or end it",
                waited.as_secs(),
                lock.display()
            ),
            Self::NoServer => write!(f, "PostgreSQL 14 to 18 was not found: {INSTALL_HINT}"),
            Self::NeedsMajor { major, data } => write!(
                f,
                "the data in {} was made by PostgreSQL {major}, which was not found: install that \
                 version, or set DATABASE_URL",
                data.display()
            ),
            Self::NotExecutable { bin_dir, account } => write!(
                f,
                "PostgreSQL does not run as root, and user {account} may not execute the programs \
                 in {}: install it where every user can, or set DATABASE_URL",
                bin_dir.display()
            ),
            Self::Download { url, fault } => write!(
                f,
                "PostgreSQL was not found and could not be downloaded from {url} ({fault}): \
                 {INSTALL_HINT}"
            ),
            Self::NoAccount => write!(
                f,
                "PostgreSQL does not run as root, and there is neither a user postgres nor nobody \
                 in /etc/passwd: run as another user, or set DATABASE_URL"
            ),
            Self::NotTraversable { path, account } => write!(
                f,
                "user {account}, who runs PostgreSQL here, cannot enter {}: give it the right to, \
                 or set DATABASE_URL",
                path.display()
            ),
            Self::PasswordsLost { file, data } => write!(
                f,
                "{0} has a cluster, but the passwords in {1} are missing or not its own: put the file \
                 back, or begin anew with `rm -r {0}`",
                data.display(),
                file.display()
            ),
            Self::NotReady { data, log } => {
                write!(f, "the private PostgreSQL in {} did not come up: {log}", data.display())
            }
            Self::NotStopped { data } => write!(f, "the private PostgreSQL in {} did not stop in time", data.display()),
            Self::Sql(source) => write!(f, "the private PostgreSQL refused: {}", Cause(source)),
            Self::BadName(name) => write!(
                f,
                "{name:?} is no database name: 1 to 63 of a-z, 0-9 and _, a letter first"
            ),
        }
    }
}

impl fmt::Display for DownloadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer(source) => write!(f, "{}", Cause(source)),
            Self::Status(status) => write!(f, "HTTP status {status}"),
            Self::TooLarge { limit } => write!(f, "larger than {limit} bytes"),
            Self::TooSlow { limit } => write!(f, "not done after {} s", limit.as_secs()),
            Self::Checksum { expected, actual } => {
                write!(f, "SHA-256 is {actual}, but {expected} was expected")
            }
            Self::Escapes { entry } => write!(f, "entry {entry:?} points out of its folder"),
            Self::Unusable { detail } => write!(f, "it does not run here: {detail}"),
        }
    }
}

impl std::error::Error for EmbeddedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::Run { source, .. } => Some(source),
            Self::Download {
                fault: DownloadFault::Transfer(source),
                ..
            } => Some(source),
            Self::Sql(source) => Some(source),
            _ => None,
        }
    }
}

impl From<tokio_postgres::Error> for EmbeddedError {
    fn from(source: tokio_postgres::Error) -> Self {
        Self::Sql(source)
    }
}
