//! What handlers may reach, through their [`super::ctx::Ctx`] and in no other way.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::db::Db;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;

use super::caller::Authenticator;

/// The application's parts, one value for all workers.
pub struct State {
    /// The database.
    pub db: Db,
    /// Keys for tokens, cursors and sealed values.
    pub keys: Arc<Keyring>,
    /// Turns bearer tokens of staff into callers.
    pub authenticator: Arc<dyn Authenticator>,
    /// Outbound requests; here for what checks an address without calling it.
    pub client: GuardedClient,
    /// Where this API is reached from outside, without a trailing slash.
    pub public_url: String,
    /// Development: conveniences that production refuses.
    pub development: bool,
    /// True from the moment the process is asked to stop: not ready any more, still answering.
    pub stopping: AtomicBool,
    /// Counters and histograms.
    pub metrics: super::middleware::metrics::Metrics,
}
