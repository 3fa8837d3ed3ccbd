//! Stripe as the keeper of payment cards, by the platform's own account.
//!
//! A token becomes a payment method, and the payment method belongs to a customer, or it could be charged once only. Card
//! numbers never come here: the browser gives them to Stripe and gets the token.

use reqwest::Method;
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::model::{CardProvider, NewCard};
use crate::http::state::StripePlatform;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::net::client::{GuardedClient, OutboundRequest};

/// The version of the API that this file was written against.
const VERSION: &str = "2024-06-20";

#[derive(Deserialize)]
struct PaymentMethod {
    id: String,
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

/// The card behind a token (`tok_…`) or a payment method (`pm_…`), attached to a new customer.
pub async fn look_up(
    client: &GuardedClient,
    platform: &StripePlatform,
    organization: OrganizationId,
    token: &str,
) -> Result<NewCard, Problem> {
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let method: PaymentMethod = if plain && token.starts_with("tok_") {
        let form = [("type", "card"), ("card[token]", token)];
        call(client, platform, Method::POST, "/v1/payment_methods", &form).await?
    } else if plain && token.starts_with("pm_") {
        call(
            client,
            platform,
            Method::GET,
            &format!("/v1/payment_methods/{token}"),
            &[],
        )
        .await?
    } else {
        return Err(Problem::invalid(
            "/token",
            "invalid",
            "must be a token (tok_…) or a payment method (pm_…) of Stripe",
        ));
    };
    let card = method
        .card
        .ok_or_else(|| Problem::invalid("/token", "invalid", "is no card"))?;
    let organization = organization.to_string();
    let form = [
        ("payment_method", method.id.as_str()),
        ("metadata[organization]", organization.as_str()),
    ];
    let customer: Customer = call(client, platform, Method::POST, "/v1/customers", &form).await?;
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

async fn call<T: for<'de> Deserialize<'de>>(
    client: &GuardedClient,
    platform: &StripePlatform,
    method: Method,
    path: &str,
    form: &[(&str, &str)],
) -> Result<T, Problem> {
    let away = |cause: String| {
        let mut problem = Problem::new(ProblemCode::ServiceUnavailable)
            .detail("Stripe does not answer")
            .retry_after(5);
        problem.cause = Some(cause);
        problem
    };
    let mut request = OutboundRequest::new(method, format!("{}{path}", platform.base));
    let bearer = format!("Bearer {}", platform.key.expose_secret());
    request.headers.push(("authorization".to_owned(), bearer));
    request.headers.push(("stripe-version".to_owned(), VERSION.to_owned()));
    if !form.is_empty() {
        request.headers.push((
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        ));
        let pairs = form
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        request.body = pairs.collect::<Vec<_>>().join("&").into_bytes();
    }
    request.max_answer = Some(256 * 1024);
    let answer = client
        .send(request)
        .await
        .map_err(|failure| away(failure.to_string()))?;
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

fn message(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = body["error"]["message"].as_str().unwrap_or("Stripe refuses this card");
    text.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

/// `application/x-www-form-urlencoded`, for names and values of ASCII letters, digits and brackets.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
