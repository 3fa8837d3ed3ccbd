//! What a buyer sees before opening a session: one round trip.

use futures_util::try_join;

use super::open::{Door, find, usable};
use super::views::{
    PrefillView, PublicAddOnView, PublicCheckoutView, PublicItemView, PublicLinkView, PublicVariantView,
};
use crate::catalog::offers::sellable::{SellableAddOn, SellableItem};
use crate::catalog::offers::store::offered;
use crate::catalog::texts::{QuantityBody, from_json};
use crate::db::Conn;
use crate::kernel::clock::rfc3339;
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::links::basket::no_longer_sold;
use crate::links::deal::Deal;
use crate::links::model::{LinkKind, PublicLink};

/// The link's face, if it opens sessions.
pub async fn show(conn: &Conn, offset_ms: i64, door: &Door) -> Result<PublicLinkView, Problem> {
    let (found, (items, add_ons)) = try_join!(find(conn, offset_ms, door), offered(conn, door.through()))?;
    view(usable(found)?, items, add_ons)
}

fn view(link: PublicLink, items: Vec<SellableItem>, add_ons: Vec<SellableAddOn>) -> Result<PublicLinkView, Problem> {
    let terms = link.terms();
    let deal = Deal::of(&terms, &items)?;
    let mut views = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match item_view(&deal, place, item) {
            Some(view) => views.push(view),
            None if item.item.optional => {}
            None => return Err(no_longer_sold()),
        }
    }
    let only = deal.only();
    let items = views;
    let mut currencies: Vec<Currency> = items
        .iter()
        .filter(|item| !item.optional)
        .map(|item| item.prices.iter().map(|price| price.currency).collect::<Vec<_>>())
        .reduce(|all, some| all.into_iter().filter(|currency| some.contains(currency)).collect())
        .unwrap_or_default();
    currencies.sort_by_key(|currency| currency.code());
    let data = &terms.checkout_data;
    Ok(PublicLinkView {
        checkout: PublicCheckoutView {
            name: link.checkout_name,
            slug: link.checkout_slug,
            default_currency: link.default_currency,
            default_locale: link.default_locale,
            prices_include_tax: link.prices_include_tax,
        },
        slug: (link.kind == LinkKind::Permanent).then_some(link.link_slug),
        test_mode: link.test_mode,
        title: link.offer_title,
        description: link.offer_description,
        image_urls: link.offer_image_urls,
        translations: from_json(link.offer_translations),
        variant_id: terms.variant_id,
        currency: terms.currency.unwrap_or(link.default_currency),
        currencies,
        items,
        add_ons: add_ons
            .into_iter()
            .map(|add_on| add_on_view(add_on, only))
            .filter(|add_on| !add_on.prices.is_empty())
            .collect(),
        prefill: PrefillView {
            email: data.email.clone(),
            name: data.name.clone(),
            billing_address: data.billing_address.clone(),
            tax_number: data.tax_number.clone(),
            discount_code: data.discount_code.clone(),
            variant_quantities: data.variant_quantities.clone(),
            locked: data.locked.clone(),
        },
        options: terms.checkout_options,
        expires_at: link.expires_at.as_ref().map(rfc3339),
    })
}

/// An item as it is sold here; nothing when none of its variants is.
fn item_view(deal: &Deal<'_>, place: usize, item: &SellableItem) -> Option<PublicItemView> {
    let about = deal.is_about(place);
    let variants: Vec<PublicVariantView> = deal
        .choices(place)
        .into_iter()
        .map(|variant| PublicVariantView {
            id: variant.id,
            name: variant.name.clone(),
            description: variant.description.clone(),
            prices: deal.prices(place, variant).into_iter().map(Into::into).collect(),
        })
        .collect();
    let named = deal.terms().variant_id.filter(|_| about);
    let chosen = variants
        .iter()
        .find(|variant| named == Some(variant.id))
        .or_else(|| variants.first())?;
    let row = &item.item;
    // What the link says of its product holds for the item it is about.
    let options = about.then_some(&deal.terms().product_options);
    let images = options
        .filter(|options| !options.media.is_empty())
        .map(|options| options.media.clone());
    Some(PublicItemView {
        id: row.item_id,
        product_id: row.product_id,
        name: deal.name(place, item).clone(),
        description: options
            .and_then(|options| options.description.clone())
            .or_else(|| row.description.clone()),
        image_urls: images.unwrap_or_else(|| row.image_urls.clone()),
        translations: from_json(row.translations.clone()),
        quantity: QuantityBody {
            default: row.quantity_default,
            min: row.quantity_min,
            max: row.quantity_max,
        },
        optional: row.optional,
        selected: row.selected,
        prices: chosen.prices.clone(),
        variants,
    })
}

fn add_on_view(add_on: SellableAddOn, only: Option<Currency>) -> PublicAddOnView {
    let row = add_on.add_on;
    PublicAddOnView {
        id: row.add_on_id,
        kind: row.kind,
        position: row.position,
        product_id: row.product_id,
        variant_id: row.variant_id,
        replaces_product_id: row.replaces_product_id,
        name: row.name,
        description: row.description,
        image_url: row.image_url,
        translations: from_json(row.translations),
        quantity: QuantityBody {
            default: row.quantity_default,
            min: row.quantity_min,
            max: row.quantity_max,
        },
        prices: add_on
            .prices
            .into_iter()
            .filter(|pair| only.is_none_or(|only| only == pair.currency))
            .map(Into::into)
            .collect(),
    }
}
