//! Downloads pinned PostgreSQL programs where none are installed.
//!
//! Guarantees: nothing is unpacked before the SHA-256 of the whole file is the pinned one; size
//! and time are bounded; the programs appear under their final name complete or not at all, and
//! whatever fails leaves nothing behind. Must not: choose a version itself, or be called without
//! `start.lock` held.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::account::Account;
use super::binaries::{self, Binaries};
use super::error::{DownloadFault, EmbeddedError};
use super::{place, unpack};

const SIZE_LIMIT: u64 = 200 * 1024 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(300);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How folders of unpacked programs are called, before their version.
const PREFIX: &str = "server-";

/// The release that is pinned, and its files' checksums as published beside them.
const RELEASE: &str = "18.6.0";
const RELEASES: &str = "https://github.com/theseus-rs/postgresql-binaries/releases/download";
const PINS: [(&str, &str); 4] = [
    (
        "x86_64-unknown-linux-gnu",
        "bb3d09f876b2383e25a8c9ce09e32d185a03656a23d074f5195542b1b1b3ca61",
    ),
    (
        "aarch64-unknown-linux-gnu",
        "5d2b5e8be9e96bfc3d7f22090057a836ec36d5d092542d8d3b93cc145cf4ee13",
    ),
    (
        "x86_64-apple-darwin",
        "f8918fbe747e0d79bda58ad8f8afcf23ac384b847ff3af18856f0825ba54b031",
    ),
    (
        "aarch64-apple-darwin",
        "a257bcdb8aa3301a13d6a5bcec48f8c9517045b7cbae71e50788b2615539e95b",
    ),
];

/// Whether, and from where, server programs may be downloaded.
#[derive(Debug, Clone)]
pub enum Download {
    /// Use what is installed or do without.
    Never,
    /// Fetch this file if nothing installed will do.
    From(Archive),
}

/// A `tar.gz` with `bin`, `lib` and `share` of one PostgreSQL version.
#[derive(Debug, Clone)]
pub struct Archive {
    pub url: String,
    /// Of the whole file, in lower-case hex.
    pub sha256: String,
    /// `18.6.0`: names the folder, and says whether it fits data that is already there.
    pub version: String,
}

impl Default for Download {
    /// The pinned release for this platform, if there is one.
    fn default() -> Self {
        let Some(platform) = platform() else {
            return Self::Never;
        };
        PINS.iter()
            .find(|(pinned, _)| *pinned == platform)
            .map_or(Self::Never, |(_, sha256)| {
                Self::From(Archive {
                    url: format!("{RELEASES}/{RELEASE}/postgresql-{RELEASE}-{platform}.tar.gz"),
                    sha256: (*sha256).to_owned(),
                    version: RELEASE.to_owned(),
                })
            })
    }
}

fn platform() -> Option<&'static str> {
    let linux = cfg!(all(target_os = "linux", target_env = "gnu"));
    let mac = cfg!(target_os = "macos");
    match std::env::consts::ARCH {
        "x86_64" if linux => Some("x86_64-unknown-linux-gnu"),
        "aarch64" if linux => Some("aarch64-unknown-linux-gnu"),
        "x86_64" if mac => Some("x86_64-apple-darwin"),
        "aarch64" if mac => Some("aarch64-apple-darwin"),
        _ => None,
    }
}

impl Archive {
    /// Whether it is of the major version that is asked for, if one is.
    pub fn fits(&self, major: Option<u32>) -> bool {
        let own = self.version.split('.').next().and_then(|n| n.parse().ok());
        major.is_none() || own == major
    }

    /// Fetches, checks and unpacks the file below `base`.
    pub async fn install(&self, base: &Path, account: &Account) -> Result<Binaries, EmbeddedError> {
        let target = base.join(format!("{PREFIX}{}", self.version));
        let work = base.join(format!(
            "download-{}",
            crate::kernel::clock::Clock::default().new_uuid()
        ));
        std::fs::create_dir(&work).map_err(EmbeddedError::io(&work))?;
        let done = self.install_via(&work, &target, account).await;
        let _ = std::fs::remove_dir_all(&work);
        done
    }

