//! What an application is made of, as the binary, the tests and the benchmarks give it.

use std::time::Duration;

use crate::accounts::oidc::IssuerConfig;
use crate::accounts::tokens::Signer;
use crate::actions::action::Services;
use crate::db::Db;
use crate::http::client_address::TrustedProxies;
use crate::http::heavy_work::HeavyWork;
use crate::http::rate_limits::RateLimitSettings;
use crate::http::state::StripePlatform;
use crate::kernel::secret::Keyring;
use crate::net::Mailer;
use crate::net::client::GuardedClient;
use crate::net::vies::Vies;

/// What an application is made of.
pub struct Parts {
    /// The database, for requests.
    pub db: Db,
    /// The same database through the worker's own pool.
    pub worker_db: Db,
    /// Keys for tokens, cursors and sealed values.
    pub keys: Keyring,
    /// Signs access tokens.
    pub signer: Signer,
    /// Sends mail.
    pub mailer: Mailer,
    /// The address of mails whose checkout has none of its own.
    pub mail_from: String,
    /// Makes outbound requests.
    pub client: GuardedClient,
    /// Asks about VAT numbers; none: nobody is asked.
    pub vies: Option<Vies>,
    /// The platform's own account at Stripe.
    pub stripe: Option<StripePlatform>,
    /// Where payment providers are.
    pub provider_addresses: ProviderAddresses,
    /// How long a claimed job belongs to its worker, in milliseconds.
    pub lease_ms: i64,
    /// Where the services of integrations are.
    pub services: Services,
    /// How long a payment provider may take to answer.
    pub provider_timeout: Duration,
    /// Where this API is reached from outside, without a trailing slash.
    pub public_url: String,
    /// Development: conveniences that production refuses.
    pub development: bool,
    /// How often clients may call.
    pub rate_limits: RateLimitSettings,
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// The origins of web pages that may call the management routes.
    pub management_origins: Vec<String>,
    /// The OpenID Connect issuers whose tokens are accepted.
    pub oidc: Vec<IssuerConfig>,
    /// How many passwords are hashed at once.
    pub hashing: HeavyWork,
}

/// Where payment providers are, without trailing slashes.
#[derive(Clone, Debug)]
pub struct ProviderAddresses {
    /// Stripe's API.
    pub stripe: String,
    /// Paytrail's API.
    pub paytrail: String,
    /// The page of Epassi's that forms are posted to.
    pub epassi: String,
}
