//! Migrations: compiled in, applied in order, once, by whichever instance comes first.

use std::collections::HashSet;

use diesel::ConnectionError;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};

/// Every migration of this version.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Two instances that start at once must not migrate at once: the second waits here, then finds nothing left to do.
/// Held for the transaction of the migrating connection only, on an arbitrary constant ("kassa" in ASCII).
const MIGRATION_LOCK: i64 = 0x006b_6173_7361;

/// A migration could not be applied.
#[derive(Debug)]
pub struct MigrationError(String);

impl std::fmt::Display for MigrationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MigrationError {}

/// Applies what is missing and returns the versions applied.
pub async fn run(url: &SecretString) -> Result<Vec<String>, MigrationError> {
    with_harness(url, |connection| {
        connection
            .run_pending_migrations(MIGRATIONS)
            .map(|versions| versions.iter().map(ToString::to_string).collect())
            .map_err(|error| MigrationError(error.to_string()))
    })
    .await
}

/// Takes every migration back: for the test that each `down.sql` undoes its `up.sql`.
pub async fn revert_all(url: &SecretString) -> Result<(), MigrationError> {
    with_harness(url, |connection| {
        connection
            .revert_all_migrations(MIGRATIONS)
            .map(drop)
            .map_err(|error| MigrationError(error.to_string()))
    })
    .await
}

/// The migrations this version knows and the database has not seen. Only reads: the role that serves may not make tables, and diesel's
/// own question begins with making one.
pub async fn pending(url: &SecretString) -> Result<Vec<String>, MigrationError> {
    let failed = |error: &dyn std::fmt::Display| MigrationError(error.to_string());
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(|error| failed(&error))?;
    let mut connection = AsyncPgConnection::establish(url.expose_secret())
        .await
        .map_err(|error: ConnectionError| failed(&error))?;
    let begun: Begun = diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS begun")
        .get_result(&mut connection)
        .await
        .map_err(|error| failed(&error))?;
    let mut seen: Vec<Applied> = Vec::new();
    if begun.begun {
        seen = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
            .load(&mut connection)
            .await
            .map_err(|error| failed(&error))?;
    }
    let seen: HashSet<String> = seen.into_iter().map(|row| row.version).collect();
    let lacking = known
        .iter()
        .filter(|migration| !seen.contains(&migration.name().version().to_string()));
    Ok(lacking.map(|migration| migration.name().to_string()).collect())
}

#[derive(diesel::QueryableByName)]
struct Begun {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    begun: bool,
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// diesel's harness is synchronous: it runs on a blocking thread, over a connection of its own.
async fn with_harness<R: Send + 'static>(
    url: &SecretString,
    work: impl FnOnce(&mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<R, MigrationError> + Send + 'static,
) -> Result<R, MigrationError> {
    let failed = |error: &dyn std::fmt::Display| MigrationError(error.to_string());
    let mut connection = AsyncPgConnection::establish(url.expose_secret())
        .await
        .map_err(|error: ConnectionError| failed(&error))?;
    connection
        .batch_execute(&format!(
            "SET client_min_messages = warning; SELECT pg_advisory_lock({MIGRATION_LOCK})"
        ))
        .await
        .map_err(|error| failed(&error))?;
    tokio::task::spawn_blocking(move || {
        let mut wrapped = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
        // The lock ends with the connection, which ends here whatever happens.
        work(&mut wrapped)
    })
    .await
    .map_err(|error| failed(&error))?
}
