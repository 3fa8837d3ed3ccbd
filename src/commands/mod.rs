//! The command line: what an operator types.
//!
//! Answers go to standard output, everything else to standard error; `--json` where a program would read the answer.

mod boot;
mod bootstrap;
mod check;
mod check_config;
mod completions;
mod demo;
mod import_rates;
mod migrate;
mod openapi;
mod progress;
mod serve;
mod suspend;

use std::fmt;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// A headless checkout.
#[derive(Debug, Parser)]
#[command(name = "kassa", version, about, after_long_help = after_help())]
pub struct Cli {
    /// A TOML file of settings; the environment wins over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and work in the background (what `kassa` does without a command).
    Serve(serve::Arguments),
    /// Apply the migrations that the database has not seen.
    Migrate(migrate::Arguments),
    /// Print the OpenAPI document, or write it with the event schemas into a folder.
    Openapi(openapi::Arguments),
    /// Check the settings, and list every fault at once.
    CheckConfig(check_config::Arguments),
    /// Check the invariants of the data: prints each row that breaks one.
    Check(check::Arguments),
    /// Make the first organization, its owner and an API key.
    Bootstrap(bootstrap::Arguments),
    /// Stop an organization from selling, or let it sell again.
    Suspend(suspend::Arguments),
    /// Store exchange rates, from a file or from the European Central Bank.
    ImportRates(import_rates::Arguments),
    /// Print the completions of a shell: `kassa completions bash > /etc/bash_completion.d/kassa`.
    Completions(completions::Arguments),
    /// Play a whole sale against a running development server.
    Demo(demo::Arguments),
}

fn after_help() -> String {
    format!("Settings (environment, or --config FILE):\n{}", crate::config::help())
}

/// Why a command ended without success: one message for a person.
#[derive(Debug)]
pub struct Failed(pub String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Any error a command can only report.
fn failed(error: impl fmt::Display) -> Failed {
    Failed(error.to_string())
}

impl Cli {
    /// Runs the command.
    pub async fn run(self) -> Result<(), Failed> {
        let config = || Config::from_environment(self.config.as_deref()).map_err(failed);
        match self.command.unwrap_or(Command::Serve(serve::Arguments::default())) {
            Command::Serve(arguments) => serve::run(config()?, arguments).await,
            Command::Migrate(arguments) => migrate::run(config()?, &arguments).await,
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::CheckConfig(arguments) => check_config::run(self.config.as_deref(), &arguments),
            Command::Check(arguments) => check::run(config()?, &arguments).await,
            Command::Bootstrap(arguments) => bootstrap::run(config()?, arguments).await,
            Command::Suspend(arguments) => suspend::run(config()?, arguments).await,
            Command::ImportRates(arguments) => import_rates::run(config()?, &arguments).await,
            Command::Completions(arguments) => completions::run(&arguments),
            Command::Demo(arguments) => demo::run(&config()?, &arguments).await,
        }
    }
}

/// Prints a line of an answer. Who closes the pipe has read enough, as with every well-behaved filter; an answer that is lost otherwise, on a
/// full disk say, is a failure.
fn say(line: impl fmt::Display) -> Result<(), Failed> {
    use std::io::{ErrorKind, Write};
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failed(format!("the answer could not be written: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
