//! The one list of variables: what may be set, what it means, what holds without it, and whether it is secret.
//!
//! `--help`, the documentation and the summary are made from it, a name that is not in it is a fault, and a test holds
//! it against what is really read, so neither side can drift.
//!
//! It must not know how a value is read or judged.

use std::fmt::Write as _;

/// One variable of the environment, or key of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// One sentence for people.
    pub meaning: &'static str,
    /// What holds when it is not set, for people.
    pub default: &'static str,
    /// Never printed, and may be given as `<NAME>_FILE`.
    pub secret: bool,
}

impl Variable {
    /// The variable that names a file with the secret.
    pub fn file_name(&self) -> Option<String> {
        self.secret.then(|| format!("{}_FILE", self.name))
    }

    /// Whether an empty value counts as not set.
    ///
    /// That is the custom of the variables we share with others. Of ours it is a fault: an empty `DATABASE_URL`, as a
    /// template with a hole leaves it, must not turn a production machine into a development one.
    pub(super) fn empty_is_unset(&self) -> bool {
        !self.name.starts_with("KASSA_") && !self.secret
    }
}

const fn public(name: &'static str, meaning: &'static str, default: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        default,
        secret: false,
    }
}

const fn secret(name: &'static str, meaning: &'static str, default: &'static str) -> Variable {
    Variable {
        name,
        meaning,
        default,
        secret: true,
    }
}

