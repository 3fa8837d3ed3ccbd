//! The two locks that let several instances share one cluster.
//!
//! `start.lock` is held exclusively by whoever starts or stops the server; `users.lock` is held
//! shared by every instance that uses it. Guarantees: whoever has `start.lock` and can then take
//! `users.lock` exclusively is alone, so stopping cannot race a start; the kernel lets go of both
//! when a process dies in any way. Must not: block the async runtime, nor be inherited by the
//! server (files are opened close-on-exec).
//!
//! `flock(2)` is asked for by name, because the watcher takes the same locks from a shell.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::FlockOperation;
use rustix::io::Errno;
use tokio::time::Instant;

use super::POLL;
use super::error::EmbeddedError;

/// How long to wait for another instance that starts or stops the cluster.
const START_WAIT: Duration = Duration::from_secs(60);

/// A file lock; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // By name rather than by closing: a child between fork and exec may still hold a copy.
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
}

/// The lock files of one cluster.
#[derive(Debug, Clone)]
pub struct Locks {
    start: PathBuf,
    users: PathBuf,
}

impl Locks {
    /// The locks that live in `home`.
    pub fn in_folder(home: &Path) -> Self {
        Self {
            start: home.join("start.lock"),
            users: home.join("users.lock"),
        }
    }

    /// Waits until no other instance starts or stops the cluster.
    pub async fn start(&self) -> Result<Lock, EmbeddedError> {
        let file = open(&self.start)?;
        let deadline = Instant::now() + START_WAIT;
        // Asking again and again, unlike a blocking wait, can be bounded and cancelled.
        while !try_lock(&file, &self.start, FlockOperation::NonBlockingLockExclusive)? {
            if Instant::now() >= deadline {
                return Err(EmbeddedError::Busy {
                    lock: self.start.clone(),
                    waited: START_WAIT,
                });
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Lock { file })
    }

    /// Registers this instance as a user. Call with `start.lock` held.
    pub fn share(&self) -> Result<Lock, EmbeddedError> {
        let file = open(&self.users)?;
        if try_lock(&file, &self.users, FlockOperation::NonBlockingLockShared)? {
            return Ok(Lock { file });
        }
        Err(EmbeddedError::Busy {
            lock: self.users.clone(),
            waited: Duration::ZERO,
        })
    }

    /// Gives up being a user; the answer holds the lock exclusively if nobody else is one. Call
    /// with `start.lock` held.
    pub fn leave(&self, user: Lock) -> Result<Option<Lock>, EmbeddedError> {
        let alone = try_lock(&user.file, &self.users, FlockOperation::NonBlockingLockExclusive)?;
        Ok(alone.then_some(user))
    }

    /// Both files, opened anew and not locked, for a process that is to lock them itself.
    pub fn unlocked(&self) -> Result<(File, File), EmbeddedError> {
        Ok((open(&self.start)?, open(&self.users)?))
    }
}

fn open(path: &Path) -> Result<File, EmbeddedError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(EmbeddedError::io(path))
}

fn try_lock(file: &File, path: &Path, how: FlockOperation) -> Result<bool, EmbeddedError> {
    match rustix::fs::flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(EmbeddedError::io(path)(errno.into())),
    }
}
