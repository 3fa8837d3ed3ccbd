//! What handlers may reach, through their [`super::ctx::Ctx`] and in no other way.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use secrecy::SecretString;

use crate::db::Db;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;

use super::attempts::{AccessLimits, CodeLimits, SignInLimits};
use super::caller::Authenticator;
use super::client_address::TrustedProxies;
use super::heavy_work::HeavyWork;
use super::origins::Origins;
use super::rate_limits::RateLimits;

/// The platform's own account at Stripe.
#[derive(Clone, Debug)]
pub struct StripePlatform {
    /// Where Stripe's API is, without a trailing slash.
    pub base: String,
    /// The secret key.
    pub key: SecretString,
}

/// The application's parts, one value for all workers.
pub struct State {
    /// The database.
    pub db: Db,
    /// Keys for tokens, cursors and sealed values.
    pub keys: Arc<Keyring>,
    /// Turns bearer tokens of staff into callers.
    pub authenticator: Arc<dyn Authenticator>,
    /// Which web pages may call the storefront routes of a checkout.
    pub origins: Arc<dyn Origins>,
    /// Which web pages may call the management routes, as `https://admin.example.com`.
    pub management_origins: Vec<String>,
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// How often clients may call.
    pub rate_limits: RateLimits,
    /// How often discount codes that do not exist may be named.
    pub code_limits: CodeLimits,
    /// How often ways back to orders may be asked for.
    pub access_limits: AccessLimits,
    /// How often signing in may fail.
    pub sign_in_limits: SignInLimits,
    /// How many passwords are hashed at once.
    pub hashing: HeavyWork,
    /// Outbound requests; here for what checks an address without calling it.
    pub client: GuardedClient,
    /// The platform's own account at Stripe, which keeps the payment cards of organizations.
    pub stripe: Option<StripePlatform>,
    /// Where this API is reached from outside, without a trailing slash.
    pub public_url: String,
    /// Development: conveniences that production refuses.
    pub development: bool,
    /// True from the moment the process is asked to stop: not ready any more, still answering.
    pub stopping: AtomicBool,
    /// Which operation of the document a method and a route are.
    pub operations: super::operations::Operations,
    /// Counters and histograms.
    pub metrics: super::middleware::metrics::Metrics,
}
