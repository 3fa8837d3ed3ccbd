//! Billing details and payment cards as clients send and see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{BillingDetails, CardProvider, PaymentCard};
use crate::kernel::clock::rfc3339;
use crate::kernel::country::Country;
use crate::kernel::text::{Email, Label, Name};

/// Who is billed. The organization may sell when every field is there.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BillingDetailsInput {
    /// The name on the invoice.
    #[serde(default)]
    pub name: Option<Name>,
    /// Where the invoice goes.
    #[serde(default)]
    pub email: Option<Email>,
    /// Street and number.
    #[serde(default)]
    pub street: Option<Name>,
    /// City.
    #[serde(default)]
    pub city: Option<Name>,
    /// Postal code.
    #[serde(default)]
    pub postal_code: Option<Label>,
    /// Country.
    #[serde(default)]
    pub country: Option<Country>,
}

impl From<BillingDetailsInput> for BillingDetails {
    fn from(input: BillingDetailsInput) -> Self {
        Self {
            name: input.name,
            email: input.email,
            street: input.street,
            city: input.city,
            postal_code: input.postal_code,
            country: input.country,
        }
    }
}

/// Who is billed.
#[derive(Serialize, ToSchema)]
#[schema(as = BillingDetails)]
pub struct BillingDetailsView {
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
    /// Whether every field is there.
    #[schema(example = true)]
    pub complete: bool,
}

impl From<BillingDetails> for BillingDetailsView {
    fn from(row: BillingDetails) -> Self {
        let complete = row.name.is_some()
            && row.email.is_some()
            && row.street.is_some()
            && row.city.is_some()
            && row.postal_code.is_some()
            && row.country.is_some();
        Self {
            name: row.name,
            email: row.email,
            street: row.street,
            city: row.city,
            postal_code: row.postal_code,
            country: row.country,
            complete,
        }
    }
}

/// A card, as its provider's page for browsers gave it.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentCardInput {
    /// Who keeps the card; `test` in development only.
    pub provider: CardProvider,
    /// The provider's token: of Stripe `tok_…` or `pm_…`; of `test` `tok_visa` or `tok_mastercard`.
    #[validate(length(min = 1, max = 255, message = "must have 1 to 255 characters"))]
    #[schema(min_length = 1, max_length = 255, example = "tok_visa")]
    pub token: String,
}

/// The card on file.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentCard)]
pub struct PaymentCardView {
    /// Who keeps it.
    pub provider: CardProvider,
    /// Visa, Mastercard …
    #[schema(example = "visa")]
    pub brand: String,
    /// The last four digits.
    #[schema(example = "4242")]
    pub last4: String,
    /// The month it ends.
    #[schema(example = 12, minimum = 1, maximum = 12)]
    pub exp_month: i32,
    /// The year it ends.
    #[schema(example = 2030)]
    pub exp_year: i32,
    /// When a card was first put on file.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it was replaced last.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

impl From<PaymentCard> for PaymentCardView {
    fn from(row: PaymentCard) -> Self {
        Self {
            provider: row.provider,
            brand: row.brand,
            last4: row.last4,
            exp_month: row.exp_month,
            exp_year: row.exp_year,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
