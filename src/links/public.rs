//! The face a link shows to buyers.

use super::model::PublicLink;
use super::store;
use super::views::{PublicCheckoutView, PublicItemView, PublicLinkView, PublicPriceView};
use crate::catalog::offers::model::SellableItem;
use crate::catalog::offers::store::sellable_items;
use crate::db::Conn;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Slug;

/// The link at an address, if it opens sessions.
pub async fn open_link(conn: &Conn, checkout: &Slug, link: &Slug) -> Result<PublicLink, Problem> {
    let found = store::find_public(conn, checkout, link).await?;
    let link = found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if !link.active {
        let problem = Problem::new(ProblemCode::LinkInactive);
        return Err(match &link.inactive_message {
            Some(message) => problem.detail(message.as_str()),
            None => problem,
        });
    }
    Ok(link)
}

/// What a buyer sees before opening a session.
pub async fn show(conn: &Conn, checkout: &Slug, link: &Slug) -> Result<PublicLinkView, Problem> {
    let link = open_link(conn, checkout, link).await?;
    let rows = sellable_items(conn, link.checkout_id, link.offer_id).await?;
    Ok(view(link, rows))
}

fn view(link: PublicLink, rows: Vec<SellableItem>) -> PublicLinkView {
    let mut items: Vec<PublicItemView> = Vec::new();
    for row in rows {
        if items.last().map(|item| item.id) != Some(row.item_id) {
            items.push(PublicItemView {
                id: row.item_id,
                name: row.name.clone(),
                quantity: row.quantity_default,
                prices: Vec::new(),
            });
        }
        if let (Some(item), Some(currency), Some(amount)) = (items.last_mut(), row.currency, row.amount) {
            item.prices.push(PublicPriceView {
                currency,
                unit_amount: row.discounted_amount.unwrap_or(amount),
                original_unit_amount: row.discounted_amount.map(|_| amount),
            });
        }
    }
    PublicLinkView {
        checkout: PublicCheckoutView {
            name: link.checkout_name,
            slug: link.checkout_slug,
            default_currency: link.default_currency,
            default_locale: link.default_locale,
            prices_include_tax: link.prices_include_tax,
        },
        slug: link.link_slug,
        test_mode: link.test_mode,
        title: link.offer_title,
        description: link.offer_description,
        items,
    }
}
