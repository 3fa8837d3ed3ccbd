//! Session secrets: `kassa_ss_…`, what a buyer's page holds for one session.
//!
//! The secret carries tenant and session and is signed by the key ring: a forged one is refused without a query, a genuine one
//! opens exactly one session, and nothing about it is stored.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::secret::Keyring;

/// What every session secret begins with.
pub const PREFIX: &str = "kassa_ss_";
const PURPOSE: &str = "session secret";

/// The secret of a session.
pub fn issue(keys: &Keyring, checkout: CheckoutId, session: SessionId) -> String {
    let mut payload = checkout.uuid().as_bytes().to_vec();
    payload.extend_from_slice(session.uuid().as_bytes());
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&keys.sign(PURPOSE, &payload)))
}

/// The session a secret opens, if we made it.
pub fn read(keys: &Keyring, secret: &str) -> Option<(CheckoutId, SessionId)> {
    let token = BASE64URL_NOPAD.decode(secret.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    let payload = keys.verify(PURPOSE, &token).ok()?;
    let (checkout, session) = payload.split_at_checked(16)?;
    Some((
        CheckoutId::from_uuid(Uuid::from_slice(checkout).ok()?),
        SessionId::from_uuid(Uuid::from_slice(session).ok()?),
    ))
}
