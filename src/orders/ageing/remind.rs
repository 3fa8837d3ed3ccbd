//! Reminds buyers of orders that they have not paid: once per order, if the shop wants it.

use super::mail::{self, Letter};
use super::store::{self, Due};
use crate::checkouts;
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::secret::Keyring;
use crate::mails::queue::send_about;
use crate::orders::access::give::give;
use crate::orders::access::mail::sender;
use crate::orders::store as orders;

/// Queues a batch of reminders; returns how many.
pub async fn remind_due(db: &Db, keys: &Keyring, mail_from: &str) -> Result<usize, DbError> {
    let due = {
        let conn = db.read().await?;
        store::unreminded(&conn, db.clock().offset_ms()).await?
    };
    let mut reminded = 0;
    for order in due {
        match db
            .write(async |tx: &mut Tx| -> Result<bool, DbError> { remind(tx, keys, mail_from, order).await })
            .await
        {
            Ok(true) => reminded += 1,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, order = %order.id, "a buyer was not reminded"),
        }
    }
    Ok(reminded)
}

/// The mark and the mail commit together, so there is one mail however many workers look.
async fn remind(tx: &mut Tx, keys: &Keyring, mail_from: &str, due: Due) -> Result<bool, DbError> {
    let (checkout, id) = (due.checkout_id, due.id);
    if !store::mark_reminded(tx, checkout, id).await? {
        return Ok(false);
    }
    let order = orders::find(tx.conn(), checkout, id).await?;
    let Some((order, shop)) = order.zip(checkouts::store::find(tx.conn(), checkout).await?) else {
        return Ok(false);
    };
    let Some(to) = order.email.clone() else {
        return Ok(false);
    };
    let way = give(tx, keys, checkout, id, shop.storefront_url.as_deref()).await?;
    let letter = Letter {
        to,
        locale: order.locale,
        number: order.number,
        total: order.total,
        currency: order.currency,
        shop: shop.mail_from_name.as_ref().unwrap_or(&shop.name).to_string(),
        support_email: shop.support_email.clone(),
        way,
        test_mode: order.test_mode,
    };
    send_about(tx, keys, id, &mail::written(letter), sender(&shop, mail_from)).await?;
    Ok(true)
}
