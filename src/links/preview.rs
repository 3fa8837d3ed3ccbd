//! What a link comes to, for the answer that made it.

use super::basket::{self, Wishes};
use super::model::Link;
use super::store;
use super::views::PreviewView;
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::pricing::{BasketLine, Quote, quote, tax};

/// The totals of the basket that a link opens, taxed for the country it fills in, else for the seller's.
pub async fn of(tx: &Tx, checkout: CheckoutId, link: &Link) -> Result<PreviewView, Problem> {
    let (shop, items) = futures_util::try_join!(
        store::find_behind_session(tx.conn(), tx.offset_ms(), checkout, link.id),
        sellable(tx.conn(), Through::Offer(checkout, link.offer_id))
    )?;
    let shop = shop.ok_or(DbError::Stale)?;
    let terms = link.terms();
    let currency = basket::currency(&terms, shop.default_currency, None)?;
    let picked = basket::pick(&terms, &items, currency, &Wishes::default())?;
    let address = terms.checkout_data.billing_address.as_ref();
    let buyer = address.and_then(|address| address.country);
    let decision = tax::decide(shop.seller(), buyer, tx.clock().now().date_naive());
    let lines: Vec<BasketLine> = picked
        .iter()
        .map(|line| BasketLine {
            unit_amount: line.price.charged(),
            quantity: line.quantity,
            tax: decision,
        })
        .collect();
    let quote = quote(&lines, shop.prices_include_tax)?;
    Ok(in_other_forms(PreviewView {
        currency,
        currency_rate: None,
        subtotal: quote.subtotal,
        discount_total: quote.discount_total,
        tax: quote.tax,
        total: quote.total,
        subtotal_usd: None,
        discount_total_usd: None,
        tax_usd: None,
        total_usd: None,
        subtotal_formatted: None,
        discount_total_formatted: None,
        tax_formatted: None,
        total_formatted: None,
    }, &quote))
}

/// Adds the amounts in the reporting currency and as people read them: both are empty until exchange rates are kept and amounts can be
/// written in a locale.
fn in_other_forms(preview: PreviewView, _quote: &Quote) -> PreviewView {
    preview
}
