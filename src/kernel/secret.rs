//! Secrets: random, hashed, sealed, compared in constant time, and masked wherever they could be printed.
//!
//! [`Keyring`] is the only holder of long-lived key material. Every key has an id that travels with what it made, so that
//! keys are added at the front, old ones stay readable, and nothing has to be rewritten at once.

use aws_lc_rs::{aead, digest, hmac, rand};
use secrecy::{ExposeSecret, SecretBox};

/// `N` random bytes from the operating system's generator.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // A system without randomness cannot issue secrets: stopping is the only safe answer.
    rand::fill(&mut bytes).expect("the system's random generator");
    bytes
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    out
}

/// Equal, in time that depends on the lengths only.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

struct Key {
    id: u8,
    material: SecretBox<[u8; 32]>,
}

/// The keys of `KASSA_ENCRYPTION_KEYS`, newest first.
pub struct Keyring {
    keys: Vec<Key>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

/// The value was not made by any key of the ring, or was changed since.
#[derive(Debug, PartialEq, Eq)]
pub struct NotOurs;

impl std::fmt::Display for NotOurs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not made by any of the configured keys")
    }
}

impl std::error::Error for NotOurs {}

const TAG: usize = 32;

impl Keyring {
    /// A ring of `(id, key)`, newest first; the first makes new values. None when empty or an id repeats.
    pub fn new(keys: Vec<(u8, [u8; 32])>) -> Option<Self> {
        let mut ids: Vec<u8> = keys.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        (!keys.is_empty() && ids.len() == keys.len()).then(|| Self {
            keys: keys
                .into_iter()
                .map(|(id, material)| Key {
                    id,
                    material: SecretBox::new(Box::new(material)),
                })
                .collect(),
        })
    }

