//! Stripe as the keeper of payment cards, by the platform's own account.
//!
//! A token becomes a payment method, and the payment method belongs to a customer, or it could be charged once only. Card
//! numbers never come here: the browser gives them to Stripe and gets the token.

use data_encoding::HEXLOWER;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::model::{CardProvider, NewCard, PaymentCard};
use crate::http::state::StripePlatform;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::sha256;
use crate::net::Answer;
use crate::net::client::{GuardedClient, OutboundRequest};
use crate::net::form;

/// The version of the API that this file was written against.
const VERSION: &str = "2024-06-20";

#[derive(Deserialize)]
struct PaymentMethod {
    id: String,
    customer: Option<String>,
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    brand: String,
    last4: String,
    exp_month: i32,
    exp_year: i32,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
}

/// Stripe, and how it is reached.
#[derive(Clone, Copy)]
pub struct Stripe<'a> {
    /// Makes the requests.
    pub client: &'a GuardedClient,
    /// The platform's own account.
    pub platform: &'a StripePlatform,
}

/// What is said of a card that Stripe has detached: it never takes it back.
pub const DETACHED: &str = "this card was taken off file: enter it anew";

/// The card behind a token (`tok_…`) or a payment method (`pm_…`), attached to a customer of its own. A repeat gets the same
/// customer, and the card on file is taken as it is.
pub async fn look_up(
    stripe: Stripe<'_>,
    organization: OrganizationId,
    on_file: Option<PaymentCard>,
    token: &str,
) -> Result<NewCard, Problem> {
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain || !(token.starts_with("tok_") || token.starts_with("pm_")) {
        return Err(Problem::invalid(
            "/token",
            "invalid",
            "must be a token (tok_…) or a payment method (pm_…) of Stripe",
        ));
    }
    if let Some(card) = on_file.as_ref().filter(|card| card.provider_reference == token) {
        return Ok(card.clone().into());
    }
    let method = if token.starts_with("tok_") {
        let form = [("type", "card"), ("card[token]", token)];
        let key = idempotency_key(organization, "method", token);
        post(stripe, "/v1/payment_methods", &form, &key).await?
    } else {
        method(stripe, token).await?
    };
    if let Some(card) = on_file.filter(|card| card.provider_reference == method.id) {
        return Ok(card.into());
    }
    let card = method
        .card
        .ok_or_else(|| Problem::invalid("/token", "invalid", "is no card"))?;
    let named = organization.to_string();
    let form = [
        ("payment_method", method.id.as_str()),
        ("metadata[organization]", named.as_str()),
    ];
    let key = idempotency_key(organization, "customer", &method.id);
    let customer: Customer = post(stripe, "/v1/customers", &form, &key).await?;
    // The customer may be one of before, whose card has been taken away since.
    if self::method(stripe, &method.id).await?.customer.as_ref() != Some(&customer.id) {
        return Err(Problem::invalid("/token", "refused", DETACHED));
    }
    Ok(NewCard {
        provider: CardProvider::Stripe,
        customer: Some(customer.id),
        reference: method.id,
        brand: card.brand,
        last4: card.last4,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
    })
}

/// Takes a card from its customer, for good. One that Stripe does not know, or has taken already, is done too.
pub async fn detach(stripe: Stripe<'_>, method: &str) -> Result<(), Problem> {
    let path = format!("/v1/payment_methods/{method}/detach");
    let answer = send(stripe, Method::POST, &path, Vec::new(), None).await?;
    match answer.status {
        200..=299 | 400 | 404 => Ok(()),
        status => Err(away(format!("status {status}"))),
    }
}

/// The same for every repeat of one step for one thing, so that Stripe does it once.
fn idempotency_key(organization: OrganizationId, step: &str, thing: &str) -> String {
    // No part can contain the line break that joins them.
    HEXLOWER.encode(&sha256(
        format!("payment card\n{organization}\n{step}\n{thing}").as_bytes(),
    ))
}

async fn method(stripe: Stripe<'_>, id: &str) -> Result<PaymentMethod, Problem> {
    let path = format!("/v1/payment_methods/{id}");
    read(&send(stripe, Method::GET, &path, Vec::new(), None).await?)
}

async fn post<T: for<'de> Deserialize<'de>>(
    stripe: Stripe<'_>,
    path: &str,
    pairs: &[(&str, &str)],
    key: &str,
) -> Result<T, Problem> {
    let body = form::encode(pairs.iter().copied()).into_bytes();
    read(&send(stripe, Method::POST, path, body, Some(key)).await?)
}

async fn send(
    stripe: Stripe<'_>,
    method: Method,
    path: &str,
    body: Vec<u8>,
    key: Option<&str>,
) -> Result<Answer, Problem> {
    let mut request = OutboundRequest::new(method, format!("{}{path}", stripe.platform.base));
    let mut header = |name: &str, value: String| request.headers.push((name.to_owned(), value));
    header(
        "authorization",
        format!("Bearer {}", stripe.platform.key.expose_secret()),
    );
    header("stripe-version", VERSION.to_owned());
    if let Some(key) = key {
        header("idempotency-key", key.to_owned());
    }
    if !body.is_empty() {
        header("content-type", form::CONTENT_TYPE.to_owned());
        request.body = body;
    }
    request.max_answer = Some(256 * 1024);
    let answer = stripe.client.send(request).await;
    answer.map_err(|failure| away(failure.to_string()))
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<T, Problem> {
    match answer.status {
        200..=299 => serde_json::from_slice(&answer.body).map_err(|error| away(error.to_string())),
        // What Stripe says of the card is for the person who typed it.
        400 | 402 | 404 => Err(Problem::invalid("/token", "refused", message(&answer.body))),
        401 | 403 => Err(Problem::internal(format!(
            "Stripe refuses the platform's key: {}",
            answer.status
        ))),
        status => Err(away(format!("status {status}"))),
    }
}

fn away(cause: String) -> Problem {
    let mut problem = Problem::new(ProblemCode::ServiceUnavailable)
        .detail("Stripe does not answer")
        .retry_after(5);
    problem.cause = Some(cause);
    problem
}

fn message(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = body["error"]["message"].as_str().unwrap_or("Stripe refuses this card");
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}
