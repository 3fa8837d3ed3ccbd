//! A buyer's browser comes back from a provider: what it brings is taken in if it is signed, and the buyer is sent on.

use super::receive::receive;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::ask_payment::answer_of;
use crate::orders::settle::settle;
use crate::payments::desk::Desk;
use crate::payments::model::{PaymentStatus, ProviderKind};
use crate::payments::provider::{Inbound, News, Outcome};
use crate::payments::store as attempts;

/// Where the buyer goes now; `None` when the merchant has said nothing of it.
pub(super) async fn come_back(
    desk: &Desk,
    (checkout, id): (CheckoutId, PaymentId),
    provider: ProviderKind,
    inbound: Inbound<'_>,
) -> Result<Option<String>, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let before = ways(desk, checkout, id).await?.ok_or_else(not_found)?;
    if before.provider != provider {
        return Err(not_found());
    }
    // Unsigned, or signed by somebody else: it is a browser, and says nothing. What is so is asked.
    if receive(desk, checkout, provider, inbound).await.is_err() && before.status.is_open() {
        ask(desk, checkout, id).await?;
    }
    let now = ways(desk, checkout, id).await?.ok_or_else(not_found)?;
    let gave_up = match now.status {
        PaymentStatus::Failed | PaymentStatus::Cancelled | PaymentStatus::Expired => true,
        PaymentStatus::Succeeded => false,
        PaymentStatus::Created | PaymentStatus::Pending => {
            inbound.query.split('&').any(|pair| pair == "cancelled=true")
        }
    };
    let on = now.return_url.or(now.success_url);
    let chosen = if gave_up { now.cancel_url.or(on) } else { on };
    Ok(chosen.or(now.storefront_url))
}

async fn ways(desk: &Desk, checkout: CheckoutId, id: PaymentId) -> Result<Option<store::WaysBack>, DbError> {
    let conn = desk.db.read().await?;
    store::ways_back(&conn, checkout, id).await
}

/// Asks the provider, so that the buyer does not have to wait for its callback. What it does not say now, it says later.
async fn ask(desk: &Desk, checkout: CheckoutId, id: PaymentId) -> Result<(), DbError> {
    let payment = {
        let conn = desk.db.read().await?;
        attempts::find(&conn, checkout, id).await?
    };
    let Some(payment) = payment else { return Ok(()) };
    let Some(Ok(outcome)) = answer_of(desk, checkout, &payment).await? else {
        return Ok(());
    };
    if outcome == Outcome::Pending && payment.status == PaymentStatus::Pending {
        return Ok(());
    }
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            let outcome = outcome.clone();
            settle(tx, checkout, &News { payment: id, outcome }).await.map(drop)
        })
        .await
}
