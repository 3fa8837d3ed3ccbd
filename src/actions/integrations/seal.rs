//! Seals the API key of an integration, and opens it for who calls the service.

use secrecy::SecretString;

use super::model::{Account, Integration, Service};
use crate::kernel::ids::CheckoutId;
use crate::kernel::secret::{Keyring, NotOurs};

pub(super) fn place(checkout: CheckoutId, service: Service) -> String {
    format!("{checkout}/integrations.secrets/{service}")
}

pub(super) fn seal(keys: &Keyring, checkout: CheckoutId, service: Service, api_key: &str) -> Vec<u8> {
    keys.seal(&place(checkout, service), api_key.as_bytes())
}

pub(super) fn open(keys: &Keyring, row: &Integration) -> Result<String, NotOurs> {
    let plain = keys.open(&place(row.checkout_id, row.service), &row.secrets)?;
    String::from_utf8(plain).map_err(|_| NotOurs)
}

/// The account of a row, ready for use.
pub fn account(keys: &Keyring, row: &Integration) -> Result<Account, NotOurs> {
    Ok(Account {
        api_key: SecretString::from(open(keys, row)?),
        url: row.settings["url"].as_str().map(str::to_owned),
    })
}
