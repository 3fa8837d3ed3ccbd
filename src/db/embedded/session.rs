//! An administrator's session, and what is set up with it: roles, databases, privileges.
//!
//! Guarantees: all of it can be repeated; a database is marked when it is complete, so one that
//! was left half-way is completed and one that is complete costs a single query. Must not: let a
//! password reach the server's log, which is why logging of statements is turned off first.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

use super::error::EmbeddedError;
use super::passwords::Passwords;

/// The superuser: makes databases, runs nothing of the product.
pub const ADMIN: &str = "kassa_admin";
/// Owns the databases and runs migrations.
pub const OWNER: &str = "kassa_owner";
/// Serves: reads and writes rows, defines nothing.
pub const APP: &str = "kassa_app";
/// The database every cluster has.
pub const MAINTENANCE: &str = "postgres";

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Goes up when the statements below change, so that existing databases get the change.
const MARK: &str = "set up by kassa, version 1";
const QUIET: &str = "SET log_statement = 'none'; SET log_min_error_statement = 'panic'; \
     SET log_min_duration_statement = -1;";

/// A connection that closes when dropped.
pub struct Session {
    client: Client,
    task: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connects as the administrator.
pub async fn connect(port: u16, database: &str, password: &SecretString) -> Result<Session, tokio_postgres::Error> {
    let (client, connection) = Config::new()
        .host("127.0.0.1")
        .port(port)
        .user(ADMIN)
        .password(password.expose_secret())
        .dbname(database)
        .application_name("kassa start")
        .connect_timeout(CONNECT_LIMIT)
        .connect(NoTls)
        .await?;
    #[expect(clippy::disallowed_methods, reason = "ends with the session, which holds it")]
    let task = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "session with the private PostgreSQL ended");
        }
    });
    Ok(Session { client, task })
}

impl Session {
    /// The first column of the first row, or nothing.
    pub async fn value(&self, sql: &str) -> Result<String, tokio_postgres::Error> {
        let messages = self.client.simple_query(sql).await?;
        let value = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(value.unwrap_or_default())
    }

    /// Whether `database` is there and complete.
    pub async fn is_set_up(&self, database: &str) -> Result<bool, EmbeddedError> {
        let sql = format!(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database \
             WHERE datname = '{database}'"
        );
        Ok(self.value(&sql).await? == MARK)
    }

    /// Makes the two roles, or gives them their passwords again.
    pub async fn set_up_roles(&self, passwords: &Passwords) -> Result<(), EmbeddedError> {
        for (role, password) in [(OWNER, &passwords.owner), (APP, &passwords.app)] {
            let sql = SecretString::from(format!(
                "{QUIET} \
                 DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \
                 THEN CREATE ROLE {role}; END IF; END $$; \
                 ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION \
                 NOBYPASSRLS PASSWORD '{}';",
                password.expose_secret()
            ));
            self.client.batch_execute(sql.expose_secret()).await?;
        }
        Ok(())
    }

    /// Makes `database`, owned by the owner, if it is not there.
    pub async fn make_database(&self, database: &str) -> Result<(), EmbeddedError> {
        let sql = format!("SELECT datname FROM pg_database WHERE datname = '{database}'");
        if self.value(&sql).await?.is_empty() {
            let sql = format!("CREATE DATABASE {database} OWNER {OWNER}");
            self.client.batch_execute(&sql).await?;
        }
        Ok(())
    }

    /// Says who may do what in `database`, which this session must be connected to, and marks it
    /// complete.
    pub async fn set_up_database(&self, database: &str) -> Result<(), EmbeddedError> {
        let defaults = format!("ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public");
        let sql = format!(
            "BEGIN; \
             REVOKE ALL ON DATABASE {database} FROM PUBLIC; \
             GRANT CONNECT ON DATABASE {database} TO {APP}; \
             ALTER SCHEMA public OWNER TO {OWNER}; \
             REVOKE ALL ON SCHEMA public FROM PUBLIC; \
             GRANT USAGE ON SCHEMA public TO {APP}; \
             {defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}; \
             {defaults} GRANT USAGE, SELECT ON SEQUENCES TO {APP}; \
             {defaults} GRANT EXECUTE ON FUNCTIONS TO {APP}; \
             COMMENT ON DATABASE {database} IS '{MARK}'; \
             COMMIT;"
        );
        self.client.batch_execute(&sql).await?;
        Ok(())
    }
}

/// Lets through only names that need no quoting in SQL and in URLs.
pub fn check_name(name: &str) -> Result<(), EmbeddedError> {
    let letters = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if letters && begins && name.len() <= 63 {
        return Ok(());
    }
    Err(EmbeddedError::BadName(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_need_no_quoting() {
        for good in ["kassa", "t_019a_b", "a"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "1a", "_a", "Kassa", "a-b", "a'b", "a b", long.as_str()] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
