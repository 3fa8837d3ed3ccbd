//! What a link comes to, for the answer that made it.

use super::model::PublicLink;
use super::views::PreviewView;
use crate::db::Tx;
use crate::kernel::format::amount;
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::pricing::Quote;
use crate::rates::{CrossRate, reported};

/// The amounts of a quote with what they come to in the reporting currency.
pub async fn of(tx: &Tx, shop: &PublicLink, currency: Currency, quote: &Quote) -> Result<PreviewView, Problem> {
    let rate = reported::rate(tx.conn(), currency, tx.clock().now().date_naive()).await?;
    view(
        currency,
        &shop.default_locale,
        shop.prices_include_tax,
        quote,
        rate.as_ref(),
    )
}

/// The amounts as they are, in the reporting currency, and as people read them. What is too large in the reporting currency, or has
/// no rate, is left out there and nowhere else.
fn view(
    currency: Currency,
    locale: &Locale,
    prices_include_tax: bool,
    quote: &Quote,
    rate: Option<&CrossRate>,
) -> Result<PreviewView, Problem> {
    let parts = [quote.subtotal, quote.discount_total, quote.tax];
    let reported = reported::amounts(parts, currency, rate, prices_include_tax);
    let written = |minor: i64| Some(amount(locale, currency, minor));
    Ok(PreviewView {
        currency,
        currency_rate: rate.map(|rate| rate.rate.normalize().to_string()),
        currency_rate_stale: rate.map(|rate| rate.stale),
        subtotal: quote.subtotal,
        discount_total: quote.discount_total,
        tax: quote.tax,
        total: quote.total,
        subtotal_usd: reported.as_ref().map(|usd| usd.subtotal),
        discount_total_usd: reported.as_ref().map(|usd| usd.discount_total),
        tax_usd: reported.as_ref().map(|usd| usd.tax),
        total_usd: reported.as_ref().map(|usd| usd.total),
        subtotal_formatted: written(quote.subtotal),
        discount_total_formatted: written(quote.discount_total),
        tax_formatted: written(quote.tax),
        total_formatted: written(quote.total),
    })
}
