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

/// Who a message to a buyer comes from; without one it comes from Kassa.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sender {
    /// The shop.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Where an answer goes.
    pub reply_to: Option<Email>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope {
    #[serde(flatten)]
    pub message: Message,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
}

/// What a sealed message is bound to.
pub(super) fn place(id: MailId) -> String {
    format!("{id}/mails.message")
}

/// Sends the message once the transaction has committed.
pub async fn send(tx: &Tx, keys: &Keyring, message: &Message) -> Result<(), DbError> {
    queue(tx, keys, message, None).await
}

/// The same in the name of a shop.
pub async fn send_from(tx: &Tx, keys: &Keyring, message: &Message, sender: Sender) -> Result<(), DbError> {
    queue(tx, keys, message, Some(sender)).await
}

async fn queue(tx: &Tx, keys: &Keyring, message: &Message, sender: Option<Sender>) -> Result<(), DbError> {
    let id = MailId::generate(tx.clock());
    let envelope = Envelope {
        message: message.clone(),
        sender,
    };
    let plain = serde_json::to_vec(&envelope).map_err(|error| DbError::Defect(error.to_string()))?;
    store::insert(tx, id, &keys.seal(&place(id), &plain)).await?;
    tx.wake(Channel::Mails);
    Ok(())
}
