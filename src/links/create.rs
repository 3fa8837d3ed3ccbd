//! Makes a link to an offer of the same checkout.

use super::check::refuse_unfit;
use super::model::{Link, LinkKind};
use super::store;
use super::views::LinkInput;
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::catalog::products::model::CatalogStatus;
use crate::catalog::texts::to_json;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::random_bytes;
use crate::kernel::text::Slug;

/// Makes the link. A slug that is taken is a 409, also when two requests race for it. Without a slug, a link that overrides, fills in,
/// ends or is limited is a custom one.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: LinkInput) -> Result<Link, Problem> {
    if !store::offer_is_active(tx, checkout, input.offer_id).await? {
        return Err(Problem::invalid(
            "/offer_id",
            "not_found",
            "no such offer in this checkout",
        ));
    }
    let kind = kind_of(&input);
    let now = tx.clock().now();
    let link = Link {
        id: LinkId::generate(tx.clock()),
        offer_id: input.offer_id,
        kind,
        name: input.name,
        slug: match input.slug {
            Some(slug) => slug,
            None => random_slug()?,
        },
        source: input.source,
        tags: input.tags.iter().map(ToString::to_string).collect(),
        active: input.active,
        inactive_message: input.inactive_message,
        expires_at: input.expires_at.map(|moment| moment.0),
        test_mode: input.test_mode,
        external_id: input.external_id,
        variant_id: input.variant_id,
        currency: input.currency,
        custom_price: input.custom_price,
        product_options: input.product_options.as_ref().map(to_json),
        checkout_options: input.checkout_options.as_ref().map(to_json),
        checkout_data: input.checkout_data.as_ref().map(to_json),
        status: CatalogStatus::Active,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
        max_orders: input.max_orders,
        orders: 0,
        sessions: 0,
    };
    let items = sellable(tx.conn(), Through::Offer(checkout, link.offer_id)).await?;
    if items.iter().any(|item| !item.item.optional && item.variants.is_empty()) {
        return Err(Problem::invalid(
            "/offer_id",
            "not_sold",
            "a product that this offer cannot do without is archived",
        ));
    }
    refuse_unfit(&link.terms(), &items)?;
    store::insert(tx, checkout, &link, kind == LinkKind::Custom)
        .await
        .map_err(slug_taken)?;
    let made = store::find(tx.conn(), checkout, link.id).await?;
    made.ok_or_else(|| Problem::internal("a link vanished in the transaction that made it"))
}

fn kind_of(input: &LinkInput) -> LinkKind {
    let special = input.custom_price.is_some()
        || input.product_options.is_some()
        || input.checkout_options.is_some()
        || input.checkout_data.is_some()
        || input.expires_at.is_some()
        || input.max_orders.is_some();
    if special && input.slug.is_none() {
        LinkKind::Custom
    } else {
        LinkKind::Permanent
    }
}

fn slug_taken(error: DbError) -> Problem {
    if error.constraint() == Some("checkout_links_slug_unique") {
        return Problem::new(ProblemCode::NameTaken).errors(vec![Fault::new(
            "/slug",
            "taken",
            "another link of this checkout has this slug",
        )]);
    }
    error.into()
}

/// Ten characters of 50 random bits: short enough to type, too many to guess.
fn random_slug() -> Result<Slug, Problem> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let text: String = random_bytes::<10>()
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    text.parse().map_err(Problem::internal)
}
