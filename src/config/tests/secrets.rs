//! Secrets: where they may be, where they are kept, and that they are never printed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Barrier};

use secrecy::ExposeSecret as _;

use super::super::*;
use super::{KEY, Scratch, assert_one_fault, load, production, production_with};

#[test]
fn secrets_may_be_in_files_of_their_own() {
    let scratch = Scratch::new();
    let path = scratch.file("database", "postgres://u:p@db/kassa\n");
    let path = path.to_str().expect("UTF-8");
    let config = production_with(&[("DATABASE_URL", ""), ("DATABASE_URL_FILE", path)]);
    let DatabaseSource::Url { serve, .. } = config.expect("valid").database else {
        panic!("a URL was given");
    };
    assert_eq!(serve.expose_secret(), "postgres://u:p@db/kassa");

    let both = production_with(&[("DATABASE_URL_FILE", path)]);
    assert_one_fault(both, "DATABASE_URL (environment): DATABASE_URL_FILE is set as well");
    let slip = production_with(&[("DATABASE_URL", ""), ("DATABASE_URL_FILE", "postgres://u:hunter2@db/k")]);
    let text = slip.expect_err("a fault").to_string();
    assert!(!text.contains("hunter2"), "{text}");
    let public = load(&[("KASSA_LISTEN_FILE", path)], None);
    assert_one_fault(
        public,
        "KASSA_LISTEN_FILE (environment): is not a variable of Kassa; did you mean KASSA_LISTEN?",
    );

    // A secret's file in the environment wins over the secret in the file.
    let file = scratch.file("kassa.toml", "DATABASE_URL = \"postgres://other/db\"");
    let variables = production().into_iter().filter(|(name, _)| *name != "DATABASE_URL");
    let mut variables: Vec<_> = variables.map(|(n, v)| (n.to_owned(), v)).collect();
    variables.push(("DATABASE_URL_FILE".to_owned(), path.to_owned()));
    let config = Config::load(variables, Some(&file)).expect("valid");
    assert!(matches!(config.database, DatabaseSource::Url { serve, .. } if serve.expose_secret().contains("@db/")));
}

#[test]
fn no_output_has_a_secret_in_it() {
    let secret = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr"; // 32 bytes
    let encoded = data_encoding::BASE64.encode(secret.as_bytes());
    let (url, keys) = (format!("postgres://u:{secret}@db/kassa"), format!("1:{encoded}"));
    let smtp = format!("smtps://u:{secret}@mail.example.com");
    let config = production_with(&[
        ("DATABASE_URL", &url),
        ("KASSA_MIGRATE_DATABASE_URL", &url),
        ("KASSA_ENCRYPTION_KEYS", &keys),
        ("KASSA_SIGNING_KEYS", &keys),
        ("KASSA_SMTP_URL", &smtp),
    ])
    .expect("valid");
    let json = serde_json::to_string(config.summary()).expect("JSON");
    let lines: String = config.summary().iter().map(ToString::to_string).collect();
    let mut outputs = vec![format!("{config:?} {config:#?}"), json, lines];

    let broken = format!("x{secret}:{encoded}@[");
    for variable in VARIABLES {
        // Also where it does not belong: a secret in the wrong variable is still one.
        for text in [&broken, &url, &encoded] {
            if let Err(faults) = production_with(&[(variable.name, text)]) {
                outputs.push(format!("{faults} {faults:?}"));
            }
            let name = format!("{}_FILE", variable.name);
            if let Err(faults) = production_with(&[(variable.name, ""), (&name, text)]) {
                outputs.push(format!("{faults} {faults:?}"));
            }
        }
    }
    for variable in VARIABLES.iter().filter(|variable| variable.secret) {
        // Short and without an @, as a faulty value of a public variable may be printed.
        let faults = production_with(&[(variable.name, "hunter2")]).expect_err("a fault");
        assert!(!format!("{faults} {faults:?}").contains("hunter2"), "{faults}");
    }
    let scratch = Scratch::new();
    for text in [
        format!("KASSA_SMTP_URL = {smtp}"),
        format!("KASSA_SMTP_URL = \"{smtp}"),
        encoded.clone(),
        format!("{smtp} = 1"),
        format!("KASSA_SMTP_URL = \"{smtp}\"\nKASSA_SMTP_URL = \"{smtp}\""),
        format!("KASSA_SMTP_URL = [\"{smtp}\"]"),
    ] {
        let file = scratch.file("kassa.toml", &text);
        let faults = load(&[], Some(&file)).expect_err("a fault");
        outputs.push(format!("{faults} {faults:?}"));
    }
    for output in outputs {
        for planted in [secret, &encoded] {
            assert!(!output.contains(planted), "{output}");
        }
    }
}

#[test]
fn loading_creates_nothing_and_preparing_keeps_keys() {
    let scratch = Scratch::new();
    let data_dir = scratch.data_dir();
    let variables = [("KASSA_DATA_DIR", data_dir.as_str())];
    let mut first = load(&variables, None).expect("valid");
    assert!(!first.data_dir.exists() && first.encryption_keys.is_empty());
    first.prepare().expect("keys");
    let path = first.data_dir.join("keys.toml");
    let mode = fs::metadata(&path).expect("file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(&first.data_dir).expect("directory").count(), 1);

    let again = load(&variables, None).expect("valid");
    assert_eq!(again.encryption_keys[0].1.expose(), first.encryption_keys[0].1.expose());
    assert_eq!(again.signing_keys[0].0, first.signing_keys[0].0);
    assert_eq!(again.summary(), first.summary());
    assert!(again.summary().iter().any(|line| line.source.ends_with("keys.toml")));

    // What is set wins over what is kept.
    let set = format!("9:{KEY}");
    let both = [variables[0], ("KASSA_ENCRYPTION_KEYS", set.as_str())];
    let mut mixed = load(&both, None).expect("valid");
    mixed.prepare().expect("nothing to do");
    assert_eq!(mixed.encryption_keys[0].0, 9);
    assert_eq!(mixed.signing_keys[0].0, first.signing_keys[0].0);
}

#[test]
fn broken_keys_are_a_fault_and_are_left_alone() {
    let scratch = Scratch::new();
    let mut before = load(&[("KASSA_DATA_DIR", &scratch.data_dir())], None).expect("valid");
    fs::create_dir_all(scratch.data_dir()).expect("directory");
    let path = scratch.file("data/keys.toml", "KASSA_ENCRYPTION_KEYS = \"1:secret\"");
    let after = load(&[("KASSA_DATA_DIR", &scratch.data_dir())], None);
    assert_one_fault(after, "KASSA_DATA_DIR (environment): the development keys in ");
    assert!(matches!(before.prepare(), Err(DevelopmentKeysError::Content { .. })));
    assert!(fs::read_to_string(path).expect("file").contains("1:secret"));
}

#[test]
fn instances_that_start_at_once_agree() {
    for _ in 0..20 {
        let scratch = Scratch::new();
        let data_dir = scratch.data_dir();
        let barrier = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let mut config = load(&[("KASSA_DATA_DIR", &data_dir)], None).expect("valid");
                let barrier = Arc::clone(&barrier);
                std::thread::spawn(move || {
                    barrier.wait();
                    config.prepare().expect("keys");
                    (*config.encryption_keys[0].1.expose(), config.signing_keys[0].0.clone())
                })
            })
            .collect();
        let mut all: Vec<_> = threads.into_iter().map(|t| t.join().expect("thread")).collect();
        all.dedup();
        assert_eq!(all.len(), 1);
    }
}
