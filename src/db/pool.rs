//! Connections: a bounded pool whose connections are driven by one runtime of their own.
//!
//! A connection is driven by the runtime that opened it, and an actix worker that is busy would delay every query of the
//! others; so connections are always opened on the multi-threaded runtime of `main`. Waiting for a connection is bounded.

use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::{Object, Pool as Deadpool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use super::error::DbError;

/// How long a request waits for a connection before it is told to come back.
const WAIT: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_secs(3);

/// Session settings: no wait is unbounded, plans are made once, messages are in the one language `error.rs` reads.
const SETTINGS: &str = "
    SET statement_timeout = '5s'; SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '10s';
    SET plan_cache_mode = force_generic_plan; SET timezone = 'UTC'; SET application_name = 'kassa'; SET jit = off";

/// A pool of connections.
#[derive(Clone)]
pub struct Pool {
    inner: Deadpool<AsyncPgConnection>,
}

impl Pool {
    /// A pool of at most `size` connections, opened on the runtime that calls this.
    pub fn new(url: &SecretString, size: usize) -> Result<Self, DbError> {
        Self::with_wait(url, size, WAIT)
    }

    /// The same, with another patience: tests on a busy machine have more of it than clients.
    pub fn with_wait(url: &SecretString, size: usize, wait: Duration) -> Result<Self, DbError> {
        let runtime = Handle::current();
        let mut config = ManagerConfig::default();
        // Fast: the default asks `SELECT 1` at every checkout. A dead connection shows at its first statement, and is dropped.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |url| {
            let (runtime, url) = (runtime.clone(), url.to_owned());
            Box::pin(async move {
                runtime
                    .spawn(open(url))
                    .await
                    .unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
            })
        });
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url.expose_secret(), config);
        let inner = Deadpool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(wait))
            .create_timeout(Some(CONNECT))
            .recycle_timeout(Some(CONNECT))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| DbError::Defect(error.to_string()))?;
        Ok(Self { inner })
    }

    /// A connection, or `Unavailable` when none is free in time or the server is away.
    pub async fn get(&self) -> Result<Object<AsyncPgConnection>, DbError> {
        self.inner
            .get()
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))
    }

    /// Connections in use, for the metrics.
    pub fn in_use(&self) -> usize {
        let status = self.inner.status();
        status.size.saturating_sub(status.available)
    }

    /// Closes every idle connection and refuses further ones.
    pub fn close(&self) {
        self.inner.close();
    }
}

async fn open(url: String) -> Result<AsyncPgConnection, ConnectionError> {
    let mut connection = AsyncPgConnection::establish(&url).await?;
    connection
        .batch_execute(SETTINGS)
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}
