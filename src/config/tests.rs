use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::ExposeSecret as _;

use super::*;

mod secrets;

const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A directory of its own, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "kassa-config-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("directory");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).expect("file");
        path
    }

    fn data_dir(&self) -> String {
        self.0.join("data").to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(variables: &[(&str, &str)], file: Option<&Path>) -> Result<Config, ConfigFaults> {
    let owned = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    Config::load(owned, file)
}

/// The faults as lines; none when it loads.
fn faults(variables: &[(&str, &str)], file: Option<&Path>) -> Vec<String> {
    match load(variables, file) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.to_string().lines().map(str::to_owned).collect(),
    }
}

fn production() -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", "postgres://u:p@db/kassa".to_owned()),
        ("KASSA_PUBLIC_URL", "https://pay.example.com/".to_owned()),
        ("KASSA_ENCRYPTION_KEYS", format!("2:{KEY},1:{KEY}")),
        ("KASSA_SIGNING_KEYS", format!("k2:{KEY}")),
        ("KASSA_SMTP_URL", "smtps://u:p@mail.example.com".to_owned()),
    ]
}

/// Production with some variables changed; an empty text removes one.
fn production_with(changes: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    let mut all: std::collections::BTreeMap<String, String> =
        production().into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    for (name, text) in changes {
        all.insert((*name).to_owned(), (*text).to_owned());
    }
    all.retain(|_, text| !text.is_empty());
    Config::load(all, None)
}

#[track_caller]
fn assert_one_fault(result: Result<Config, ConfigFaults>, start: &str) {
    let faults = result.expect_err("a fault").to_string();
    assert_eq!(faults.lines().count(), 1, "{faults}");
    assert!(faults.starts_with(start), "{faults}");
}

#[test]
fn nothing_set_is_development() {
    let config = load(&[("HOME", "/root"), ("PATH", "")], None).expect("valid");
    assert_eq!(config.environment, Environment::Development);
    assert!(matches!(config.database, DatabaseSource::Private));
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.metrics_listen, Some(([127, 0, 0, 1], 9090).into()));
    assert!(config.webhooks_allow_private && config.smtp_url.is_none());
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.log_filter, DEFAULT_LOG_FILTER);
    assert!((4..=128).contains(&config.db_pool) && config.clock_offset_ms == 0);
    assert_eq!(config.vies_url, None);
}

#[test]
fn vat_numbers_are_asked_about_in_production() {
    let url = |text: &str| production_with(&[("KASSA_VIES_URL", text)]).map(|config| config.vies_url);
    assert_eq!(url("").expect("valid").as_deref(), Some(crate::net::vies::OFFICIAL));
    assert_eq!(url("off").expect("valid"), None);
    let double = url("http://127.0.0.1:4000/rest-api/").expect("valid");
    assert_eq!(double.as_deref(), Some("http://127.0.0.1:4000/rest-api"));
    for wrong in ["no", "ftp://a.example", "https://u:p@a.example", "https://a.example/?x"] {
        assert_one_fault(production_with(&[("KASSA_VIES_URL", wrong)]), "KASSA_VIES_URL");
    }
}

#[test]
fn production_has_other_defaults() {
    let config = production_with(&[]).expect("valid");
    assert_eq!(config.environment, Environment::Production);
    assert_eq!(config.public_url, "https://pay.example.com");
    assert!(!config.webhooks_allow_private);
    assert_eq!(config.log_format, LogFormat::Json);
    let ids: Vec<u8> = config.encryption_keys.iter().map(|(id, _)| *id).collect();
    assert_eq!((ids, config.signing_keys.len()), (vec![2, 1], 1));
    let DatabaseSource::Url { serve, migrate } = config.database else {
        panic!("a URL was given");
    };
    assert_eq!(serve.expose_secret(), migrate.expose_secret());
}

#[test]
fn every_variable_of_the_table_is_read_and_no_other() {
    let listed: Vec<_> = VARIABLES.iter().map(|v| v.name).collect();
    for config in [load(&[], None), production_with(&[])] {
        let config = config.expect("valid");
        let read: Vec<_> = config.summary().iter().map(|line| line.name).collect();
        assert_eq!(read, listed);
    }
}

