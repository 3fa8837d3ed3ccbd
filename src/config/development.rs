//! The keys of a development instance, made once and kept in its data directory.
//!
//! Guarantees: what was sealed or signed before a restart can be opened and checked after it, instances that start at
//! once agree on one set of keys, only the owner can read the file, and half a file is never seen.
//!
//! It must not be used in production, where keys belong to the operator.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

use super::keys::{self, Key32};
use super::table;

const FILE: &str = "keys.toml";

/// Where the keys of an instance with this data directory are.
pub(super) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

/// Both kinds of keys, newest first, neither empty.
pub(super) struct DevelopmentKeys {
    pub encryption: Vec<(u8, Key32)>,
    pub signing: Vec<(String, Key32)>,
}

/// Why there are no development keys.
#[derive(Debug)]
pub enum DevelopmentKeysError {
    Io {
        path: PathBuf,
        source: io::Error,
    },
    /// The file is not what was once written; it is left as it is, because data may depend on the keys in it.
    Content {
        path: PathBuf,
    },
    /// The operating system has no random numbers.
    Random,
}

impl fmt::Display for DevelopmentKeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => {
                write!(f, "the development keys cannot be kept in {}: {source}", path.display())
            }
            Self::Content { path } => write!(
                f,
                "the development keys in {} cannot be read; restore the file, or remove it together with \
                 the data that was made with it",
                path.display()
            ),
            Self::Random => f.write_str("the system gives no random numbers to make keys of"),
        }
    }
}

impl std::error::Error for DevelopmentKeysError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Content { .. } | Self::Random => None,
        }
    }
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> DevelopmentKeysError {
    let path = path.to_owned();
    |source| DevelopmentKeysError::Io { path, source }
}

/// The keys that were kept, or None before the first start. Creates nothing.
pub(super) fn read(data_dir: &Path) -> Result<Option<DevelopmentKeys>, DevelopmentKeysError> {
    let path = path(data_dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(&path)(error)),
    };
    parse(&text).map(Some).ok_or(DevelopmentKeysError::Content { path })
}

fn parse(text: &str) -> Option<DevelopmentKeys> {
    let table: toml::Table = text.parse().ok()?;
    let value = |variable: &table::Variable| table.get(variable.name)?.as_str();
    Some(DevelopmentKeys {
        encryption: keys::encryption_keys(value(&table::ENCRYPTION_KEYS)?).ok()?,
        signing: keys::signing_keys(value(&table::SIGNING_KEYS)?).ok()?,
    })
}

/// The keys that were kept; at the first start they are made.
pub(super) fn read_or_make(data_dir: &Path) -> Result<DevelopmentKeys, DevelopmentKeysError> {
    if let Some(keys) = read(data_dir)? {
        return Ok(keys);
    }
    make(data_dir)?;
    // Read back even after making: another instance may have been first, and then its keys hold.
    read(data_dir)?.ok_or_else(|| DevelopmentKeysError::Content { path: path(data_dir) })
}

/// Writes a file under a name of its own, then gives it the final name unless that is taken.
fn make(data_dir: &Path) -> Result<(), DevelopmentKeysError> {
    fs::create_dir_all(data_dir).map_err(io_error(data_dir))?;
    let (text, suffix) = (fresh()?, HEXLOWER.encode(&random::<8>()?));
    let temporary = data_dir.join(format!(".{FILE}.{suffix}"));
    let target = path(data_dir);
    let made = write(&temporary, &text).and_then(|()| match fs::hard_link(&temporary, &target) {
        // A link never replaces, unlike a rename: whoever is first wins.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    // Nothing depends on it, and it is readable by the owner only.
    let _ = fs::remove_file(&temporary);
    made.and_then(|()| File::open(data_dir)?.sync_all())
        .map_err(io_error(&target))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    // Data may be sealed with these keys right away: they must outlive a power cut.
    file.sync_all()
}

/// The contents of a new file. Neither base64 nor the ids have characters that TOML would need escaped.
fn fresh() -> Result<String, DevelopmentKeysError> {
    let (encryption, signing) = (Key32::new(random()?), Key32::new(random()?));
    Ok(format!(
        "# Made by Kassa for development. What was made with these keys is lost without them.\n\
         {} = \"1:{}\"\n{} = \"dev-{}:{}\"\n",
        table::ENCRYPTION_KEYS.name,
        encryption.to_base64(),
        table::SIGNING_KEYS.name,
        // Random, because whoever cached the public key of an instance that was thrown away would use it for the next.
        HEXLOWER.encode(&random::<4>()?),
        signing.to_base64(),
    ))
}

fn random<const N: usize>() -> Result<[u8; N], DevelopmentKeysError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DevelopmentKeysError::Random)?;
    Ok(bytes)
}
