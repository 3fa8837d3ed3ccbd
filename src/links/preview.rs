//! What a link comes to, for the answer that made it.

use super::basket::{self, Wishes};
use super::model::Link;
use super::store;
use super::views::PreviewView;
use crate::catalog::offers::model::Through;
use crate::catalog::offers::store::sellable;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::format::amount;
use crate::kernel::ids::CheckoutId;
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::vat_number::VatNumber;
use crate::pricing::tax::Buyer;
use crate::pricing::{Basket, BasketLine, Discount, Quote, quote, tax};
use crate::rates::{CrossRate, reported};
use crate::vat_checks::model::status;
use crate::vat_checks::store::find as find_check;

/// The totals of the basket that a link opens, taxed for the country it fills in, else for the seller's.
pub async fn of(tx: &Tx, checkout: CheckoutId, link: &Link) -> Result<PreviewView, Problem> {
    let terms = link.terms();
    let data = &terms.checkout_data;
    let number: Option<VatNumber> = data.tax_number.as_ref().and_then(|text| text.as_str().parse().ok());
    let (shop, items, check) = futures_util::try_join!(
        store::find_behind_session(tx.conn(), tx.offset_ms(), checkout, link.id),
        sellable(tx.conn(), Through::Offer(checkout, link.offer_id)),
        find_check(tx.conn(), tx.offset_ms(), checkout, number.as_ref())
    )?;
    let shop = shop.ok_or(DbError::Stale)?;
    let currency = basket::currency(&terms, shop.default_currency, None)?;
    let picked = basket::pick(&terms, &items, currency, &Wishes::default())?;
    let buyer = Buyer {
        country: data.billing_address.as_ref().and_then(|address| address.country),
        vat_number: number.map(|number| (number.country(), status(check.as_ref()).into())),
    };
    let (seller, today) = (shop.seller(), tx.clock().now().date_naive());
    let lines: Vec<BasketLine> = picked
        .iter()
        .map(|line| {
            let place = line.item.item.place_country.unwrap_or(shop.checkout_country);
            BasketLine {
                unit_amount: line.price.charged(),
                original_unit_amount: None,
                quantity: line.quantity,
                tax: tax::decide(&seller, buyer, line.item.item.vat_type.into(), place, today),
                discountable: true,
            }
        })
        .collect();
    let quote = quote(&Basket {
        lines,
        discount: Discount::None,
        prices_include_tax: shop.prices_include_tax,
    })?;
    let rate = reported::rate(tx.conn(), currency, today).await?;
    view(
        currency,
        &shop.default_locale,
        shop.prices_include_tax,
        &quote,
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
