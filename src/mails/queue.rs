//! Queues a mail with a transaction.

use serde::{Deserialize, Serialize};

use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::kernel::ids::MailId;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Email;

/// A message to one person.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// To whom.
    pub to: Email,
    /// About what.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// What a sealed message is bound to.
pub(super) fn place(id: MailId) -> String {
    format!("{id}/mails.message")
}

/// Sends the message once the transaction has committed.
pub async fn send(tx: &Tx, keys: &Keyring, message: &Message) -> Result<(), DbError> {
    let id = MailId::generate(tx.clock());
    let plain = serde_json::to_vec(message).map_err(|error| DbError::Defect(error.to_string()))?;
    store::insert(tx, id, &keys.seal(&place(id), &plain)).await?;
    tx.wake(Channel::Mails);
    Ok(())
}
