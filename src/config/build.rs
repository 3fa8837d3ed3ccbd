//! Makes a [`Config`] of what is read: defaults, and the rules between variables.
//!
//! Guarantees: every variable of the table is read on every path, and a rule that depends on a faulty variable stays
//! silent instead of adding a fault that would go away with the first.

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;

use super::fault::{ConfigFaults, Source};
use super::keys::{self, Key32};
use super::reader::{Reader, Reading};
use super::table::{self, Variable};
use super::{Config, DatabaseSource, Environment, LogFormat, development, parse};
use crate::accounts::oidc::IssuerConfig;
use crate::http::rate_limits::RateLimitSettings;

/// The environment, or None when `KASSA_ENV` is faulty: then no rule that depends on it is applied.
type Known = Option<Environment>;

pub(super) fn build(mut reader: Reader) -> Result<Config, ConfigFaults> {
    let r = &mut reader;
    let database = r.read(&table::DATABASE_URL, parse::database_url);
    let environment = environment(r, &database);
    let development = environment == Some(Environment::Development);
    let database = database_source(r, database, environment);
    let data_dir = PathBuf::from(r.read_or(&table::DATA_DIR, |text| Ok(text.to_owned()), "./data".to_owned()));
    let listen = listen(r, environment);
    let metrics_listen = metrics_listen(r, listen);
    let public_url = public_url(r, environment, listen);
    let (encryption_keys, signing_keys) = key_lists(r, environment, &data_dir);
    let smtp_url = r.read(&table::SMTP_URL, parse::smtp_url);
    let smtp_url = required(r, environment, &table::SMTP_URL, smtp_url);
    let stripe_key = r.read(&table::STRIPE_KEY, parse::stripe_key).value();
    let stripe_api_base = r.read_or(
        &table::STRIPE_API_BASE,
        parse::base_url,
        "https://api.stripe.com".to_owned(),
    );
    let paytrail_api_base = r.read_or(
        &table::PAYTRAIL_API_BASE,
        parse::base_url,
        "https://services.paytrail.com".to_owned(),
    );
    let epassi_url = r.read_or(
        &table::EPASSI_URL,
        parse::base_url,
        "https://services.epassi.fi/e_payments/v2".to_owned(),
    );
    let systeme_io_api_base = r.read_or(
        &table::SYSTEME_IO_API_BASE,
        parse::base_url,
        "https://api.systeme.io".to_owned(),
    );
    let mailchimp_api_base = r.read_or(
        &table::MAILCHIMP_API_BASE,
        parse::base_url_of_data_center,
        "https://{dc}.api.mailchimp.com".to_owned(),
    );
    let webhooks_allow_private = r.read_or(&table::WEBHOOKS_ALLOW_PRIVATE, parse::truth, development);
    let management_origins = r.read(&table::MANAGEMENT_ORIGINS, parse::origins).value();
    let oidc_issuers = oidc_issuers(r, environment, &public_url);
    let trusted_proxies = r.read(&table::TRUSTED_PROXIES, parse::networks).value();
    let rate_limits = rate_limits(r, development);
    let vies_url = vies_url(r, environment);
    let job_lease_seconds = r.read_or(&table::JOB_LEASE, parse::lease, crate::db::jobs::LEASE_MS / 1000);
    let db_pool = r.read_or(&table::DB_POOL, parse::pool_size, default_pool());
    let clock_offset_ms = clock_offset(r, environment);
    let default_format = if development { LogFormat::Text } else { LogFormat::Json };
    let log_format = r.read_or(&table::LOG_FORMAT, parse::log_format, default_format);
    let default_filter = table::DEFAULT_LOG_FILTER.to_owned();
    let log_filter = r.read_or(&table::LOG_FILTER, parse::log_filter, default_filter);
    let otlp_endpoint = r.read(&table::OTLP_ENDPOINT, parse::otlp_endpoint).value();
    let summary = reader.finish().map_err(ConfigFaults)?;
    Ok(Config {
        // A KASSA_ENV that is not known is a fault, which has just been returned.
        environment: environment.unwrap_or(Environment::Production),
        database,
        data_dir,
        listen,
        metrics_listen,
        public_url,
        encryption_keys,
        signing_keys,
        smtp_url,
        stripe_key,
        stripe_api_base,
        paytrail_api_base,
        epassi_url,
        systeme_io_api_base,
        mailchimp_api_base,
        webhooks_allow_private,
        management_origins: management_origins.unwrap_or_default(),
        oidc_issuers,
        trusted_proxies: trusted_proxies.unwrap_or_default(),
        rate_limits,
        vies_url,
        job_lease_seconds,
        db_pool,
        clock_offset_ms,
        log_filter,
        log_format,
        otlp_endpoint,
        summary,
    })
}

