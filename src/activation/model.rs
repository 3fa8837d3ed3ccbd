//! Rows of billing details and payment cards.

use diesel::QueryableByName;

use crate::db::schema::{billing_details, payment_cards};
use crate::kernel::clock::Instant;
use crate::kernel::country::Country;
use crate::kernel::text::{Email, Label, Name};
use crate::word_enum;

word_enum! {
    /// Who keeps a payment card.
    pub enum CardProvider in "payment_cards.provider" {
        /// Stripe, by the platform's own account.
        Stripe = "stripe",
        /// Nobody: for development.
        Test = "test",
    }
}

/// Who is billed.
#[derive(Clone, Debug, Default, QueryableByName)]
#[diesel(table_name = billing_details)]
pub struct BillingDetails {
    /// The name on the invoice.
    pub name: Option<Name>,
    /// Where the invoice goes.
    pub email: Option<Email>,
    /// Street and number.
    pub street: Option<Name>,
    /// City.
    pub city: Option<Name>,
    /// Postal code.
    pub postal_code: Option<Label>,
    /// Country.
    pub country: Option<Country>,
}

/// What is charged.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = payment_cards)]
pub struct PaymentCard {
    /// Who keeps it.
    pub provider: CardProvider,
    /// The customer it belongs to there.
    pub provider_customer: Option<String>,
    /// The card there.
    pub provider_reference: String,
    /// Visa, Mastercard …
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month it ends, 1 to 12.
    pub exp_month: i32,
    /// The year it ends.
    pub exp_year: i32,
    /// When it was first put on file.
    pub created_at: Instant,
    /// When it was replaced last.
    pub updated_at: Instant,
}

impl From<PaymentCard> for NewCard {
    fn from(card: PaymentCard) -> Self {
        Self {
            provider: card.provider,
            customer: card.provider_customer,
            reference: card.provider_reference,
            brand: card.brand,
            last4: card.last4,
            exp_month: card.exp_month,
            exp_year: card.exp_year,
        }
    }
}

/// A card to be put on file.
#[derive(Clone, Debug)]
pub struct NewCard {
    /// Who keeps it.
    pub provider: CardProvider,
    /// The customer it belongs to there.
    pub customer: Option<String>,
    /// The card there.
    pub reference: String,
    /// Visa, Mastercard …
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month it ends.
    pub exp_month: i32,
    /// The year it ends.
    pub exp_year: i32,
}
