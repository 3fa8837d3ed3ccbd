//! Makes recorded refunds of an order void: nothing of the ledger is erased, a reversing row is added for each. What a provider
//! returned, or may have, stays.

use super::effect::apply;
use super::store;
use crate::actions;
use crate::db::Tx;
use crate::db::jobs;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::store as orders;
use crate::payments::refunds::model::{Ledger, Refund, RefundKind, RefundLine, RefundStatus};
use crate::payments::refunds::store as ledger;
use crate::payments::refunds::tell::tell;

/// Restores what moved no money; returns the refunds that stay.
pub(super) async fn restore(tx: &Tx, checkout: CheckoutId, id: OrderId) -> Result<Vec<RefundId>, Problem> {
    let mut stay = Vec::new();
    store::lock_lines(tx, checkout, id).await?;
    let of_order = ledger::of_order(tx.conn(), checkout, id).await?;
    for row in of_order
        .into_iter()
        .filter(|row| row.refund.kind == RefundKind::Order && !row.voided)
    {
        match row.refund.status {
            RefundStatus::Failed => {}
            RefundStatus::Recorded => reverse(tx, checkout, &row).await?,
            RefundStatus::Pending | RefundStatus::Succeeded | RefundStatus::Unknown => stay.push(row.refund.id),
        }
    }
    store::unmark_returned(tx, checkout, id).await?;
    let offer_stays_away = ledger::of_order(tx.conn(), checkout, id).await?;
    let offer_stays_away = (offer_stays_away.iter())
        .any(|row| row.refund.remove_offer_access && !row.voided && stay.contains(&row.refund.id));
    for run in actions::store::cancel_revocations(tx, checkout, id, !offer_stays_away).await? {
        jobs::drop_of(tx, checkout, run.action_type.job(), run.id.uuid()).await?;
    }
    Ok(stay)
}

async fn reverse(tx: &Tx, checkout: CheckoutId, row: &Ledger) -> Result<(), Problem> {
    // Read anew: the reversal before this one has moved it.
    let order = orders::lock(tx, checkout, row.refund.order_id).await?;
    let order = order.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let id = RefundId::generate(tx.clock());
    let lines = row.lines.iter().map(|line| RefundLine {
        refund_id: id,
        order_line_id: line.order_line_id,
        amount: -line.amount,
        tax_amount: -line.tax_amount,
        remove_access: false,
    });
    let reversal = Ledger {
        lines: lines.collect(),
        voided: false,
        refund: Refund {
            id,
            kind: RefundKind::Reversal,
            payment_id: None,
            refund_payment: false,
            manual_transfer_required: false,
            amount: -row.refund.amount,
            tax_amount: -row.refund.tax_amount,
            remove_offer_access: false,
            comment: None,
            metadata: serde_json::json!({}),
            reverses: Some(row.refund.id),
            version: 1,
            called_at: None,
            ..row.refund.clone()
        },
    };
    ledger::insert(tx, checkout, &reversal, 0).await?;
    apply(tx, checkout, &order, &reversal, None, RefundStatus::Recorded).await?;
    tell(tx, checkout, id, EventType::RefundCreated).await?;
    Ok(())
}
