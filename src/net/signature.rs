//! Standard Webhooks 1.0.0, symmetric: HMAC-SHA256 over `id.timestamp.body`.
//!
//! Guarantees: what [`sign`] produces is accepted by every official receiver library given the text
//! of [`SigningSecret::reveal`]; comparison takes the same time wherever the difference is; a secret
//! has 192 to 512 random bits and is never printed.
//!
//! It must not store secrets, choose which are current, or send anything. The body is signed byte
//! for byte: whoever sends it must not serialise it again.

use aws_lc_rs::{hmac, rand};
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use std::fmt;

pub const ID_HEADER: &str = "webhook-id";
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// What the official libraries allow between a sender's clock and theirs.
pub const TOLERANCE_SECS: u64 = 5 * 60;

const PREFIX: &str = "whsec_";
const SCHEME: &str = "v1,";
const MIN_BYTES: usize = 24;
const MAX_BYTES: usize = 64;
const NEW_BYTES: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureError {
    /// The text is not `whsec_` and the base64 of 24 to 64 bytes.
    Secret,
    /// The system gave no random numbers.
    Random,
    /// There is no secret to sign or verify with.
    NoSecret,
    /// The id is empty, or contains a dot or something other than visible ASCII.
    Id,
    /// The timestamp is not a number of seconds.
    Timestamp,
    /// The timestamp is further from now than the tolerance.
    Stale,
    /// No signature fits.
    Mismatch,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "the secret must be whsec_ followed by the base64 of 24 to 64 bytes",
            Self::Random => "no random numbers are available",
            Self::NoSecret => "there is no signing secret",
            Self::Id => "the message id must be visible ASCII without a dot",
            Self::Timestamp => "the timestamp is not a number of seconds",
            Self::Stale => "the timestamp is too far from the present",
            Self::Mismatch => "no signature fits the message",
        })
    }
}

impl std::error::Error for SignatureError {}

/// The shared key of one endpoint.
#[derive(Clone)]
pub struct SigningSecret(SecretSlice<u8>);

impl SigningSecret {
    pub fn generate() -> Result<Self, SignatureError> {
        let mut bytes = vec![0; NEW_BYTES];
        rand::fill(&mut bytes).map_err(|_| SignatureError::Random)?;
        Self::from_bytes(bytes)
    }

    /// The raw key, as it is sealed at rest.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SignatureError> {
        // Wrapped first, so that a refused key is wiped as well.
        let bytes = SecretSlice::from(bytes);
        if !(MIN_BYTES..=MAX_BYTES).contains(&bytes.expose_secret().len()) {
            return Err(SignatureError::Secret);
        }
        Ok(Self(bytes))
    }

    /// Reads the form that is shown to merchants. The prefix is required: without it, base64 text
    /// that was encoded twice could not be told from a key.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(SignatureError::Secret)?;
        let bytes = BASE64.decode(encoded.as_bytes()).map_err(|_| SignatureError::Secret)?;
        Self::from_bytes(bytes)
    }

    /// The form that is shown to merchants and given to receiver libraries.
    pub fn reveal(&self) -> SecretString {
        SecretString::from(format!("{PREFIX}{}", BASE64.encode(self.0.expose_secret())))
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret())
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The three headers of a delivery. The first secret's signature comes first; give the older ones
/// too while receivers change over.
pub fn sign(
    secrets: &[&SigningSecret],
    id: &str,
    timestamp_unix: u64,
    body: &[u8],
) -> Result<[(&'static str, String); 3], SignatureError> {
    if secrets.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    check_id(id)?;
    let timestamp = timestamp_unix.to_string();
    let text = signed_text(id, &timestamp, body);
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| format!("{SCHEME}{}", BASE64.encode(hmac::sign(&secret.key(), &text).as_ref())))
        .collect();
    Ok([
        (ID_HEADER, id.to_owned()),
        (TIMESTAMP_HEADER, timestamp),
        (SIGNATURE_HEADER, signatures.join(" ")),
    ])
}

/// The header values of a delivery as received.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signatures: &'a str,
}

