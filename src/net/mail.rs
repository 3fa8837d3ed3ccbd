//! [`Mailer`]: one message to one recipient, by SMTP or into a directory.
//!
//! | file        | what is in it                                                   |
//! |-------------|-----------------------------------------------------------------|
//! | [`config`]  | reading the operator's mail URL, without ever repeating it       |
//! | `message`   | from our fields to bytes, with no way to inject a header         |
//! | `smtp`      | connections, TLS, login, and a small store of idle connections   |
//! | `files`     | one `.eml` per message id                                        |
//!
//! Guarantees: a send ends within its timeout; a message keeps its Message-ID through every retry,
//! so that a receiver can tell a repeat; every error says whether trying again can help; neither the
//! password nor a message's text reaches the log.
//!
//! It must not render templates, choose languages, retry, or remember what was sent.

pub mod config;
mod files;
mod message;
mod smtp;

pub use config::MailUrlError;

use config::Config;
use files::Files;
use secrecy::SecretString;
use smtp::Smtp;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// From connecting to the last reply. Mail servers make strangers wait on purpose, hence longer than
/// a web request.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// A name, which may be anything, and an address, which must be one.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    pub name: Option<String>,
    pub address: String,
}

/// A message ready to send.
#[derive(Clone)]
pub struct OutgoingMail {
    /// `local@domain`, chosen by the caller once and kept for every attempt.
    pub message_id: String,
    pub from: Contact,
    pub to: Contact,
    pub reply_to: Option<Contact>,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// Further headers, such as `Auto-Submitted: auto-generated`.
    pub headers: Vec<(String, String)>,
}

impl fmt::Debug for Contact {
    // People's addresses do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(***)")
    }
}

impl fmt::Debug for OutgoingMail {
    // Messages carry download links, licence keys and addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingMail")
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}

/// What the client was doing when the server said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Connect,
    Login,
    Message,
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailError {
    /// The named field is no mail address.
    Address(&'static str),
    /// The message cannot be written or carried.
    Message(&'static str),
    /// The server answered with an error.
    Rejected { stage: Stage, code: u16, reply: String },
    /// No connection, or it broke.
    Unreachable,
    /// The connection could not be secured.
    Tls,
    /// The server and we have no way to log in in common.
    Login,
    /// What the server said is not SMTP.
    Protocol,
    /// The time was up. The message may have arrived all the same.
    Timeout,
    /// The directory of messages cannot be written.
    Files(io::ErrorKind),
}

impl MailError {
    /// Whether a later attempt with the same message can succeed. A 5xx counts as final only as the
    /// answer to the message: at greeting or login it speaks of our configuration, and mail should
    /// wait until somebody has mended that.
    pub const fn temporary(&self) -> bool {
        match self {
            Self::Address(_) | Self::Message(_) => false,
            Self::Rejected {
                stage: Stage::Message,
                code,
                ..
            } => *code < 500,
            _ => true,
        }
    }

    /// A stable short word for logs and stored attempts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "invalid_address",
            Self::Message(_) => "invalid_message",
            Self::Rejected { .. } => "rejected",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::Protocol => "protocol",
            Self::Timeout => "timeout",
            Self::Files(_) => "files",
        }
    }
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(field) => write!(f, "the address in `{field}` is not a mail address"),
            Self::Message(reason) => f.write_str(reason),
            Self::Rejected { stage, code, reply } => {
                let what = match stage {
                    Stage::Connect => "the connection",
                    Stage::Login => "the login",
                    Stage::Message => "the message",
                };
                write!(f, "the mail server refused {what}: {code} {reply}")
            }
            Self::Unreachable => f.write_str("the mail server cannot be reached"),
            Self::Tls => f.write_str("the connection to the mail server cannot be secured"),
            Self::Login => f.write_str("the mail server offers no usable way to log in"),
            Self::Protocol => f.write_str("the mail server does not speak SMTP"),
            Self::Timeout => f.write_str("the mail server took too long"),
            Self::Files(kind) => write!(f, "the mail directory cannot be written: {kind}"),
        }
    }
}

impl std::error::Error for MailError {}

enum Way {
    Smtp(Smtp),
    Files(Files),
}

/// Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Mailer {
    way: Arc<Way>,
    timeout: Duration,
}

impl Mailer {
    /// `smtp://`, `smtps://` or `file:///directory`; see [`config`].
    pub fn from_url(url: &SecretString) -> Result<Self, MailUrlError> {
        let way = match config::parse(url)? {
            Config::Smtp(config) => Way::Smtp(Smtp::new(config)?),
            Config::Files(directory) => Way::Files(Files::new(directory)),
        };
        Ok(Self {
            way: Arc::new(way),
            timeout: SEND_TIMEOUT,
        })
    }

    /// One `.eml` per message id in `directory`, which is made when it is missing.
    pub fn files(directory: impl Into<PathBuf>) -> Self {
        let way = Way::Files(Files::new(directory.into()));
        Self {
            way: Arc::new(way),
            timeout: SEND_TIMEOUT,
        }
    }

    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends once.
    pub async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = message::build(mail)?;
        let sending = async {
            match &*self.way {
                Way::Smtp(smtp) => smtp.send(&message).await,
                Way::Files(files) => files.write(&mail.message_id, &message.formatted()).await,
            }
        };
        tokio::time::timeout(self.timeout, sending)
            .await
            .unwrap_or(Err(MailError::Timeout))
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.way {
            Way::Smtp(_) => "Mailer(smtp)",
            Way::Files(_) => "Mailer(files)",
        })
    }
}