/// Development is the default only for who has no database of their own: a machine with one may serve customers.
fn environment(r: &mut Reader, database: &Reading<SecretString>) -> Known {
    let default = if database.is_unset() {
        Environment::Development
    } else {
        Environment::Production
    };
    match r.read(&table::ENV, parse::environment) {
        Reading::Set(environment) => Some(environment),
        Reading::Faulty => None,
        Reading::Unset => {
            r.note(&table::ENV, default.to_string(), &Source::Default);
            Some(default)
        }
    }
}

/// Notes the absence of what production needs.
fn required<T>(r: &mut Reader, environment: Known, variable: &'static Variable, reading: Reading<T>) -> Option<T> {
    if environment == Some(Environment::Production) && reading.is_unset() {
        r.fault(
            variable,
            format!(
                "is required in production (KASSA_ENV, by default when DATABASE_URL is set). {}",
                variable.meaning
            ),
        );
    }
    reading.value()
}

fn database_source(r: &mut Reader, serve: Reading<SecretString>, environment: Known) -> DatabaseSource {
    let migrate = r.read(&table::MIGRATE_DATABASE_URL, parse::database_url);
    if serve.is_unset() && !migrate.is_unset() {
        let problem = "must not be set without DATABASE_URL: both name the same database";
        r.fault(&table::MIGRATE_DATABASE_URL, problem);
    }
    match required(r, environment, &table::DATABASE_URL, serve) {
        Some(serve) => DatabaseSource::Url {
            migrate: migrate.value().unwrap_or_else(|| serve.clone()),
            serve,
        },
        None => DatabaseSource::Private,
    }
}

fn listen(r: &mut Reader, environment: Known) -> SocketAddr {
    let default = SocketAddr::from(([127, 0, 0, 1], 8080));
    let listen = r.read_or(&table::LISTEN, parse::address, default);
    if environment == Some(Environment::Development) && !parse::is_loopback(listen.ip()) {
        r.fault(
            &table::LISTEN,
            "must be a loopback address in development, as in 127.0.0.1:8080 or [::1]:8080: what is made for \
             development (no TLS, keys in a file, a clock that can be moved) must not be reachable for others. \
             KASSA_ENV=production serves on any address",
        );
    }
    listen
}

fn metrics_listen(r: &mut Reader, listen: SocketAddr) -> Option<SocketAddr> {
    let default = SocketAddr::from(([127, 0, 0, 1], 9090));
    let metrics = match r.read(&table::METRICS_LISTEN, parse::address_or_off) {
        Reading::Set(address) => address,
        Reading::Faulty => None,
        Reading::Unset => {
            r.note(&table::METRICS_LISTEN, default.to_string(), &Source::Default);
            Some(default)
        }
    };
    let same = metrics == Some(listen) && listen.port() != 0;
    if same && r.is_sound(&table::LISTEN) {
        let problem = "must differ from KASSA_LISTEN: the metrics are not for everyone";
        r.fault(&table::METRICS_LISTEN, problem);
    }
    metrics
}

fn public_url(r: &mut Reader, environment: Known, listen: SocketAddr) -> String {
    let reading = r.read(&table::PUBLIC_URL, parse::public_url);
    let Some(url) = required(r, environment, &table::PUBLIC_URL, reading) else {
        let default = format!("http://{listen}");
        r.note(&table::PUBLIC_URL, default.clone(), &Source::Default);
        return default;
    };
    let exposed = url.scheme() != "https" && !parse::is_loopback_host(&url);
    if environment == Some(Environment::Production) && exposed {
        let problem = "must be https in production: tokens and addresses of customers travel there";
        r.fault(&table::PUBLIC_URL, problem);
    }
    parse::without_trailing_slash(&url)
}

