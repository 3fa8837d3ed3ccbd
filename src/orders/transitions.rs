//! The table of an order's states: where each event leads, and what a request is told that asks for what is impossible.

use super::model::OrderStatus;
use crate::kernel::problem_codes::ProblemCode;

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// Its money arrived.
    Paid,
    /// Its last action succeeded.
    ActionsDone,
    /// A member of staff says that it is done, whatever its actions did.
    CompletedByStaff,
    /// All of its money went back.
    Refunded,
    /// Some of it did not after all, and the order had not been completed before.
    RefundUndone,
    /// The same for an order that had been completed before.
    RefundUndoneAfterCompletion,
    /// Given up before it was paid.
    Deleted,
}

impl OrderEvent {
    /// Every event.
    pub const EVERY: &'static [Self] = &[
        Self::Paid,
        Self::ActionsDone,
        Self::CompletedByStaff,
        Self::Refunded,
        Self::RefundUndone,
        Self::RefundUndoneAfterCompletion,
        Self::Deleted,
    ];
}

impl OrderStatus {
    /// Every state.
    pub const EVERY: &'static [Self] = &[
        Self::NotPaid,
        Self::Paid,
        Self::Completed,
        Self::Refunded,
        Self::Deleted,
    ];

    /// The table: where an event leads from here, or `None` when it is impossible.
    pub const fn after(self, event: OrderEvent) -> Option<Self> {
        match (self, event) {
            (Self::NotPaid, OrderEvent::Paid) | (Self::Refunded, OrderEvent::RefundUndone) => Some(Self::Paid),
            (Self::Paid, OrderEvent::ActionsDone)
            | (Self::Paid | Self::Completed | Self::Refunded, OrderEvent::CompletedByStaff)
            | (Self::Refunded, OrderEvent::RefundUndoneAfterCompletion) => Some(Self::Completed),
            (Self::Paid | Self::Completed, OrderEvent::Refunded) => Some(Self::Refunded),
            (Self::NotPaid, OrderEvent::Deleted) => Some(Self::Deleted),
            _ => None,
        }
    }

    /// What a request is told that asks for an event that is impossible here.
    pub const fn refusal(self, event: OrderEvent) -> ProblemCode {
        match (self, event) {
            (Self::Deleted, _) => ProblemCode::OrderDeleted,
            (Self::NotPaid, _) => ProblemCode::OrderNotPaid,
            (Self::Paid | Self::Completed | Self::Refunded, OrderEvent::Paid | OrderEvent::Deleted) => {
                ProblemCode::OrderPaid
            }
            (Self::Refunded, OrderEvent::Refunded | OrderEvent::ActionsDone) => ProblemCode::OrderRefunded,
            (Self::Completed, OrderEvent::ActionsDone) => ProblemCode::OrderCompleted,
            (Self::Paid | Self::Completed | Self::Refunded, _) => ProblemCode::ImpossibleTransition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_matrix() {
        let rows: Vec<String> = OrderStatus::EVERY
            .iter()
            .flat_map(|from| {
                OrderEvent::EVERY.iter().map(move |event| match from.after(*event) {
                    Some(to) => format!("{from} {event:?} -> {to}"),
                    None => format!("{from} {event:?} -> 409 {}", from.refusal(*event).as_str()),
                })
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
        not_paid Paid -> paid
        not_paid ActionsDone -> 409 order-not-paid
        not_paid CompletedByStaff -> 409 order-not-paid
        not_paid Refunded -> 409 order-not-paid
        not_paid RefundUndone -> 409 order-not-paid
        not_paid RefundUndoneAfterCompletion -> 409 order-not-paid
        not_paid Deleted -> deleted
        paid Paid -> 409 order-paid
        paid ActionsDone -> completed
        paid CompletedByStaff -> completed
        paid Refunded -> refunded
        paid RefundUndone -> 409 impossible-transition
        paid RefundUndoneAfterCompletion -> 409 impossible-transition
        paid Deleted -> 409 order-paid
        completed Paid -> 409 order-paid
        completed ActionsDone -> 409 order-completed
        completed CompletedByStaff -> completed
        completed Refunded -> refunded
        completed RefundUndone -> 409 impossible-transition
        completed RefundUndoneAfterCompletion -> 409 impossible-transition
        completed Deleted -> 409 order-paid
        refunded Paid -> 409 order-paid
        refunded ActionsDone -> 409 order-refunded
        refunded CompletedByStaff -> completed
        refunded Refunded -> 409 order-refunded
        refunded RefundUndone -> paid
        refunded RefundUndoneAfterCompletion -> completed
        refunded Deleted -> 409 order-paid
        deleted Paid -> 409 order-deleted
        deleted ActionsDone -> 409 order-deleted
        deleted CompletedByStaff -> 409 order-deleted
        deleted Refunded -> 409 order-deleted
        deleted RefundUndone -> 409 order-deleted
        deleted RefundUndoneAfterCompletion -> 409 order-deleted
        deleted Deleted -> 409 order-deleted
        ");
    }
}
