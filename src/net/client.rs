//! [`GuardedClient`]: the only place in the product that makes an HTTP client.
//!
//! Guarantees, for every request:
//! - the URL passed [`super::target`] in this very call, and every address of its name passed
//!   [`super::resolver`]; the connection goes to one of those addresses;
//! - redirects are answers, not instructions; proxies from the environment, cookies, referrers,
//!   automatic retries and automatic decompression do not exist; certificates are verified;
//! - one timeout covers look-up, connection, handshake, request, headers and body, however slowly
//!   they drip; at most the agreed number of body bytes is read, then the connection is dropped;
//! - connections are not kept: each request is vetted and timed from nothing, and none is lost to a
//!   peer that closed an idle connection in the same moment.
//!
//! It must not retry, sign, log bodies, or know who is being called. Errors carry no text that a
//! merchant may not read.

use super::answer::Answer;
use super::failure::{SendError, classify};
use super::resolver::{Lookup, SystemLookup, VettingResolver};
use super::target::{self, Policy};
pub use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::time::timeout;

/// Headers that steer the connection or the framing. A caller's header list may come from a
/// merchant, and one of these would let him speak to another host or smuggle a second request.
const RESERVED_HEADERS: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
];

/// What the operator configures.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Private and local addresses, any port, and plain http: for development, or a trusted network.
    pub allow_private: bool,
    /// Plain http to public addresses.
    pub allow_http: bool,
    pub user_agent: String,
    /// Look-up, TCP and TLS together.
    pub connect_timeout: Duration,
    /// The whole request, unless the request says otherwise.
    pub timeout: Duration,
    /// Bytes of the body kept, unless the request says otherwise.
    pub max_answer: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            allow_private: false,
            allow_http: false,
            user_agent: "Kassa".to_owned(),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(15),
            max_answer: 2048,
        }
    }
}

/// One request. The body is sent byte for byte.
#[derive(Clone)]
pub struct OutboundRequest {
    pub method: Method,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub timeout: Option<Duration>,
    pub max_answer: Option<usize>,
}

impl OutboundRequest {
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: None,
            max_answer: None,
        }
    }
}

impl fmt::Debug for OutboundRequest {
    // Only sizes: paths of webhook URLs, headers and bodies all carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutboundRequest")
            .field("method", &self.method)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Cheap to clone; all clones share one configuration.
#[derive(Debug, Clone)]
pub struct GuardedClient {
    http: reqwest::Client,
    policy: Policy,
    timeout: Duration,
    max_answer: usize,
}

impl GuardedClient {
    pub fn new(options: ClientOptions) -> Result<Self, SendError> {
        Self::with_lookup(options, Arc::new(SystemLookup::default()))
    }

    /// With another source of addresses, whose answers are vetted just the same.
    pub fn with_lookup(options: ClientOptions, lookup: Arc<dyn Lookup>) -> Result<Self, SendError> {
        let policy = Policy {
            allow_private: options.allow_private,
            allow_http: options.allow_http,
        };
        // Much of this is the default of today's features. It is spelled out because features are
        // switched on for the whole build by whichever dependency asks for them.
        #[expect(clippy::disallowed_methods, reason = "its one home")]
        let http = reqwest::Client::builder()
            .dns_resolver(Arc::new(VettingResolver::new(lookup, policy.allow_private)))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .tls_backend_rustls()
            .https_only(!(policy.allow_http || policy.allow_private))
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(options.connect_timeout)
            .user_agent(options.user_agent)
            .build()
            .map_err(|error| {
                tracing::error!(%error, "the HTTP client cannot be built");
                SendError::Other
            })?;
        Ok(Self {
            http,
            policy,
            timeout: options.timeout,
            max_answer: options.max_answer,
        })
    }

    /// For the moment an endpoint is registered: syntax, scheme, port, literal address. No DNS, and
    /// no promise for later; [`send`](Self::send) checks again.
    pub fn check_url(&self, url: &str) -> Result<(), SendError> {
        target::check(url, self.policy)?;
        Ok(())
    }

    /// Sends once and reads the answer, whatever its status.
    pub async fn send(&self, request: OutboundRequest) -> Result<Answer, SendError> {
        let url = target::check(&request.url, self.policy)?;
        let headers = header_map(&request.headers)?;
        let limit = request.timeout.unwrap_or(self.timeout);
        let max_answer = request.max_answer.unwrap_or(self.max_answer);
        let started = Instant::now();

        let call = self
            .http
            .request(request.method, url.clone())
            .headers(headers)
            .body(request.body)
            .send();
        let mut response = timeout(limit, call)
            .await
            .map_err(|_| SendError::Timeout { status: None })?
            .map_err(|error| classify(&error, &url))?;

        #[expect(
            clippy::disallowed_methods,
            reason = "only to read the date of an answer against the machine's own clock"
        )]
        let received_at = SystemTime::now();
        let status = response.status().as_u16();
        let remaining = limit.saturating_sub(started.elapsed());
        let (body, truncated) = timeout(remaining, read_body(&mut response, max_answer))
            .await
            .map_err(|_| SendError::Timeout { status: Some(status) })?
            .map_err(|_| SendError::Body { status })?;
        Ok(Answer {
            status,
            body,
            truncated,
            remote_addr: response.remote_addr(),
            headers: std::mem::take(response.headers_mut()),
            received_at,
        })
    }
}

fn header_map(list: &[(String, String)]) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| SendError::InvalidRequest("a header name is not valid"))?;
        if RESERVED_HEADERS.contains(&name.as_str()) {
            return Err(SendError::InvalidRequest("a header is one the connection sets itself"));
        }
        let mut value =
            HeaderValue::from_str(value).map_err(|_| SendError::InvalidRequest("a header value is not valid"))?;
        // Any of them may be a credential; none is worth printing.
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

async fn read_body(response: &mut reqwest::Response, max: usize) -> Result<(Vec<u8>, bool), reqwest::Error> {
    let mut kept = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = max - kept.len();
        kept.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok((kept, true));
        }
    }
    Ok((kept, false))
}
