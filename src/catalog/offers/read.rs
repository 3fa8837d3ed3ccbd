//! Reads offers with all that belongs to them.

use futures_util::try_join;

use super::model::{Offer, OfferAddOn, OfferDetail, OfferItem, Through};
use super::sellable::{SellableItem, missing_currencies};
use super::store;
use crate::catalog::prices::model::Price;
use crate::catalog::prices::store as prices;
use crate::catalog::products::model::CatalogStatus;
use crate::checkouts;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OfferId, OfferItemId};
use crate::kernel::money::Currency;
use crate::kernel::page::{Page, PageRequest};

/// One offer: two round trips.
pub async fn one(conn: &Conn, checkout: CheckoutId, id: OfferId) -> Result<Option<OfferDetail>, DbError> {
    let offer = store::find(conn, checkout, id);
    let ids = [id];
    let (offer, parts) = try_join!(offer, parts(conn, checkout, &ids))?;
    Ok(offer.map(|offer| parts.assemble(offer)))
}

/// A page of offers, newest first: three round trips however long the page.
pub async fn page(
    conn: &Conn,
    checkout: CheckoutId,
    status: CatalogStatus,
    page: &PageRequest,
) -> Result<Page<OfferDetail>, DbError> {
    let page = store::page(conn, checkout, status, page).await?;
    let ids: Vec<OfferId> = page.rows.iter().map(|row| row.id).collect();
    let parts = parts(conn, checkout, &ids).await?;
    Ok(page.map(|offer| parts.assemble(offer)))
}

struct Parts {
    items: Vec<OfferItem>,
    prices: Vec<Price>,
    add_ons: Vec<OfferAddOn>,
    sellable: Vec<SellableItem>,
    /// What the checkout sells in.
    currencies: Vec<Currency>,
}

async fn parts(conn: &Conn, checkout: CheckoutId, ids: &[OfferId]) -> Result<Parts, DbError> {
    let (items, add_ons, sellable, shop) = try_join!(
        store::items(conn, checkout, ids),
        store::add_ons(conn, checkout, ids),
        store::sellable(conn, Through::Offers(checkout, ids)),
        checkouts::store::find(conn, checkout),
    )?;
    let item_ids: Vec<OfferItemId> = items.iter().map(|item| item.id).collect();
    Ok(Parts {
        prices: prices::of_offer_items(conn, checkout, &item_ids).await?,
        items,
        add_ons,
        sellable,
        currencies: shop.ok_or(DbError::Stale)?.currencies,
    })
}

impl Parts {
    fn assemble(&self, offer: Offer) -> OfferDetail {
        let items: Vec<OfferItem> = self
            .items
            .iter()
            .filter(|item| item.offer_id == offer.id)
            .cloned()
            .collect();
        OfferDetail {
            prices: self
                .prices
                .iter()
                .filter(|price| items.iter().any(|item| item.id.uuid() == price.owner_id))
                .cloned()
                .collect(),
            add_ons: self
                .add_ons
                .iter()
                .filter(|row| row.offer_id == offer.id)
                .cloned()
                .collect(),
            missing_currencies: missing_currencies(offer.id, &self.sellable, &self.currencies),
            items,
            offer,
        }
    }
}
