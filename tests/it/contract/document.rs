//! The document that clients are generated from is the one this server answers by.

use std::collections::BTreeSet;

use kassa::app::{document, pretty};
use kassa::http::openapi::event_schemas;

use super::{at, generated};

#[test]
fn the_document_is_committed() {
    let document = document();
    generated("openapi/v1.json", &pretty(&document));
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
        BTreeSet::from(["events".to_owned(), "v1.json".to_owned()]),
        "nothing else belongs here"
    );
}

fn files(folder: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(at(folder)).expect("a folder of the document");
    entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}
