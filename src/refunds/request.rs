//! Asks for a refund of an order: checked, written down and held, before any provider hears of it.

use std::collections::HashSet;

use super::effect::apply;
use super::model::Balance;
use super::store;
use super::views::RefundInput;
use crate::actions;
use crate::db::Tx;
use crate::events::EventType;
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::model::Order;
use crate::orders::store as orders;
use crate::orders::take_away::gives_offer_access;
use crate::payments::model::{Payment, PaymentStatus};
use crate::payments::refunds::model::{Ledger, Refund, RefundKind, RefundLine, RefundStatus};
use crate::payments::refunds::store as ledger;
use crate::payments::refunds::tell::tell;
use crate::payments::store as payments;
use crate::pricing::refund_tax;

/// How long who writes a refund has for the provider's answer, in milliseconds: longer than the longest provider timeout.
pub const LEASE_MS: i64 = 25_000;

/// Writes a refund of an order; a pending one is now its caller's to send.
pub async fn request(tx: &mut Tx, checkout: CheckoutId, id: OrderId, input: &RefundInput) -> Result<Ledger, Problem> {
    let order = orders::lock(tx, checkout, id).await?;
    let order = order.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if order.paid_at.is_none() {
        return Err(Problem::new(ProblemCode::OrderNotPaid));
    }
    let runs = actions::store::of_order(tx.conn(), checkout, id).await?;
    if input.remove_offer_access && !runs.iter().any(gives_offer_access) {
        let detail = "the order has no offer- or order-level actions that gave access";
        return Err(Problem::invalid("/remove_offer_access", "not_possible", detail));
    }
    let balances = store::lock_lines(tx, checkout, id).await?;
    let refund_id = RefundId::generate(tx.clock());
    let lines = parts(refund_id, input, &balances)?;
    let amount = lines.iter().map(|line| line.amount).sum();
    let how = how(tx, checkout, &order, input, amount).await?;
    let now = tx.clock().now();
    let written = Ledger {
        refund: Refund {
            id: refund_id,
            order_id: id,
            payment_id: how.payment,
            kind: RefundKind::Order,
            status: how.status,
            refund_payment: input.refund_payment,
            manual_transfer_required: how.manual,
            currency: order.currency,
            amount,
            tax_amount: lines.iter().map(|line| line.tax_amount).sum(),
            remove_offer_access: input.remove_offer_access,
            reason: input.reason,
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
        lines,
        voided: false,
    };
    ledger::insert(tx, checkout, &written, LEASE_MS).await?;
    apply(tx, checkout, &order, &written, None, how.status).await?;
    tell(tx, checkout, refund_id, EventType::RefundCreated).await?;
    let all = ledger::of_order(tx.conn(), checkout, id).await?;
    let kept = all.into_iter().find(|kept| kept.refund.id == refund_id);
    kept.ok_or_else(|| Problem::internal("a refund that was just written is gone"))
}

/// The parts of a refund, each with its tax by the cumulative rule. What is on its way counts as gone: if it fails, it gives back
/// what it took.
fn parts(refund: RefundId, input: &RefundInput, balances: &[Balance]) -> Result<Vec<RefundLine>, Problem> {
    let mut seen = HashSet::new();
    let mut lines = Vec::with_capacity(input.lines.len());
    for (index, wanted) in input.lines.iter().enumerate() {
        let at = |member: &str| format!("/lines/{index}/{member}");
        let balance = balances.iter().find(|balance| balance.id == wanted.order_line_id);
        let balance = balance.filter(|_| seen.insert(wanted.order_line_id)).ok_or_else(|| {
            let detail = "not a line of this order, or named twice";
            Problem::invalid(at("order_line_id"), "unknown", detail)
        })?;
        let most = balance.refundable();
        if wanted.amount > most {
            return Err(Problem::new(ProblemCode::RefundTooLarge)
                .detail(format!("{most} of this line can still be refunded"))
                .errors(vec![Fault::new(at("amount"), "too_large", format!("at most {most}"))]));
        }
        let in_full = wanted.amount == most;
        if wanted.remove_access && !in_full {
            let detail = "only with what makes the line refunded in full";
            return Err(Problem::invalid(at("remove_access"), "not_in_full", detail));
        }
        if wanted.amount == 0 && !wanted.remove_access {
            return Err(Problem::invalid(
                at("amount"),
                "nothing_to_do",
                "0 only takes away access",
            ));
        }
        let tax = refund_tax(
            balance.tax,
            balance.total,
            balance.refunded_amount + balance.held_amount,
            balance.refunded_tax + balance.held_tax,
            wanted.amount,
        );
        lines.push(RefundLine {
            refund_id: refund,
            order_line_id: balance.id,
            amount: wanted.amount,
            tax_amount: tax,
            remove_access: wanted.remove_access,
        });
    }
    Ok(lines)
}

/// How a refund is made.
struct How {
    status: RefundStatus,
    payment: Option<crate::kernel::ids::PaymentId>,
    manual: bool,
}

/// By its provider if it can and is to; else it is recorded, and somebody sends the money.
async fn how(tx: &Tx, checkout: CheckoutId, order: &Order, input: &RefundInput, amount: i64) -> Result<How, Problem> {
    let recorded = |manual, payment| How {
        status: RefundStatus::Recorded,
        payment,
        manual,
    };
    if !input.refund_payment || amount == 0 {
        return Ok(recorded(false, None));
    }
    let attempts = payments::of_order(tx.conn(), checkout, order.id).await?;
    for payment in attempts.iter().filter(|payment| carries(payment)) {
        let room = ledger::room(tx, checkout, payment.id).await?;
        if room.is_none_or(|room| room.allocated < amount) {
            continue;
        }
        return Ok(if payment.provider.capabilities().gives_back(payment, amount) {
            How {
                status: RefundStatus::Pending,
                payment: Some(payment.id),
                manual: false,
            }
        } else {
            recorded(true, Some(payment.id))
        });
    }
    // The money is not with any provider as one sum: a person sends it.
    Ok(recorded(true, None))
}

fn carries(payment: &Payment) -> bool {
    payment.status == PaymentStatus::Succeeded && payment.allocated_amount > 0
}
