//! Opens a session from a link.

use super::model::{Session, SessionStatus};
use super::quote::{Quoted, quoted};
use super::store::{self, NewLine};
use super::views::SessionInput;
use crate::catalog::offers::model::SellableItem;
use crate::catalog::offers::store::sellable_items;
use crate::checkouts::selling::require_open;
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, LineId, OfferItemId, SessionId};
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::links::public::open_link;

/// Opens a session with every item of the link's offer in its default quantity.
pub async fn open(tx: &mut Tx, input: SessionInput) -> Result<(CheckoutId, Quoted), Problem> {
    let link = open_link(tx.conn(), &input.checkout, &input.link).await?;
    require_open(tx.conn(), link.checkout_id, link.test_mode).await?;
    let currency = input.currency.unwrap_or(link.default_currency);
    let rows = sellable_items(tx.conn(), link.checkout_id, link.offer_id).await?;
    let lines = lines(tx, &rows, currency)?;
    let now = tx.clock().now();
    let customer = input.customer.unwrap_or_default();
    let session = Session {
        id: SessionId::generate(tx.clock()),
        link_id: link.link_id,
        offer_id: link.offer_id,
        status: SessionStatus::Open,
        currency,
        locale: input.locale.unwrap_or_else(|| link.default_locale.clone()),
        email: customer.email,
        country: customer.country,
        first_name: customer.first_name,
        last_name: customer.last_name,
        consents: serde_json::json!({}),
        source: link.source.clone(),
        tags: link.tags.clone(),
        test_mode: link.test_mode,
        order_id: None,
        expires_at: now,
        created_at: now,
        updated_at: now,
    };
    let opened = store::insert(tx, link.checkout_id, &session, &lines).await?;
    let quoted = quoted(tx.conn(), tx.clock(), link.checkout_id, opened).await?;
    Ok((link.checkout_id, quoted))
}

/// One line per item. An item without a price in the buyer's currency is not offered in it, and then the offer is not.
fn lines(tx: &Tx, rows: &[SellableItem], currency: Currency) -> Result<Vec<NewLine>, Problem> {
    let mut items: Vec<OfferItemId> = rows.iter().map(|row| row.item_id).collect();
    items.dedup();
    items
        .into_iter()
        .map(|item| {
            let priced = rows
                .iter()
                .find(|row| row.item_id == item && row.currency == Some(currency));
            let row = priced.ok_or_else(|| {
                Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this offer is not sold in {currency}"))
            })?;
            Ok(NewLine {
                id: LineId::generate(tx.clock()),
                offer_item: row.item_id,
                product: row.product_id,
                variant: row.variant_id,
                quantity: row.quantity_default,
            })
        })
        .collect()
}
