//! VIES: the European Commission's answer to whether a VAT number is known to its member state.
//!
//! The REST service (`POST {base}/check-vat-number`). With the seller's own number a consultation number comes back: the proof that
//! it was asked, to be kept with the sale. An error is an answer of status 200 with `actionSucceed: false`, or a `userError` beside
//! `valid: false`; both mean that nobody knows, never that the number is wrong. Tests ask a double; the service itself has never
//! been asked by them.
//!
//! It sends once. Whoever asks decides what an unavailable answer means, and when to ask again.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::client::{GuardedClient, Method, OutboundRequest};

/// The base of the service in production.
pub const OFFICIAL: &str = "https://ec.europa.eu/taxation_customs/vies/rest-api";
/// How long a buyer waits for it at most; answers take one to three seconds.
pub const TIMEOUT: Duration = Duration::from_secs(5);
/// An answer with name and address has about a kilobyte.
const MAX_ANSWER: usize = 16 * 1024;
/// Consultation numbers have 16 characters.
const MAX_CONSULTATION: usize = 64;
/// Names and addresses that are longer are none.
const MAX_TEXT: usize = 1000;

/// A number as VIES has it: the prefix (`EL` for Greece) apart.
#[derive(Clone, Copy)]
pub struct Number<'a> {
    /// Two letters.
    pub prefix: &'a str,
    /// What follows them.
    pub rest: &'a str,
}

/// What VIES says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViesAnswer {
    /// The member state knows the number.
    Valid {
        /// The proof of having asked; only given to who said who they are.
        consultation: Option<String>,
        /// When it was valid: by VIES' clock, else by ours.
        at: DateTime<Utc>,
        /// What the business is called; some member states do not tell.
        name: Option<String>,
        /// Where it is.
        address: Option<String>,
    },
    /// The member state does not know it, or its form is none.
    Invalid,
    /// Nobody knows.
    Unavailable {
        /// For a log, and for people who wonder.
        why: Trouble,
    },
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer in time, or no connection.
    Unreachable(String),
    /// An answer of this status that says nothing about the number.
    Status(u16),
    /// VIES says so itself: `MS_UNAVAILABLE`, `SERVICE_UNAVAILABLE`, `MS_MAX_CONCURRENT_REQ`, `TIMEOUT`, `IP_BLOCKED` and others.
    Said(String),
    /// The number given as the seller's own is not right: asking again does not help.
    Requester,
    /// An answer that cannot be read, or is about another number.
    Unreadable,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "VIES was not reached: {why}"),
            Self::Status(status) => write!(f, "VIES answered {status}"),
            Self::Said(code) => write!(f, "VIES says {code}"),
            Self::Requester => f.write_str("VIES does not accept the seller's own number"),
            Self::Unreadable => f.write_str("VIES answered something that cannot be read"),
        }
    }
}

/// The client. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vies {
    client: GuardedClient,
    url: String,
    timeout: Duration,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    country_code: &'a str,
    vat_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    requester_member_state_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requester_number: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    country_code: Option<String>,
    vat_number: Option<String>,
    valid: Option<bool>,
    request_date: Option<String>,
    request_identifier: Option<String>,
    name: Option<String>,
    address: Option<String>,
    user_error: Option<String>,
    error_wrappers: Vec<ToldError>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ToldError {
    error: Option<String>,
}

impl Vies {
    /// Asks at `base` ([`OFFICIAL`] in production), through a client that vets addresses, for `timeout` at most.
    pub fn new(client: GuardedClient, base: &str, timeout: Duration) -> Self {
        Self {
            client,
            url: format!("{}/check-vat-number", base.trim_end_matches('/')),
            timeout,
        }
    }

    /// Asks about a number, in the name of a seller with an EU number of its own. `now` stands in for a time VIES does not give.
    pub async fn check(&self, number: Number<'_>, requester: Option<Number<'_>>, now: DateTime<Utc>) -> ViesAnswer {
        match self.ask(number, requester).await {
            Ok(told) => judge(&told, number, now),
            Err(why) => ViesAnswer::Unavailable { why },
        }
    }

    async fn ask(&self, number: Number<'_>, requester: Option<Number<'_>>) -> Result<Told, Trouble> {
        let question = Question {
            country_code: number.prefix,
            vat_number: number.rest,
            requester_member_state_code: requester.map(|number| number.prefix),
            requester_number: requester.map(|number| number.rest),
        };
        let answer = self
            .client
            .send(OutboundRequest {
                headers: vec![
                    ("content-type".to_owned(), "application/json".to_owned()),
                    ("accept".to_owned(), "application/json".to_owned()),
                ],
                body: serde_json::to_vec(&question).map_err(|_| Trouble::Unreadable)?,
                timeout: Some(self.timeout),
                max_answer: Some(MAX_ANSWER),
                ..OutboundRequest::new(Method::POST, &self.url)
            })
            .await
            .map_err(|error| Trouble::Unreachable(error.to_string()))?;
        match serde_json::from_slice(&answer.body) {
            // Errors come with 200 as well as with 400 and 500; what they say counts for more than the status.
            Ok(told) if answer.is_success() || code(&told).is_some() => Ok(told),
            _ if answer.is_success() => Err(Trouble::Unreadable),
            _ => Err(Trouble::Status(answer.status)),
        }
    }
}

/// The error VIES reports, if it reports one. `VALID` and `INVALID` are not errors, although they are told in the same place.
fn code(told: &Told) -> Option<&str> {
    let wrapped = told.error_wrappers.iter().find_map(|wrapper| wrapper.error.as_deref());
    let code = wrapped.or(told.user_error.as_deref())?;
    (!matches!(code, "VALID" | "INVALID" | "")).then_some(code)
}

/// A name or an address, on one line. Member states that tell none say so with dashes.
fn text(told: Option<&str>) -> Option<String> {
    let told = told?.split_whitespace().collect::<Vec<_>>().join(" ");
    let some = told.len() <= MAX_TEXT && told.chars().any(char::is_alphanumeric) && !told.chars().any(char::is_control);
    some.then_some(told)
}

fn judge(told: &Told, number: Number<'_>, now: DateTime<Utc>) -> ViesAnswer {
    let unavailable = |why| ViesAnswer::Unavailable { why };
    match code(told) {
        // Its form is none that VIES knows.
        Some("INVALID_INPUT") => return ViesAnswer::Invalid,
        Some("INVALID_REQUESTER_INFO") => return unavailable(Trouble::Requester),
        Some(code) => {
            let word = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && code.len() <= 64;
            return unavailable(if word {
                Trouble::Said(code.to_owned())
            } else {
                Trouble::Unreadable
            });
        }
        None => {}
    }
    let same = |told: &Option<String>, asked: &str| told.as_deref().is_none_or(|told| told == asked);
    if !same(&told.country_code, number.prefix) || !same(&told.vat_number, number.rest) {
        return unavailable(Trouble::Unreadable);
    }
    match told.valid {
        Some(true) => ViesAnswer::Valid {
            consultation: told
                .request_identifier
                .clone()
                .filter(|identifier| (1..=MAX_CONSULTATION).contains(&identifier.len()))
                .filter(|identifier| identifier.bytes().all(|byte| byte.is_ascii_graphic())),
            at: told
                .request_date
                .as_deref()
                .and_then(|date| DateTime::parse_from_rfc3339(date).ok())
                .map_or(now, |date| date.to_utc()),
            name: text(told.name.as_deref()),
            address: text(told.address.as_deref()),
        },
        Some(false) => ViesAnswer::Invalid,
        None => unavailable(Trouble::Unreadable),
    }
}
