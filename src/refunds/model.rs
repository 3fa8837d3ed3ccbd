//! What a refund changes on the lines of an order.

use diesel::QueryableByName;

use crate::db::schema::order_lines;
use crate::kernel::clock::Instant;
use crate::kernel::ids::LineId;

/// A line's sums.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_lines)]
pub struct Balance {
    /// The line.
    pub id: LineId,
    /// What it costs.
    pub total: i64,
    /// What of that was never paid.
    pub unpaid_amount: i64,
    /// Its tax.
    pub tax: i64,
    /// What went back.
    pub refunded_amount: i64,
    /// The tax in that.
    pub refunded_tax: i64,
    /// What is on its way back.
    pub held_amount: i64,
    /// The tax in that.
    pub held_tax: i64,
    /// When the access to it was taken away.
    pub returned_at: Option<Instant>,
}

impl Balance {
    /// What can still be refunded.
    pub const fn refundable(&self) -> i64 {
        self.total - self.unpaid_amount - self.refunded_amount - self.held_amount
    }
}

/// How a refund's parts count on their lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Not at all: before it was asked for, or after it failed.
    Not,
    /// On its way.
    Held,
    /// Gone back.
    Refunded,
}