    /// A key for one purpose, so that what is made for one can never pass for another.
    fn derive(key: &Key, purpose: &str) -> [u8; 32] {
        let master = hmac::Key::new(hmac::HMAC_SHA256, key.material.expose_secret());
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&master, purpose.as_bytes()).as_ref());
        out
    }

    /// The id of the key that makes new values: their first byte.
    pub fn newest(&self) -> u8 {
        self.keys[0].id
    }

    fn by_id(&self, id: u8) -> Result<&Key, NotOurs> {
        self.keys.iter().find(|key| key.id == id).ok_or(NotOurs)
    }

    /// 32 bytes that only this ring's newest key can make, the same at every call for one purpose.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        Self::derive(&self.keys[0], purpose)
    }

    /// HMAC-SHA256 by this ring's oldest key: the same for equal values for as long as that key is kept, and of no use to who
    /// does not have it.
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        let oldest = &self.keys[self.keys.len() - 1];
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &Self::derive(oldest, purpose));
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&mac, value).as_ref());
        out
    }

    /// `key id ‖ payload ‖ HMAC-SHA256(payload)`: a token that proves we made it, with nothing to look up.
    pub fn sign(&self, purpose: &str, payload: &[u8]) -> Vec<u8> {
        let key = &self.keys[0];
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &Self::derive(key, purpose));
        let mut token = Vec::with_capacity(1 + payload.len() + TAG);
        token.push(key.id);
        token.extend_from_slice(payload);
        token.extend_from_slice(hmac::sign(&mac, payload).as_ref());
        token
    }

    /// The payload of a token made by [`Keyring::sign`] for the same purpose.
    pub fn verify<'token>(&self, purpose: &str, token: &'token [u8]) -> Result<&'token [u8], NotOurs> {
        let (id, rest) = token.split_first().ok_or(NotOurs)?;
        let (payload, tag) = rest.split_at_checked(rest.len().wrapping_sub(TAG)).ok_or(NotOurs)?;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, &Self::derive(self.by_id(*id)?, purpose));
        hmac::verify(&mac, payload, tag).map_err(|_| NotOurs)?;
        Ok(payload)
    }

    /// Encrypts for storage: `key id ‖ nonce ‖ AES-256-GCM`. `place` (tenant, table, column, row) is bound to the value,
    /// so that a sealed value moved to another row does not open.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let key = &self.keys[0];
        let nonce = random_bytes::<{ aead::NONCE_LEN }>();
        let mut sealed = plain.to_vec();
        // Sealing fails only above 64 GiB, which no value here approaches.
        Self::cipher(key)
            .seal_in_place_append_tag(
                aead::Nonce::assume_unique_for_key(nonce),
                aead::Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .expect("a value of storable size");
        let mut out = Vec::with_capacity(1 + nonce.len() + sealed.len());
        out.push(key.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, NotOurs> {
        let (id, rest) = sealed.split_first().ok_or(NotOurs)?;
        let (nonce, body) = rest.split_at_checked(aead::NONCE_LEN).ok_or(NotOurs)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOurs)?;
        let mut body = body.to_vec();
        let plain = Self::cipher(self.by_id(*id)?)
            .open_in_place(nonce, aead::Aad::from(place.as_bytes()), &mut body)
            .map_err(|_| NotOurs)?;
        Ok(plain.to_vec())
    }

    /// A sealed value, sealed anew by the newest key.
    pub fn reseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, NotOurs> {
        Ok(self.seal(place, &self.open(place, sealed)?))
    }

    /// Those of the rows whose sealed value opens in its place, each with the value sealed anew. What no key opens is for a person, who
    /// gives the secret again: it is said in the log and left.
    pub fn renewed<'r, R>(&self, rows: &'r [R], value: impl Fn(&'r R) -> (String, &'r [u8])) -> Vec<(&'r R, Vec<u8>)> {
        let renew = |row| {
            let (place, sealed) = value(row);
            let renewed = self.reseal(&place, sealed);
            if renewed.is_err() {
                tracing::error!(place, "no key opens this secret");
            }
            Some((row, renewed.ok()?))
        };
        rows.iter().filter_map(renew).collect()
    }

    fn cipher(key: &Key) -> aead::LessSafeKey {
        // The key is 32 bytes by its type, which is what AES-256 takes.
        let unbound = aead::UnboundKey::new(&aead::AES_256_GCM, &Self::derive(key, "seal")).expect("32 bytes");
        aead::LessSafeKey::new(unbound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[u8]) -> Keyring {
        Keyring::new(ids.iter().map(|id| (*id, [*id; 32])).collect()).expect("keys")
    }

    #[test]
    fn tokens_are_bound_to_purpose_and_key() {
        let token = ring(&[1]).sign("session", b"payload");
        assert_eq!(ring(&[2, 1]).verify("session", &token), Ok(&b"payload"[..]));
        assert_eq!(ring(&[1]).verify("cursor", &token), Err(NotOurs));
        assert_eq!(ring(&[2]).verify("session", &token), Err(NotOurs));
        for place in 0..token.len() {
            let mut changed = token.clone();
            changed[place] ^= 1;
            assert_eq!(ring(&[1, 2]).verify("session", &changed), Err(NotOurs), "byte {place}");
        }
        assert_eq!(ring(&[1]).verify("session", &[]), Err(NotOurs));
        assert_eq!(ring(&[1]).verify("session", &[1, 2, 3]), Err(NotOurs));
    }

    #[test]
    fn sealed_values_open_only_in_their_place() {
        let sealed = ring(&[1]).seal("a", b"secret");
        assert_eq!(ring(&[2, 1]).open("a", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(ring(&[1]).open("b", &sealed), Err(NotOurs));
        assert_ne!(ring(&[1]).seal("a", b"secret"), sealed, "a fresh nonce each time");
    }

    #[test]
    fn what_opens_is_sealed_anew_and_the_rest_is_left() {
        let rows = [("a", ring(&[1]).seal("a", b"one")), ("b", ring(&[3]).seal("b", b"two"))];
        let keys = ring(&[2, 1]);
        let renewed = keys.renewed(&rows, |(place, sealed)| ((*place).to_owned(), sealed));
        assert_eq!(renewed.len(), 1);
        let (row, sealed) = &renewed[0];
        assert_eq!((row.0, ring(&[2]).open("a", sealed)), ("a", Ok(b"one".to_vec())));
    }

    #[test]
    fn rings_need_distinct_keys() {
        assert!(Keyring::new(vec![]).is_none());
        assert!(Keyring::new(vec![(1, [0; 32]), (1, [1; 32])]).is_none());
    }
}
