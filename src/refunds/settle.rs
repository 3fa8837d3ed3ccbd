//! What became of a refund: by the provider's answer, by its news, or by a person. The one place that moves it.

use super::effect::apply;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, RefundId};
use crate::orders::attention::raise::{end, raise};
use crate::orders::model::AttentionCode;
use crate::orders::store as orders;
use crate::payments::provider::RefundState;
use crate::payments::refunds::model::{Ledger, Refund, RefundKind, RefundStatus};
use crate::payments::refunds::store::{self as ledger, Move};
use crate::payments::refunds::tell::tell;

/// When a provider is asked that has said nothing about a refund it took, in milliseconds.
const ASK_LATER_MS: i64 = 6 * 3_600_000;

/// Which refund is meant.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a> {
    /// By our own id.
    Id(RefundId),
    /// As the provider calls it.
    Reference(&'a str),
}

/// What became of a refund, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// The provider has it and decides later.
    Accepted,
    /// The money is on its way.
    Succeeded,
    /// It is not.
    Failed {
        /// Why, stable.
        code: String,
    },
    /// Nobody knows.
    Unknown,
    /// The provider cannot do it: somebody sends the money.
    ByHand,
}

impl From<RefundState> for Became {
    fn from(state: RefundState) -> Self {
        match state {
            RefundState::Pending => Self::Accepted,
            RefundState::Succeeded => Self::Succeeded,
            RefundState::Failed { code } => Self::Failed { code },
        }
    }
}

/// Applies news of a refund as a provider tells it; false when the refund is unknown.
pub async fn settle_refund(
    tx: &mut Tx,
    checkout: CheckoutId,
    named: Named<'_>,
    state: RefundState,
) -> Result<bool, DbError> {
    settle(tx, checkout, named, &state.into(), None).await
}

/// The same for everything that can become of a refund; `reference` is what the provider calls it, if it has said so.
pub async fn settle(
    tx: &mut Tx,
    checkout: CheckoutId,
    named: Named<'_>,
    became: &Became,
    reference: Option<&str>,
) -> Result<bool, DbError> {
    let found = match named {
        Named::Id(id) => ledger::find(tx.conn(), checkout, id).await?,
        Named::Reference(reference) => ledger::find_by_reference(tx.conn(), checkout, reference).await?,
    };
    let Some(found) = found else {
        return Ok(false);
    };
    // Order, lines, payment, refund: the lock order of the house. What was read before the locks names the rows and nothing else.
    let order = orders::lock(tx, checkout, found.order_id)
        .await?
        .ok_or(DbError::Stale)?;
    let balances = store::lock_lines(tx, checkout, order.id).await?;
    if let Some(payment) = found.payment_id {
        ledger::room(tx, checkout, payment).await?;
    }
    let refund = ledger::lock(tx, checkout, found.id).await?.ok_or(DbError::Stale)?;
    if let Some(reference) = reference {
        ledger::set_reference(tx, checkout, refund.id, reference).await?;
    }
    let all = ledger::of_order(tx.conn(), checkout, order.id).await?;
    let ledger_row = all
        .into_iter()
        .find(|row| row.refund.id == refund.id)
        .ok_or(DbError::Stale)?;
    let Some((to, failure, manual)) = target(&refund, became) else {
        if *became == Became::Accepted && refund.status.holds() {
            ledger::accepted(tx, checkout, refund.id, ASK_LATER_MS).await?;
        }
        return Ok(true);
    };
    if refund.status == RefundStatus::Failed && !fits(&ledger_row, &balances) {
        // Its amount was given back by another refund meanwhile, and now this one has arrived as well: a person has to look.
        raise(tx, checkout, order.id, AttentionCode::RefundUnknown).await?;
        return Ok(true);
    }
    ledger::advance(tx, checkout, &refund, Move { to, failure, manual }).await?;
    apply(tx, checkout, &order, &ledger_row, Some(refund.status), to).await?;
    match to {
        RefundStatus::Succeeded | RefundStatus::Recorded => {
            tell(tx, checkout, refund.id, EventType::RefundSucceeded).await?;
        }
        RefundStatus::Failed => {
            tell(tx, checkout, refund.id, EventType::RefundFailed).await?;
            raise(tx, checkout, order.id, AttentionCode::RefundFailed).await?;
        }
        RefundStatus::Unknown => raise(tx, checkout, order.id, AttentionCode::RefundUnknown).await?,
        RefundStatus::Pending => {}
    }
    if refund.status == RefundStatus::Unknown && !store::unknown_left(tx, checkout, order.id).await? {
        end(tx, checkout, order.id, AttentionCode::RefundUnknown).await?;
    }
    Ok(true)
}

/// Where the news leads, or `None` when it changes nothing.
fn target<'a>(refund: &Refund, became: &'a Became) -> Option<(RefundStatus, Option<&'a str>, bool)> {
    let (to, failure, manual) = match became {
        Became::Accepted => return None,
        Became::Succeeded => (RefundStatus::Succeeded, None, false),
        Became::Failed { code } => (RefundStatus::Failed, Some(code.as_str()), false),
        Became::Unknown => (RefundStatus::Unknown, None, false),
        Became::ByHand => (RefundStatus::Recorded, None, true),
    };
    refund.status.moves_to(to).then_some((to, failure, manual))
}

/// Whether a refund that had failed still fits into what is left of its lines.
fn fits(row: &Ledger, balances: &[super::model::Balance]) -> bool {
    row.refund.kind != RefundKind::Order
        || row.lines.iter().all(|line| {
            balances.iter().any(|balance| {
                balance.id == line.order_line_id
                    && balance.refundable() >= line.amount
                    && balance.refunded_tax + balance.held_tax + line.tax_amount <= balance.tax
            })
        })
}