pub(super) const ENV: Variable = public(
    "KASSA_ENV",
    "What this instance is: development or production.",
    "development without DATABASE_URL, else production",
);
pub(super) const DATABASE_URL: Variable = secret(
    "DATABASE_URL",
    "The PostgreSQL database, by the role that serves requests.",
    "a private cluster under KASSA_DATA_DIR, in development only",
);
pub(super) const MIGRATE_DATABASE_URL: Variable = secret(
    "KASSA_MIGRATE_DATABASE_URL",
    "The same database, by the role that owns and migrates the tables.",
    "DATABASE_URL",
);
pub(super) const DATA_DIR: Variable = public(
    "KASSA_DATA_DIR",
    "The directory for what is kept outside of the database.",
    "./data",
);
pub(super) const LISTEN: Variable = public(
    "KASSA_LISTEN",
    "The address and port of the API; in development a loopback address, port 0 for any free one.",
    "127.0.0.1:8080",
);
pub(super) const METRICS_LISTEN: Variable = public(
    "KASSA_METRICS_LISTEN",
    "The address and port of the metrics, or off.",
    "127.0.0.1:9090",
);
pub(super) const PUBLIC_URL: Variable = public(
    "KASSA_PUBLIC_URL",
    "The URL at which others reach this service; required and https in production.",
    "http:// and KASSA_LISTEN",
);
pub(super) const ENCRYPTION_KEYS: Variable = secret(
    "KASSA_ENCRYPTION_KEYS",
    "Keys that seal stored secrets: id:base64 of 32 bytes, newest first, separated by commas; required in production.",
    "made once and kept in keys.toml under KASSA_DATA_DIR, in development only",
);
pub(super) const SIGNING_KEYS: Variable = secret(
    "KASSA_SIGNING_KEYS",
    "Ed25519 seeds that sign access tokens: kid:base64 of 32 bytes, newest first, separated by commas; \
     required in production.",
    "made once and kept in keys.toml under KASSA_DATA_DIR, in development only",
);
pub(super) const SMTP_URL: Variable = secret(
    "KASSA_SMTP_URL",
    "The mail server, as in smtps://user:password@mail.example.com; required in production.",
    "one file per message in mail under KASSA_DATA_DIR, in development only",
);
pub(super) const STRIPE_KEY: Variable = secret(
    "KASSA_STRIPE_KEY",
    "The secret key of the platform's own Stripe account, which keeps the payment cards of organizations.",
    "cards of Stripe are refused",
);
pub(super) const STRIPE_API_BASE: Variable = public(
    "KASSA_STRIPE_API_BASE",
    "Where Stripe's API is.",
    "https://api.stripe.com",
);
pub(super) const PAYTRAIL_API_BASE: Variable = public(
    "KASSA_PAYTRAIL_API_BASE",
    "Where Paytrail's API is.",
    "https://services.paytrail.com",
);
pub(super) const EPASSI_URL: Variable = public(
    "KASSA_EPASSI_URL",
    "The page of Epassi's that buyers' browsers post their payments to.",
    "https://services.epassi.fi/e_payments/v2",
);
pub(super) const SYSTEME_IO_API_BASE: Variable = public(
    "KASSA_SYSTEME_IO_API_BASE",
    "Where Systeme.io's API is.",
    "https://api.systeme.io",
);
pub(super) const MAILCHIMP_API_BASE: Variable = public(
    "KASSA_MAILCHIMP_API_BASE",
    "Where Mailchimp's API is; {dc} stands for the data center that an API key names.",
    "https://{dc}.api.mailchimp.com",
);
pub(super) const WEBHOOKS_ALLOW_PRIVATE: Variable = public(
    "KASSA_WEBHOOKS_ALLOW_PRIVATE",
    "Whether webhooks may go to private and loopback addresses: true or false.",
    "true in development, false in production",
);
pub(super) const MANAGEMENT_ORIGINS: Variable = public(
    "KASSA_MANAGEMENT_ORIGINS",
    "The origins of web pages that may call the management routes, as in https://admin.example.com, separated by commas.",
    "none",
);
pub(super) const OIDC_ISSUERS: Variable = public(
    "KASSA_OIDC_ISSUERS",
    "OpenID Connect issuers whose tokens are accepted: issuer|audience or issuer|audience|jwks-url, separated by commas.",
    "none",
);
pub(super) const TRUSTED_PROXIES: Variable = public(
    "KASSA_TRUSTED_PROXIES",
    "Addresses and networks of the proxies whose X-Forwarded-For is believed, separated by commas.",
    "none: the client is the peer",
);
pub(super) const RATE_LIMITS: Variable = public(
    "KASSA_RATE_LIMITS",
    "How often a token or an address may call this instance, as in storefront=600/min,auth=60/min \
     (classes storefront, management, auth; units s, min, hour), or off; n instances allow n times as much.",
    "storefront=600/min,management=1200/min,auth=60/min; in development not for clients on this machine",
);
pub(super) const VIES_URL: Variable = public(
    "KASSA_VIES_URL",
    "The base of the European Commission's service that checks VAT numbers, or off.",
    "the Commission's own in production, off in development",
);
pub(super) const DB_POOL: Variable = public(
    "KASSA_DB_POOL",
    "How many database connections serve requests, 4 to 128.",
    "8 per core",
);
pub(super) const JOB_LEASE: Variable = public(
    "KASSA_JOB_LEASE",
    "How many seconds a background job belongs to its worker before another takes it over, 2 to 600; renewed while it runs.",
    "60",
);
pub(super) const CLOCK_OFFSET: Variable = public(
    "KASSA_CLOCK_OFFSET",
    "How many seconds the clock runs ahead, in development only.",
    "0",
);
pub(super) const LOG_FORMAT: Variable = public(
    "KASSA_LOG_FORMAT",
    "The form of the log: text or json.",
    "text in development, json in production",
);
pub(super) const LOG_FILTER: Variable = public(
    "RUST_LOG",
    "What is logged, as directives such as info,kassa=debug.",
    DEFAULT_LOG_FILTER,
);
pub(super) const OTLP_ENDPOINT: Variable = public(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "The OpenTelemetry collector that receives traces by HTTP, as in http://127.0.0.1:4318.",
    "no traces are sent",
);

/// Quiet about what libraries do well, so that what Kassa says can be read. lettre logs whole SMTP conversations.
pub const DEFAULT_LOG_FILTER: &str =
    "info,actix_server=warn,tokio_postgres=warn,hyper=warn,reqwest=warn,opentelemetry=warn,lettre=off";

