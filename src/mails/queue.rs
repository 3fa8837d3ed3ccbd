//! Queues a mail with a transaction.

use serde::{Deserialize, Serialize};

use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::db::wake::Channel;
use crate::kernel::ids::{MailId, OrderId};
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

/// Which mails go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody sits and waits: proofs of address, lost passwords.
    Waited,
    /// Many at once, to people who do not know of it.
    CanWait,
}

impl Urgency {
    /// Lowest first, as the database keeps it.
    pub(super) const fn rank(self) -> i32 {
        match self {
            Self::Waited => 0,
            Self::CanWait => 1,
        }
    }
}

/// Sends a message that somebody waits for once the transaction has committed.
pub async fn send(tx: &Tx, keys: &Keyring, message: &Message) -> Result<(), DbError> {
    send_all(tx, keys, Urgency::Waited, std::slice::from_ref(message)).await
}

/// The same in the name of a shop, about one of its orders: unsent, it goes with the order's buyer.
pub async fn send_about(
    tx: &Tx,
    keys: &Keyring,
    order: OrderId,
    message: &Message,
    sender: Sender,
) -> Result<(), DbError> {
    let id = MailId::generate(tx.clock());
    let envelope = Envelope {
        message: message.clone(),
        sender: Some(sender),
    };
    let content = vec![sealed(keys, id, &envelope)?];
    store::insert(tx, Urgency::Waited.rank(), Some(order), &[id], content).await?;
    tx.wake(Channel::Mails);
    Ok(())
}

fn sealed(keys: &Keyring, id: MailId, content: &impl Serialize) -> Result<Vec<u8>, DbError> {
    let plain = serde_json::to_vec(content).map_err(|error| DbError::Defect(error.to_string()))?;
    Ok(keys.seal(&place(id), &plain))
}

/// Sends messages once the transaction has committed.
pub async fn send_all(tx: &Tx, keys: &Keyring, urgency: Urgency, messages: &[Message]) -> Result<(), DbError> {
    let (mut ids, mut contents) = (Vec::with_capacity(messages.len()), Vec::with_capacity(messages.len()));
    for message in messages {
        let id = MailId::generate(tx.clock());
        contents.push(sealed(keys, id, message)?);
        ids.push(id);
    }
    store::insert(tx, urgency.rank(), None, &ids, contents).await?;
    tx.wake(Channel::Mails);
    Ok(())
}
