//! Makes a checkout.

use data_encoding::BASE32_NOPAD;

use super::model::{Checkout, NewRow};
use super::store;
use super::update::{patched, slug_taken};
use super::views::CheckoutInput;
use crate::accounts::access::require_in_organization;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::http::caller::Staff;
use crate::kernel::country::Country;
use crate::kernel::ids::{CheckoutId, OrganizationId};
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::permission::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::random_bytes;
use crate::kernel::text::{Email, Name, Slug};
use crate::organizations::store as organizations;

/// The most checkouts of one organization: they all close and open in the transaction that changes whether it may sell.
const MOST: usize = 1000;

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

/// Makes an open checkout with prices that include tax, and the receipt that its buyers get.
pub async fn create(tx: &mut Tx, new: NewCheckout) -> Result<CheckoutId, DbError> {
    let row = NewRow {
        id: CheckoutId::generate(tx.clock()),
        organization_id: new.organization,
        name: new.name,
        slug: new.slug,
        country: new.country,
        default_currency: new.currency,
        default_locale: new.locale,
        storefront_url: new.storefront_url,
        support_email: new.support_email,
    };
    store::insert(tx, &row).await?;
    store::insert_receipt_action(tx, row.id).await?;
    Ok(row.id)
}

/// Staff make a checkout in an organization of theirs.
pub async fn open(tx: &mut Tx, staff: &Staff, input: CheckoutInput) -> Result<Checkout, Problem> {
    let organization = input.organization_id;
    require_in_organization(
        tx.conn(),
        tx.offset_ms(),
        staff,
        organization,
        Permission::CheckoutsCreate,
    )
    .await?;
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, organization).await? {
        return Err(not_found());
    }
    if store::count(tx, organization).await? >= MOST {
        return Err(Problem::new(ProblemCode::TooManyCheckouts));
    }
    let owner = organizations::find(tx.conn(), organization)
        .await?
        .ok_or_else(not_found)?;
    let country = input.country.or(owner.country).ok_or_else(|| {
        Problem::invalid(
            "/country",
            "required",
            "name the country: the organization has no address to take it from",
        )
    })?;
    let slug = input.slug.clone().map_or_else(random_slug, Ok)?;
    let currency = input
        .default_currency
        .map_or_else(|| "EUR".parse(), Ok)
        .map_err(Problem::internal)?;
    let locale = input
        .default_locale
        .clone()
        .map_or_else(|| "en".parse(), Ok)
        .map_err(Problem::internal)?;
    let new = NewCheckout {
        organization,
        name: input.name.clone(),
        slug: slug.clone(),
        country,
        currency,
        locale,
        storefront_url: None,
        support_email: None,
    };
    let id = create(tx, new).await.map_err(slug_taken)?;
    let made = store::find(tx.conn(), id).await?.ok_or_else(not_found)?;
    let mut settings = input.settings();
    settings.slug = Some(slug);
    store::update(tx, &patched(made, settings)?).await?;
    store::find(tx.conn(), id).await?.ok_or_else(not_found)
}

/// Sixteen characters that nobody will guess or mistype.
fn random_slug() -> Result<Slug, Problem> {
    let text = BASE32_NOPAD.encode(&random_bytes::<10>()).to_lowercase();
    text.parse().map_err(Problem::internal)
}
