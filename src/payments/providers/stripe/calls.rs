//! One call of Stripe's API: signed with the merchant's key, sent again where that is safe, and its errors in our words.

use std::time::Duration;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::Instant;

use super::Config;
use crate::net::client::OutboundRequest;
use crate::net::{Answer, SendError, form};
use crate::payments::provider::{ProviderError, Wire};

/// The version of the API that this adapter was written against; the account's own default does not matter then.
///
/// From `2026-09-30.endive` on `payment_method_types` is no parameter any more; neither it nor its successor is sent, so that the
/// methods are those the merchant switched on at Stripe.
pub const VERSION: &str = "2026-10-28.endive";

/// An intent is some kilobytes, a list of a hundred refunds some more.
const MAX_ANSWER: usize = 1024 * 1024;
/// How often a call is sent again at most.
const AGAIN: u32 = 2;
/// The pause before the first repeat; it doubles.
const PAUSE: Duration = Duration::from_millis(100);
/// With less time left than this an answer is not to be expected.
const LEAST: Duration = Duration::from_millis(50);

/// What is asked.
pub struct Call<'a> {
    /// Under the base.
    pub path: String,
    /// What is posted under which idempotency key; otherwise it is a GET.
    pub post: Option<Post<'a>>,
}

/// What is posted.
pub struct Post<'a> {
    /// What makes a repeat the same call: Stripe answers it with the first answer.
    pub key: String,
    /// The form.
    pub pairs: Vec<(&'a str, String)>,
}

/// What Stripe said no with: its error object.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error.
    pub error: Value,
}

/// How a call ended.
#[derive(Debug)]
pub enum Failure {
    /// Stripe said no.
    Refused(Refusal),
    /// There is no usable answer.
    Nothing(ProviderError),
    /// Stripe failed and keeps that under the key: this call will never be answered otherwise.
    Kept,
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Nothing(error) => error,
            Failure::Kept => Self::Unknown,
        }
    }
}

impl From<Refusal> for ProviderError {
    fn from(refusal: Refusal) -> Self {
        let text = |field: &str| refusal.error[field].as_str().unwrap_or_default();
        // The same key with other parameters: something was done under this key, and it was not this.
        if text("type") == "idempotency_error" {
            tracing::error!("Stripe knows this idempotency key with other parameters");
            return Self::Unknown;
        }
        let refused = |code: &str, retryable| Self::Refused {
            code: word(code),
            retryable,
        };
        match refusal.status {
            401 | 403 => refused("credentials_refused", false),
            402 => {
                let declined = Some(text("decline_code")).filter(|code| !code.is_empty());
                refused(declined.unwrap_or(text("code")), true)
            }
            // A few errors have no code and name the parameter only: a refund of more than is left.
            _ if text("code").is_empty() && !text("param").is_empty() => {
                refused(&format!("invalid_{}", text("param")), false)
            }
            _ => refused(text("code"), false),
        }
    }
}

impl Refusal {
    /// Stripe's name of the error.
    pub fn code(&self) -> &str {
        self.error["code"].as_str().unwrap_or_default()
    }
}

/// Sends a call, and sends it again within the time of one: after a broken connection, when the same call is still under way there,
/// and when Stripe is overloaded or fails. Never after it said no.
pub async fn call(wire: Wire<'_>, config: &Config, call: &Call<'_>) -> Result<Value, Failure> {
    let started = Instant::now();
    let mut pause = PAUSE;
    let mut tries = 0;
    let mut arrived = false;
    loop {
        let left = wire.timeout.saturating_sub(started.elapsed());
        let ended = judge(wire.client.send(request(wire, config, call, left)).await);
        let left = wire.timeout.saturating_sub(started.elapsed());
        tries += 1;
        match ended {
            Ended::Done(result) => return result,
            Ended::MayRepeat { after, error } if tries <= AGAIN && left > after.unwrap_or(pause) + LEAST => {
                arrived |= error == ProviderError::Unknown;
                tokio::time::sleep(after.unwrap_or(pause)).await;
                pause *= 2;
            }
            // That the last of them did not arrive says nothing of those before.
            Ended::MayRepeat { .. } if arrived => return Err(Failure::Nothing(ProviderError::Unknown)),
            Ended::MayRepeat { error, .. } => return Err(Failure::Nothing(error)),
        }
    }
}

fn request(wire: Wire<'_>, config: &Config, call: &Call<'_>, timeout: Duration) -> OutboundRequest {
    let method = if call.post.is_some() { Method::POST } else { Method::GET };
    let mut request = OutboundRequest::new(method, format!("{}{}", wire.base, call.path));
    let mut header = |name: &str, value: String| request.headers.push((name.to_owned(), value));
    header("authorization", format!("Bearer {}", config.secret_key.expose_secret()));
    header("stripe-version", VERSION.to_owned());
    if let Some(post) = &call.post {
        header("idempotency-key", post.key.clone());
        header("content-type", form::CONTENT_TYPE.to_owned());
        let pairs = post.pairs.iter().map(|(name, value)| (*name, value.as_str()));
        request.body = form::encode(pairs).into_bytes();
    }
    request.timeout = Some(timeout);
    request.max_answer = Some(MAX_ANSWER);
    request
}

