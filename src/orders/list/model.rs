//! What a list of orders is asked for, and what it is made of.

use diesel::QueryableByName;
use uuid::Uuid;

use crate::db::schema::{order_lines, payments};
use crate::kernel::clock::Instant;
use crate::kernel::ids::{LineId, OrderId, PaymentId, ProductId};
use crate::kernel::text::Name;
use crate::orders::model::{LineRole, Order};
use crate::payments::model::{PaymentStatus, ProviderKind};

/// Which orders. Names, addresses and codes are as they were typed: the query folds their case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of test sales instead of live ones.
    pub test_mode: bool,
    /// With this number.
    pub number: Option<i64>,
    /// Of this buyer.
    pub customer: Option<Uuid>,
    /// Of this buyer's address.
    pub email: Option<String>,
    /// Of buyers with this first name.
    pub first_name: Option<String>,
    /// Of buyers with this last name.
    pub last_name: Option<String>,
    /// Of buyers one of whose names is this.
    pub any_name: Option<String>,
    /// In this state.
    pub status: Option<String>,
    /// Whose money stands so.
    pub payment_status: Option<String>,
    /// Whose delivery stands so.
    pub fulfillment_status: Option<String>,
    /// That somebody should look at, or that nobody needs to.
    pub requires_attention: Option<bool>,
    /// From this source.
    pub source: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// With this discount code.
    pub discount_code: Option<String>,
    /// With a line of this product.
    pub product: Option<Uuid>,
    /// By this link.
    pub link: Option<Uuid>,
    /// From this country.
    pub country: Option<String>,
    /// With an attempt to pay by this provider.
    pub provider: Option<String>,
    /// In this currency.
    pub currency: Option<String>,
    /// Confirmed at this moment or later.
    pub created_from: Option<Instant>,
    /// Confirmed before this moment.
    pub created_to: Option<Instant>,
    /// Paid at this moment or later.
    pub paid_from: Option<Instant>,
    /// Paid before this moment.
    pub paid_to: Option<Instant>,
}

/// A line, as a row of a list shows it.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = order_lines)]
pub struct ListedLine {
    /// Of which order.
    pub order_id: OrderId,
    /// The line.
    pub id: LineId,
    /// How it came into the basket.
    pub role: LineRole,
    /// The product.
    pub product_id: ProductId,
    /// What it was called.
    pub name: Name,
    /// How many.
    pub quantity: i32,
}

/// The attempt to pay that counts: the one that succeeded, else the latest.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = payments)]
pub struct ListedPayment {
    /// Of which order.
    pub order_id: OrderId,
    /// The attempt.
    pub id: PaymentId,
    /// Who takes the money.
    pub provider: ProviderKind,
    /// Where it stands.
    pub status: PaymentStatus,
}

/// A row of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The order.
    pub order: Order,
    /// In the order of the basket.
    pub lines: Vec<ListedLine>,
    /// The attempt to pay that counts.
    pub payment: Option<ListedPayment>,
}
