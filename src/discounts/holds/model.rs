//! Rows of uses.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::schema::discount_holds;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{CheckoutId, DiscountCodeId, HoldId, OrderId, SessionId};
use crate::kernel::money::Currency;
use crate::word_enum;

word_enum! {
    /// Where a use stands. One whose time is over may still say `held` until somebody marks it.
    pub enum HoldState in "discount_holds.state" {
        /// Taken for a buyer who is at the checkout or at payment.
        Held = "held",
        /// The order is paid.
        Redeemed = "redeemed",
        /// Given back by the buyer or the merchant.
        Released = "released",
        /// Given back because its time was over.
        Lapsed = "lapsed",
    }
}

word_enum! {
    /// Which of the two timers runs.
    pub enum HoldPhase in "discount_holds.phase" {
        /// The short one, renewed while the buyer is active.
        Basket = "basket",
        /// The long one, from confirming to payment.
        Payment = "payment",
    }
}

/// A use.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = discount_holds)]
pub struct Hold {
    /// The tenant.
    pub checkout_id: CheckoutId,
    /// The use.
    pub id: HoldId,
    /// Of which code.
    pub discount_code_id: DiscountCodeId,
    /// By which session.
    pub session_id: SessionId,
    /// In test mode.
    pub test_mode: bool,
    /// Where it stands.
    pub state: HoldState,
    /// Which timer runs.
    pub phase: HoldPhase,
    /// When its time is over.
    pub expires_at: Instant,
    /// Until when activity renews it.
    pub renewable_until: Instant,
    /// Whether the counter holds it.
    pub counted: bool,
}

/// A hold as the merchant lists it.
#[derive(Clone, Debug, QueryableByName)]
pub struct ListedUse {
    /// The use.
    #[diesel(sql_type = SqlUuid)]
    pub id: HoldId,
    /// By which session.
    #[diesel(sql_type = SqlUuid)]
    pub session_id: SessionId,
    /// In which order.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub order_id: Option<OrderId>,
    /// The order's number.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub order_number: Option<i64>,
    /// The buyer's address.
    #[diesel(sql_type = Nullable<Text>)]
    pub email: Option<String>,
    /// Which timer runs.
    #[diesel(sql_type = Text)]
    pub phase: HoldPhase,
    /// When its time is over.
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: Instant,
    /// What it took off.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub amount: Option<i64>,
    /// In which currency.
    #[diesel(sql_type = Nullable<Text>)]
    pub currency: Option<Currency>,
    /// Redeemed beyond the limit, by money that came late.
    #[diesel(sql_type = Bool)]
    pub over_limit: bool,
    /// In test mode.
    #[diesel(sql_type = Bool)]
    pub test_mode: bool,
    /// When it was taken.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: Instant,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: Instant,
}

/// What a new hold needs.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// The tenant.
    pub checkout: CheckoutId,
    /// The use.
    pub id: HoldId,
    /// Of which code.
    pub code: DiscountCodeId,
    /// By which session.
    pub session: SessionId,
    /// The keyed hash of the buyer's address.
    pub customer: Option<[u8; 32]>,
    /// The keyed hash of the network address it was taken from, where holds are limited by that.
    pub address: Option<[u8; 32]>,
    /// In test mode.
    pub test_mode: bool,
    /// How long it lasts without activity, in milliseconds.
    pub hold_ms: i64,
    /// Until when activity renews it, in milliseconds from now.
    pub longest_ms: i64,
    /// Whether the counter will have it.
    pub counted: bool,
}

/// A hold that has just ended.
#[derive(Clone, Copy, Debug, QueryableByName)]
#[diesel(table_name = discount_holds)]
pub(super) struct Ended {
    pub checkout_id: CheckoutId,
    pub discount_code_id: DiscountCodeId,
    pub test_mode: bool,
    pub counted: bool,
}

/// A hold that will end by itself.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(super) struct Ending {
    /// In how many seconds, rounded up.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub seconds: i32,
}

/// The counter after a redemption.
#[derive(QueryableByName)]
pub(super) struct Counted {
    #[diesel(sql_type = BigInt)]
    pub redeemed: i64,
    #[diesel(sql_type = Bool)]
    pub last: bool,
}
