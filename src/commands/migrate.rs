//! `kassa migrate`.

use super::boot::Database;
use super::{Failed, failed, say};
use crate::config::Config;
use crate::db::migrate;

/// What `migrate` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// List what is missing and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Applies what is missing, or lists it.
pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failed> {
    let database = Database::open(&config).await?;
    let outcome = if arguments.dry_run {
        migrate::pending(&database.migrate).await
    } else {
        migrate::run(&database.migrate).await
    };
    database.close().await;
    let versions = outcome.map_err(failed)?;
    let member = if arguments.dry_run { "pending" } else { "applied" };
    if arguments.json {
        return say(serde_json::json!({ member: versions }));
    }
    if versions.is_empty() {
        return say("nothing to do");
    }
    versions
        .iter()
        .try_for_each(|version| say(format_args!("{member} {version}")))
}
