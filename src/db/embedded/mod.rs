//! The private PostgreSQL cluster a start without DATABASE_URL uses.
//!
//! For whoever clones and runs: no server to install by hand where one is found or can be
//! fetched, no account to make, nothing to configure. Guarantees: data outlives restarts and
//! crashes of either side; the server listens on 127.0.0.1 only, with a random password for each
//! role; several instances share one server, and the last to leave stops it. Must not: be used for
//! production, touch any other PostgreSQL on the machine, or print a password.
//!
//! A start goes: take `start.lock`, become a user, make what is missing (programs, cluster,
//! roles, database), start the server unless it runs. All of it can be repeated after a crash at
//! any point.

mod account;
mod binaries;
mod download;
mod error;
mod locks;
mod passwords;
mod pidfile;
mod place;
mod programs;
mod server;
mod session;
mod unpack;
mod watcher;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

pub use binaries::Search;
pub use download::{Archive, Download};
pub use error::{DownloadFault, EmbeddedError, INSTALL_HINT};

use locks::{Lock, Locks};
use passwords::Passwords;
use place::Place;
use programs::Programs;
use session::{ADMIN, APP, OWNER, Session};
use watcher::Watcher;

/// The database of the product.
pub const DATABASE: &str = "kassa";

/// How often a condition is looked at that nothing announces.
const POLL: Duration = Duration::from_millis(20);

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The product's data; the cluster lives in its subfolder `postgres`.
    pub data_dir: PathBuf,
    /// False in tests only: a crash of the machine may then cost the data.
    pub durable: bool,
    /// What to do where no server is installed.
    pub download: Download,
    /// Where to look for an installed server.
    pub search: Search,
    /// True for a process that cannot promise to call `stop`: the server is then stopped some
    /// seconds after its last user is gone.
    pub linger: bool,
}

impl Options {
    /// A durable cluster below `data_dir`, of whatever server is found or can be had.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            durable: true,
            download: Download::default(),
            search: Search::default(),
            linger: false,
        }
    }
}

/// A running cluster; holding it keeps the server in use by this instance.
///
/// Dropped without `stop`, it no longer counts as a user, but the server runs on: the next start
/// finds it.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    locks: Locks,
    passwords: Passwords,
    port: u16,
    version: String,
    admin_url: SecretString,
    user: Lock,
    _watcher: Option<Watcher>,
}

impl Cluster {
    /// Starts the cluster, or joins it where another instance has.
    pub async fn start(options: Options) -> Result<Self, EmbeddedError> {
        let place = Place::find(&options.data_dir)?;
        let locks = Locks::in_folder(&place.home);
        let _start = locks.start().await?;
        // Another instance may have made the cluster, elsewhere even, while this one waited.
        let place = Place::find(&options.data_dir)?;
        let user = locks.share()?;
        match Self::start_locked(&options, &place).await {
            Ok(up) => Self::assemble(options.linger, place, locks, user, up),
            Err(error) => {
                Self::undo(&place, &locks, user).await;
                Err(error)
            }
        }
    }

    /// The superuser's address, for tests and for making databases, never for serving.
    pub fn admin_url(&self) -> &SecretString {
        &self.admin_url
    }

    /// The address of the role that owns `database` and runs migrations.
    pub fn owner_url(&self, database: &str) -> SecretString {
        url(OWNER, &self.passwords.owner, self.port, database)
    }

    /// The address of the role that serves: it changes rows and defines nothing.
    pub fn app_url(&self, database: &str) -> SecretString {
        url(APP, &self.passwords.app, self.port, database)
    }

    /// One line for people: version, place and port.
    pub fn describe(&self) -> String {
        let version = self.version.split(' ').next().unwrap_or_default();
        let data = self.place.data();
        let moved = match &self.place.moved {
            Some(reason) => format!(" (there because {reason})"),
            None => String::new(),
        };
        format!(
            "private PostgreSQL {version} on 127.0.0.1:{}, data in {}{moved}",
            self.port,
            data.display()
        )
    }

    /// Makes another database just like the product's own. One that exists is left as it is.
    pub async fn create_database(&self, name: &str) -> Result<(), EmbeddedError> {
        session::check_name(name)?;
        let admin = &self.passwords.admin;
        let session = session::connect(self.port, session::MAINTENANCE, admin).await?;
        set_up_database(&session, self.port, admin, name).await
    }

    /// Leaves the cluster, and stops the server if nobody else uses it.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        let _start = self.locks.start().await?;
        match self.locks.leave(self.user)? {
            Some(_alone) => server::stop(&self.place).await,
            None => Ok(()),
        }
    }

    async fn start_locked(options: &Options, place: &Place) -> Result<Up, EmbeddedError> {
        let major = place.major()?;
        let passwords = Passwords::load_or_create(&place.home, &place.data(), major.is_some())?;
        let programs = Programs::new(options, place);
        if major.is_none() {
            place.prepare()?;
            server::init(place, &programs.find().await?, &passwords.admin, options.durable).await?;
        }
        let (port, session) = server::ensure_running(place, &programs, &passwords.admin, options.durable).await?;
        if !session.is_set_up(DATABASE).await? {
            session.set_up_roles(&passwords).await?;
            set_up_database(&session, port, &passwords.admin, DATABASE).await?;
        }
        let version = session.value("SHOW server_version").await?;
        Ok(Up {
            passwords,
            port,
            version,
        })
    }

    fn assemble(linger: bool, place: Place, locks: Locks, user: Lock, up: Up) -> Result<Self, EmbeddedError> {
        let watcher = linger.then(|| watcher::spawn(&place, &locks)).transpose()?;
        Ok(Self {
            admin_url: url(ADMIN, &up.passwords.admin, up.port, session::MAINTENANCE),
            passwords: up.passwords,
            port: up.port,
            version: up.version,
            place,
            locks,
            user,
            _watcher: watcher,
        })
    }

    /// A start that failed must not leave a server nobody uses. Best effort: the first error is
    /// the one to tell.
    async fn undo(place: &Place, locks: &Locks, user: Lock) {
        if let Ok(Some(_alone)) = locks.leave(user)
            && let Err(error) = server::stop(place).await
        {
            tracing::warn!(%error, "a server that failed to start may still run");
        }
    }
}

/// What a start found out.
struct Up {
    passwords: Passwords,
    port: u16,
    version: String,
}

async fn set_up_database(session: &Session, port: u16, admin: &SecretString, name: &str) -> Result<(), EmbeddedError> {
    if session.is_set_up(name).await? {
        return Ok(());
    }
    session.make_database(name).await?;
    // Schemas and default privileges can only be set from inside the database.
    let inside = session::connect(port, name, admin).await?;
    inside.set_up_database(name).await
}

fn url(role: &str, password: &SecretString, port: u16, database: &str) -> SecretString {
    SecretString::from(format!(
        "postgres://{role}:{}@127.0.0.1:{port}/{database}",
        password.expose_secret()
    ))
}