#[test]
fn every_fault_is_listed_at_once() {
    let scratch = Scratch::new();
    let file = scratch.file("kassa.toml", "KASSA_LISTN = \"x\"\nKASSA_DB_POOL = 1.5\n");
    let lines = faults(
        &[
            ("KASSA_ENV", "production"),
            ("KASSA_METRICS_LISTEN", "localhost"),
            ("KASSA_COLOUR_OF_THE_SKY", "grey"),
            ("KASSA_CLOCK_OFFSET", "60"),
        ],
        Some(&file),
    );
    let file = file.display();
    let expected = [
        "KASSA_COLOUR_OF_THE_SKY (environment): is not a variable".to_owned(),
        format!("KASSA_DB_POOL (file {file}): must be a string, an integer or a boolean"),
        format!("KASSA_LISTN (file {file}): is not a variable of Kassa; did you mean KASSA_LISTEN?"),
        "DATABASE_URL (not set): is required in production".to_owned(),
        "KASSA_METRICS_LISTEN (environment): must be an IP address".to_owned(),
        "KASSA_PUBLIC_URL (not set): is required in production".to_owned(),
        "KASSA_ENCRYPTION_KEYS (not set): is required in production".to_owned(),
        "KASSA_SIGNING_KEYS (not set): is required in production".to_owned(),
        "KASSA_SMTP_URL (not set): is required in production".to_owned(),
        "KASSA_CLOCK_OFFSET (environment): must not be set in production".to_owned(),
    ];
    for start in &expected {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}\n{lines:#?}");
    }
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let scratch = Scratch::new();
    let text = "KASSA_LISTEN = \"[::1]:1\"\nKASSA_DB_POOL = 9\nKASSA_WEBHOOKS_ALLOW_PRIVATE = false\n";
    let file = scratch.file("kassa.toml", text);
    let config = load(&[("KASSA_LISTEN", "127.0.0.2:0")], Some(&file)).expect("valid");
    assert_eq!(config.listen, ([127, 0, 0, 2], 0).into());
    assert_eq!((config.db_pool, config.webhooks_allow_private), (9, false));
    let line = |name: &str| {
        let found = config.summary().iter().find(|line| line.name == name);
        found.expect("a line").to_string()
    };
    assert_eq!(line("KASSA_LISTEN"), "KASSA_LISTEN = 127.0.0.2:0 (environment)");
    assert_eq!(
        line("KASSA_DB_POOL"),
        format!("KASSA_DB_POOL = 9 (file {})", file.display())
    );
    assert_eq!(line("KASSA_CLOCK_OFFSET"), "KASSA_CLOCK_OFFSET = 0 (default)");
}