enum Ended {
    Done(Result<Value, Failure>),
    /// Sending it again does no harm; without that, this is how it ended.
    MayRepeat {
        error: ProviderError,
        after: Option<Duration>,
    },
}

fn judge(answer: Result<Answer, SendError>) -> Ended {
    let repeat = |error, after| Ended::MayRepeat { error, after };
    let answer = match answer {
        Ok(answer) => answer,
        Err(SendError::InvalidUrl(_) | SendError::InvalidRequest(_)) => {
            // A key with a line break in it, for instance.
            return Ended::Done(Err(Failure::Nothing(ProviderError::Refused {
                code: "credentials_refused".to_owned(),
                retryable: false,
            })));
        }
        Err(failure) if failure.may_have_arrived() => return repeat(ProviderError::Unknown, None),
        Err(_) => return repeat(ProviderError::Away, None),
    };
    // Stripe knows best when a repeat is of no use.
    let repeat = |error, after| match answer.header("stripe-should-retry") {
        Some("false") => Ended::Done(Err(Failure::Nothing(error))),
        _ => repeat(error, after),
    };
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let said = body.filter(|body| body.is_object() && !answer.truncated);
    let error = said.as_ref().map(|said| said["error"].clone()).filter(Value::is_object);
    match (answer.status, said, error) {
        (200..=299, Some(said), None) => Ended::Done(Ok(said)),
        // The same call is under way: what it does is not known before it ends.
        (409, ..) => repeat(ProviderError::Unknown, None),
        (429, ..) => repeat(ProviderError::Away, answer.retry_after()),
        (400..=499, _, Some(error)) => Ended::Done(Err(Failure::Refused(Refusal {
            status: answer.status,
            error,
        }))),
        (500.., ..) if answer.header("idempotent-replayed") == Some("true") => Ended::Done(Err(Failure::Kept)),
        // Failures of Stripe's, and whatever stands between it and us: under the same key a repeat is the same call.
        _ => repeat(ProviderError::Unknown, None),
    }
}

/// A code that can be stored and shown: a word of Stripe's, or that there is none.
pub fn word(code: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !code.is_empty() && code.len() <= 64 && code.bytes().all(plain) {
        code.to_owned()
    } else {
        "refused".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(status: u16, error: Value) -> ProviderError {
        Refusal { status, error }.into()
    }

    fn refused(code: &str, retryable: bool) -> ProviderError {
        ProviderError::Refused {
            code: code.to_owned(),
            retryable,
        }
    }

    #[test]
    fn errors_in_our_words() {
        let invalid = |code: &str| json!({"type": "invalid_request_error", "code": code});
        for code in [
            "amount_too_small",
            "amount_too_large",
            "parameter_missing",
            "resource_missing",
        ] {
            assert_eq!(said(400, invalid(code)), refused(code, false));
        }
        assert_eq!(
            said(404, invalid("resource_missing")),
            refused("resource_missing", false)
        );
        let card = json!({"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"});
        assert_eq!(said(402, card), refused("insufficient_funds", true));
        let card = json!({"type": "card_error", "code": "expired_card"});
        assert_eq!(said(402, card), refused("expired_card", true));
        let key = json!({"type": "invalid_request_error", "message": "Invalid API Key provided: sk_test_***"});
        assert_eq!(said(401, key), refused("credentials_refused", false));
        assert_eq!(said(400, json!({"type": "idempotency_error"})), ProviderError::Unknown);
        let too_much =
            json!({"type": "invalid_request_error", "param": "amount", "message": "Refund amount ($45) is greater"});
        assert_eq!(said(400, too_much), refused("invalid_amount", false));
        for strange in [
            json!({}),
            json!({"code": 7}),
            json!({"code": "<b>"}),
            json!({"code": "x".repeat(65)}),
        ] {
            assert_eq!(said(400, strange), refused("refused", false));
        }
    }

    #[test]
    fn failures_of_the_wire_in_our_words() {
        for (failure, wanted) in [
            (SendError::Dns, ProviderError::Away),
            (SendError::Connect, ProviderError::Away),
            (SendError::Tls("expired".to_owned()), ProviderError::Away),
            (SendError::Timeout { status: None }, ProviderError::Unknown),
            (SendError::Body { status: 200 }, ProviderError::Unknown),
            (SendError::NoAnswer, ProviderError::Unknown),
        ] {
            let Ended::MayRepeat { error, after: None } = judge(Err(failure.clone())) else {
                panic!("{failure:?} ends a call");
            };
            assert_eq!(error, wanted, "{failure:?}");
        }
        assert!(matches!(
            judge(Err(SendError::InvalidRequest("a header value is not valid"))),
            Ended::Done(Err(Failure::Nothing(ProviderError::Refused { .. })))
        ));
    }
}
