//! Access tokens: JWT by Ed25519 (RFC 8037), typed `at+jwt` (RFC 9068), pinned in every way RFC 8725 asks for.

use std::collections::BTreeMap;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::kernel::clock::Clock;
use crate::kernel::ids::{ApiKeyId, CheckoutId, JobId, OrganizationId, SignInId, UserId};
use crate::kernel::permission::{CheckoutRole, OrganizationRole};
use crate::kernel::tenant::Caps;

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

/// Who a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A person, and the sign-in the token belongs to.
    User(UserId, Option<SignInId>),
    /// An API key.
    Key(OrganizationId, ApiKeyId),
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// For whom.
    pub subject: Subject,
    /// What it allows at the most, if it is a narrowed one.
    pub caps: Option<Caps>,
    /// How long it holds, in seconds, [`LIFETIME`] at the most.
    pub lifetime: i64,
}

/// A token that was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// For whom.
    pub subject: Subject,
    /// What it allows at the most.
    pub caps: Option<Caps>,
    /// Its own id.
    pub id: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<SignInId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_roles: Option<BTreeMap<OrganizationId, OrganizationRole>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkout_roles: Option<BTreeMap<CheckoutId, CheckoutRole>>,
}

impl Claims {
    fn subject(&self) -> Option<Subject> {
        match self.organization {
            Some(organization) => Some(Subject::Key(organization, self.sub.parse().ok()?)),
            None => Some(Subject::User(self.sub.parse().ok()?, self.sid)),
        }
    }

    /// One map is enough to narrow: the other side is then empty, not unlimited.
    fn caps(&mut self) -> Option<Caps> {
        let (organizations, checkouts) = (self.organization_roles.take(), self.checkout_roles.take());
        (organizations.is_some() || checkouts.is_some()).then(|| Caps {
            organizations: organizations.unwrap_or_default(),
            checkouts: checkouts.unwrap_or_default(),
        })
    }
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

    /// A token of a user, not narrowed.
    pub fn issue(&self, user: UserId) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign(NewToken {
            subject: Subject::User(user, None),
            caps: None,
            lifetime: LIFETIME,
        })
    }

    /// A token.
    pub fn sign(&self, new: NewToken) -> Result<String, jsonwebtoken::errors::Error> {
        let key = &self.keys[0];
        let now = self.clock.now().timestamp();
        let (sub, sid, organization) = match new.subject {
            Subject::User(user, sign_in) => (user.to_string(), sign_in, None),
            Subject::Key(organization, key) => (key.to_string(), None, Some(organization)),
        };
        let (organization_roles, checkout_roles) = new.caps.map(|caps| (caps.organizations, caps.checkouts)).unzip();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub,
            iat: now,
            exp: now + new.lifetime.clamp(1, LIFETIME),
            jti: JobId::generate(&self.clock).to_string(),
            sid,
            organization,
            organization_roles,
            checkout_roles,
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
    }

    /// What a token says that we issued, that is meant for us and that still holds.
    pub fn check(&self, token: &str) -> Option<Checked> {
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
        let mut claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation)
            .ok()?
            .claims;
        let now = self.clock.now().timestamp();
        let in_time = claims.exp > now && claims.iat <= now + 60 && claims.exp - claims.iat <= LIFETIME;
        Some(Checked {
            subject: claims.subject().filter(|_| in_time)?,
            caps: claims.caps(),
            id: claims.jti,
        })
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
