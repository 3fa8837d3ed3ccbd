//! `kassa demo`: a whole sale against a running development server, each step with its request and what its answer says.

pub(super) mod data;
mod play;
mod receiver;

use super::{Failed, say};
use crate::config::Config;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show each answer whole.
    #[arg(long, conflicts_with = "json")]
    full: bool,
    /// One JSON object per step, with the whole request and answer.
    #[arg(long)]
    json: bool,
    /// How many seconds to wait for the order to be completed and its events to arrive.
    #[arg(long, default_value_t = 20)]
    wait: u64,
}

/// Plays the sale against the server that last started with this data directory.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failed> {
    let demo = data::Demo::recall(&config.data_dir)?;
    let detail = match arguments {
        Arguments { json: true, .. } => play::Detail::Json,
        Arguments { full: true, .. } => play::Detail::Full,
        Arguments { .. } => play::Detail::Short,
    };
    play::play(&demo, detail, std::time::Duration::from_secs(arguments.wait)).await
}
