//! A refund as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Ledger, RefundKind, RefundReason, RefundStatus};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{LineId, OrderId, PaymentId, RefundId};
use crate::kernel::money::Currency;
use crate::kernel::text::{Description, Metadata};

/// Money that goes back to a buyer, or is recorded as having gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub struct RefundView {
    /// The refund.
    pub id: RefundId,
    /// The order.
    pub order_id: OrderId,
    /// Whose money goes back; none when no provider is asked.
    pub payment_id: Option<PaymentId>,
    /// What it is about: an order's money line by line, money that belongs to no order, or another refund made void.
    #[schema(value_type = String, example = "order", examples("order", "unallocated", "reversal"))]
    pub kind: RefundKind,
    /// Where it stands.
    #[schema(value_type = String, example = "succeeded", examples("pending", "succeeded", "failed", "unknown", "recorded"))]
    pub status: RefundStatus,
    /// Whether somebody has to send the money by other means: the provider cannot.
    #[schema(example = false)]
    pub manual_transfer_required: bool,
    /// The currency.
    pub currency: Currency,
    /// Gross, in minor units; negative in a reversal.
    #[schema(example = 1900)]
    pub amount: i64,
    /// The tax in it.
    #[schema(example = 386)]
    pub tax_amount: i64,
    /// By line of the order.
    pub lines: Vec<RefundLineView>,
    /// Whether what the offer gave access to is taken away.
    #[schema(example = false)]
    pub remove_offer_access: bool,
    /// Why.
    #[schema(value_type = Option<String>, example = "requested_by_customer", examples("requested_by_customer", "duplicate", "fraudulent", "other"))]
    pub reason: Option<RefundReason>,
    /// In the words of staff.
    pub comment: Option<Description>,
    /// The merchant's own pairs.
    pub metadata: Metadata,
    /// Why it failed.
    #[schema(example = "insufficient_funds")]
    pub failure_code: Option<String>,
    /// What the provider calls it.
    #[schema(example = "re_3PabcdEfGhIj")]
    pub provider_reference: Option<String>,
    /// The refund that this one makes void.
    pub reverses: Option<RefundId>,
    /// Whether it was made void later.
    #[schema(example = false)]
    pub voided: bool,
    /// Whether it is of a test sale.
    pub test_mode: bool,
    /// When it was asked for.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
    /// When it took effect: reports count it on that day.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub effective_at: Option<String>,
}

/// A part of a refund.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RefundLine)]
pub struct RefundLineView {
    /// The line of the order.
    pub order_line_id: LineId,
    /// Gross, in minor units.
    #[schema(example = 1900)]
    pub amount: i64,
    /// The tax in it.
    #[schema(example = 386)]
    pub tax_amount: i64,
    /// Whether the access to it is taken away.
    #[schema(example = false)]
    pub remove_access: bool,
}

impl From<Ledger> for RefundView {
    fn from(ledger: Ledger) -> Self {
        let row = ledger.refund;
        Self {
            id: row.id,
            order_id: row.order_id,
            payment_id: row.payment_id,
            kind: row.kind,
            status: row.status,
            manual_transfer_required: row.manual_transfer_required,
            currency: row.currency,
            amount: row.amount,
            tax_amount: row.tax_amount,
            lines: ledger
                .lines
                .into_iter()
                .map(|line| RefundLineView {
                    order_line_id: line.order_line_id,
                    amount: line.amount,
                    tax_amount: line.tax_amount,
                    remove_access: line.remove_access,
                })
                .collect(),
            remove_offer_access: row.remove_offer_access,
            reason: row.reason,
            comment: row.comment,
            metadata: Metadata::from_json(row.metadata),
            failure_code: row.failure_code,
            provider_reference: row.provider_reference,
            reverses: row.reverses,
            voided: ledger.voided,
            test_mode: row.test_mode,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
            effective_at: row.effective_at.as_ref().map(rfc3339),
        }
    }
}
