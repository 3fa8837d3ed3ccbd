//! What the mail carries: the tenant and 128 random bits, signed by the key ring.

use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::kernel::ids::CheckoutId;
use crate::kernel::secret::{Keyring, random_bytes, sha256};

const PURPOSE: &str = "order access";
const RANDOM: usize = 16;

/// A new token.
pub struct Issued {
    /// What the mail carries.
    pub text: String,
    /// What the database keeps.
    pub hash: [u8; 32],
}

/// Makes a token for something of a checkout.
pub fn issue(keys: &Keyring, checkout: CheckoutId) -> Issued {
    let mut payload = checkout.uuid().as_bytes().to_vec();
    payload.extend_from_slice(&random_bytes::<RANDOM>());
    Issued {
        text: BASE64URL_NOPAD.encode(&keys.sign(PURPOSE, &payload)),
        hash: sha256(&payload),
    }
}

/// The tenant and the hash of a token that we made.
pub fn read(keys: &Keyring, text: &str) -> Option<(CheckoutId, [u8; 32])> {
    let token = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let payload = keys.verify(PURPOSE, &token).ok()?;
    let (checkout, random) = payload.split_at_checked(16)?;
    (random.len() == RANDOM).then_some(())?;
    Some((CheckoutId::from_uuid(Uuid::from_slice(checkout).ok()?), sha256(payload)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;

    #[test]
    fn tokens_say_their_tenant_and_cannot_be_made_elsewhere() {
        let keys = |byte| Keyring::new(vec![(1, [byte; 32])]).expect("a key");
        let checkout = CheckoutId::generate(&Clock::default());
        let token = issue(&keys(1), checkout);
        assert_eq!(read(&keys(1), &token.text), Some((checkout, token.hash)));
        assert_eq!(read(&keys(2), &token.text), None);
        assert_ne!(issue(&keys(1), checkout).hash, token.hash);
        let mut broken = token.text.clone();
        broken.pop();
        for wrong in [broken.as_str(), "", "nonsense", "ÿ"] {
            assert_eq!(read(&keys(1), wrong), None, "{wrong}");
        }
    }
}
