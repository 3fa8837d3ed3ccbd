//! The document that clients are generated from is the one this server answers by.

use std::collections::BTreeSet;

use kassa::app::{document, documents, pretty};
use kassa::http::openapi::event_schemas;

use super::{at, generated};

#[test]
fn the_document_is_committed() {
    let document = document();
    let copies = documents(&document);
    for (name, text) in &copies {
        generated(&format!("openapi/{name}"), text);
    }
    let schemas = event_schemas(&document);
    for (event, schema) in &schemas {
        generated(&format!("openapi/events/{event}.json"), &pretty(schema));
    }
    let expected: BTreeSet<String> = schemas.keys().map(|event| format!("{event}.json")).collect();
    assert_eq!(
        files("openapi/events"),
        expected,
        "a file of an event that is gone: events are part of the contract and stay"
    );
    assert_eq!(
        files("openapi"),
        ["events", "released.json"]
            .into_iter()
            .chain(copies.iter().map(|(name, _)| *name))
            .map(str::to_owned)
            .collect(),
        "nothing else belongs here"
    );
}

#[test]
fn the_table_of_settings_is_committed() {
    generated("docs/configuration.md", &kassa::config::markdown());
}

fn files(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(at(folder)).expect("a folder of the document");
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
