//! What it takes to carry a payment to its provider: the database, the keys of sealed accounts, the way there.

use std::sync::Arc;

use super::model::Payment;
use super::providers::Providers;
use super::setup::model::Account;
use super::setup::{seal, store};
use crate::db::Db;
use crate::db::error::DbError;
use crate::kernel::ids::CheckoutId;
use crate::kernel::secret::Keyring;

/// All of them.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// Opens accounts.
    pub keys: Arc<Keyring>,
    /// The way to the providers.
    pub providers: Arc<Providers>,
    /// Who mails come from whose checkout has no address of its own.
    pub mail_from: String,
}

impl Desk {
    /// The merchant's account that an attempt is paid into; `None` when there is none any more.
    pub async fn account(&self, checkout: CheckoutId, payment: &Payment) -> Result<Option<Account>, DbError> {
        let conn = self.db.read().await?;
        let setup = store::find(&conn, checkout, payment.provider, payment.test_mode).await?;
        let Some(setup) = setup else { return Ok(None) };
        seal::account(&self.keys, &setup).map_err(|error| DbError::Defect(format!("a payment method: {error}")))
    }
}
