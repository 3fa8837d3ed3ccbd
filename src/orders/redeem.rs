//! What a paid order does to the code that it was agreed on with.

use serde::Serialize;
use utoipa::ToSchema;

use super::attention::raise::raise;
use super::model::{AttentionCode, Order};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::discounts::holds::redeem::{Paid, Redeemed, redeem};
use crate::events::{EventType, NewEvent, publish};
use crate::kernel::code_text::CodeText;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, OrderId};

/// A code whose last use was redeemed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExhaustedDiscountCode {
    /// The code.
    pub id: DiscountCodeId,
    /// What buyers type.
    pub code: CodeText,
    /// How often it was redeemed: its limit.
    #[schema(example = 50)]
    pub redeemed: i64,
    /// The order that redeemed the last use.
    pub order_id: OrderId,
    /// Whether test uses are meant, which are counted apart.
    #[schema(example = false)]
    pub test_mode: bool,
}

/// Redeems the code of an order that is paid, and gives back another that its session holds; returns whether a use became final.
/// `in_session`: whether the session has a code.
pub(super) async fn redeem_code(
    tx: &mut Tx,
    checkout: CheckoutId,
    order: &Order,
    in_session: bool,
) -> Result<bool, DbError> {
    if order.discount_code_id.is_none() && !in_session {
        return Ok(false);
    }
    let paid = Paid {
        checkout,
        session: order.session_id,
        order: order.id,
        code: order.discount_code_id,
        amount: order.discount_total,
        currency: order.currency,
    };
    match redeem(tx, paid).await? {
        Redeemed::None => Ok(false),
        Redeemed::Within => Ok(true),
        Redeemed::Last(redeemed) => {
            exhausted(tx, checkout, order, redeemed).await?;
            Ok(true)
        }
        Redeemed::OverLimit => {
            store::set_over_limit(tx, checkout, order.id).await?;
            raise(tx, checkout, order.id, AttentionCode::OverLimitRedemption).await?;
            Ok(true)
        }
    }
}

async fn exhausted(tx: &Tx, checkout: CheckoutId, order: &Order, redeemed: i64) -> Result<(), DbError> {
    let (Some(id), Some(code)) = (order.discount_code_id, order.discount_code.clone()) else {
        return Ok(());
    };
    let view = ExhaustedDiscountCode {
        id,
        code,
        redeemed,
        order_id: order.id,
        test_mode: order.test_mode,
    };
    let event = NewEvent {
        event_type: EventType::DiscountCodeExhausted,
        object_id: id.uuid(),
        object_version: i32::try_from(redeemed).unwrap_or(i32::MAX),
        test_mode: order.test_mode,
        data: serde_json::to_value(view).map_err(|error| DbError::Defect(error.to_string()))?,
    };
    publish(tx, checkout, vec![event]).await
}