/// Every variable, in the order in which people should read them.
pub const VARIABLES: [&Variable; 28] = [
    &ENV,
    &DATABASE_URL,
    &MIGRATE_DATABASE_URL,
    &DATA_DIR,
    &LISTEN,
    &METRICS_LISTEN,
    &PUBLIC_URL,
    &ENCRYPTION_KEYS,
    &SIGNING_KEYS,
    &SMTP_URL,
    &STRIPE_KEY,
    &STRIPE_API_BASE,
    &PAYTRAIL_API_BASE,
    &EPASSI_URL,
    &SYSTEME_IO_API_BASE,
    &MAILCHIMP_API_BASE,
    &WEBHOOKS_ALLOW_PRIVATE,
    &MANAGEMENT_ORIGINS,
    &OIDC_ISSUERS,
    &TRUSTED_PROXIES,
    &RATE_LIMITS,
    &VIES_URL,
    &DB_POOL,
    &JOB_LEASE,
    &CLOCK_OFFSET,
    &LOG_FORMAT,
    &LOG_FILTER,
    &OTLP_ENDPOINT,
];

/// The list as text, for `--help`.
pub fn help() -> String {
    let mut text = String::new();
    for variable in VARIABLES {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}\n    {}\n    Default: {}",
            variable.name, variable.meaning, variable.default
        );
    }
    text.push_str("\nEach secret may be given as a file instead: ");
    let names: Vec<String> = VARIABLES.iter().filter_map(|v| v.file_name()).collect();
    text.push_str(&names.join(", "));
    text.push_str(".\n");
    text
}

/// The same as a table of Markdown, for the guides.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Settings\n\nMade from the code (`src/config/table.rs`): `UPDATE_GENERATED=1 cargo test --test it contract` rewrites it. \
         A secret may be given as a file instead, named by the variable with `_FILE` behind it.\n\n\
         | variable | means | without it | secret |\n|---|---|---|---|\n",
    );
    for variable in VARIABLES {
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} |",
            variable.name,
            cell(variable.meaning),
            cell(variable.default),
            if variable.secret { "yes" } else { "" }
        );
    }
    text
}

/// The known name that was probably meant.
pub(super) fn closest(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    // The suffix on a variable that is not secret is the likelier slip than five wrong letters.
    let stem = upper.strip_suffix("_FILE").unwrap_or(&upper);
    VARIABLES
        .iter()
        .map(|variable| (distance(stem, variable.name), variable.name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.bytes().enumerate() {
            let substituted = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(closest("KASSA_LISTN"), Some("KASSA_LISTEN"));
        assert_eq!(closest("kassa_listen"), Some("KASSA_LISTEN"));
        assert_eq!(closest("KASSA_SIGNING_KEY"), Some("KASSA_SIGNING_KEYS"));
        assert_eq!(closest("KASSA_LISTEN_FILE"), Some("KASSA_LISTEN"));
        assert_eq!(closest("KASSA_COLOUR_OF_THE_SKY"), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }

    #[test]
    fn names_are_unique_and_meanings_are_sentences() {
        for (index, variable) in VARIABLES.iter().enumerate() {
            let again = VARIABLES.iter().skip(index + 1).any(|v| v.name == variable.name);
            assert!(!again, "{}", variable.name);
            assert!(variable.meaning.ends_with('.'), "{}", variable.name);
            assert!(!variable.default.is_empty(), "{}", variable.name);
            assert!(help().contains(variable.meaning), "{}", variable.name);
        }
    }

    #[test]
    fn only_shared_names_may_be_empty() {
        let lenient: Vec<_> = VARIABLES
            .iter()
            .filter(|v| v.empty_is_unset())
            .map(|v| v.name)
            .collect();
        assert_eq!(lenient, ["RUST_LOG", "OTEL_EXPORTER_OTLP_ENDPOINT"]);
    }
}
