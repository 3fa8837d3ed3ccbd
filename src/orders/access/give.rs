//! Makes a way back to an order for a mail to its buyer.

use super::store::{self, NewToken};
use super::token;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderAccessId, OrderId};
use crate::kernel::secret::Keyring;

/// A way back, as a mail says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// A page of the storefront.
    Address(String),
    /// The token itself: the shop has named no storefront.
    Code(String),
}

impl WayBack {
    fn of(storefront_url: Option<&str>, token: String) -> Self {
        match storefront_url {
            Some(url) => Self::Address(format!("{}/o/{token}", url.trim_end_matches('/'))),
            None => Self::Code(token),
        }
    }
}

/// A way back for a mail that goes out anyway, such as the receipt. It is in force once the transaction has committed.
pub async fn give(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    order: OrderId,
    storefront_url: Option<&str>,
) -> Result<WayBack, DbError> {
    let id = OrderAccessId::generate(tx.clock());
    written(tx, keys, checkout, order, id, false, storefront_url).await
}

/// The same for somebody who asked for it under the request's own id: a request is answered once.
pub(super) async fn give_asked(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    order: OrderId,
    request: OrderAccessId,
    storefront_url: Option<&str>,
) -> Result<WayBack, DbError> {
    written(tx, keys, checkout, order, request, true, storefront_url).await
}

async fn written(
    tx: &Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    order: OrderId,
    id: OrderAccessId,
    requested: bool,
    storefront_url: Option<&str>,
) -> Result<WayBack, DbError> {
    let issued = token::issue(keys, checkout);
    let token = NewToken {
        id,
        order,
        hash: issued.hash,
        requested,
    };
    store::insert(tx, checkout, &token).await?;
    Ok(WayBack::of(storefront_url, issued.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_one_slash() {
        let page = |url| WayBack::of(Some(url), "t".to_owned());
        assert_eq!(
            page("https://a.example"),
            WayBack::Address("https://a.example/o/t".to_owned())
        );
        assert_eq!(
            page("https://a.example/x/"),
            WayBack::Address("https://a.example/x/o/t".to_owned())
        );
        assert_eq!(WayBack::of(None, "t".to_owned()), WayBack::Code("t".to_owned()));
    }
}
