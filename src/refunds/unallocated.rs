//! Gives back money that belongs to no order as it stands: a second payment, a wrong amount, money for a deleted order. No line, no
//! tax and no report moves.

use super::effect::apply;
use super::request::LEASE_MS;
use super::views::PaymentRefundInput;
use crate::db::Tx;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, PaymentId, RefundId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::store as orders;
use crate::payments::model::PaymentStatus;
use crate::payments::refunds::model::{Ledger, Refund, RefundKind, RefundStatus};
use crate::payments::refunds::store as ledger;
use crate::payments::refunds::tell::tell;
use crate::payments::store as payments;

/// Writes a refund of a payment's own; a pending one is now its caller's to send.
pub async fn request_of_payment(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: PaymentId,
    input: &PaymentRefundInput,
) -> Result<Ledger, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let found = payments::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    // Order before payment; what was read before the locks is read again.
    let order = orders::lock(tx, checkout, found.order_id)
        .await?
        .ok_or_else(not_found)?;
    let room = ledger::room(tx, checkout, id).await?.ok_or_else(not_found)?;
    let payment = payments::find(tx.conn(), checkout, id).await?.ok_or_else(not_found)?;
    let amount = input.amount.unwrap_or(room.unallocated);
    if payment.status != PaymentStatus::Succeeded || room.unallocated <= 0 {
        return Err(Problem::new(ProblemCode::NothingUnallocated));
    }
    if amount > room.unallocated {
        let most = room.unallocated;
        return Err(Problem::new(ProblemCode::RefundTooLarge)
            .detail(format!("{most} of this payment belongs to no order"))
            .errors(vec![Fault::new("/amount", "too_large", format!("at most {most}"))]));
    }
    let status = if payment.provider.capabilities().gives_back(&payment, amount) {
        RefundStatus::Pending
    } else {
        RefundStatus::Recorded
    };
    let now = tx.clock().now();
    let refund = RefundId::generate(tx.clock());
    let written = Ledger {
        refund: Refund {
            id: refund,
            order_id: payment.order_id,
            payment_id: Some(id),
            kind: RefundKind::Unallocated,
            status,
            refund_payment: true,
            manual_transfer_required: status == RefundStatus::Recorded,
            currency: payment.currency,
            amount,
            tax_amount: 0,
            remove_offer_access: false,
            reason: Some(input.reason),
            comment: input.comment.clone(),
            metadata: input.metadata.to_json(),
            failure_code: None,
            provider_reference: None,
            reverses: None,
            version: 1,
            attempts: 0,
            called_at: None,
            test_mode: order.test_mode,
            created_at: now,
            updated_at: now,
            effective_at: None,
        },
        lines: Vec::new(),
        voided: false,
    };
    ledger::insert(tx, checkout, &written, LEASE_MS).await?;
    apply(tx, checkout, &order, &written, None, status).await?;
    tell(tx, checkout, refund, EventType::RefundCreated).await?;
    let all = ledger::of_order(tx.conn(), checkout, payment.order_id).await?;
    let kept = all.into_iter().find(|kept| kept.refund.id == refund);
    kept.ok_or_else(|| Problem::internal("a refund that was just written is gone"))
}
