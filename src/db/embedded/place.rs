//! Where the cluster lives, and what is whose.
//!
//! ```text
//! <data_dir>/postgres/            the caller's: start.lock, users.lock, passwords
//! <data_dir>/postgres/cluster/    the base: data/ and log/ (the server account's), server-*/
//! /var/lib/kassa/<hash>/          the base instead, when the server account cannot get there
//! ```
//!
//! Guarantees: an existing cluster is never passed over for a new, empty one; everything but
//! `data/` and `log/` belongs to the caller, so root never writes where the server account could
//! have put a link. Must not: create anything outside these folders.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use rustix::fs::OFlags;

use super::account::Account;
use super::error::EmbeddedError;

/// Where clusters go that cannot live beside the caller's data.
const SHARED: &str = "/var/lib/kassa";
/// Logs are kept as long as the server's own rotation by day of the week keeps them.
const LOG_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
const LOG_BYTES: u64 = 16 * 1024 * 1024;
/// How much of a file of the server's is ever read: a pid file or the end of a log.
const READ_BYTES: u64 = 4096;

/// The folders of one cluster and the account that runs it.
#[derive(Debug, Clone)]
pub struct Place {
    pub account: Account,
    /// The caller's folder, with locks and passwords.
    pub home: PathBuf,
    /// The folder that holds `data`, `log` and downloaded server programs.
    pub base: PathBuf,
    /// Why `base` is not in `home`, for people.
    pub moved: Option<String>,
}

impl Place {
    /// Decides where the base is, and makes it and `home`; asked again, it answers the same.
    pub fn find(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let home = data_dir.join("postgres");
        make_folder(&home)?;
        let home = home.canonicalize().map_err(EmbeddedError::io(&home))?;
        let near = home.join("cluster");
        let far = Path::new(SHARED).join(short_hash(&home));
        let existing = [&near, &far]
            .into_iter()
            .find_map(|base| Some((base, std::fs::metadata(base.join("data")).ok()?)));
        let account = Account::choose(existing.as_ref().map(|(_, data)| data))?;
        let barred = account.barred(&home);
        let base = match (existing, barred) {
            (Some((base, _)), _) if *base == far => far,
            (Some(_), Some(path)) => {
                return Err(EmbeddedError::NotTraversable {
                    path: path.to_owned(),
                    account: account.name().to_owned(),
                });
            }
            (None, Some(_)) => far,
            (_, None) => near,
        };
        let moved = barred
            .filter(|_| !base.starts_with(&home))
            .map(|path| format!("{} cannot enter {}", account.name(), path.display()));
        make_folder(&base)?;
        // Processes are known by the real path of the folder they work in.
        let base = base.canonicalize().map_err(EmbeddedError::io(&base))?;
        Ok(Self {
            account,
            home,
            base,
            moved,
        })
    }

    pub fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.base.join("log")
    }

    /// The major version that made the cluster, if there is one.
    pub fn major(&self) -> Result<Option<u32>, EmbeddedError> {
        let path = self.data().join("PG_VERSION");
        match read_small(&path) {
            Ok(text) => Ok(text.trim().parse().ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EmbeddedError::io(&path)(error)),
        }
    }

    /// Makes the folder for logs, and drops logs that are old or large.
    pub fn prepare(&self) -> Result<(), EmbeddedError> {
        let log = self.log();
        if !log.is_dir() {
            DirBuilder::new()
                .mode(0o700)
                .create(&log)
                .map_err(EmbeddedError::io(&log))?;
        }
        self.account.give(&log)?;
        trim_logs(&log);
        Ok(())
    }

    /// The end of the newest log, for an error message.
    pub fn log_tail(&self) -> String {
        newest(&self.log())
            .and_then(|path| read_small(&path).ok().map(|text| (path, text)))
            .map(|(path, text)| format!("{} (in {})", last_lines(&text), path.display()))
            .unwrap_or_else(|| format!("nothing in {}", self.log().display()))
    }
}

/// Makes folders that others may pass through but not list: the server account must get to its own.
fn make_folder(path: &Path) -> Result<(), EmbeddedError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        make_folder(parent)?;
    }
    match std::fs::create_dir(path) {
        Ok(()) => pass_through(path),
        // Another instance was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(EmbeddedError::io(path)(error)),
    }
}

/// Lets the server account through a folder of the caller's. Set rather than asked for at
/// creation, where a strict umask would take it away.
pub fn pass_through(folder: &Path) -> Result<(), EmbeddedError> {
    std::fs::set_permissions(folder, Permissions::from_mode(0o711)).map_err(EmbeddedError::io(folder))
}

/// The end of a file of the server's, without following a link it might have been replaced by.
pub fn read_small(path: &Path) -> std::io::Result<String> {
    let nofollow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let mut file = OpenOptions::new().read(true).custom_flags(nofollow).open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(READ_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(READ_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn short_hash(path: &Path) -> String {
    let hash = digest::digest(&digest::SHA256, path.as_os_str().as_encoded_bytes());
    HEXLOWER.encode(&hash.as_ref()[..8])
}

/// Best effort: a log that cannot be removed must not keep the server from starting.
fn trim_logs(folder: &Path) {
    for (path, meta) in files(folder) {
        let old = meta
            .modified()
            .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LOG_AGE));
        if old || meta.len() > LOG_BYTES {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn newest(folder: &Path) -> Option<PathBuf> {
    files(folder)
        .filter(|(_, meta)| meta.len() > 0)
        .max_by_key(|(_, meta)| meta.modified().unwrap_or(SystemTime::UNIX_EPOCH))
        .map(|(path, _)| path)
}

fn files(folder: &Path) -> impl Iterator<Item = (PathBuf, std::fs::Metadata)> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        let meta = entry.metadata().ok()?;
        meta.is_file().then(|| (entry.path(), meta))
    })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}