    async fn install_via(&self, work: &Path, target: &Path, account: &Account) -> Result<Binaries, EmbeddedError> {
        tracing::info!(url = %self.url, "downloading PostgreSQL {}", self.version);
        let file = work.join("archive.tar.gz");
        tokio::time::timeout(TIME_LIMIT, self.fetch(&file))
            .await
            .unwrap_or_else(|_| Err(self.fault(DownloadFault::TooSlow { limit: TIME_LIMIT })))?;
        let tree = self.unpack(&file, &work.join("tree")).await?;
        place::pass_through(work)?;
        // Tried before it gets its name, so that what has the name runs.
        let usable = binaries::probe(&tree.join("bin"), account).await;
        let found = usable.map_err(|error| {
            self.fault(DownloadFault::Unusable {
                detail: error.to_string(),
            })
        })?;
        let _ = std::fs::remove_dir_all(target);
        std::fs::rename(&tree, target).map_err(EmbeddedError::io(target))?;
        Ok(Binaries {
            bin_dir: target.join("bin"),
            ..found
        })
    }

    async fn fetch(&self, path: &Path) -> Result<(), EmbeddedError> {
        // The address is told with the fault already.
        let transfer = |error: reqwest::Error| self.fault(DownloadFault::Transfer(error.without_url()));
        #[expect(
            clippy::disallowed_methods,
            reason = "a pinned address of ours: redirects are wanted, private addresses no risk"
        )]
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .build()
            .map_err(transfer)?;
        let mut response = client.get(&self.url).send().await.map_err(transfer)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(self.fault(DownloadFault::Status(response.status().as_u16())));
        }
        let mut file = File::create(path).await.map_err(EmbeddedError::io(path))?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut size = 0;
        while let Some(chunk) = response.chunk().await.map_err(transfer)? {
            size += chunk.len() as u64;
            if size > SIZE_LIMIT {
                return Err(self.fault(DownloadFault::TooLarge { limit: SIZE_LIMIT }));
            }
            hash.update(&chunk);
            file.write_all(&chunk).await.map_err(EmbeddedError::io(path))?;
        }
        file.flush().await.map_err(EmbeddedError::io(path))?;
        self.check(HEXLOWER.encode(hash.finish().as_ref()))
    }

    fn check(&self, actual: String) -> Result<(), EmbeddedError> {
        if actual == self.sha256 {
            return Ok(());
        }
        Err(self.fault(DownloadFault::Checksum {
            expected: self.sha256.clone(),
            actual,
        }))
    }

    async fn unpack(&self, file: &Path, tree: &Path) -> Result<PathBuf, EmbeddedError> {
        let (from, to) = (file.to_owned(), tree.to_owned());
        // Unpacking is long and blocking work, for which the runtime has its own threads.
        let unpacked = tokio::task::spawn_blocking(move || unpack::unpack(&from, &to))
            .await
            .map_err(|error| EmbeddedError::io(tree)(std::io::Error::other(error)))?;
        unpacked.map_err(|error| match error {
            unpack::UnpackError::Io(path, source) => EmbeddedError::Io { path, source },
            unpack::UnpackError::Refused(fault) => self.fault(fault),
        })
    }

    fn fault(&self, fault: DownloadFault) -> EmbeddedError {
        EmbeddedError::Download {
            url: self.url.clone(),
            fault,
        }
    }
}

/// Folders of programs that were downloaded to `base` before.
pub fn unpacked(base: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(base)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
        .map(|entry| entry.path().join("bin"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_whole_checksums() {
        for (platform, sha256) in PINS {
            let bytes = HEXLOWER.decode(sha256.as_bytes());
            assert_eq!(bytes.map(|bytes| bytes.len()), Ok(32), "{platform}");
        }
    }

    #[test]
    fn a_major_is_matched_exactly() {
        let archive = Archive {
            url: String::new(),
            sha256: String::new(),
            version: "18.6.0".into(),
        };
        assert!(archive.fits(None) && archive.fits(Some(18)));
        assert!(!archive.fits(Some(17)) && !archive.fits(Some(1)));
    }
}
