//! Payment attempts and the lattice of their states.

use diesel::QueryableByName;

use crate::db::schema::payments;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{OrderId, PaymentId};
use crate::kernel::money::Currency;
use crate::word_enum;

word_enum! {
    /// Where an attempt stands.
    pub enum PaymentStatus in "payments.status" {
        /// Written down; the provider has not answered yet.
        Created = "created",
        /// At the provider, undecided.
        Pending = "pending",
        /// The money is there.
        Succeeded = "succeeded",
        /// The provider said no.
        Failed = "failed",
        /// Taken back before it was decided.
        Cancelled = "cancelled",
        /// Never decided in time.
        Expired = "expired",
    }
}

word_enum! {
    /// Who takes the money.
    pub enum ProviderKind in "payments.provider" {
        /// Stripe: cards and more, by its own library in the page.
        Stripe = "stripe",
        /// Paytrail: Finnish banks, cards, mobile payments.
        Paytrail = "paytrail",
        /// Epassi: employee benefits.
        Epassi = "epassi",
        /// A bank transfer that a person marks as paid.
        Offline = "offline",
        /// Outcomes on demand, in test mode only.
        Test = "test",
        /// Nobody: there is nothing to pay.
        Free = "free",
    }
}

impl ProviderKind {
    /// Whether nobody but a person says of an attempt that its money came.
    pub const fn is_told_by_people(self) -> bool {
        matches!(self, Self::Offline | Self::Test)
    }
}

impl PaymentStatus {
    /// Every state.
    pub const EVERY: &'static [Self] = &[
        Self::Created,
        Self::Pending,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Whether news moves an attempt from here to `to`: created < pending < failed, cancelled, expired < succeeded.
    ///
    /// Success always wins, nothing overrides it, and late bad news never undoes other bad news.
    pub const fn moves_to(self, to: Self) -> bool {
        self.rank() < to.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::Pending => 1,
            Self::Failed | Self::Cancelled | Self::Expired => 2,
            Self::Succeeded => 3,
        }
    }

    /// Whether the attempt may still bring money without anyone starting another.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }
}

/// How an order is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Who takes the money.
    pub provider: ProviderKind,
    /// Which of its own ways to pay.
    pub method: Option<String>,
}

/// One attempt to pay an order.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = payments)]
pub struct Payment {
    /// The attempt.
    pub id: PaymentId,
    /// Its order.
    pub order_id: OrderId,
    /// Who takes the money.
    pub provider: ProviderKind,
    /// Which of its own ways to pay the buyer chose.
    pub method: Option<String>,
    /// Where it stands.
    pub status: PaymentStatus,
    /// Which revision of the order it pays.
    pub revision: i32,
    /// The currency.
    pub currency: Currency,
    /// What it asks for, in minor units.
    pub amount: i64,
    /// What came, in minor units.
    pub received_amount: Option<i64>,
    /// How much of it belongs to the order.
    pub allocated_amount: i64,
    /// How much of it went back.
    pub refunded_amount: i64,
    /// How much of what belongs to no order went back.
    pub refunded_unallocated: i64,
    /// What the provider calls it.
    pub provider_reference: Option<String>,
    /// What the buyer needs to pay, sealed.
    pub handover: Option<Vec<u8>>,
    /// Whether it is of a test sale.
    pub test_mode: bool,
    /// Why it failed.
    pub error_code: Option<String>,
    /// Whether another attempt may succeed.
    pub error_retryable: Option<bool>,
    /// Whether it is known to have failed only because its provider was asked: its own news of that may still come.
    pub failure_untold: bool,
    /// When the money came, as a person said.
    pub received_at: Option<Instant>,
    /// What the bank calls it, as a person said.
    pub bank_reference: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Payment {
    /// The money of it that belongs to no order, in minor units.
    pub fn unallocated(&self) -> i64 {
        self.received_amount.unwrap_or(0) - self.allocated_amount - self.refunded_unallocated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice_as_a_whole() {
        let rows: Vec<String> = PaymentStatus::EVERY
            .iter()
            .map(|from| {
                let moves: Vec<_> = PaymentStatus::EVERY
                    .iter()
                    .filter(|to| from.moves_to(**to))
                    .map(|to| to.as_str())
                    .collect();
                format!("{from} -> {}", moves.join(", "))
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
        created -> pending, succeeded, failed, cancelled, expired
        pending -> succeeded, failed, cancelled, expired
        succeeded -> 
        failed -> succeeded
        cancelled -> succeeded
        expired -> succeeded
        ");
    }
}
