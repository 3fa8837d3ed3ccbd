//! One public key of an issuer (RFC 7517), tied to the algorithms it may be used with.

use std::collections::HashMap;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The most keys of one issuer that are kept.
pub(super) const MOST_KEYS: usize = 20;
const LONGEST_KID: usize = 255;
/// RSA of 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// Keys by their id.
pub(super) type Keys = HashMap<String, Arc<Key>>;

/// A key that may verify.
pub(super) struct Key {
    decoding: DecodingKey,
    algorithms: &'static [Algorithm],
}

impl Key {
    /// The claims of a token that this key signed by this algorithm.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, algorithm: Algorithm) -> Option<C> {
        if !self.algorithms.contains(&algorithm) {
            return None;
        }
        let mut validation = Validation::new(algorithm);
        // The claims were judged by our clock; here it is the signature alone.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let decoded = jsonwebtoken::decode(token, &self.decoding, &validation).ok()?;
        Some(decoded.claims)
    }
}

/// A key as an issuer publishes it.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a set that are of use here; the others are passed over, as new kinds may appear any day. `None`: it is no set.
pub(super) fn read(set: &[u8]) -> Option<Keys> {
    let set: Value = serde_json::from_slice(set).ok()?;
    let mut keys = Keys::new();
    for key in set.get("keys")?.as_array()? {
        let Ok(jwk) = Jwk::deserialize(key) else {
            continue;
        };
        let known = keys.contains_key(&jwk.kid) || jwk.kid.is_empty() || jwk.kid.len() > LONGEST_KID;
        if known || keys.len() >= MOST_KEYS {
            continue;
        }
        if let Some(key) = usable(&jwk) {
            keys.insert(jwk.kid, Arc::new(key));
        }
    }
    Some(keys)
}

fn usable(jwk: &Jwk) -> Option<Key> {
    let signs = jwk.used_for.as_deref().is_none_or(|used_for| used_for == "sig");
    let verifies = jwk
        .key_ops
        .as_ref()
        .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    if !(signs && verifies) {
        return None;
    }
    let bytes = |part: &Option<String>| BASE64URL_NOPAD.decode(part.as_deref()?.as_bytes()).ok();
    let (decoding, algorithms): (_, &'static [Algorithm]) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => {
            let (n, e) = (bytes(&jwk.n)?, bytes(&jwk.e)?);
            if !MODULUS.contains(&n.len()) {
                return None;
            }
            let algorithms: &[Algorithm] = match jwk.alg.as_deref() {
                None => &[Algorithm::RS256, Algorithm::PS256],
                Some("RS256") => &[Algorithm::RS256],
                Some("PS256") => &[Algorithm::PS256],
                Some(_) => return None,
            };
            (DecodingKey::from_rsa_raw_components(&n, &e), algorithms)
        }
        ("EC", Some("P-256")) if is(jwk, "ES256") => {
            let (x, y) = (bytes(&jwk.x)?, bytes(&jwk.y)?);
            if (x.len(), y.len()) != (32, 32) {
                return None;
            }
            // An uncompressed point (SEC 1, section 2.3.3); whether it lies on the curve is checked when it is used.
            let point = [&[4][..], &x, &y].concat();
            (DecodingKey::from_ec_der(&point), &[Algorithm::ES256])
        }
        ("OKP", Some("Ed25519")) if is(jwk, "EdDSA") || is(jwk, "Ed25519") => {
            let x = bytes(&jwk.x).filter(|x| x.len() == 32)?;
            (DecodingKey::from_ed_der(&x), &[Algorithm::EdDSA])
        }
        _ => return None,
    };
    Some(Key { decoding, algorithms })
}

fn is(jwk: &Jwk, algorithm: &str) -> bool {
    jwk.alg.as_deref().is_none_or(|alg| alg == algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept(keys: Vec<Value>) -> Option<Vec<String>> {
        let set = json!({ "keys": keys }).to_string();
        let mut ids: Vec<_> = read(set.as_bytes())?.into_keys().collect();
        ids.sort();
        Some(ids)
    }

    fn rsa(kid: &str, bytes: usize) -> Value {
        json!({"kty": "RSA", "kid": kid, "e": "AQAB", "n": BASE64URL_NOPAD.encode(&vec![0xff; bytes])})
    }

    fn okp(kid: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": BASE64URL_NOPAD.encode(&[7; 32])})
    }

    #[test]
    fn keys_of_no_use_are_passed_over() {
        let with = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            key
        };
        let ec = |x: usize| {
            let part = |length| BASE64URL_NOPAD.encode(&vec![1; length]);
            json!({"kty": "EC", "crv": "P-256", "kid": format!("ec{x}"), "x": part(x), "y": part(32)})
        };
        let ids = kept(vec![
            okp("good"),
            okp("good"),
            rsa("rsa", 256),
            rsa("short", 128),
            rsa("long", 2048),
            ec(32),
            ec(31),
            okp(""),
            okp(&"k".repeat(256)),
            with(okp("curve"), "crv", json!("Ed448")),
            with(okp("cut"), "x", json!("AAAA")),
            with(okp("encrypts"), "use", json!("enc")),
            with(okp("signs"), "key_ops", json!(["sign"])),
            with(okp("other"), "alg", json!("ES256")),
            with(rsa("oaep", 256), "alg", json!("RSA-OAEP")),
            json!({"kty": "oct", "kid": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "RSA"}),
            json!("nonsense"),
        ]);
        assert_eq!(ids, Some(["ec32", "good", "rsa"].map(str::to_owned).to_vec()));
        assert_eq!(kept(vec![]), Some(vec![]));
        assert!(read(b"[]").is_none() && read(b"{\"keys\":{}}").is_none() && read(b"<html>").is_none());
    }

    #[test]
    fn no_more_than_twenty() {
        let many = (0..50).map(|number| okp(&format!("{number:02}"))).collect();
        assert_eq!(kept(many).map(|kept| kept.len()), Some(MOST_KEYS));
    }
}
