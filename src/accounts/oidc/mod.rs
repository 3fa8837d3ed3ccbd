//! Tokens of OpenID Connect issuers that the operator named: who the bearer is there, proved.
//!
//! | file | what is in it |
//! |---|---|
//! | `config` | an issuer as configured |
//! | `claims` | what a token says, judged before and apart from its signature |
//! | `keys` | one public key, tied to its algorithms |
//! | `issuer` | an issuer's keys: found, kept, refreshed |
//!
//! Guarantees: algorithms are pinned and tied to the key; keys come from the configured issuer alone, never from where a token
//! says; what proves nothing has one outcome, whatever is wrong with it; an issuer that is away stops nobody whose key is known,
//! and a flood of invented key ids is one request to the issuer.
//!
//! It must not know users: whose account an identity is, is decided by who asks.

mod claims;
mod config;
mod issuer;
mod keys;

use std::sync::Arc;

pub use config::{InvalidIssuer, IssuerConfig};

use self::claims::Claims;
use self::issuer::Issuer;
use crate::kernel::clock::Clock;
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, Name};
use crate::net::GuardedClient;

/// The longest token that is looked at.
const MOST_BYTES: usize = 8 * 1024;

/// Who the bearer of a token is, as their issuer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The issuer, as configured.
    pub issuer: String,
    /// Their name there: unique with the issuer, and never given to another.
    pub subject: String,
    /// Their address, if the issuer has verified it.
    pub email: Option<Email>,
    /// What they are called.
    pub name: Option<Name>,
}

/// The verifier of every configured issuer.
pub struct Oidc {
    issuers: Vec<Arc<Issuer>>,
    clock: Clock,
}

impl Oidc {
    /// A verifier that has fetched nothing yet.
    pub fn new(issuers: Vec<IssuerConfig>, client: GuardedClient, clock: Clock) -> Self {
        let issuers = issuers
            .into_iter()
            .map(|config| Arc::new(Issuer::new(config, client.clone(), clock.clone())))
            .collect();
        Self { issuers, clock }
    }

    /// The identity that a token proves; `None` when it proves nothing. Fails with `service-unavailable` when the token looks right
    /// and the issuer's keys are neither known nor to be had.
    pub async fn verify(&self, token: &str) -> Result<Option<Identity>, Problem> {
        if token.len() > MOST_BYTES {
            return Ok(None);
        }
        let Some((head, claims)) = claims::peek(token) else {
            return Ok(None);
        };
        let Some(issuer) = self
            .issuers
            .iter()
            .find(|issuer| issuer.config().issuer() == claims.iss)
        else {
            return Ok(None);
        };
        // All that can be told without the key comes first: a token that is wrong anyway must not send us to the issuer.
        let (Some(kid), Some(algorithm)) = (head.kid(), head.algorithm()) else {
            return Ok(None);
        };
        if !claims.hold(issuer.config().audience(), self.clock.now()) {
            return Ok(None);
        }
        let Some(key) = issuer.key(kid).await? else {
            return Ok(None);
        };
        Ok(key.verify::<Claims>(token, algorithm).and_then(Claims::identity))
    }
}
