//! The `kassa` binary: parses the command line and runs the command on a multi-threaded runtime.

use std::process::ExitCode;

use clap::Parser;
use kassa::commands::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("kassa: {failed}");
            ExitCode::FAILURE
        }
    }
}