type KeyLists = (Vec<(u8, Key32)>, Vec<(String, Key32)>);

/// In development a list that is not set may be empty: [`Config::prepare`] fills it.
fn key_lists(r: &mut Reader, environment: Known, data_dir: &std::path::Path) -> KeyLists {
    let encryption = r.read(&table::ENCRYPTION_KEYS, keys::encryption_keys);
    let signing = r.read(&table::SIGNING_KEYS, keys::signing_keys);
    let kept = (encryption.is_unset(), signing.is_unset());
    let encryption = required(r, environment, &table::ENCRYPTION_KEYS, encryption);
    let signing = required(r, environment, &table::SIGNING_KEYS, signing);
    let mut lists = (encryption.unwrap_or_default(), signing.unwrap_or_default());
    if environment == Some(Environment::Development) && (kept.0 || kept.1) {
        let source = Source::File(development::path(data_dir));
        match development::read(data_dir) {
            Ok(None) => {}
            Ok(Some(keys)) => {
                if kept.0 {
                    lists.0 = keys.encryption;
                    r.note(&table::ENCRYPTION_KEYS, "(set)".to_owned(), &source);
                }
                if kept.1 {
                    lists.1 = keys.signing;
                    r.note(&table::SIGNING_KEYS, "(set)".to_owned(), &source);
                }
            }
            Err(error) => r.fault(&table::DATA_DIR, error.to_string()),
        }
    }
    lists
}

fn oidc_issuers(r: &mut Reader, environment: Known, public_url: &str) -> Vec<IssuerConfig> {
    let issuers = r
        .read(&table::OIDC_ISSUERS, parse::oidc_issuers)
        .value()
        .unwrap_or_default();
    let is_plain = |issuer: &IssuerConfig| issuer.urls().any(|url| !url.starts_with("https://"));
    if environment == Some(Environment::Production) && issuers.iter().any(is_plain) {
        let problem = "must have https addresses in production: who can change keys on their way can be anybody";
        r.fault(&table::OIDC_ISSUERS, problem);
    }
    let is_own = |issuer: &IssuerConfig| issuer.issuer().trim_end_matches('/') == public_url;
    if r.is_sound(&table::PUBLIC_URL) && issuers.iter().any(is_own) {
        let problem = "must not name KASSA_PUBLIC_URL: our own tokens are accepted as they are";
        r.fault(&table::OIDC_ISSUERS, problem);
    }
    issuers
}

/// A limit that somebody set is meant to be seen, also in development.
fn rate_limits(r: &mut Reader, development: bool) -> RateLimitSettings {
    let default = RateLimitSettings::default().exempting_loopback(development);
    r.read_or(&table::RATE_LIMITS, parse::rate_limits, default)
}

/// A development instance asks nobody about the numbers that are tried on it.
fn vies_url(r: &mut Reader, environment: Known) -> Option<String> {
    match r.read(&table::VIES_URL, parse::url_or_off) {
        Reading::Set(url) => url,
        Reading::Faulty => None,
        Reading::Unset => {
            let url = (environment == Some(Environment::Production)).then(|| crate::net::vies::OFFICIAL.to_owned());
            let shown = url.clone().unwrap_or_else(|| "off".to_owned());
            r.note(&table::VIES_URL, shown, &Source::Default);
            url
        }
    }
}

fn clock_offset(r: &mut Reader, environment: Known) -> i64 {
    let reading = r.read(&table::CLOCK_OFFSET, parse::clock_offset);
    if environment == Some(Environment::Production) && !reading.is_unset() {
        let problem = "must not be set in production: time there is the machine's";
        r.fault(&table::CLOCK_OFFSET, problem);
    }
    if reading.is_unset() {
        r.note(&table::CLOCK_OFFSET, "0".to_owned(), &Source::Default);
    }
    reading.value().unwrap_or(0)
}

/// Eight connections per core: enough to keep each busy while others wait for the network or for a lock.
fn default_pool() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (8 * cores).clamp(4, 128)
}
