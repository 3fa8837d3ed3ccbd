//! A checkout as everybody may see it.

use serde::Serialize;
use utoipa::ToSchema;

use super::form::BillingForm;
use super::style::Style;
use crate::checkouts::model::{Checkout, ClosedReason};
use crate::kernel::country::Country;
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};
use crate::organizations::policies::Policies;

/// The public face of a checkout: all that a page needs before a buyer comes.
#[derive(Serialize, ToSchema)]
pub struct PublicCheckout {
    /// Its name.
    pub name: Name,
    /// Its part of public addresses.
    pub slug: Slug,
    /// Whether live orders are taken.
    #[schema(example = true)]
    pub accepting_orders: bool,
    /// Why they are not.
    pub closed_reason: Option<ClosedReason>,
    /// Where it sells from.
    pub country: Country,
    /// What it sells in unless a buyer asks otherwise.
    pub default_currency: Currency,
    /// What it sells in.
    pub currencies: Vec<Currency>,
    /// What it speaks unless a buyer asks otherwise.
    pub default_locale: Locale,
    /// What it speaks.
    pub locales: Vec<Locale>,
    /// Whether prices include VAT.
    #[schema(example = true)]
    pub prices_include_tax: bool,
    /// Where buyers ask for help.
    pub support_email: Option<Email>,
    /// What buyers agree to.
    pub policies: Policies,
    /// The look of the page.
    pub style: Style,
    /// What the page asks.
    pub billing_form: BillingForm,
}

impl PublicCheckout {
    /// The face of a checkout with its page.
    pub fn of(row: Checkout, style: Style, billing_form: BillingForm) -> Self {
        let closed_reason = row.closed_reason();
        Self {
            name: row.name,
            slug: row.slug,
            accepting_orders: closed_reason.is_none(),
            closed_reason,
            country: row.country,
            default_currency: row.default_currency,
            currencies: row.currencies,
            default_locale: row.default_locale,
            locales: row.locales,
            prices_include_tax: row.prices_include_tax,
            support_email: row.support_email,
            policies: Policies::from_json(row.policies).or(Policies::from_json(row.organization_policies)),
            style,
            billing_form,
        }
    }
}
