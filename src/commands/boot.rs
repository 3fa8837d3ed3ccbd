//! From settings to a running database and an application: what several commands begin with.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Failed, failed};
use crate::accounts::tokens::Signer;
use crate::actions::action::Services;
use crate::app::{App, Parts, ProviderAddresses};
use crate::config::{Config, DatabaseSource, Environment};
use crate::db::embedded::{Cluster, DATABASE, Options};
use crate::db::pool::Pool;
use crate::db::reach::reach;
use crate::db::{Db, migrate};
use crate::http::heavy_work::HeavyWork;
use crate::http::state::StripePlatform;
use crate::kernel::clock::Clock;
use crate::kernel::secret::Keyring;
use crate::net::Mailer;
use crate::net::client::{ClientOptions, GuardedClient};
use crate::net::vies::{self, Vies};
use crate::payments::providers::Providers;

/// Connections of the worker: its loops and eight jobs, never so many that requests wait.
const WORKER_POOL: usize = 6;

/// A database that is there: the operator's own, or the private cluster.
pub(super) struct Database {
    /// The URL requests are served with.
    pub serve: SecretString,
    /// The URL migrations are applied with.
    pub migrate: SecretString,
    /// The private cluster, held while it is in use.
    pub cluster: Option<Cluster>,
}

impl Database {
    /// Finds or starts the database that the settings name.
    pub async fn open(config: &Config) -> Result<Self, Failed> {
        match &config.database {
            DatabaseSource::Url { serve, migrate } => {
                reach(serve).await.map_err(Failed)?;
                if migrate.expose_secret() != serve.expose_secret() {
                    reach(migrate).await.map_err(Failed)?;
                }
                Ok(Self {
                    serve: serve.clone(),
                    migrate: migrate.clone(),
                    cluster: None,
                })
            }
            DatabaseSource::Private => {
                let cluster = Cluster::start(Options::new(&config.data_dir)).await.map_err(failed)?;
                Ok(Self {
                    serve: cluster.app_url(DATABASE),
                    migrate: cluster.owner_url(DATABASE),
                    cluster: Some(cluster),
                })
            }
        }
    }

    /// The database as commands need it that look at what is there: none is made for them, and it has this version's tables.
    pub async fn open_existing(config: &Config) -> Result<Self, Failed> {
        if matches!(config.database, DatabaseSource::Private) && !config.data_dir.join("postgres").exists() {
            return Err(Failed(format!(
                "there is no database in {} yet: run `kassa` first, or set DATABASE_URL or KASSA_DATA_DIR",
                config.data_dir.display()
            )));
        }
        let database = Self::open(config).await?;
        match database.require_schema().await {
            Ok(()) => Ok(database),
            Err(why) => {
                database.close().await;
                Err(why)
            }
        }
    }

    /// Brings the schema up to date in development; elsewhere refuses to serve on one that is not.
    pub async fn prepare_schema(&self, environment: Environment) -> Result<(), Failed> {
        match environment {
            Environment::Development => migrate::run(&self.migrate).await.map(drop).map_err(failed),
            Environment::Production => self.require_schema().await,
        }
    }

    async fn require_schema(&self) -> Result<(), Failed> {
        let pending = migrate::pending(&self.migrate).await.map_err(failed)?;
        if pending.is_empty() {
            return Ok(());
        }
        Err(Failed(format!(
            "the database lacks {} migration(s) of this version: run `kassa migrate` first",
            pending.len()
        )))
    }

    /// Leaves the private cluster; the last instance to leave stops it.
    pub async fn close(self) {
        if let Some(cluster) = self.cluster
            && let Err(error) = cluster.stop().await
        {
            tracing::warn!(%error, "the private PostgreSQL was not stopped");
        }
    }
}

/// The keys of the settings.
pub(super) fn keyring(config: &Config) -> Result<Keyring, Failed> {
    let keys = config
        .encryption_keys
        .iter()
        .map(|(id, key)| (*id, *key.expose()))
        .collect();
    Keyring::new(keys).ok_or_else(|| Failed("there are no encryption keys".to_owned()))
}

/// The clock of the settings.
pub(super) fn clock(config: &Config) -> Clock {
    Clock::with_offset(config.clock_offset_ms)
}

/// The application over a database.
pub(super) fn application(config: &Config, database: &Database, public_url: String) -> Result<App, Failed> {
    let clock = clock(config);
    let db = Db::new(
        Pool::new(&database.serve, config.db_pool).map_err(failed)?,
        clock.clone(),
    );
    let worker_db = db.with_pool(Pool::new(&database.serve, WORKER_POOL).map_err(failed)?);
    let seeds: Vec<_> = config
        .signing_keys
        .iter()
        .map(|(id, key)| (id.clone(), *key.expose()))
        .collect();
    let signer = Signer::new(public_url.clone(), clock, &seeds)
        .map_err(|_| Failed("a signing key cannot be used".to_owned()))?;
    let mailer = match &config.smtp_url {
        Some(url) => Mailer::from_url(url).map_err(failed)?,
        None => Mailer::files(config.data_dir.join("mail")),
    };
    let client = GuardedClient::new(ClientOptions {
        allow_private: config.webhooks_allow_private,
        allow_http: config.webhooks_allow_private,
        user_agent: concat!("Kassa/", env!("CARGO_PKG_VERSION")).to_owned(),
        timeout: Duration::from_secs(15),
        ..ClientOptions::default()
    })
    .map_err(failed)?;
    Ok(App::new(Parts {
        db,
        worker_db,
        keys: keyring(config)?,
        signer,
        mailer,
        mail_from: mail_from(&public_url),
        vies: config
            .vies_url
            .as_deref()
            .map(|url| Vies::new(client.clone(), url, vies::TIMEOUT)),
        client,
        stripe: config.stripe_key.clone().map(|key| StripePlatform {
            base: config.stripe_api_base.clone(),
            key,
        }),
        provider_addresses: ProviderAddresses {
            stripe: config.stripe_api_base.clone(),
            paytrail: config.paytrail_api_base.clone(),
            epassi: config.epassi_url.clone(),
        },
        lease_ms: config.job_lease_seconds * 1000,
        services: Services {
            systeme_io: config.systeme_io_api_base.clone(),
            mailchimp: config.mailchimp_api_base.clone(),
            any_host: config.environment == Environment::Development,
        },
        provider_timeout: Providers::TIMEOUT,
        public_url,
        development: config.environment == Environment::Development,
        rate_limits: config.rate_limits,
        trusted_proxies: config.trusted_proxies.clone(),
        management_origins: config.management_origins.clone(),
        oidc: config.oidc_issuers.clone(),
        hashing: HeavyWork::of_cores(),
    }))
}

/// `no-reply@` the host of the public address: for checkouts without an address of their own.
fn mail_from(public_url: &str) -> String {
    let host = public_url.split("://").last().unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    let named = host.chars().any(|character| character.is_ascii_alphabetic());
    format!("no-reply@{}", if named { host } else { "localhost" })
}
