//! Asks how a payment stands.

use serde::Deserialize;

use super::Config;
use super::inbound::outcome;
use super::wire::{is_transaction, read, refused, send};
use crate::payments::provider::{Outcome, ProviderError, Wire};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Standing {
    transaction_id: String,
    status: String,
    amount: i64,
}

/// How the transaction stands. An answer about another one is none.
pub async fn ask(wire: Wire<'_>, config: &Config, transaction: &str) -> Result<Outcome, ProviderError> {
    if !is_transaction(transaction) {
        return Err(refused("not_found"));
    }
    let path = format!("/payments/{transaction}");
    let answer = send(wire, config, &path, Some(transaction), None).await?;
    let standing: Standing = read(config, &answer, 200)?;
    if standing.transaction_id != transaction {
        tracing::warn!(transaction, "Paytrail answers for another payment");
        return Err(ProviderError::Unknown);
    }
    // A status that is not known yet decides nothing.
    Ok(outcome(&standing.status, standing.amount).unwrap_or(Outcome::Pending))
}
