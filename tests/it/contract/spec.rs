//! What every generator of clients needs of the document, and every reader of it.

use std::collections::{BTreeMap, BTreeSet};

use kassa::app::document;
use kassa::http::openapi::event_schemas;
use kassa::kernel::permission::Permission;
use serde_json::Value;

use super::none;

const ADVICE: &str = "If you are here because you added an operation or a field: say it on the handler (`#[utoipa::path]`) or on the \
                      view (`///`, `#[schema(example = …)]`); what holds for all operations is in src/http/openapi.rs.";

/// An operation of the document.
pub struct Operation {
    /// `GET`.
    pub method: String,
    /// `/v1/checkouts/{checkout_id}`.
    pub path: String,
    /// `x-required-permission`.
    pub permission: Option<String>,
    pub body: Value,
}

impl Operation {
    /// `GET /v1/checkouts/{checkout_id}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it asks who is calling.
    pub fn is_secured(&self) -> bool {
        self.body["security"]
            .as_array()
            .is_some_and(|schemes| !schemes.is_empty())
    }
}

/// Every operation, by path and method.
pub fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths");
    let each = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .expect("an item")
            .iter()
            .map(move |(method, body)| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                permission: body["x-required-permission"].as_str().map(str::to_owned),
                body: body.clone(),
            })
    });
    each.collect()
}

/// The names in braces of a path.
pub fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next())
}

fn schemas(document: &Value) -> BTreeMap<&str, &Value> {
    let schemas = document["components"]["schemas"].as_object().expect("components");
    schemas.iter().map(|(name, schema)| (name.as_str(), schema)).collect()
}

/// Visits every object of a document, with the way to it.
pub fn walk(value: &Value, way: &str, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            visit(way, value);
            for (name, inner) in members {
                // An example may hold anything.
                if !matches!(name.as_str(), "example" | "examples" | "default") {
                    walk(inner, &format!("{way}/{name}"), visit);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{way}/{index}"), visit);
            }
        }
        _ => {}
    }
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

pub fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn operations_are_whole() {
    let document = document();
    let mut faults = Vec::new();
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let known = |word: &str| {
        matches!(word, "session" | "signed_in") || Permission::ALL.iter().any(|known| known.as_str() == word)
    };
    let mut ids = BTreeSet::new();
    for operation in operations(&document) {
        let body = &operation.body;
        let mut fault = |what: &str| faults.push(format!("{}: {what}", operation.name()));
        match body["operationId"].as_str() {
            Some(id) if !is_camel_case(id) => fault("its operationId is not camelCase"),
            Some(id) if !ids.insert(id.to_owned()) => fault("another operation has the same operationId"),
            Some(_) => {}
            None => fault("no operationId: generators would invent a name"),
        }
        if body["summary"]
            .as_str()
            .is_none_or(|summary| summary.is_empty() || summary.ends_with('.'))
        {
            fault("no summary (the first line of the doc comment), or one that ends with a full stop");
        }
        match body["tags"].as_array().map(Vec::as_slice) {
            Some([tag]) if tag.as_str().is_some_and(|tag| tags.contains(tag)) => {}
            _ => fault("needs exactly one tag, of those declared in http/openapi.rs"),
        }
        if !body["security"].is_array() {
            fault("says nothing of security");
        }
        if let Some(word) = operation.permission.as_deref().filter(|word| !known(word)) {
            fault(&format!("x-required-permission `{word}` is no permission"));
        }
        if operation.permission.is_some() != operation.is_secured() {
            fault("has a permission without security, or security without a permission");
        }
        if operation.is_secured() && body["responses"]["401"].is_null() {
            fault("is secured and does not document 401");
        }
        let made = &body["responses"]["201"];
        if made.is_object() && made["headers"]["Location"].is_null() {
            fault("makes something and does not document Location");
        }
        if operation.method == "POST" && !body["requestBody"].is_null() {
            for status in ["400", "413", "415", "422"] {
                if body["responses"][status].is_null() {
                    fault(&format!("takes a body and does not document {status}"));
                }
            }
        }
    }
    none(&faults, ADVICE);
}

#[test]
fn parameters_are_described() {
    let document = document();
    let mut faults = Vec::new();
    for operation in operations(&document) {
        let listed = operation.body["parameters"].as_array().cloned().unwrap_or_default();
        let in_path = listed
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|p| p["name"].as_str());
        let (in_path, in_template): (BTreeSet<_>, BTreeSet<_>) =
            (in_path.collect(), parameters(&operation.path).collect());
        if in_path != in_template {
            faults.push(format!("{}: documents {in_path:?}", operation.name()));
        }
        for parameter in &listed {
            let name = format!("{}: {}", operation.name(), parameter["name"]);
            if parameter["description"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{name} has no description"));
            }
            if parameter["example"].is_null() && !has_example(&document, &parameter["schema"]) {
                faults.push(format!("{name} has no example"));
            }
            if parameter["in"] == "query" && !parameter["name"].as_str().is_some_and(is_snake_case) {
                faults.push(format!("{name} is not snake_case"));
            }
        }
    }
    none(&faults, ADVICE);
}

/// Operations that answer with a file.
const FILES: &[&str] = &["GET /v1/checkouts/{checkout_id}/orders/export"];

