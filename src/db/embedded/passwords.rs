//! The passwords of the cluster's three roles.
//!
//! Guarantees: 32 random bytes each, made once, kept in one 0600 file of the caller's, written
//! whole or not at all. Must not: appear in an argument, an environment variable or a log.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::EmbeddedError;

const BYTES: usize = 32;

/// One password for each role.
#[derive(Debug, Clone)]
pub struct Passwords {
    pub admin: SecretString,
    pub owner: SecretString,
    pub app: SecretString,
}

impl Passwords {
    /// The passwords of the cluster in `data`: those on file, or new ones if it has yet to be
    /// made.
    pub fn load_or_create(home: &Path, data: &Path, exists: bool) -> Result<Self, EmbeddedError> {
        let file = file(home);
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => SecretString::from(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => SecretString::default(),
            Err(error) => return Err(EmbeddedError::io(&file)(error)),
        };
        match Self::parse(text.expose_secret()) {
            Some(passwords) => Ok(passwords),
            None if exists => Err(EmbeddedError::PasswordsLost {
                file,
                data: data.to_owned(),
            }),
            None => Self::create(&file),
        }
    }

    fn create(file: &Path) -> Result<Self, EmbeddedError> {
        let passwords = Self {
            admin: random(file)?,
            owner: random(file)?,
            app: random(file)?,
        };
        let text = SecretString::from(format!(
            "admin={}\nowner={}\napp={}\n",
            passwords.admin.expose_secret(),
            passwords.owner.expose_secret(),
            passwords.app.expose_secret()
        ));
        write_secret(&file.with_extension("new"), &text)?;
        std::fs::rename(file.with_extension("new"), file).map_err(EmbeddedError::io(file))?;
        Ok(passwords)
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |key: &str| {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
            let fits = value.len() == 2 * BYTES && HEXLOWER.decode(value.as_bytes()).is_ok();
            // Nothing but hex is let through: these values go into SQL and URLs unquoted.
            fits.then(|| SecretString::from(value))
        };
        Some(Self {
            admin: value("admin")?,
            owner: value("owner")?,
            app: value("app")?,
        })
    }
}

/// Where the passwords of the cluster with this `home` are.
pub fn file(home: &Path) -> PathBuf {
    home.join("passwords")
}

/// Writes a file only its owner can read, through to the disk, over any earlier one.
pub fn write_secret(path: &Path, secret: &SecretString) -> Result<(), EmbeddedError> {
    // A leftover of a killed start may have other rights than the mode asked for below.
    let _ = std::fs::remove_file(path);
    let write = || {
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(secret.expose_secret().as_bytes())?;
        file.sync_all()
    };
    write().map_err(EmbeddedError::io(path))
}

fn random(file: &Path) -> Result<SecretString, EmbeddedError> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| EmbeddedError::io(file)(std::io::Error::other("no random bytes")))?;
    Ok(SecretString::from(HEXLOWER.encode(&bytes)))
}
