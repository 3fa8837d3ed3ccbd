//! Seals what may not be read of an action, and opens it for who runs it.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::actions::model::ActionType;
use crate::kernel::ids::{ActionId, CheckoutId};
use crate::kernel::problem::Problem;
use crate::kernel::secret::{Keyring, NotOurs};
use crate::net::signature::SigningSecret;

/// The member of an action's secrets that its requests are signed with.
pub const SIGNING_SECRET: &str = "signing_secret";

/// The row that sealed secrets are bound to.
pub(super) fn place(checkout: CheckoutId, action: ActionId) -> String {
    format!("{checkout}/actions.secrets/{action}")
}

/// Sealed, or nothing when there is nothing to seal.
pub(super) fn seal(
    keys: &Keyring,
    checkout: CheckoutId,
    action: ActionId,
    secrets: &Map<String, Value>,
) -> Option<Vec<u8>> {
    if secrets.is_empty() {
        return None;
    }
    let plain = serde_json::to_vec(secrets).unwrap_or_default();
    Some(keys.seal(&place(checkout, action), &plain))
}

/// What was sealed of an action.
pub fn open(
    keys: &Keyring,
    checkout: CheckoutId,
    action: ActionId,
    sealed: Option<&[u8]>,
) -> Result<Map<String, Value>, NotOurs> {
    let Some(sealed) = sealed else { return Ok(Map::new()) };
    let plain = keys.open(&place(checkout, action), sealed)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}

/// A new key to sign requests with, for types whose requests are signed.
pub(super) fn new_signing_secret(kind: ActionType) -> Result<Option<SecretString>, Problem> {
    match kind {
        ActionType::Webhook | ActionType::License => {
            let secret = SigningSecret::generate().map_err(Problem::internal)?;
            Ok(Some(secret.reveal()))
        }
        _ => Ok(None),
    }
}

/// Keeps a key among the secrets of its action.
pub(super) fn keep(secrets: &mut Map<String, Value>, secret: &SecretString) {
    secrets.insert(SIGNING_SECRET.to_owned(), Value::from(secret.expose_secret()));
}
