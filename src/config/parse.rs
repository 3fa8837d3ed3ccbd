//! Judges one text at a time. Pure.
//!
//! Each problem is a phrase that begins with "must" and says what would be right. None repeats the text: the caller
//! knows whether it may be printed.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;

use super::reader::Problem;
use super::{Environment, LogFormat};
use crate::accounts::oidc::IssuerConfig;
use crate::http::client_address::TrustedProxies;
use crate::http::rate_limits::RateLimitSettings;

/// A century: any offset beyond it is a slip, and no sum of times overflows within it.
const FURTHEST_OFFSET_SECONDS: i64 = 100 * 365 * 24 * 60 * 60;

pub(super) fn environment(text: &str) -> Result<Environment, Problem> {
    match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        _ => Err("must be development or production".into()),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, Problem> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be text or json".into()),
    }
}

pub(super) fn truth(text: &str) -> Result<bool, Problem> {
    text.parse().map_err(|_| "must be true or false".into())
}

pub(super) fn address(text: &str) -> Result<SocketAddr, Problem> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, as in 127.0.0.1:8080 or [::1]:8080".into())
}

/// An address, or None for `off`.
pub(super) fn address_or_off(text: &str) -> Result<Option<SocketAddr>, Problem> {
    match text {
        "off" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| "must be an IP address and a port, as in 127.0.0.1:9090, or off".into()),
    }
}

pub(super) fn pool_size(text: &str) -> Result<usize, Problem> {
    text.parse()
        .ok()
        .filter(|size| (4..=128).contains(size))
        .ok_or_else(|| "must be a whole number from 4 to 128".into())
}

pub(super) fn lease(text: &str) -> Result<i64, Problem> {
    text.parse()
        .ok()
        .filter(|seconds| (2..=600).contains(seconds))
        .ok_or_else(|| "must be a whole number of seconds from 2 to 600".into())
}

/// Seconds in, milliseconds out.
pub(super) fn clock_offset(text: &str) -> Result<i64, Problem> {
    text.parse()
        .ok()
        .filter(|seconds| (-FURTHEST_OFFSET_SECONDS..=FURTHEST_OFFSET_SECONDS).contains(seconds))
        .map(|seconds: i64| seconds * 1000)
        .ok_or_else(|| "must be a whole number of seconds, a century at most".into())
}

pub(super) fn log_filter(text: &str) -> Result<String, Problem> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("must be directives as in info,kassa=debug".into()),
    }
}

/// By the reader of the driver itself: what it accepts is what is right.
pub(super) fn database_url(text: &str) -> Result<SecretString, Problem> {
    let has_host =
        |config: &tokio_postgres::Config| !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty();
    match text.parse() {
        Ok(config) if has_host(&config) => Ok(text.to_owned().into()),
        _ => Err("must be a URL as in postgres://user:password@host/database; percent-encode the password".into()),
    }
}

/// The mailer reads the whole URL when it is made; this tells what could not even be meant as one.
pub(super) fn smtp_url(text: &str) -> Result<SecretString, Problem> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "smtp" | "smtps") && url.has_host() => Ok(text.to_owned().into()),
        Ok(url) if url.scheme() == "file" => Ok(text.to_owned().into()),
        _ => Err(
            "must be a URL as in smtps://user:password@host, or file:///directory; percent-encode the password".into(),
        ),
    }
}

/// An http(s) URL of nothing but host, port and path, for everyone to see.
fn plain_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

/// Normalised, so that it can be compared and extended: lower-case host, no usual port, no trailing slash.
pub(super) fn public_url(text: &str) -> Result<Url, Problem> {
    plain_url(text)
        .ok_or_else(|| "must be a URL as in https://pay.example.com, without user, query and fragment".into())
}

pub(super) fn without_trailing_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// The address that paths of an API are joined to.
pub(super) fn base_url(text: &str) -> Result<String, Problem> {
    match plain_url(text) {
        Some(url) => Ok(without_trailing_slash(&url)),
        None => Err("must be a URL as in https://api.example.com, without user, query and fragment".into()),
    }
}

/// The same, where each data center has an address of its own.
pub(super) fn base_url_of_data_center(text: &str) -> Result<String, Problem> {
    // A brace is not a character of a host: another word stands for it while the address is read.
    base_url(&text.replacen("{dc}", "dc", 1)).map(|_| text.trim_end_matches('/').to_owned())
}

pub(super) fn stripe_key(text: &str) -> Result<SecretString, Problem> {
    let secret = ["sk_", "rk_"].iter().any(|prefix| text.starts_with(prefix));
    if secret && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        Ok(text.to_owned().into())
    } else {
        Err("must be a secret key of Stripe, as in sk_live_…".into())
    }
}

/// A URL, or None for `off`.
pub(super) fn url_or_off(text: &str) -> Result<Option<String>, Problem> {
    match plain_url(text) {
        _ if text == "off" => Ok(None),
        Some(url) => Ok(Some(without_trailing_slash(&url))),
        None => Err("must be a URL without user, query and fragment, or off".into()),
    }
}

pub(super) fn otlp_endpoint(text: &str) -> Result<String, Problem> {
    match plain_url(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(
            "must be a URL as in http://127.0.0.1:4318, without user, query and fragment; \
             credentials go in OTEL_EXPORTER_OTLP_HEADERS"
                .into(),
        ),
    }
}

/// As browsers send them: lower-case host, no usual port, nothing after it.
pub(super) fn origins(text: &str) -> Result<Vec<String>, Problem> {
    let origin = |part: &str| {
        let url =
            plain_url(part).filter(|url| url.path() == "/" && (url.scheme() == "https" || is_loopback_host(url)))?;
        Some(without_trailing_slash(&url))
    };
    text.split(',')
        .map(|part| origin(part.trim()))
        .collect::<Option<_>>()
        .ok_or_else(|| {
            "must be origins as in https://admin.example.com, separated by commas; http on loopback only".into()
        })
}

pub(super) fn networks(text: &str) -> Result<TrustedProxies, Problem> {
    text.parse()
        .map_err(|_| "must be addresses and networks as in 10.0.0.0/8,192.0.2.7, separated by commas".into())
}

pub(super) fn rate_limits(text: &str) -> Result<RateLimitSettings, Problem> {
    text.parse()
        .map_err(|_| "must be quotas as in storefront=600/min,management=1200/min,auth=60/min, or off".into())
}

/// Separated by commas or white space; each issuer once, for its tokens must have one audience.
pub(super) fn oidc_issuers(text: &str) -> Result<Vec<IssuerConfig>, Problem> {
    let separator = |character: char| character == ',' || character.is_whitespace();
    let parts = text.split(separator).filter(|part| !part.is_empty());
    let issuers: Result<Vec<IssuerConfig>, _> = parts.map(str::parse).collect();
    let distinct = |issuers: &Vec<IssuerConfig>| {
        let names: std::collections::BTreeSet<_> = issuers.iter().map(IssuerConfig::issuer).collect();
        !issuers.is_empty() && names.len() == issuers.len()
    };
    issuers.ok().filter(distinct).ok_or_else(|| {
        "must be issuers as in https://id.example.com|kassa or https://id.example.com|kassa|https://id.example.com/keys, \
         each once; http on loopback only"
            .into()
    })
}

/// Whether the host of a URL is this machine, by its name alone.
pub(super) fn is_loopback_host(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || literal.parse().is_ok_and(is_loopback)
}

/// Also for an IPv4 address in IPv6's clothes.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
