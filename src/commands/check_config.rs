//! `kassa check-config`.

use std::path::Path;

use super::{Failed, failed, say};
use crate::config::{Config, Environment};

/// What `check-config` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Prints every setting with where it came from (secrets masked), or every fault at once. Creates nothing.
pub(super) fn run(file: Option<&Path>, arguments: &Arguments) -> Result<(), Failed> {
    match Config::from_environment(file) {
        Ok(config) if arguments.json => say(serde_json::json!({"ok": true, "settings": config.summary()})),
        Ok(config) => {
            for line in config.summary() {
                say(line)?;
            }
            if config.environment == Environment::Production && config.stripe_key.is_none() {
                eprintln!(
                    "note: without KASSA_STRIPE_KEY no organization can put a payment card on file, and none sells live"
                );
            }
            Ok(())
        }
        Err(faults) if arguments.json => {
            let list: Vec<String> = faults.faults().iter().map(ToString::to_string).collect();
            say(serde_json::json!({"ok": false, "faults": list}))?;
            Err(Failed("the settings have faults".to_owned()))
        }
        Err(faults) => Err(failed(faults)),
    }
}
