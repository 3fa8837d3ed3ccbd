//! `kassa demo`: a whole sale against a running development server, each step with its request and its answer.

pub(super) mod data;
mod play;
mod receiver;

use super::{Failed, say};
use crate::config::Config;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// One JSON object per step.
    #[arg(long)]
    json: bool,
    /// How many seconds to wait for the order to be completed and its events to arrive.
    #[arg(long, default_value_t = 20)]
    wait: u64,
}

/// Plays the sale against the server that last started with this data directory.
pub(super) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failed> {
    let demo = data::Demo::recall(&config.data_dir)?;
    play::play(&demo, arguments.json, std::time::Duration::from_secs(arguments.wait)).await
}
