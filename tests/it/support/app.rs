//! The application in process: the same [`App`] the binary serves, over a database of the test's own.

use std::time::Duration;

use chrono::TimeDelta;
use kassa::accounts::tokens::Signer;
use kassa::actions::action::Services;
use kassa::app::{App, Parts, ProviderAddresses};
use kassa::db::pool::Pool;
use kassa::db::{Db, invariants};
use kassa::http::heavy_work::HeavyWork;
use kassa::kernel::clock::Clock;
use kassa::kernel::secret::Keyring;
use kassa::net::Mailer;
use kassa::net::client::{ClientOptions, GuardedClient};
use tempfile::TempDir;

use super::database::{self, TestDatabase};

/// How long a request of a test waits for a connection, or to hash a password: races must be lost to each other, not to a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// An application and everything it stands on.
pub struct TestApp {
    pub app: App,
    pub database: TestDatabase,
    pub clock: Clock,
    /// Where mails are put unless the test has a mail server.
    pub mail: TempDir,
}

/// What a test may want otherwise.
#[derive(Default)]
pub struct Settings {
    pub mailer: Option<Mailer>,
    /// Issuers whose tokens are accepted.
    pub oidc: Vec<kassa::accounts::oidc::IssuerConfig>,
    /// The platform's own account at Stripe.
    pub stripe: Option<kassa::http::state::StripePlatform>,
    /// Another application over the same database: a second instance.
    pub database: Option<TestDatabase>,
    /// Off unless asked for.
    pub rate_limits: Option<&'static str>,
    pub trusted_proxies: Option<&'static str>,
    pub management_origins: Vec<String>,
    /// How many passwords are hashed at once: two unless the test says otherwise.
    pub hashing: Option<HeavyWork>,
    /// What makes outbound requests, where a test minds how.
    pub client: Option<GuardedClient>,
    /// Who is asked about VAT numbers.
    pub vies: Option<kassa::net::vies::Vies>,
    /// Where payment providers are: nowhere, unless the test says so.
    pub providers: Option<ProviderAddresses>,
    /// Where the services of integrations are: nowhere, unless the test says so.
    pub services: Option<Services>,
    /// How long they may take to answer: a second, unless the test says otherwise.
    pub provider_timeout: Option<Duration>,
}

/// Addresses that nobody listens on.
pub fn nowhere() -> ProviderAddresses {
    let nobody = || "http://127.0.0.1:9".to_owned();
    ProviderAddresses {
        stripe: nobody(),
        paytrail: nobody(),
        epassi: nobody(),
    }
}

impl TestApp {
    /// An application over a fresh database.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let database = match settings.database {
            Some(database) => database,
            None => database::fresh().await,
        };
        let clock = Clock::default();
        let mail = tempfile::tempdir().expect("a folder for mails");
        let db = Db::new(
            Pool::with_wait(&database.serve, 8, PATIENCE).expect("a pool"),
            clock.clone(),
        );
        let worker_db = db.with_pool(Pool::with_wait(&database.serve, 4, PATIENCE).expect("a pool"));
        let url = "http://kassa.test".to_owned();
        let app = App::new(Parts {
            db,
            worker_db,
            keys: Keyring::new(vec![(1, [1; 32])]).expect("a key"),
            signer: Signer::new(url.clone(), clock.clone(), &[("test".to_owned(), [2; 32])]).expect("a signing key"),
            mailer: settings.mailer.unwrap_or_else(|| Mailer::files(mail.path().to_owned())),
            mail_from: "no-reply@kassa.test".to_owned(),
            client: settings.client.unwrap_or_else(|| {
                let options = ClientOptions {
                    allow_private: true,
                    allow_http: true,
                    ..ClientOptions::default()
                };
                GuardedClient::new(options).expect("a client")
            }),
            vies: settings.vies,
            stripe: settings.stripe,
            provider_addresses: settings.providers.unwrap_or_else(nowhere),
            lease_ms: kassa::db::jobs::LEASE_MS,
            services: settings.services.unwrap_or_else(|| Services {
                systeme_io: "http://127.0.0.1:9".to_owned(),
                mailchimp: "http://127.0.0.1:9".to_owned(),
                any_host: true,
            }),
            provider_timeout: settings.provider_timeout.unwrap_or(Duration::from_secs(1)),
            public_url: url,
            development: true,
            rate_limits: settings.rate_limits.unwrap_or("off").parse().expect("limits"),
            trusted_proxies: settings
                .trusted_proxies
                .map(|networks| networks.parse().expect("networks"))
                .unwrap_or_default(),
            management_origins: settings.management_origins,
            oidc: settings.oidc,
            hashing: settings.hashing.unwrap_or_else(|| HeavyWork::new(2, PATIENCE)),
        });
        Self {
            app,
            database,
            clock,
            mail,
        }
    }

    /// The database, as the application uses it.
    pub fn db(&self) -> &Db {
        &self.app.state().db
    }

    /// Moves time, for the application and for its SQL.
    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// Does everything that is due, and all that follows from it.
    pub async fn drain_jobs(&self) {
        self.app.worker().drain().await.expect("background work");
    }

    /// The mails sent so far, as text.
    pub fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.mail.path()).expect("the folder of mails");
        files
            .flatten()
            .map(|file| std::fs::read_to_string(file.path()).expect("a mail"))
            .collect()
    }

    /// Ends the test: every invariant must hold.
    pub async fn check_invariants(&self) {
        let conn = self.db().read().await.expect("a connection");
        let broken = invariants::broken(&conn).await.expect("the invariants");
        assert!(broken.is_empty(), "broken invariants: {broken:#?}");
    }
}
