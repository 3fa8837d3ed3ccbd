//! Gives money back.

use serde::{Deserialize, Serialize};

use super::Config;
use super::inbound::REFUND_MARK;
use super::wire::{Urls, is_transaction, read, refused, send};
use crate::kernel::ids::LineId;
use crate::payments::provider::{ProviderError, RefundError, RefundRequest, RefundState, Refunded, Wire};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    amount: i64,
    /// With it Paytrail asks the buyer for an account when the way they paid takes nothing back.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    refund_stamp: String,
    refund_reference: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<Item>,
    callback_urls: Urls<'a>,
}

#[derive(Serialize)]
struct Item {
    amount: i64,
    stamp: String,
    /// Required by the OpenAPI file, and unknown to the documentation.
    reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: String,
    transaction_id: Option<String>,
}

/// Asks for a refund, once. There is no idempotency: what was not answered clearly is `Unknown` and for a person to look at.
pub async fn refund(wire: Wire<'_>, config: &Config, request: &RefundRequest) -> Result<Refunded, RefundError> {
    if !is_transaction(&request.reference) {
        return Err(RefundError::Provider(refused("not_found")));
    }
    if request.currency.code() != "EUR" || request.amount < 1 {
        return Err(RefundError::Provider(refused("amount_not_supported")));
    }
    // The stamp names the refund in its callback, and the mark says whose money it is.
    let join = if request.callback.contains('?') { '&' } else { '?' };
    let callback = format!("{}{join}{REFUND_MARK}={}", request.callback, request.payment);
    let body = Body {
        amount: request.amount,
        email: request
            .email
            .as_deref()
            .filter(|email| !email.is_empty() && email.len() <= 200),
        refund_stamp: request.refund.to_string(),
        refund_reference: request.payment.to_string(),
        items: items(&request.items, request.amount),
        callback_urls: Urls {
            success: &callback,
            cancel: &callback,
        },
    };
    let unreadable = |_| RefundError::Provider(refused("invalid_request"));
    let body = serde_json::to_vec(&body).map_err(unreadable)?;
    let path = format!("/payments/{}/refund", request.reference);
    let answer = send(wire, config, &path, Some(&request.reference), Some(body)).await;
    let answer = answer.map_err(RefundError::Provider)?;
    let answered: Answered = read(config, &answer, 201).map_err(|error| match error {
        ProviderError::Refused { ref code, .. } if code == "not_supported" => RefundError::Unsupported,
        error => RefundError::Provider(error),
    })?;
    let state = state(&answered.status).ok_or(RefundError::Provider(ProviderError::Unknown))?;
    Ok(Refunded {
        reference: answered.transaction_id,
        state,
    })
}

/// How a refund stands, by the word that Paytrail has for it.
pub fn state(status: &str) -> Option<RefundState> {
    match status {
        "ok" => Some(RefundState::Succeeded),
        "pending" | "delayed" => Some(RefundState::Pending),
        "fail" => Some(RefundState::Failed {
            code: "refused".to_owned(),
        }),
        _ => None,
    }
}

/// The rows by their stamps, if they make up the amount: money that belongs to no line is given back without any.
fn items(lines: &[(LineId, i64)], amount: i64) -> Vec<Item> {
    let sum = lines.iter().try_fold(0_i64, |sum, (_, part)| sum.checked_add(*part));
    if sum != Some(amount) || lines.iter().any(|(_, part)| *part < 0) {
        return Vec::new();
    }
    let given = lines.iter().filter(|(_, part)| *part > 0);
    given
        .map(|(line, amount)| Item {
            amount: *amount,
            stamp: line.uuid().to_string(),
            reference: line.to_string(),
        })
        .collect()
}
