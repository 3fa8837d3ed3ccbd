//! Makes a link to an offer of the same checkout.

use super::model::Link;
use super::store;
use super::views::LinkInput;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LinkId};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::random_bytes;
use crate::kernel::text::Slug;

/// Makes the link. A slug that is taken is a 409, also when two requests race for it.
pub async fn create(tx: &mut Tx, checkout: CheckoutId, input: LinkInput) -> Result<Link, Problem> {
    if !store::offer_is_active(tx, checkout, input.offer_id).await? {
        return Err(Problem::invalid(
            "/offer_id",
            "not_found",
            "no such offer in this checkout",
        ));
    }
    let now = tx.clock().now();
    let link = Link {
        id: LinkId::generate(tx.clock()),
        offer_id: input.offer_id,
        name: input.name,
        slug: match input.slug {
            Some(slug) => slug,
            None => random_slug()?,
        },
        source: input.source,
        tags: input.tags.iter().map(ToString::to_string).collect(),
        active: input.active,
        inactive_message: input.inactive_message,
        test_mode: input.test_mode,
        metadata: input.metadata.to_json(),
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, checkout, &link).await.map_err(slug_taken)?;
    let made = store::find(tx.conn(), checkout, link.id).await?;
    made.ok_or_else(|| Problem::internal("a link vanished in the transaction that made it"))
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
