//! The keys of one issuer: fetched when they are needed, shared by all who wait, kept while the issuer is away.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use serde::Deserialize;

use super::config::{self, IssuerConfig};
use super::keys::{self, Key, Keys};
use crate::http::detached;
use crate::kernel::clock::{Clock, Instant};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::net::{GuardedClient, Method, OutboundRequest};

/// How long keys are used without asking again.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long they are used while the issuer does not answer.
const USABLE: TimeDelta = TimeDelta::hours(24);
/// How long an unknown key id waits for the next look at the issuer.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The same after a failure, and what a client is told to wait.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(5);
const RETRY_AFTER_SECONDS: u32 = 5;
/// Discovery and keys together.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest document that is read.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Clone, Default)]
struct Kept {
    keys: Arc<Keys>,
    fetched_at: Option<Instant>,
    /// When the last fetch ended, and whether it failed.
    tried: Option<(Instant, bool)>,
}

impl Kept {
    /// Whether something happened within a time; what lies in the future was before the clock was set back.
    fn within(at: Option<Instant>, time: TimeDelta, now: Instant) -> bool {
        at.is_some_and(|at| at <= now && now - at < time)
    }

    fn is_fresh(&self, now: Instant) -> bool {
        Self::within(self.fetched_at, FRESH, now)
    }

    fn usable(&self, now: Instant) -> Option<&Keys> {
        Self::within(self.fetched_at, USABLE, now).then_some(&*self.keys)
    }

    fn may_ask(&self, now: Instant) -> bool {
        self.tried.is_none_or(|(at, failed)| {
            let pause = if failed { PAUSE_AFTER_FAILURE } else { PAUSE };
            !Self::within(Some(at), pause, now)
        })
    }
}

pub(super) struct Issuer {
    config: IssuerConfig,
    client: GuardedClient,
    clock: Clock,
    kept: Mutex<Kept>,
    /// Held by the one that fetches; the others wait for what it brings.
    fetching: tokio::sync::Mutex<()>,
}

impl Issuer {
    pub fn new(config: IssuerConfig, client: GuardedClient, clock: Clock) -> Self {
        Self {
            config,
            client,
            clock,
            kept: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    pub fn config(&self) -> &IssuerConfig {
        &self.config
    }

    fn kept(&self) -> Kept {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key of this id. Asks the issuer when it is unknown or what is known has grown old, and not too often.
    pub async fn key(self: &Arc<Self>, kid: &str) -> Result<Option<Arc<Key>>, Problem> {
        let now = self.clock.now();
        let kept = self.kept();
        let known = kept.usable(now).and_then(|keys| keys.get(kid)).cloned();
        if known.is_some() && (kept.is_fresh(now) || !kept.may_ask(now) || self.fetching.try_lock().is_err()) {
            // Old, but somebody is asking already: nobody waits for an issuer that may be away when there is a key.
            return Ok(known);
        }
        if kept.may_ask(now) {
            let issuer = Arc::clone(self);
            // To its end even if this client goes away: or clients that hang up could keep new keys from ever arriving.
            detached(async move {
                issuer.refresh().await;
                Ok(())
            })
            .await?;
        }
        let (now, kept) = (self.clock.now(), self.kept());
        match kept.usable(now) {
            Some(keys) => Ok(keys.get(kid).cloned()),
            None => Err(Problem::new(ProblemCode::ServiceUnavailable)
                .detail("the keys of the token's issuer cannot be read")
                .retry_after(RETRY_AFTER_SECONDS)),
        }
    }

    /// Fetches the keys, unless somebody has just done so.
    async fn refresh(&self) {
        let _alone = self.fetching.lock().await;
        if !self.kept().may_ask(self.clock.now()) {
            return;
        }
        let fetched = tokio::time::timeout(TIMEOUT, self.fetch())
            .await
            .unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let now = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.tried = Some((now, fetched.is_err()));
        match fetched {
            // A key that is gone is withdrawn: the set is replaced whole.
            Ok(keys) => {
                kept.keys = Arc::new(keys);
                kept.fetched_at = Some(now);
            }
            Err(cause) => tracing::warn!(
                issuer = self.config.issuer(),
                cause,
                "the keys of an issuer were not read"
            ),
        }
    }

    async fn fetch(&self) -> Result<Keys, String> {
        let url = match self.config.jwks_url() {
            Some(url) => url.to_owned(),
            None => self.discover().await?,
        };
        let body = self.get(&url).await?;
        keys::read(&body).ok_or_else(|| "the answer is no set of keys".to_owned())
    }

    async fn discover(&self) -> Result<String, String> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        let body = self.get(&self.config.discovery_url()).await?;
        let found: Discovery = serde_json::from_slice(&body).map_err(|_| "the answer is no discovery document")?;
        // Section 4.3: or one issuer could speak for another.
        if found.issuer != self.config.issuer() {
            return Err("the discovery document is of another issuer".to_owned());
        }
        if !config::is_address(&found.jwks_uri) {
            return Err("the keys are at an address that is not https".to_owned());
        }
        Ok(found.jwks_uri)
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        let mut request = OutboundRequest::new(Method::GET, url);
        request.headers = vec![("accept".to_owned(), "application/json".to_owned())];
        request.timeout = Some(TIMEOUT);
        request.max_answer = Some(MOST_BYTES);
        let answer = self.client.send(request).await.map_err(|error| error.to_string())?;
        if answer.status != 200 || answer.truncated {
            return Err(format!(
                "answered with {} and {} bytes",
                answer.status,
                answer.body.len()
            ));
        }
        Ok(answer.body)
    }
}
