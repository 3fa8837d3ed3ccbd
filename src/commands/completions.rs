//! `kassa completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Failed, say};

/// What `completions` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The shell that reads them.
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script. Needs no settings.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failed> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "kassa", &mut script);
    say(String::from_utf8_lossy(&script).trim_end())
}
