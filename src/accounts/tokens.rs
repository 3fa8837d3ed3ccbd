//! Access tokens: JWT by Ed25519 (RFC 8037), typed `at+jwt` (RFC 9068), pinned in every way RFC 8725 asks for.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::kernel::clock::Clock;
use crate::kernel::ids::{JobId, UserId};

/// How long an access token holds, in seconds.
pub const LIFETIME: i64 = 900;
const TYPE: &str = "at+jwt";
const AUDIENCE: &str = "kassa";

/// A key could not be read.
#[derive(Debug)]
pub struct InvalidSigningKey;

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Vec<u8>,
}

/// Signs and checks access tokens. The first key signs; all of them check, so keys can be rotated.
pub struct Signer {
    issuer: String,
    clock: Clock,
    keys: Vec<Key>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Signer {
    /// A signer of `(key id, 32-byte seed)`, newest first.
    pub fn new(issuer: String, clock: Clock, seeds: &[(String, [u8; 32])]) -> Result<Self, InvalidSigningKey> {
        let keys = seeds
            .iter()
            .map(|(id, seed)| {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| InvalidSigningKey)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| InvalidSigningKey)?;
                let public = pair.public_key().as_ref().to_vec();
                Ok(Key {
                    id: id.clone(),
                    encoding: EncodingKey::from_ed_der(der.as_ref()),
                    decoding: DecodingKey::from_ed_der(&public),
                    public,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(InvalidSigningKey);
        }
        Ok(Self { issuer, clock, keys })
    }

    /// A token for a user, holding for [`LIFETIME`].
    pub fn issue(&self, user: UserId) -> Result<String, jsonwebtoken::errors::Error> {
        let key = &self.keys[0];
        let now = self.clock.now().timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user.to_string(),
            iat: now,
            exp: now + LIFETIME,
            jti: JobId::generate(&self.clock).to_string(),
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
    }

    /// The user of a token that we issued, that is meant for us and that still holds.
    pub fn check(&self, token: &str) -> Option<UserId> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::EdDSA {
            return None;
        }
        let key = self.keys.iter().find(|key| Some(&key.id) == header.kid.as_ref())?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.validate_nbf = true;
        // Time is ours to judge: the library would read the machine's clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .ok()?
            .claims;
        let now = self.clock.now().timestamp();
        let in_time = claims.exp > now && claims.iat <= now + 60 && claims.exp - claims.iat <= LIFETIME;
        in_time.then(|| claims.sub.parse().ok()).flatten()
    }

    /// The public keys (RFC 7517).
    pub fn jwks(&self) -> serde_json::Value {
        let keys: Vec<_> = self
            .keys
            .iter()
            .map(|key| {
                serde_json::json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id,
                    "x": BASE64URL_NOPAD.encode(&key.public)})
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }
}
