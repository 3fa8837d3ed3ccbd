//! The configuration: from the environment and an optional file, judged as a whole before anything starts.
//!
//! | file            | what is in it                                                          |
//! |-----------------|------------------------------------------------------------------------|
//! | `table`         | the one list of variables                                              |
//! | `settings`      | gathers their texts: environment, file, files with secrets             |
//! | `reader`        | texts to values, noting faults and sources                             |
//! | `parse`, `keys` | judge one text each                                                    |
//! | `build`         | defaults and the rules between variables                               |
//! | `development`   | the keys of a development instance                                     |
//! | `fault`         | what is wrong, and where it came from                                  |
//!
//! Guarantees:
//! - Every fault is listed at once, with the variable, where its value came from and what would be right.
//! - No secret is printed: not by Debug, not by a fault, not by the summary.
//! - [`Config::load`] creates nothing and reads no environment; [`Config::prepare`] alone writes.
//! - A name that is not known is refused: a slip must not become a default nobody chose.
//!
//! The file is TOML of the same names (`KASSA_LISTEN = "127.0.0.1:8080"`); the environment wins over it. Every secret
//! may be given as `<NAME>_FILE`, the path of a file that holds it.
//!
//! It must not open connections, or know what the values are used for.

mod build;
mod development;
mod fault;
mod keys;
mod parse;
mod reader;
mod settings;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::accounts::oidc::IssuerConfig;
use crate::http::client_address::TrustedProxies;
use crate::http::rate_limits::RateLimitSettings;

pub use development::DevelopmentKeysError;
pub use fault::{ConfigFaults, Fault, Source};
pub use keys::Key32;
pub use reader::SummaryLine;
pub use table::{DEFAULT_LOG_FILTER, VARIABLES, Variable, help, markdown};

/// What this instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// For one person on one machine: loopback only, keys and mail in files.
    Development,
    /// For others: everything must be given.
    Production,
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
        })
    }
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object per line, for programs.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Which database to use.
#[derive(Clone, Debug)]
pub enum DatabaseSource {
    /// One that exists, by the role that serves and the role that migrates.
    Url { serve: SecretString, migrate: SecretString },
    /// The private cluster under the data directory, in development only.
    Private,
}

/// A configuration without faults.
#[derive(Clone, Debug)]
pub struct Config {
    pub environment: Environment,
    pub database: DatabaseSource,
    pub data_dir: PathBuf,
    /// Port 0 stands for any free port.
    pub listen: SocketAddr,
    /// None: no metrics are served.
    pub metrics_listen: Option<SocketAddr>,
    /// Without a trailing slash. When it is the default and the port of `listen` is 0, so is the port in it.
    pub public_url: String,
    /// Newest first. Empty only in development before [`Config::prepare`].
    pub encryption_keys: Vec<(u8, Key32)>,
    /// Ed25519 seeds by key id, newest first. Empty only in development before [`Config::prepare`].
    pub signing_keys: Vec<(String, Key32)>,
    /// None: mail goes to files in `mail` under the data directory.
    pub smtp_url: Option<SecretString>,
    /// None: no cards of Stripe.
    pub stripe_key: Option<SecretString>,
    /// Without a trailing slash.
    pub stripe_api_base: String,
    /// Where Paytrail's API is.
    pub paytrail_api_base: String,
    /// The page of Epassi's that forms are posted to.
    pub epassi_url: String,
    /// Where Systeme.io's API is.
    pub systeme_io_api_base: String,
    /// Where Mailchimp's API is; `{dc}` stands for the data center that an API key names.
    pub mailchimp_api_base: String,
    pub webhooks_allow_private: bool,
    /// Normalised, without a trailing slash.
    pub management_origins: Vec<String>,
    pub oidc_issuers: Vec<IssuerConfig>,
    pub trusted_proxies: TrustedProxies,
    pub rate_limits: RateLimitSettings,
    /// Without a trailing slash. None: VAT numbers are not asked about.
    pub vies_url: Option<String>,
    /// How long a claimed job belongs to its worker.
    pub job_lease_seconds: i64,
    pub db_pool: usize,
    pub clock_offset_ms: i64,
    pub log_filter: String,
    pub log_format: LogFormat,
    /// None: no traces are sent.
    pub otlp_endpoint: Option<String>,
    summary: Vec<SummaryLine>,
}

impl Config {
    /// The configuration of this process.
    #[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
    pub fn from_environment(file: Option<&Path>) -> Result<Self, ConfigFaults> {
        // `vars` would panic at the first value that is not UTF-8, be it ours or not. Made into text, a broken value of
        // ours is a fault like any other.
        let variables = std::env::vars_os().map(|(name, value)| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        });
        Self::load(variables, file)
    }

    /// A configuration of these variables and this file. Creates nothing.
    pub fn load(
        variables: impl IntoIterator<Item = (String, String)>,
        file: Option<&Path>,
    ) -> Result<Self, ConfigFaults> {
        let settings = settings::Settings::gather(variables, file);
        build::build(reader::Reader::new(settings))
    }

    /// Makes what a development instance needs and does not have: keys, kept in the data directory. In production it
    /// does nothing, for everything was given.
    pub fn prepare(&mut self) -> Result<(), DevelopmentKeysError> {
        let (encryption, signing) = (self.encryption_keys.is_empty(), self.signing_keys.is_empty());
        if self.environment == Environment::Production || !(encryption || signing) {
            return Ok(());
        }
        let kept = development::read_or_make(&self.data_dir)?;
        if encryption {
            self.encryption_keys = kept.encryption;
            self.note_kept(&table::ENCRYPTION_KEYS);
        }
        if signing {
            self.signing_keys = kept.signing;
            self.note_kept(&table::SIGNING_KEYS);
        }
        Ok(())
    }

    fn note_kept(&mut self, variable: &Variable) {
        let source = Source::File(development::path(&self.data_dir)).to_string();
        for line in self.summary.iter_mut().filter(|line| line.name == variable.name) {
            "(set)".clone_into(&mut line.value);
            line.source.clone_from(&source);
        }
    }

    /// What holds for each variable and where it came from, in the order of [`VARIABLES`], with secrets masked.
    pub fn summary(&self) -> &[SummaryLine] {
        &self.summary
    }
}