#[test]
fn refusals_are_problems() {
    let document = document();
    let mut faults = Vec::new();
    for operation in operations(&document) {
        for (status, response) in operation.body["responses"].as_object().expect("responses") {
            let content = &response["content"];
            let types: Vec<_> = content
                .as_object()
                .map(|types| types.keys().collect())
                .unwrap_or_default();
            if status.starts_with(['4', '5']) {
                let schema = &content["application/problem+json"]["schema"]["$ref"];
                if types != ["application/problem+json"] || schema != "#/components/schemas/Problem" {
                    faults.push(format!(
                        "{} {status}: not a Problem ({types:?}): name its code in x-problems",
                        operation.name()
                    ));
                }
            } else if types.iter().any(|known| *known != "application/json")
                && !FILES.contains(&operation.name().as_str())
            {
                faults.push(format!("{} {status}: answers with {types:?}", operation.name()));
            }
        }
        let answers = operation.body["responses"].as_object().expect("responses").keys();
        if answers.filter(|status| status.starts_with('2')).count() != 1 {
            faults.push(format!(
                "{}: needs exactly one 2xx, progenitor refuses more",
                operation.name()
            ));
        }
    }
    none(&faults, ADVICE);
}

#[test]
fn references_meet_components() {
    let document = document();
    let schemas = schemas(&document);
    let (mut used, mut faults) = (BTreeSet::new(), Vec::new());
    walk(&document, "", &mut |way, value| {
        let Some(reference) = value["$ref"].as_str() else {
            return;
        };
        if let Some(header) = reference.strip_prefix("#/components/headers/") {
            if document["components"]["headers"][header].is_null() {
                faults.push(format!("{way}: `{reference}` leads nowhere"));
            }
            return;
        }
        match reference.strip_prefix("#/components/schemas/") {
            Some(name) if schemas.contains_key(name) => _ = used.insert(name.to_owned()),
            _ => faults.push(format!("{way}: `{reference}` leads nowhere")),
        }
    });
    faults.extend(
        schemas
            .keys()
            .filter(|name| !used.contains(**name))
            .map(|name| format!("{name}: nothing refers to it")),
    );
    faults.extend(
        schemas
            .keys()
            .filter(|name| !is_pascal_case(name))
            .map(|name| format!("{name}: not PascalCase")),
    );
    for (event, schema) in event_schemas(&document) {
        for (name, definition) in schema["$defs"].as_object().expect("definitions") {
            if !definition.is_object() {
                faults.push(format!("events/{event}: {name} is defined as {definition}"));
            }
        }
    }
    none(&faults, ADVICE);
}

#[test]
fn fields_are_described() {
    let document = document();
    let mut faults = Vec::new();
    for (name, schema) in schemas(&document) {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{name}: no description"));
        }
        // Nested objects too: they have no component to be described in.
        walk(schema, name, &mut |way, object| {
            for (field, schema) in object["properties"].as_object().into_iter().flatten() {
                let place = format!("{way}.{field}");
                if !is_snake_case(field) {
                    faults.push(format!("{place}: not snake_case"));
                }
                if schema["description"].as_str().is_none_or(str::is_empty) && references(schema).next().is_none() {
                    faults.push(format!("{place}: no description"));
                }
                if !has_example(&document, schema) {
                    faults.push(format!("{place}: no example"));
                }
            }
        });
    }
    none(&faults, ADVICE);
}

#[test]
fn no_schema_is_only_null() {
    let document = document();
    let mut faults = Vec::new();
    walk(&document, "", &mut |way, value| {
        let alternative = way.contains("/oneOf/") || way.contains("/anyOf/");
        if value["type"] == "null" && !alternative {
            faults.push(format!("{way}: only null, two generators crash on it"));
        }
        if value["enum"]
            .as_array()
            .is_some_and(|words| words.iter().any(|word| word == ""))
        {
            faults.push(format!("{way}: an enum with the empty string"));
        }
    });
    none(&faults, ADVICE);
}

#[test]
fn webhooks_are_whole() {
    let document = document();
    let of_paths: BTreeSet<String> = operations(&document)
        .iter()
        .filter_map(|o| o.body["tags"][0].as_str().map(str::to_owned))
        .collect();
    let mut faults = Vec::new();
    for (event, item) in document["webhooks"].as_object().expect("webhooks") {
        let tag = item["post"]["tags"][0].as_str().unwrap_or_default();
        if tag.is_empty() || of_paths.contains(tag) {
            faults.push(format!("{event}: needs a tag that no operation has, and has `{tag}`"));
        }
        if !item["post"]["security"].is_array() {
            faults.push(format!("{event}: says nothing of security"));
        }
    }
    none(
        &faults,
        "openapi-generator writes one file per tag: a webhook that shares one overwrites the operations of that tag.",
    );
}

/// The components a schema is made of at its top.
fn references(schema: &Value) -> impl Iterator<Item = &str> {
    let parts = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .filter_map(|kind| schema[kind].as_array())
        .flatten();
    std::iter::once(schema)
        .chain(parts)
        .filter_map(|part| part["$ref"].as_str())
}

/// Whether a reader can see what a value looks like. Objects show it in their fields, lists in their items, booleans always.
fn has_example(document: &Value, schema: &Value) -> bool {
    if ["example", "examples", "enum", "const"]
        .iter()
        .any(|word| !schema[word].is_null())
    {
        return true;
    }
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
    {
        return has_example(document, &document["components"]["schemas"][name]);
    }
    for kind in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[kind].as_array() {
            return parts
                .iter()
                .filter(|part| part["type"] != "null")
                .all(|part| has_example(document, part));
        }
    }
    let scalar = |word: &Value| matches!(word.as_str(), Some("string" | "integer" | "number"));
    if schema["type"] == "array" {
        return has_example(document, &schema["items"]);
    }
    !(scalar(&schema["type"]) || schema["type"].as_array().is_some_and(|words| words.iter().any(scalar)))
}
