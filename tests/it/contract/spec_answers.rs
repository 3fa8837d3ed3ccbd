//! What the document says of answers is true, and stays true when something is added.

use std::collections::{BTreeMap, BTreeSet};

use kassa::app::document;
use serde_json::Value;

use super::none;
use super::spec::{is_snake_case, operations, walk};

/// utoipa merges schemas of one name without a word: the last one wins, and the others are described wrongly.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let (mut owners, mut faults) = (BTreeMap::<String, String>::new(), Vec::new());
    for file in super::source::sources() {
        let mut attributes = String::new();
        for line in file.text.lines().map(str::trim) {
            if line.starts_with("#[") || line.starts_with("///") {
                attributes.push_str(line);
                continue;
            }
            let words: Vec<&str> = line.split([' ', '<', '(', '{', ';']).collect();
            if let [_, "struct" | "enum", name, ..] = words.as_slice()
                && attributes.contains("ToSchema")
                // A macro names what it makes where it is used.
                && !name.starts_with('$')
            {
                let name = attributes
                    .split_once("#[schema(as = ")
                    .and_then(|(_, rest)| rest.split([')', ',']).next())
                    .unwrap_or(name);
                // A macro's name is its caller's.
                if name.starts_with('$') {
                    attributes.clear();
                    continue;
                }
                if let Some(other) = owners.insert(name.to_owned(), file.path.clone()) {
                    faults.push(format!("{name}: of {other} and of {}", file.path));
                }
            }
            attributes.clear();
        }
    }
    none(&faults, "Give one of them a name of its own: `#[schema(as = …)]`.");
}

#[test]
fn words_are_written_as_they_are_sent() {
    let document = document();
    let mut faults = Vec::new();
    walk(&document, "", &mut |way, value| {
        let words = ["enum", "x-extensible-enum"]
            .into_iter()
            .filter_map(|kind| value[kind].as_array());
        for word in words.flatten().filter_map(Value::as_str) {
            if !is_snake_case(word) {
                faults.push(format!("{way}: `{word}`"));
            }
        }
    });
    none(
        &faults,
        "The derive of utoipa reads a `rename` only if it is a literal: see `word_enum!`.",
    );
}

#[test]
fn answers_stay_open() {
    let document = document();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<Value> = operations(&document)
        .iter()
        .map(|operation| operation.body["responses"].clone())
        .chain([document["webhooks"].clone()])
        .collect();
    while let Some(part) = open.pop() {
        walk(&part, "", &mut |_, value| {
            if let Some(name) = value["$ref"]
                .as_str()
                .and_then(|r| r.strip_prefix("#/components/schemas/"))
                && seen.insert(name.to_owned())
            {
                let schema = document["components"]["schemas"][name].clone();
                walk(&schema, name, &mut |way, value| {
                    if !value["enum"].is_null() || value["additionalProperties"] == false {
                        faults.push(format!("{way}: closed"));
                    }
                });
                open.push(schema);
            }
        });
    }
    assert!(seen.len() > 100, "{} schemas of answers", seen.len());
    none(
        &faults,
        "A client of today must read what is added tomorrow: see src/http/openapi_open.rs.",
    );
}
