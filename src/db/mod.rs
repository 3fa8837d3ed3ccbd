//! The database: a pool, a way to read, a way to write, and what rides along with a write.
//!
//! Guarantees: a transaction is only ever made by [`Db::write`]; what it enqueued or published becomes visible with its commit
//! or not at all; serialization failures, deadlocks and lock timeouts are retried in that one place; every wait is bounded.
//! Must not: know any rule of the product, or make a network call while a transaction is open.

pub mod audit;
pub mod embedded;
pub mod error;
pub mod idempotency;
pub mod invariants;
pub mod jobs;
pub mod migrate;
pub mod pool;
pub mod reach;
pub mod schema;
pub mod sql;
pub mod wake;

use std::time::Duration;

use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};

use crate::kernel::clock::Clock;
use error::{DbError, Retry};
use wake::{Wake, WakeSet};

/// A connection, shared: queries on a shared reference are pipelined when they run concurrently.
pub type Conn = AsyncPgConnection;

/// How long one transaction may take, server answers included, before the caller is told to come back.
const WRITE_TIMEOUT: Duration = Duration::from_secs(8);
/// How often a transaction is tried when it lost against another one.
const ATTEMPTS: u32 = 5;

/// The database as the application sees it.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    clock: Clock,
    wake: Wake,
}

/// An open transaction. Made by [`Db::write`] only; dropped without commit it rolls back.
pub struct Tx {
    conn: Object<AsyncPgConnection>,
    clock: Clock,
    woken: WakeSet,
}

impl Tx {
    /// The connection the transaction is open on.
    pub fn conn(&self) -> &Conn {
        &self.conn
    }

    /// The clock of the application.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What `kassa_now(…)` takes in this transaction's statements.
    pub fn offset_ms(&self) -> i64 {
        self.clock.offset_ms()
    }

    /// Wakes a worker loop of this process once the transaction has committed.
    pub fn wake(&self, what: wake::Channel) {
        self.woken.add(what);
    }
}

/// What [`Db::write`] runs: an async closure over the transaction. Implemented by every such closure; the second bound is there
/// so that the compiler can see the future is `Send`.
pub trait InTx<T, R>: AsyncFnOnce(T) -> R + FnOnce(T) -> <Self as InTx<T, R>>::Fut {
    /// The future the closure makes.
    type Fut: Future<Output = R>;
}

impl<F, T, Fut, R> InTx<T, R> for F
where
    F: AsyncFnOnce(T) -> R + FnOnce(T) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

impl Db {
    /// A database over a pool.
    pub fn new(pool: pool::Pool, clock: Clock) -> Self {
        Self {
            pool,
            clock,
            wake: Wake::default(),
        }
    }

    /// The same database through another pool (the worker has one of its own, so that it cannot starve requests).
    #[must_use]
    pub fn with_pool(&self, pool: pool::Pool) -> Self {
        Self { pool, ..self.clone() }
    }

    /// The clock of the application.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What worker loops wait on.
    pub fn wake(&self) -> &Wake {
        &self.wake
    }

    /// How many connections of the pool are in use, for the metrics.
    pub fn connections_in_use(&self) -> i64 {
        i64::try_from(self.pool.in_use()).unwrap_or(i64::MAX)
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Object<AsyncPgConnection>, DbError> {
        self.pool.get().await
    }

    /// Whether the role that serves may do everything: then no right that the schema takes away holds.
    pub async fn serves_as_superuser(&self) -> Result<bool, DbError> {
        let conn = self.read().await?;
        let found = sql::sql("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper")
            .execute(&conn)
            .await?;
        Ok(found == 1)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        let conn = self.read().await?;
        sql::sql("SELECT 1").execute(&conn).await.map(drop)
    }

    /// Runs a use case in one transaction and commits it, or leaves nothing behind.
    ///
    /// The closure may run several times: it must have no effect outside the transaction.
    pub async fn write<F, R, E>(&self, use_case: F) -> Result<R, E>
    where
        for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<R, E> + InTx<&'r mut Tx, Result<R, E>, Fut: Send> + Clone + Send,
        E: From<DbError> + Retry + Send,
        R: Send,
    {
        let mut attempt = 1;
        loop {
            let once = self.write_once(use_case.clone());
            let outcome = tokio::time::timeout(WRITE_TIMEOUT, once)
                .await
                .unwrap_or_else(|_| Err(DbError::Timeout.into()));
            match outcome {
                Err(error) if error.should_retry() && attempt < ATTEMPTS => {
                    tokio::time::sleep(backoff(attempt)).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    async fn write_once<F, R, E>(&self, use_case: F) -> Result<R, E>
    where
        for<'r> F: AsyncFnOnce(&'r mut Tx) -> Result<R, E> + InTx<&'r mut Tx, Result<R, E>, Fut: Send> + Send,
        E: From<DbError> + Send,
        R: Send,
    {
        let mut conn = self.pool.get().await?;
        AnsiTransactionManager::begin_transaction(&mut *conn)
            .await
            .map_err(DbError::from)?;
        let mut tx = Tx {
            conn,
            clock: self.clock.clone(),
            woken: WakeSet::default(),
        };
        let outcome = use_case(&mut tx).await;
        let mut conn = tx.conn;
        match outcome {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(&mut *conn)
                    .await
                    .map_err(DbError::from)?;
                self.wake.wake(&tx.woken);
                Ok(value)
            }
            Err(error) => {
                // A failed rollback leaves the connection with an open transaction, and the pool then drops it.
                let _ = AnsiTransactionManager::rollback_transaction(&mut *conn).await;
                Err(error)
            }
        }
    }
}

/// Full jitter, 10 ms doubling to 160 ms: losers of one race do not meet again at the same moment.
fn backoff(attempt: u32) -> Duration {
    let most = 10_u64 << attempt.min(4);
    let [random] = crate::kernel::secret::random_bytes::<1>();
    Duration::from_millis(most * u64::from(random) / 255)
}
