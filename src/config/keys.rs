//! Key material as text: lists of `id:base64`, newest first.
//!
//! Guarantees: no Debug, Display or fault shows a key or any part of an entry; memory that held a [`Key32`] is wiped.

use std::fmt;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretBox};

use super::reader::Problem;

/// 32 secret bytes.
pub struct Key32(SecretBox<[u8; 32]>);

impl Key32 {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The bytes, for whoever makes a key of them.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    pub(super) fn to_base64(&self) -> String {
        BASE64.encode(self.expose())
    }
}

impl Clone for Key32 {
    fn clone(&self) -> Self {
        Self::new(*self.expose())
    }
}

impl fmt::Debug for Key32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key32(masked)")
    }
}

/// The value of `KASSA_ENCRYPTION_KEYS`.
pub(super) fn encryption_keys(text: &str) -> Result<Vec<(u8, Key32)>, Problem> {
    list(text, "a number from 0 to 255", |id| id.parse().ok())
}

/// The value of `KASSA_SIGNING_KEYS`.
pub(super) fn signing_keys(text: &str) -> Result<Vec<(String, Key32)>, Problem> {
    list(text, "1 to 64 letters, digits, - or _", |id| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let valid = (1..=64).contains(&id.len()) && id.bytes().all(plain);
        valid.then(|| id.to_owned())
    })
}

/// Entries are told apart by their place, because a misread entry may have the key anywhere.
fn list<Id: PartialEq>(
    text: &str,
    id_rule: &str,
    read_id: impl Fn(&str) -> Option<Id>,
) -> Result<Vec<(Id, Key32)>, Problem> {
    let mut keys: Vec<(Id, Key32)> = Vec::new();
    for (index, entry) in text.split(',').map(str::trim).enumerate() {
        let refuse = |rule: &str| -> Problem {
            format!(
                "must be a list of id:key with commas between; in entry {} {rule}",
                index + 1
            )
            .into()
        };
        let (id, key) = entry
            .split_once(':')
            .ok_or_else(|| refuse("the colon between id and key is missing"))?;
        let id = read_id(id).ok_or_else(|| refuse(&format!("the id must be {id_rule}")))?;
        let key = key32(key)
            .ok_or_else(|| refuse("the key must be the base64 of 32 bytes, as `openssl rand -base64 32` prints"))?;
        if keys.iter().any(|(other, _)| *other == id) {
            return Err(refuse("the id must differ from those before"));
        }
        keys.push((id, key));
    }
    Ok(keys)
}

fn key32(text: &str) -> Option<Key32> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    Some(Key32::new(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const B: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn lists_keep_their_order() {
        let keys = encryption_keys(&format!("7:{B}, 255:{A}")).expect("valid");
        let ids: Vec<u8> = keys.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [7, 255]);
        assert_eq!(keys[0].1.expose(), &[1; 32]);
        assert_eq!(keys[0].1.to_base64(), B);
        let keys = signing_keys(&format!("2026-11_a:{A}")).expect("valid");
        assert_eq!(keys[0].0, "2026-11_a");
    }

    #[test]
    fn faulty_lists_are_refused_without_being_repeated() {
        let short = &A[4..];
        let cases = [
            A.to_owned(),
            format!("256:{A}"),
            format!("-1:{A}"),
            format!(":{A}"),
            format!("1:{short}"),
            format!("1:{A}{A}"),
            format!("1:{}", A.trim_end_matches('=')),
            format!("1:{A},1:{B}"),
            format!("1:{A},"),
            format!("{A}:1"),
        ];
        for text in cases {
            let problem = encryption_keys(&text).expect_err(&text);
            assert!(!problem.contains("AAAA"), "{problem}");
            assert!(problem.starts_with("must "), "{problem}");
        }
        for text in [format!("a b:{A}"), format!("{}:{A}", "k".repeat(65)), format!(":{A}")] {
            assert!(signing_keys(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_are_masked() {
        let key = Key32::new([b'x'; 32]);
        assert_eq!(format!("{:?} {key:#?}", key.clone()), "Key32(masked) Key32(masked)");
    }
}
