//! SMTP: connect, secure, log in, send; and a few idle connections kept for the next message.
//!
//! Guarantees: a connection whose exchange was cut short, by a timeout or an error, is closed and
//! never used again. Connections are pooled here rather than by the mail library because its pool
//! takes a cancelled connection back: the reply still owed to the cancelled message would then be
//! read as the answer to the next one, and a message could count as accepted that never was.
//!
//! The library writes every line of the dialogue, password included, as debug events; they are
//! switched off for the time of a send. It must not bound the time of a whole send (its caller does)
//! or retry a message that the server has answered.

use super::config::{MailUrlError, SmtpConfig, TlsMode};
use super::{MailError, Stage};
use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use std::error::Error as _;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than the idle limit of common servers.
const MAX_IDLE: Duration = Duration::from_secs(30);
const MAX_IDLE_CONNECTIONS: usize = 4;
/// How long an idle connection may take to prove that it still works.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    pub(super) fn new(config: SmtpConfig) -> Result<Self, MailUrlError> {
        let tls = match config.tls {
            TlsMode::None => None,
            TlsMode::Implicit | TlsMode::Required | TlsMode::Opportunistic => {
                let parameters = TlsParameters::new_rustls(config.host.clone());
                Some(parameters.map_err(|_| MailUrlError::Tls)?)
            }
        };
        Ok(Self {
            config,
            tls,
            hello: ClientId::default(),
            idle: Mutex::new(Vec::new()),
        })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.exchange(message).with_subscriber(Dispatch::none()).await
    }

    async fn exchange(&self, message: &Message) -> Result<(), MailError> {
        // Held by value throughout: when this future is dropped, the connection is closed with it.
        let mut connection = match self.take_idle().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        connection
            .send(message.envelope(), &message.formatted())
            .await
            .map_err(|error| classify(&error, Stage::Message))?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MAX_IDLE_CONNECTIONS {
            idle.push((connection, Instant::now()));
        }
        Ok(())
    }

    async fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let mut connection = {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                idle.retain(|(_, since)| since.elapsed() < MAX_IDLE);
                idle.pop()?.0
            };
            let probe = tokio::time::timeout(PROBE_TIMEOUT, connection.test_connected()).await;
            if probe.unwrap_or(false) {
                return Some(connection);
            }
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let failed = |error| classify(&error, Stage::Connect);
        let from_the_start = match self.config.tls {
            TlsMode::Implicit => self.tls.clone(),
            TlsMode::Required | TlsMode::Opportunistic | TlsMode::None => None,
        };
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            (self.config.host.as_str(), self.config.port),
            Some(CONNECT_TIMEOUT),
            &self.hello,
            from_the_start,
            None,
        )
        .await
        .map_err(failed)?;
        let upgrade = match self.config.tls {
            TlsMode::Required => true,
            TlsMode::Opportunistic => connection.can_starttls(),
            TlsMode::Implicit | TlsMode::None => false,
        };
        if upgrade && let Some(tls) = self.tls.clone() {
            connection.starttls(tls, &self.hello).await.map_err(failed)?;
        }
        if let Some((user, password)) = &self.config.login {
            let login = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &login)
                .await
                .map_err(|error| classify(&error, Stage::Login))?;
        }
        Ok(connection)
    }
}

fn classify(error: &SmtpError, stage: Stage) -> MailError {
    if let Some(code) = error.status() {
        let reply = error.source().map(ToString::to_string).unwrap_or_default();
        let reply = reply
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(200)
            .collect();
        return MailError::Rejected {
            stage,
            code: code.into(),
            reply,
        };
    }
    if error.is_timeout() {
        return MailError::Timeout;
    }
    if error.is_tls() || (stage == Stage::Connect && handshake_failed(error)) {
        return MailError::Tls;
    }
    if error.is_client() {
        // The library refuses before asking the server: an extension that it needs is not offered.
        return match stage {
            Stage::Connect => MailError::Tls,
            Stage::Login => MailError::Login,
            Stage::Message => MailError::Message("the mail server cannot carry this message"),
        };
    }
    if error.is_response() {
        MailError::Protocol
    } else {
        MailError::Unreachable
    }
}

/// A certificate that is not accepted arrives as an error of the connection, wrapped more than once:
/// the handshake reports it through the stream, as data that makes no sense.
fn handshake_failed(error: &SmtpError) -> bool {
    let mut next = error.source();
    while let Some(current) = next {
        if let Some(io) = current.downcast_ref::<io::Error>() {
            return io.kind() == io::ErrorKind::InvalidData;
        }
        next = current.source();
    }
    false
}
