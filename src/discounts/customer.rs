//! Who uses a code: a keyed hash, enough to count one person's uses and of no use for finding the person.

use crate::kernel::ids::CheckoutId;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Email;

/// The buyer of an e-mail address, whatever its letter case. Hashes of two checkouts have nothing in common.
pub fn customer_hash(keys: &Keyring, checkout: CheckoutId, email: &Email) -> [u8; 32] {
    of(keys, "discount customer", checkout, &email.folded())
}

/// The network address that a request comes from.
pub fn address_hash(keys: &Keyring, checkout: CheckoutId, address: &str) -> [u8; 32] {
    of(keys, "discount address", checkout, address)
}

fn of(keys: &Keyring, purpose: &str, checkout: CheckoutId, value: &str) -> [u8; 32] {
    let mut bytes = checkout.uuid().as_bytes().to_vec();
    bytes.extend_from_slice(value.as_bytes());
    keys.keyed_hash(purpose, &bytes)
}
