//! What became of a refund: by the provider's answer, by its news, or by a person. The one place that moves it.

use super::effect::apply;
use super::model::Balance;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, RefundId};
use crate::orders::attention::raise::{end, raise, raise_to_stay};
use crate::orders::model::AttentionCode;
use crate::orders::store as orders;
use crate::payments::provider::RefundState;
use crate::payments::refunds::model::{Ledger, Refund, RefundKind, RefundLine, RefundStatus};
use crate::payments::refunds::store::{self as ledger, Held, Move, Room};
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

impl Became {
    /// Whether the provider has taken it on: that is so whoever asked, and however late they write it down.
    const fn is_taken(&self) -> bool {
        matches!(self, Self::Accepted | Self::Succeeded)
    }
}

/// Applies what became of a refund; false when the refund is unknown. `reference` is what the provider calls it, if it has said so.
pub async fn settle(
    tx: &mut Tx,
    checkout: CheckoutId,
    named: Named<'_>,
    became: &Became,
    reference: Option<&str>,
) -> Result<bool, DbError> {
    settle_as(tx, checkout, named, became, reference, None).await
}

/// The same for what a provider answered to who held the refund. From one who has lost it meanwhile only what the provider has taken on
/// counts: the rest is for its present holder to find out, and may be different.
pub(super) async fn settle_answer(
    tx: &mut Tx,
    held: &Held,
    became: &Became,
    reference: Option<&str>,
) -> Result<bool, DbError> {
    let named = Named::Id(held.id);
    settle_as(tx, held.checkout_id, named, became, reference, Some(held.attempts)).await
}

async fn settle_as(
    tx: &mut Tx,
    checkout: CheckoutId,
    named: Named<'_>,
    became: &Became,
    reference: Option<&str>,
    holder: Option<i32>,
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
    let room = match found.payment_id {
        Some(payment) => ledger::room(tx, checkout, payment).await?,
        None => None,
    };
    let refund = ledger::lock(tx, checkout, found.id).await?.ok_or(DbError::Stale)?;
    if holder.is_some_and(|attempt| attempt != refund.attempts) && !became.is_taken() {
        return Ok(true);
    }
    if let Some(reference) = reference
        && refund.provider_reference.is_none()
    {
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
    if refund.status == RefundStatus::Failed && !fits(&ledger_row, &balances, room) {
        // Its amount was given back by another refund meanwhile, and now this one has arrived as well: a person has to look.
        raise_to_stay(tx, checkout, order.id, AttentionCode::RefundUnknown).await?;
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

/// Whether a refund that had failed still fits into what is left: of its lines and of its payment, or of the money of no order.
fn fits(row: &Ledger, balances: &[Balance], room: Option<Room>) -> bool {
    let amount = row.refund.amount;
    if row.refund.kind == RefundKind::Unallocated {
        return room.is_some_and(|room| room.unallocated >= amount);
    }
    let in_line = |line: &RefundLine| {
        balances.iter().any(|balance| {
            balance.id == line.order_line_id
                && balance.refundable() >= line.amount
                && balance.refunded_tax + balance.held_tax + line.tax_amount <= balance.tax
        })
    };
    room.is_none_or(|room| room.allocated >= amount) && row.lines.iter().all(in_line)
}
