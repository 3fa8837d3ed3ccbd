//! One signed request, and its answer, which counts only when it is signed too.

use chrono::{DateTime, SecondsFormat};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::Config;
use super::signature::{is_signed, sign};
use crate::kernel::secret::random_bytes;
use crate::net::Answer;
use crate::net::client::{Method, OutboundRequest};
use crate::payments::provider::{ProviderError, Wire};

/// An answer lists every way to pay with its pictures.
const MAX_ANSWER: usize = 512 * 1024;
/// For Paytrail's own support: who integrates.
const PLATFORM: &str = "kassa";

/// Where browsers and servers are sent: the one address for both ends, because the status decides and not which was called.
#[derive(Serialize)]
pub struct Urls<'a> {
    pub success: &'a str,
    pub cancel: &'a str,
}

#[derive(Deserialize)]
struct Complaint {
    status: String,
    message: String,
}

/// Sends once. `transaction` is named in a header too wherever a path names it.
pub async fn send(
    wire: Wire<'_>,
    config: &Config,
    path: &str,
    transaction: Option<&str>,
    body: Option<Vec<u8>>,
) -> Result<Answer, ProviderError> {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let at = DateTime::from_timestamp_millis(wire.now_ms).unwrap_or_default();
    let mut headers = vec![
        ("checkout-account".to_owned(), config.merchant_id.clone()),
        ("checkout-algorithm".to_owned(), "sha256".to_owned()),
        ("checkout-method".to_owned(), method.to_string()),
        ("checkout-nonce".to_owned(), HEXLOWER.encode(&random_bytes::<16>())),
        (
            "checkout-timestamp".to_owned(),
            at.to_rfc3339_opts(SecondsFormat::Millis, true),
        ),
    ];
    if let Some(transaction) = transaction {
        headers.push(("checkout-transaction-id".to_owned(), transaction.to_owned()));
    }
    let signature = sign(config, &headers, body.as_deref().unwrap_or_default());
    headers.push(("signature".to_owned(), signature));
    headers.push(("platform-name".to_owned(), PLATFORM.to_owned()));
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json; charset=utf-8".to_owned()));
    }
    let mut request = OutboundRequest::new(method, format!("{}{path}", wire.base));
    request.headers = headers;
    request.body = body.unwrap_or_default();
    request.timeout = Some(wire.timeout);
    request.max_answer = Some(MAX_ANSWER);
    wire.client.send(request).await.map_err(|failure| {
        tracing::warn!(path, code = failure.code(), "Paytrail gave no answer");
        if failure.may_have_arrived() {
            ProviderError::Unknown
        } else {
            ProviderError::Away
        }
    })
}

/// The answer of this status. Anything that is not what Paytrail says, signed and whole, leaves open what was done.
pub fn read<T: for<'de> Deserialize<'de>>(config: &Config, answer: &Answer, status: u16) -> Result<T, ProviderError> {
    let request = answer.header("request-id").unwrap_or_default();
    if answer.status != status {
        return Err(refusal(config, answer, request));
    }
    let signature = answer.header("signature").unwrap_or_default();
    if answer.truncated || !is_signed(config, &answer.headers("checkout-"), &answer.body, signature) {
        tracing::warn!(request, "an answer of Paytrail is not signed by it");
        return Err(ProviderError::Unknown);
    }
    serde_json::from_slice(&answer.body).map_err(|error| {
        tracing::warn!(request, %error, "an answer of Paytrail cannot be read");
        ProviderError::Unknown
    })
}

/// A no is one only in Paytrail's own words: a page of some proxy on the way says nothing about what Paytrail did.
fn refusal(config: &Config, answer: &Answer, request: &str) -> ProviderError {
    let complaint = serde_json::from_slice::<Complaint>(&answer.body).ok();
    let own = complaint.filter(|complaint| complaint.status == "error");
    // Paytrail cannot sign for whom it does not know, so a no may be unsigned; a wrong signature is still a wrong one.
    let signed = answer
        .header("signature")
        .is_none_or(|signature| is_signed(config, &answer.headers("checkout-"), &answer.body, signature));
    let said = own.as_ref().map_or("", |own| own.message.as_str());
    let said: String = said.chars().filter(|letter| !letter.is_control()).take(300).collect();
    tracing::warn!(request, status = answer.status, said, "Paytrail refuses");
    if answer.status == 429 {
        return ProviderError::Away;
    }
    if own.is_none() || !signed {
        return ProviderError::Unknown;
    }
    let code = match answer.status {
        400 => "invalid_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        422 => "not_supported",
        402..=499 if answer.status != 408 => "refused",
        _ => return ProviderError::Unknown,
    };
    refused(code)
}

/// A no that would be the same another time.
pub fn refused(code: &str) -> ProviderError {
    ProviderError::Refused {
        code: code.to_owned(),
        retryable: false,
    }
}

/// Whether a text is fit to be a transaction's id in a path: a UUID, as Paytrail makes them.
pub fn is_transaction(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The beginning of a text that JavaScript counts as this long.
pub fn cut(text: &str, units: usize) -> String {
    let mut left = units;
    text.chars()
        .take_while(|letter| {
            let fits = letter.len_utf16() <= left;
            left = left.saturating_sub(letter.len_utf16());
            fits
        })
        .collect()
}
