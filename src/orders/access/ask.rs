//! Somebody asks for the way back to an order. The request is written down, whatever it names, and answered by a worker: if the
//! number and the address belong together, by a mail to the address that the order has.

use super::give::give_asked;
use super::mail::{self, Letter};
use super::model::Request;
use super::store;
use crate::checkouts;
use crate::db::error::DbError;
use crate::db::jobs::{self, Job, JobKind};
use crate::db::{Db, Tx};
use crate::kernel::ids::{CheckoutId, OrderAccessId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::{Keyring, constant_time_eq};
use crate::kernel::text::{Email, Slug};
use crate::mails::queue::send_about;
use crate::orders::model::OrderStatus;
use crate::orders::store as orders;

/// An order is mailed about once in so many milliseconds, however often somebody asks.
const PAUSE_MS: i64 = 60_000;

/// What somebody says of their order.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose shop.
    pub checkout: Slug,
    /// The order's number.
    pub number: i64,
    /// In which of the two series.
    pub test_mode: bool,
    /// The buyer's address.
    pub email: Email,
}

/// The address itself is not kept: it may be anybody's.
fn email_hash(keys: &Keyring, email: &Email) -> [u8; 32] {
    keys.keyed_hash("order access request", email.folded().as_bytes())
}

/// Writes the request down. Whether there is such an order is not looked at here.
pub async fn ask(db: &Db, keys: &Keyring, asked: &Asked) -> Result<(), Problem> {
    let request = Request {
        number: asked.number,
        test_mode: asked.test_mode,
        email_hash: email_hash(keys, &asked.email).to_vec(),
    };
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        // Which shops there are is no secret.
        let Some(shop) = checkouts::store::find_by_slug(tx.conn(), &asked.checkout).await? else {
            return Ok(());
        };
        let id = OrderAccessId::generate(tx.clock());
        store::insert_request(tx, shop.id, id, &request).await?;
        jobs::enqueue(tx, shop.id, JobKind::MailOrderAccess, id.uuid(), 0).await
    })
    .await?;
    Ok(())
}

/// Answers a request: mails the way back, or does nothing.
pub async fn answer(db: &Db, keys: &Keyring, mail_from: &str, job: &Job) -> Result<(), DbError> {
    let id = OrderAccessId::from_uuid(job.object_id);
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        if let Some(request) = store::take_request(tx, job.checkout_id, id).await? {
            send(tx, keys, mail_from, job.checkout_id, id, &request).await?;
        }
        jobs::finish(tx, job).await
    })
    .await
}

async fn send(
    tx: &Tx,
    keys: &Keyring,
    mail_from: &str,
    checkout: CheckoutId,
    id: OrderAccessId,
    request: &Request,
) -> Result<(), DbError> {
    let Some(order) = store::order_of_number(tx, checkout, request.test_mode, request.number).await? else {
        return Ok(());
    };
    // Two requests at once are answered one after the other.
    let Some(order) = orders::lock(tx, checkout, order).await? else {
        return Ok(());
    };
    let own = |email: &Email| constant_time_eq(&email_hash(keys, email), &request.email_hash);
    let (Some(email), false) = (order.email.clone().filter(own), order.status == OrderStatus::Deleted) else {
        return Ok(());
    };
    let Some(shop) = checkouts::store::find(tx.conn(), checkout).await? else {
        return Ok(());
    };
    if store::was_asked_within(tx, checkout, order.id, PAUSE_MS).await? {
        return Ok(());
    }
    let way = give_asked(tx, keys, checkout, order.id, id, shop.storefront_url.as_deref()).await?;
    let letter = Letter {
        to: email,
        locale: order.locale,
        number: order.number,
        shop: shop
            .mail_from_name
            .clone()
            .unwrap_or_else(|| shop.name.clone())
            .to_string(),
        support_email: shop.support_email.clone(),
        way,
        test_mode: order.test_mode,
    };
    let sender = mail::sender(&shop, mail_from);
    send_about(tx, keys, order.id, &mail::written(letter), sender).await
}
