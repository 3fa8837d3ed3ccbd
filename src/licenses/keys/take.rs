//! Takes keys for a line, and tells the merchant when few are left.

use super::model::Taken;
use super::store;
use crate::catalog::products::license::LicenseSettings;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LineId, ProductId};
use crate::kernel::secret::Keyring;
use crate::mails::queue::{Message, Urgency, send_all};
use crate::organizations::members;

/// Takes as many keys as the line needs; none when there are not as many. Until the transaction ends the pool is the caller's: what
/// it writes about an empty pool is seen by the next refill.
pub async fn take(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    product: ProductId,
    line: LineId,
    count: i32,
    settings: &LicenseSettings,
) -> Result<Vec<Taken>, DbError> {
    store::lock_pool(tx, checkout, product).await?;
    let taken = store::take(tx, checkout, product, line, i64::from(count)).await?;
    if let Some(threshold) = settings.low_stock_threshold {
        let left = store::free(tx, checkout, product, i64::from(threshold)).await?;
        if left < i64::from(threshold) && store::set_low(tx, checkout, product).await? {
            tell(tx, keys, checkout, product, left).await?;
        }
    }
    Ok(taken)
}

async fn tell(tx: &Tx, keys: &Keyring, checkout: CheckoutId, product: ProductId, left: i64) -> Result<(), DbError> {
    let owners = members::store::owners_of_checkout(tx.conn(), checkout).await?;
    let mails: Vec<Message> = owners
        .into_iter()
        .map(|owner| Message {
            to: owner.email,
            subject: format!("Few license keys are left in {}", owner.checkout),
            text: format!(
                "Hello,\n\n{left} license keys are left in the pool of {product} of {}. Bring new ones in: when there are none left, \
                 orders wait for them.\n",
                owner.checkout
            ),
        })
        .collect();
    send_all(tx, keys, Urgency::CanWait, &mails).await
}
