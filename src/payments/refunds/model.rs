//! Rows of the ledger, and the lattice of their states.

use diesel::QueryableByName;

use crate::db::schema::{refund_lines, refunds};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{LineId, OrderId, PaymentId, RefundId};
use crate::kernel::money::Currency;
use crate::kernel::text::Description;
use crate::word_enum;

word_enum! {
    /// Where a refund stands.
    pub enum RefundStatus in "refunds.status" {
        /// Asked for at the provider, undecided.
        Pending = "pending",
        /// The money is on its way back.
        Succeeded = "succeeded",
        /// It is not: its amount is free again.
        Failed = "failed",
        /// Nobody knows: the provider's answer was lost.
        Unknown = "unknown",
        /// In the order's data alone: no provider was asked.
        Recorded = "recorded",
    }
}

word_enum! {
    /// What a row of the ledger is about.
    pub enum RefundKind in "refunds.kind" {
        /// Money of an order, line by line.
        Order = "order",
        /// Money that belongs to no order as it stands.
        Unallocated = "unallocated",
        /// A recorded refund made void; its amounts are negative.
        Reversal = "reversal",
    }
}

word_enum! {
    /// Why money goes back.
    pub enum RefundReason in "refunds.reason" {
        /// The buyer wants it back.
        RequestedByCustomer = "requested_by_customer",
        /// It was paid twice.
        Duplicate = "duplicate",
        /// It was not the buyer who paid.
        Fraudulent = "fraudulent",
        /// Anything else.
        Other = "other",
    }
}

impl RefundStatus {
    /// Every state.
    pub const EVERY: &'static [Self] = &[
        Self::Pending,
        Self::Succeeded,
        Self::Failed,
        Self::Unknown,
        Self::Recorded,
    ];

    /// Whether its amount may not be refunded again, though nobody knows yet whether it went back.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Pending | Self::Unknown)
    }

    /// Whether it counts as gone back.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Succeeded | Self::Recorded)
    }

    /// Whether news moves a refund from here to `to`. Success can still turn out to have failed (the buyer's bank sends the money
    /// back), and a failure to have succeeded: what providers say late is true.
    pub const fn moves_to(self, to: Self) -> bool {
        match (self, to) {
            (Self::Pending, Self::Succeeded | Self::Failed | Self::Unknown | Self::Recorded)
            | (Self::Unknown, Self::Succeeded | Self::Failed | Self::Recorded)
            | (Self::Succeeded, Self::Failed)
            | (Self::Failed, Self::Succeeded) => true,
            (Self::Pending | Self::Succeeded | Self::Failed | Self::Unknown | Self::Recorded, _) => false,
        }
    }
}

/// A refund.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = refunds)]
pub struct Refund {
    /// The refund: what makes a repeated call to the provider the same call.
    pub id: RefundId,
    /// The order.
    pub order_id: OrderId,
    /// Whose money goes back; none when nothing but the order's data changes.
    pub payment_id: Option<PaymentId>,
    /// What it is about.
    pub kind: RefundKind,
    /// Where it stands.
    pub status: RefundStatus,
    /// Whether the provider was to be asked.
    pub refund_payment: bool,
    /// Whether somebody has to send the money by other means.
    pub manual_transfer_required: bool,
    /// The currency.
    pub currency: Currency,
    /// Gross, in minor units; negative in a reversal.
    pub amount: i64,
    /// The tax in it.
    pub tax_amount: i64,
    /// Whether what the offer gave access to is taken away.
    pub remove_offer_access: bool,
    /// Why.
    pub reason: Option<RefundReason>,
    /// In the words of staff.
    pub comment: Option<Description>,
    /// The merchant's own pairs.
    pub metadata: serde_json::Value,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// What the provider calls it.
    pub provider_reference: Option<String>,
    /// The refund that this one makes void.
    pub reverses: Option<RefundId>,
    /// One more at every change.
    pub version: i32,
    /// How often it was taken to ask its provider: the number names who may write down what came of it.
    pub attempts: i32,
    /// When its provider was first called for it, unless that call certainly did not arrive.
    pub called_at: Option<Instant>,
    /// Whether it is of a test sale.
    pub test_mode: bool,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// When it took effect.
    pub effective_at: Option<Instant>,
}

impl Refund {
    /// Whether its provider may have heard of it: it was called, or has said something that only who has heard of it can say. Such a
    /// refund is asked about, and never asked for again blindly.
    pub const fn may_have_arrived(&self) -> bool {
        self.called_at.is_some() || self.provider_reference.is_some() || matches!(self.status, RefundStatus::Unknown)
    }
}

/// A part of a refund.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = refund_lines)]
pub struct RefundLine {
    /// The refund.
    pub refund_id: RefundId,
    /// The line of the order.
    pub order_line_id: LineId,
    /// Gross, in minor units.
    pub amount: i64,
    /// The tax in it.
    pub tax_amount: i64,
    /// Whether the access to it is taken away.
    pub remove_access: bool,
}

/// A refund with its parts.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// The refund.
    pub refund: Refund,
    /// By line.
    pub lines: Vec<RefundLine>,
    /// Whether it was made void later.
    pub voided: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice_as_a_whole() {
        let rows: Vec<String> = RefundStatus::EVERY
            .iter()
            .map(|from| {
                let to: Vec<_> = RefundStatus::EVERY
                    .iter()
                    .filter(|to| from.moves_to(**to))
                    .map(|to| to.as_str())
                    .collect();
                format!("{from} -> {}", to.join(", "))
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
        pending -> succeeded, failed, unknown, recorded
        succeeded -> failed
        failed -> succeeded
        unknown -> succeeded, failed, recorded
        recorded -> 
        ");
    }
}