#[test]
fn each_rule_has_its_fault() {
    for (name, text) in [
        ("KASSA_ENV", "staging"),
        ("KASSA_LISTEN", "localhost:80"),
        ("KASSA_METRICS_LISTEN", "no"),
        ("KASSA_PUBLIC_URL", "pay.example.com"),
        ("KASSA_PUBLIC_URL", "https://u:p@pay.example.com"),
        ("KASSA_PUBLIC_URL", "https://pay.example.com/?a"),
        ("KASSA_PUBLIC_URL", "http://pay.example.com"),
        ("DATABASE_URL", "mysql://u:p@db/kassa"),
        ("DATABASE_URL", "postgres:///kassa"),
        ("KASSA_MIGRATE_DATABASE_URL", "nonsense"),
        ("KASSA_ENCRYPTION_KEYS", "1:short"),
        ("KASSA_SIGNING_KEYS", KEY),
        ("KASSA_SMTP_URL", "mail.example.com:25"),
        ("KASSA_WEBHOOKS_ALLOW_PRIVATE", "yes"),
        ("KASSA_MANAGEMENT_ORIGINS", "admin.example.com"),
        ("KASSA_MANAGEMENT_ORIGINS", "https://admin.example.com/path"),
        ("KASSA_MANAGEMENT_ORIGINS", "http://admin.example.com"),
        ("KASSA_MANAGEMENT_ORIGINS", "https://a.example.com,"),
        ("KASSA_MANAGEMENT_ORIGINS", "*"),
        ("KASSA_OIDC_ISSUERS", "https://id.example.com"),
        ("KASSA_OIDC_ISSUERS", "https://id.example.com|"),
        ("KASSA_OIDC_ISSUERS", "http://id.example.com|kassa"),
        ("KASSA_OIDC_ISSUERS", "http://localhost:4000|kassa"),
        ("KASSA_OIDC_ISSUERS", "https://pay.example.com|kassa"),
        (
            "KASSA_OIDC_ISSUERS",
            "https://id.example.com|a,https://id.example.com|b",
        ),
        ("KASSA_OIDC_ISSUERS", ","),
        ("KASSA_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("KASSA_TRUSTED_PROXIES", "proxy.example.com"),
        ("KASSA_RATE_LIMITS", "fast"),
        ("KASSA_RATE_LIMITS", "auth=0/min"),
        ("KASSA_DB_POOL", "3"),
        ("KASSA_DB_POOL", "129"),
        ("KASSA_CLOCK_OFFSET", "1"),
        ("KASSA_LOG_FORMAT", "xml"),
        ("RUST_LOG", "kassa=loud"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:p@collector:4318"),
    ] {
        let start = format!("{name} (environment): must ");
        assert_one_fault(production_with(&[(name, text)]), &start);
    }
    for (name, text) in [
        ("KASSA_LISTEN", "0.0.0.0:8080"),
        ("KASSA_LISTEN", "[::]:8080"),
        ("KASSA_METRICS_LISTEN", "127.0.0.1:8080"),
        ("KASSA_MIGRATE_DATABASE_URL", "postgres://db/kassa"),
        ("KASSA_CLOCK_OFFSET", "9223372036854775807"),
    ] {
        let start = format!("{name} (environment): must ");
        assert_one_fault(load(&[(name, text)], None), &start);
    }
    assert_one_fault(
        load(&[("KASSA_DB_POOL", "\u{fffd}")], None),
        "KASSA_DB_POOL (environment): is not UTF-8",
    );
}

#[test]
fn what_each_rule_allows() {
    for (name, text) in [
        ("KASSA_LISTEN", "0.0.0.0:80"),
        ("KASSA_METRICS_LISTEN", "off"),
        ("KASSA_PUBLIC_URL", "http://localhost:8080"),
        ("KASSA_PUBLIC_URL", "http://[::1]:8080/shop/"),
        ("DATABASE_URL", "host=/run/postgresql user=kassa"),
        ("KASSA_SMTP_URL", "file:///var/mail"),
        (
            "KASSA_MANAGEMENT_ORIGINS",
            "https://a.example.com, http://localhost:3000",
        ),
        (
            "KASSA_OIDC_ISSUERS",
            "https://id.example.com/|kassa, https://b.example.com/realms/x|kassa|https://b.example.com/keys",
        ),
        ("KASSA_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7, fd00::/8"),
        ("KASSA_RATE_LIMITS", "off"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", " http://collector:4318 "),
    ] {
        production_with(&[(name, text)]).expect(name);
    }
    let variables = [
        ("KASSA_LISTEN", "[::ffff:127.0.0.1]:0"),
        ("KASSA_CLOCK_OFFSET", "-60"),
        ("RUST_LOG", ""),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
    ];
    let config = load(&variables, None).expect("valid");
    assert_eq!((config.clock_offset_ms, config.otlp_endpoint), (-60_000, None));
}

#[test]
fn what_the_edge_is_told() {
    let config = production_with(&[
        (
            "KASSA_MANAGEMENT_ORIGINS",
            "https://Admin.Example.com:443/, http://127.0.0.1:3000",
        ),
        (
            "KASSA_OIDC_ISSUERS",
            "https://id.example.com/|kassa https://b.example.com|web",
        ),
    ])
    .expect("valid");
    assert_eq!(
        config.management_origins,
        ["https://admin.example.com", "http://127.0.0.1:3000"]
    );
    // Exactly as written: an issuer is compared byte for byte.
    let issuers: Vec<_> = config.oidc_issuers.iter().map(IssuerConfig::issuer).collect();
    assert_eq!(issuers, ["https://id.example.com/", "https://b.example.com"]);
    assert_eq!(config.rate_limits, RateLimitSettings::default());

    let development = load(&[("KASSA_OIDC_ISSUERS", "http://localhost:4000|kassa")], None).expect("valid");
    assert!(development.rate_limits.exempt_loopback && development.oidc_issuers.len() == 1);
    let set = load(&[("KASSA_RATE_LIMITS", "auth=5/min")], None).expect("valid");
    assert!(!set.rate_limits.exempt_loopback, "a limit that was set is meant");
}

#[test]
fn an_empty_database_url_does_not_become_development() {
    let lines = faults(&[("DATABASE_URL", " ")], None);
    assert!(
        lines[0].starts_with("DATABASE_URL (environment): is empty"),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("KASSA_SMTP_URL (not set)")),
        "{lines:#?}"
    );
}

#[test]
fn a_faulty_environment_adds_no_faults_that_depend_on_it() {
    assert_one_fault(
        load(&[("KASSA_ENV", "prod"), ("KASSA_LISTEN", "0.0.0.0:1")], None),
        "KASSA_ENV (environment): must be development or production; it is \"prod\"",
    );
    assert_one_fault(
        load(
            &[("KASSA_LISTEN", "8080"), ("KASSA_METRICS_LISTEN", "127.0.0.1:8080")],
            None,
        ),
        "KASSA_LISTEN (environment): must be an IP address",
    );
}

#[test]
fn faults_of_the_file_name_the_line() {
    let scratch = Scratch::new();
    let file = scratch.file("kassa.toml", "KASSA_DB_POOL = 8\n\nKASSA_ENV =\n");
    let lines = faults(&[], Some(&file));
    assert!(
        lines[0].starts_with("--config (file ") && lines[0].contains("at line 3"),
        "{lines:#?}"
    );
    let lines = faults(&[], Some(Path::new("/does/not/exist.toml")));
    assert!(
        lines[0].starts_with("--config (file /does/not/exist.toml): cannot be read"),
        "{lines:#?}"
    );
}

#[test]
fn the_environment_of_this_process_is_read() {
    // Whether it is valid is not ours to say here; that it is read without a panic is.
    let _ = Config::from_environment(None);
}
