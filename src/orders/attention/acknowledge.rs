//! Staff have seen to what does not end by itself.

use super::store;
use super::views::AcknowledgeInput;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, OrderId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::cancel::views::OrderBefore;
use crate::orders::model::{AttentionCode, OrderDetail, OrderStatus};
use crate::orders::store as orders;

impl AttentionCode {
    /// Whether the reason goes when what it names is done.
    pub const fn ends_by_itself(self) -> bool {
        matches!(
            self,
            Self::ActionsIncomplete | Self::LicensePoolEmpty | Self::ManualDeliveryDue
        )
    }
}

/// Marks a reason as seen to; returns what the order was and what it is.
pub async fn acknowledge(
    tx: &mut Tx,
    checkout: CheckoutId,
    id: OrderId,
    input: &AcknowledgeInput,
) -> Result<(OrderBefore, OrderDetail), Problem> {
    let order = orders::lock(tx, checkout, id).await?;
    let order = order.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let before = OrderBefore::from(&order);
    // What could not be taken back does not end by itself where a person has to do it.
    let untaken = input.code == AttentionCode::ActionsIncomplete && order.status != OrderStatus::Paid;
    if input.code.ends_by_itself() && !untaken {
        return Err(Problem::new(ProblemCode::AttentionEndsItself));
    }
    if !store::acknowledge(tx, checkout, id, input.code, Some(&input.note)).await? {
        return Err(Problem::new(ProblemCode::AttentionNotRaised));
    }
    store::set_flag(tx, checkout, id).await?;
    let detail = orders::detail(tx.conn(), checkout, id).await?;
    Ok((before, detail.ok_or_else(|| Problem::new(ProblemCode::NotFound))?))
}
