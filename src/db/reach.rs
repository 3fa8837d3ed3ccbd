//! Whether a database can be reached, and if not, why, in one sentence for a person. The pool's own error says only that it cannot.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

use super::error::Cause;

const LIMIT: Duration = Duration::from_secs(5);

/// Connects once. The error names host, port, database and user, and every cause; never the password.
pub async fn reach(url: &SecretString) -> Result<(), String> {
    let mut config: Config = url.expose_secret().parse().map_err(|error| format!("{error}"))?;
    config.connect_timeout(LIMIT);
    let failed = |why: String| format!("cannot connect to {}: {why}", place(&config));
    match tokio::time::timeout(2 * LIMIT, config.connect(NoTls)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failed(Cause(&error).to_string())),
        Err(_) => Err(failed("no answer in time".to_owned())),
    }
}

/// `kassa at db.example.com:5432 as kassa_app`.
fn place(config: &Config) -> String {
    let hosts = config.get_hosts().iter().enumerate().map(|(index, host)| {
        let ports = config.get_ports();
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(folder) => format!("{}, port {port}", folder.display()),
        }
    });
    let hosts: Vec<String> = hosts.collect();
    let user = config.get_user().unwrap_or("nobody by name");
    let database = config.get_dbname().unwrap_or(user);
    format!("the database {database} at {} as {user}", hosts.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_reason_is_told_and_the_password_is_not() {
        // Bound and closed again: nobody listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let url = format!("postgres://shop:hunter2@127.0.0.1:{port}/books");
        let why = reach(&url.into()).await.expect_err("nobody listens");
        let place = format!("the database books at 127.0.0.1:{port} as shop");
        assert!(why.contains(&place) && why.contains("refused"), "{why}");
        assert!(!why.contains("hunter2"), "{why}");
    }
}
