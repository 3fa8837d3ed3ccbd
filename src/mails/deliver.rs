//! Sends what is due, and tries again what a mail server was not ready for.

use super::queue::{Envelope, Sender, place};
use super::store::{self, Claimed};
use crate::db::Db;
use crate::db::error::DbError;
use crate::kernel::secret::Keyring;
use crate::net::Mailer;
use crate::net::mail::{Contact, OutgoingMail};

/// How long until the next attempt, in milliseconds: a minute, then four times as long each time, six hours at the most.
const FIRST_RETRY_MS: i64 = 60_000;
const LONGEST_RETRY_MS: i64 = 6 * 3_600_000;
/// After this many attempts, about three days, a mail is given up.
const MOST_ATTEMPTS: i32 = 16;

/// Sends due mails; returns how many were tried.
pub async fn deliver_due(db: &Db, mailer: &Mailer, from: &str, keys: &Keyring) -> Result<usize, DbError> {
    let claimed = {
        let conn = db.read().await?;
        store::claim(&conn, db.clock().offset_ms()).await?
    };
    let sent = claimed.iter().map(|mail| deliver(db, mailer, from, keys, mail));
    for outcome in futures_util::future::join_all(sent).await {
        outcome?;
    }
    Ok(claimed.len())
}

async fn deliver(db: &Db, mailer: &Mailer, from: &str, keys: &Keyring, mail: &Claimed) -> Result<(), DbError> {
    let failure = match open(keys, mail) {
        None => Some(("the message cannot be opened: its key is gone".to_owned(), false)),
        Some(envelope) => mailer
            .send(&outgoing(mail, from, envelope))
            .await
            .err()
            .map(|error| (error.to_string(), error.temporary())),
    };
    let conn = db.read().await?;
    match failure {
        None => store::finish(&conn, mail).await,
        Some((error, true)) if mail.attempts < MOST_ATTEMPTS => {
            store::retry(&conn, db.clock().offset_ms(), mail, delay_ms(mail.attempts), &error).await
        }
        Some((error, _)) => {
            tracing::warn!(%error, mail = %mail.id, "a mail was given up");
            store::finish(&conn, mail).await
        }
    }
}

fn delay_ms(attempts: i32) -> i64 {
    let exponent = u32::try_from(attempts - 1).unwrap_or(0).min(8);
    (FIRST_RETRY_MS * 4_i64.pow(exponent)).min(LONGEST_RETRY_MS)
}

fn open(keys: &Keyring, mail: &Claimed) -> Option<Envelope> {
    let plain = keys.open(&place(mail.id), &mail.message_sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// The mail's own id is the Message-ID: a repeat after a crash is the same message to mail programs.
fn outgoing(mail: &Claimed, from: &str, Envelope { message, sender }: Envelope) -> OutgoingMail {
    let Sender {
        name,
        address,
        reply_to,
    } = sender.unwrap_or_else(|| Sender {
        name: "Kassa".to_owned(),
        address: from.to_owned(),
        reply_to: None,
    });
    let domain = from.rsplit_once('@').map_or("kassa.invalid", |(_, domain)| domain);
    OutgoingMail {
        message_id: format!("{}@{domain}", mail.id),
        from: Contact {
            name: Some(name),
            address,
        },
        to: Contact {
            name: None,
            address: message.to.as_str().to_owned(),
        },
        reply_to: reply_to.map(|email| Contact {
            name: None,
            address: email.as_str().to_owned(),
        }),
        subject: message.subject,
        text: message.text,
        html: None,
        headers: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_six_hours() {
        assert_eq!(delay_ms(1), 60_000);
        assert_eq!(delay_ms(2), 240_000);
        assert_eq!(delay_ms(15), LONGEST_RETRY_MS);
        let total: i64 = (1..MOST_ATTEMPTS).map(delay_ms).sum();
        assert!((2 * 24 * 3_600_000..4 * 24 * 3_600_000).contains(&total), "{total}");
    }
}
