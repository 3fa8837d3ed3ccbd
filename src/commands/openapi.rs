//! `kassa openapi`.

use std::path::{Path, PathBuf};

use super::{Failed, say};
use crate::app::{document, documents, pretty};
use crate::http::openapi::event_schemas;

/// What `openapi` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Write `v1.json`, its copies for generators (`v1-without-webhooks.json`, `v1-3.0.json`) and `events/<type>.json` into this folder instead of printing the document.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints or writes the document. Needs no settings and no database.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failed> {
    let document = document();
    let Some(folder) = &arguments.out else {
        return say(pretty(&document).trim_end());
    };
    for (name, text) in documents(&document) {
        write(&folder.join(name), &text)?;
    }
    for (name, schema) in event_schemas(&document) {
        write(&folder.join("events").join(format!("{name}.json")), &pretty(&schema))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failed> {
    let named = |error: std::io::Error| Failed(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(named)?;
    }
    std::fs::write(path, text).map_err(named)?;
    say(path.display())
}
