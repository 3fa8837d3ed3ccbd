//! Makes a checkout.

use super::model::{Checkout, CheckoutStatus};
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, Name, Slug};

/// What a new checkout needs to know.
#[derive(Clone, Debug)]
pub struct NewCheckout {
    /// Its organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its part of public addresses; unique everywhere.
    pub slug: Slug,
    /// Where it sells from.
    pub country: Country,
    /// What it sells in.
    pub currency: Currency,
    /// What it speaks.
    pub locale: Locale,
    /// Where its storefront is.
    pub storefront_url: Option<String>,
    /// Where buyers ask for help, and where its mails come from.
    pub support_email: Option<Email>,
}

/// Makes an open checkout with prices that include tax.
pub async fn create(tx: &mut Tx, new: NewCheckout) -> Result<CheckoutId, DbError> {
    let now = tx.clock().now();
    let checkout = Checkout {
        id: CheckoutId::generate(tx.clock()),
        organization_id: new.organization,
        mail_from_name: Some(new.name.clone()),
        mail_from_email: new.support_email.clone(),
        name: new.name,
        slug: new.slug,
        status: CheckoutStatus::Open,
        country: new.country,
        default_currency: new.currency,
        default_locale: new.locale,
        prices_include_tax: true,
        storefront_url: new.storefront_url,
        support_email: new.support_email,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &checkout).await?;
    Ok(checkout.id)
}
