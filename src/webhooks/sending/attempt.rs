//! One request to one endpoint, signed by Standard Webhooks.

use std::time::Duration;

use crate::kernel::ids::{CheckoutId, WebhookEndpointId};
use crate::kernel::secret::Keyring;
use crate::net::client::{GuardedClient, OutboundRequest};
use crate::net::{Answer, Method, SendError, signature};
use crate::webhooks::endpoints::secrets::open_secret;

/// How much of an answer is kept, in bytes.
const KEPT: usize = 2048;

/// What is sent, to whom, and signed with what.
pub struct Signed<'a> {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// Its address.
    pub url: &'a str,
    /// Its secret, sealed.
    pub secret: &'a [u8],
    /// The secret before it, sealed, while both are valid.
    pub previous: Option<&'a [u8]>,
    /// The same at every attempt.
    pub id: &'a str,
    /// The same bytes at every attempt.
    pub body: &'a [u8],
    /// The time of this attempt, in seconds since 1970: receivers refuse what is older than five minutes.
    pub at: i64,
    /// How long to wait for the answer, where that is less than usual.
    pub patience: Option<Duration>,
}

/// What came of a request.
pub struct Outcome {
    /// What was answered.
    pub answer: Option<Answer>,
    /// The status, also of an answer that broke off.
    pub status: Option<u16>,
    /// Why it counts as failed, in words fit for the merchant.
    pub error: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
}

/// Sends and waits for the answer, whatever it is.
pub async fn send(client: &GuardedClient, keys: &Keyring, signed: &Signed<'_>) -> Outcome {
    let begun = std::time::Instant::now();
    let (answer, status, error) = match request(keys, signed) {
        Err(error) => (None, None, Some(error)),
        Ok(request) => match client.send(request).await {
            Ok(answer) => {
                let error = (!answer.is_success()).then(|| format!("answered {}", answer.status));
                let status = answer.status;
                (Some(answer), Some(status), error)
            }
            Err(error) => (None, error.status(), Some(words(&error))),
        },
    };
    Outcome {
        answer,
        status,
        error,
        duration_ms: i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX),
    }
}

fn words(error: &SendError) -> String {
    format!("{}: {error}", error.code())
}

fn request(keys: &Keyring, signed: &Signed<'_>) -> Result<OutboundRequest, String> {
    let open = |sealed| open_secret(keys, signed.checkout, signed.endpoint, sealed).map_err(|error| error.to_string());
    let mut secrets = vec![open(signed.secret)?];
    if let Some(previous) = signed.previous {
        secrets.push(open(previous)?);
    }
    let at = u64::try_from(signed.at).unwrap_or(0);
    let headers = signature::sign(&secrets.iter().collect::<Vec<_>>(), signed.id, at, signed.body)
        .map_err(|error| error.to_string())?;
    let mut request = OutboundRequest::new(Method::POST, signed.url);
    request
        .headers
        .push(("content-type".to_owned(), "application/json".to_owned()));
    request
        .headers
        .extend(headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
    request.body = signed.body.to_vec();
    request.max_answer = Some(KEPT);
    request.timeout = signed.patience;
    Ok(request)
}