/// Whether any of `secrets` made any of the signatures, at a time close to `now_unix`.
pub fn verify(
    secrets: &[&SigningSecret],
    received: Received<'_>,
    body: &[u8],
    now_unix: u64,
    tolerance_secs: u64,
) -> Result<(), SignatureError> {
    if secrets.is_empty() {
        return Err(SignatureError::NoSecret);
    }
    check_id(received.id)?;
    if !received.timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Timestamp);
    }
    let sent: u64 = received.timestamp.parse().map_err(|_| SignatureError::Timestamp)?;
    if sent.abs_diff(now_unix) > tolerance_secs {
        return Err(SignatureError::Stale);
    }
    // Over the timestamp as written: the number would lose leading zeros that were signed.
    let text = signed_text(received.id, received.timestamp, body);
    let mut fits = false;
    for candidate in received.signatures.split(' ').filter_map(|s| s.strip_prefix(SCHEME)) {
        let Ok(tag) = BASE64.decode(candidate.as_bytes()) else {
            continue;
        };
        for secret in secrets {
            // Constant in the tag's content; the number of signatures and secrets is no secret.
            fits |= hmac::verify(&secret.key(), &text, &tag).is_ok();
        }
    }
    if fits { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// A dot in the id would let one signed text be read as two different messages.
fn check_id(id: &str) -> Result<(), SignatureError> {
    let fine = !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic() && b != b'.');
    if fine { Ok(()) } else { Err(SignatureError::Id) }
}

fn signed_text(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(id.len() + timestamp.len() + body.len() + 2);
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        text.extend_from_slice(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn known() -> SigningSecret {
        SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
    }

    fn check(secret: &SigningSecret, signatures: &str, now: u64) -> Result<(), SignatureError> {
        let received = Received {
            id: ID,
            timestamp: "1614265330",
            signatures,
        };
        verify(&[secret], received, BODY, now, TOLERANCE_SECS)
    }

    #[test]
    fn the_published_vector() {
        let headers = sign(&[&known()], ID, AT, BODY).unwrap();
        assert_eq!(headers[0], (ID_HEADER, ID.to_owned()));
        assert_eq!(headers[1], (TIMESTAMP_HEADER, "1614265330".to_owned()));
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(headers[2], (SIGNATURE_HEADER, expected.to_owned()));
    }

    #[test]
    fn rotation_signs_with_both_and_either_verifies() {
        let new = SigningSecret::generate().unwrap();
        let [_, _, (_, both)] = sign(&[&new, &known()], ID, AT, BODY).unwrap();
        assert_eq!(both.split(' ').count(), 2);
        assert_eq!(check(&new, &both, AT), Ok(()));
        assert_eq!(check(&known(), &format!("v1a,xx v2,yy v1,%% {both}"), AT), Ok(()));
        let stranger = SigningSecret::generate().unwrap();
        assert_eq!(check(&stranger, &both, AT), Err(SignatureError::Mismatch));
        assert_eq!(check(&known(), "", AT), Err(SignatureError::Mismatch));
        assert_eq!(
            check(&known(), &both.replace("v1,", "v1a,"), AT),
            Err(SignatureError::Mismatch)
        );
    }

    #[test]
    fn tolerance_runs_both_ways() {
        let [_, _, (_, signature)] = sign(&[&known()], ID, AT, BODY).unwrap();
        assert_eq!(check(&known(), &signature, AT + 300), Ok(()));
        assert_eq!(check(&known(), &signature, AT - 300), Ok(()));
        assert_eq!(check(&known(), &signature, AT + 301), Err(SignatureError::Stale));
        assert_eq!(check(&known(), &signature, AT - 301), Err(SignatureError::Stale));
        let odd = Received {
            id: ID,
            timestamp: "+1614265330",
            signatures: &signature,
        };
        assert_eq!(verify(&[&known()], odd, BODY, AT, 300), Err(SignatureError::Timestamp));
        let changed = Received {
            id: ID,
            timestamp: "1614265330",
            signatures: &signature,
        };
        let other = verify(&[&known()], changed, b"{}", AT, 300);
        assert_eq!(other, Err(SignatureError::Mismatch));
    }

    #[test]
    fn secrets_are_bounded_round_trip_and_masked() {
        let secret = SigningSecret::generate().unwrap();
        let text = secret.reveal();
        let again = SigningSecret::parse(text.expose_secret()).unwrap();
        assert_eq!(again.as_bytes(), secret.as_bytes());
        assert_eq!(format!("{secret:?}"), "SigningSecret(***)");
        for length in [0, 23, 65] {
            assert!(SigningSecret::from_bytes(vec![1; length]).is_err(), "{length}");
        }
        for text in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_!!",
            "whsk_AAAA",
        ] {
            assert_eq!(
                SigningSecret::parse(text).unwrap_err(),
                SignatureError::Secret,
                "{text}"
            );
        }
    }

    #[test]
    fn ids_with_dots_are_not_signed() {
        for id in ["", "a.b", "a b", "a\r\nb", "ä"] {
            assert_eq!(sign(&[&known()], id, AT, BODY), Err(SignatureError::Id), "{id}");
        }
        assert_eq!(sign(&[], ID, AT, BODY), Err(SignatureError::NoSecret));
    }
}
