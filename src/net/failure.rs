//! [`SendError`]: why an outbound request brought no answer.
//!
//! Guarantees: every failure has one stable code; Display is fit for a merchant's eyes; it is known
//! whether the peer may have acted on the request. The library's own error texts, which name
//! addresses and internals, do not get past this file, except what TLS says of a certificate.
//!
//! It must not judge what to do next: whether to retry is for the caller.

use super::address::Refusal;
use super::resolver::ResolveError;
use super::target::TargetError;
use reqwest::Url;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::IpAddr;

/// Why there is no answer. Display is fit for a merchant's eyes; the refused address, which may tell
/// something of the operator's own DNS, is only in the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    InvalidUrl(&'static str),
    RefusedAddress {
        address: IpAddr,
        reason: Refusal,
    },
    InvalidRequest(&'static str),
    Dns,
    Connect,
    Tls(String),
    /// `status` is what had been answered when the time was up.
    Timeout {
        status: Option<u16>,
    },
    /// The connection broke within the body of an answer with this status.
    Body {
        status: u16,
    },
    /// The connection broke before an answer, or what came was not HTTP.
    NoAnswer,
    Other,
}

impl SendError {
    /// A stable short word for logs, metrics and stored attempts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "invalid_url",
            Self::RefusedAddress { .. } => "refused_address",
            Self::InvalidRequest(_) => "invalid_request",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Body { .. } => "body",
            Self::NoAnswer => "no_answer",
            Self::Other => "other",
        }
    }

    /// The status that had arrived before things went wrong.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Timeout { status } => *status,
            Self::Body { status } => Some(*status),
            _ => None,
        }
    }

    /// Whether the peer may have seen, and acted on, the request.
    pub const fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. } | Self::Body { .. } | Self::NoAnswer | Self::Other
        )
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl(reason) | Self::InvalidRequest(reason) => f.write_str(reason),
            Self::RefusedAddress { reason, .. } => {
                write!(f, "the address is not public ({reason})")
            }
            Self::Dns => f.write_str("the host name could not be resolved"),
            Self::Connect => f.write_str("no connection could be made"),
            Self::Tls(detail) => write!(f, "no secure connection could be made: {detail}"),
            Self::Timeout { status: None } => f.write_str("no answer within the time limit"),
            Self::Timeout { status: Some(status) } => {
                write!(f, "the answer ({status}) was not complete within the time limit")
            }
            Self::Body { status } => write!(f, "the answer ({status}) broke off"),
            Self::NoAnswer => f.write_str("the connection was closed without a valid answer"),
            Self::Other => f.write_str("the request could not be sent"),
        }
    }
}

impl StdError for SendError {}

impl From<TargetError> for SendError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Invalid(reason) => Self::InvalidUrl(reason),
            TargetError::Refused { address, reason } => Self::RefusedAddress { address, reason },
        }
    }
}

impl From<ResolveError> for SendError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Refused { address, reason } => Self::RefusedAddress { address, reason },
            ResolveError::Failed(_) | ResolveError::NoAddress => Self::Dns,
        }
    }
}

pub(super) fn classify(error: &reqwest::Error, url: &Url) -> SendError {
    if let Some(resolve) = cause::<ResolveError>(error) {
        return (*resolve).into();
    }
    if error.is_timeout() {
        return SendError::Timeout { status: None };
    }
    if !error.is_connect() {
        let never_sent = error.is_builder();
        return if never_sent {
            SendError::Other
        } else {
            SendError::NoAnswer
        };
    }
    match cause::<io::Error>(error) {
        // Failures of TCP carry the system's kind; those of the handshake come wrapped as "other".
        Some(io) if url.scheme() == "https" && io.kind() == io::ErrorKind::Other => {
            let text = io.to_string();
            SendError::Tls(text.chars().filter(|c| !c.is_control()).take(200).collect())
        }
        _ => SendError::Connect,
    }
}

fn cause<E: StdError + 'static>(error: &dyn StdError) -> Option<&E> {
    let mut next = error.source();
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref() {
            return Some(found);
        }
        next = current.source();
    }
    None
}
