//! `kassa check`: the invariants of the data, on a live database.

use super::boot::{Database, clock};
use super::progress::Progress;
use super::{Failed, failed, say};
use crate::config::Config;
use crate::db::pool::Pool;
use crate::db::{Db, invariants};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Runs every invariant; fails when one is broken.
pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failed> {
    let database = Database::open_existing(&config).await?;
    let outcome = check(&config, &database).await;
    database.close().await;
    let broken = outcome?;
    if arguments.json {
        say(serde_json::json!({"ok": broken.is_empty(), "checked": invariants::all().len(), "broken": broken}))?;
    } else {
        for row in &broken {
            say(row)?;
        }
    }
    if broken.is_empty() {
        if !arguments.json {
            say(format_args!("{} invariants hold", invariants::all().len()))?;
        }
        return Ok(());
    }
    Err(Failed(format!("{} row(s) break an invariant", broken.len())))
}

async fn check(config: &Config, database: &Database) -> Result<Vec<String>, Failed> {
    let db = Db::new(Pool::new(&database.serve, 1).map_err(failed)?, clock(config));
    let conn = db.read().await.map_err(failed)?;
    let progress = Progress::new();
    progress.tell(format_args!("checking {} invariants", invariants::all().len()));
    invariants::broken(&conn).await.map_err(failed)
}
