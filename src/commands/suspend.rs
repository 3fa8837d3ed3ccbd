//! `kassa suspend`: the operator stops an organization from selling, or lets it sell again.

use super::boot::{Database, clock, keyring};
use super::{Failed, failed, say};
use crate::activation::suspend::suspend;
use crate::config::Config;
use crate::db::pool::Pool;
use crate::db::{Db, Tx};
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::model::OrganizationStatus;

/// What `suspend` takes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    /// The organization, `org_…`.
    organization: OrganizationId,
    /// Why, for the audit log.
    #[arg(long, default_value = "suspended by the operator", value_name = "TEXT")]
    reason: String,
    /// Lift the suspension instead.
    #[arg(long, conflicts_with = "reason")]
    lift: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Suspends or lifts; payments that have begun go on either way.
pub(super) async fn run(mut config: Config, arguments: Arguments) -> Result<(), Failed> {
    config.prepare().map_err(failed)?;
    let database = Database::open_existing(&config).await?;
    let outcome = change(&config, &database, &arguments).await;
    database.close().await;
    let status = outcome?;
    if arguments.json {
        say(serde_json::json!({"organization_id": arguments.organization, "status": status}))
    } else {
        say(format_args!("{} is {status}", arguments.organization))
    }
}

async fn change(config: &Config, database: &Database, arguments: &Arguments) -> Result<OrganizationStatus, Failed> {
    let db = Db::new(Pool::new(&database.serve, 1).map_err(failed)?, clock(config));
    let keys = keyring(config)?;
    let (id, reason) = (
        arguments.organization,
        (!arguments.lift).then_some(arguments.reason.as_str()),
    );
    let outcome = db
        .write(async |tx: &mut Tx| -> Result<_, Problem> { suspend(tx, &keys, id, reason).await })
        .await;
    outcome.map_err(|problem| match problem.code {
        ProblemCode::NotFound => Failed(format!("there is no organization {id}")),
        _ => failed(problem),
    })
}
