//! What answers say stays open: a client that was generated yesterday reads what is added tomorrow.
//!
//! Generated clients refuse a word that their enum lacks and, in some languages, a field that their type lacks. So the words of answers
//! are strings that list what is known under `x-extensible-enum`, and no object of an answer is closed. What is sent here stays closed:
//! an object that is both sent and answered has a schema of its own for sending, named `…Input`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// The component that an object refers to.
fn referred(members: &Map<String, Value>) -> Option<&str> {
    members.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// Every component that a value refers to, directly.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(referred(members).map(str::to_owned));
            for (name, inner) in members {
                if !matches!(name.as_str(), "example" | "examples" | "default") {
                    references(inner, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The components that a value needs, with all that they need themselves.
pub(super) fn needed<'a>(
    values: impl IntoIterator<Item = &'a Value>,
    schemas: &Map<String, Value>,
) -> BTreeSet<String> {
    let mut direct = BTreeSet::new();
    values.into_iter().for_each(|value| references(value, &mut direct));
    let mut open: Vec<String> = direct.into_iter().collect();
    let mut all = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(schema) = schemas.get(&name)
            && all.insert(name)
        {
            let mut more = BTreeSet::new();
            references(schema, &mut more);
            open.extend(more);
        }
    }
    all
}

/// Opens what answers and events are made of, and keeps what is sent closed.
pub(super) fn open(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let flattened = flatten(schemas);
    let schemas = schemas.clone();
    let operations = || {
        let items = document["paths"].as_object().into_iter().flat_map(Map::values);
        items.filter_map(Value::as_object).flat_map(Map::values)
    };
    let sent = needed(
        operations().flat_map(|operation| [&operation["requestBody"], &operation["parameters"]]),
        &schemas,
    );
    let answered = needed(
        operations()
            .map(|operation| &operation["responses"])
            .chain([&document["webhooks"]]),
        &schemas,
    );
    let closed = |name: &String| schemas.get(name).is_some_and(is_closed);
    // What is sent and answered, and is closed or holds something that is.
    let split: BTreeMap<String, String> = sent
        .intersection(&answered)
        .filter(|name| {
            let within = needed(schemas.get(*name), &schemas);
            closed(name) || within.iter().any(closed)
        })
        .map(|name| (name.clone(), sent_name(name, &schemas)))
        .collect();
    let mut changed = Map::new();
    for (name, mut schema) in schemas.clone() {
        if let Some(own) = split.get(&name) {
            let mut copy = schema.clone();
            rename(&mut copy, &split);
            changed.insert(own.clone(), copy);
        }
        if flattened.contains(&name) && !answered.contains(&name) && !sent.contains(&name) {
            continue;
        }
        if answered.contains(&name) {
            unseal(&mut schema);
        } else {
            rename(&mut schema, &split);
        }
        changed.insert(name, schema);
    }
    document["components"]["schemas"] = Value::Object(changed);
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(body) = operation.get_mut("requestBody") {
            rename(body, &split);
        }
    }
}

/// An object that has the members of another or lacks them all (`#[serde(flatten)]` of an `Option`) becomes one object where those
/// members are optional: utoipa says that it must be the other one. Returns the names of the others.
fn flatten(schemas: &mut Map<String, Value>) -> BTreeSet<String> {
    let mut flattened = BTreeSet::new();
    let whole = schemas.clone();
    let optional = |part: &Value| -> Option<String> {
        let choices = part["oneOf"].as_array()?;
        choices.iter().find(|choice| choice["type"] == "null")?;
        choices
            .iter()
            .filter_map(Value::as_object)
            .find_map(referred)
            .map(str::to_owned)
    };
    for schema in schemas.values_mut() {
        let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        if !parts.iter().any(|part| optional(part).is_some()) {
            continue;
        }
        let (mut members, mut required) = (Map::new(), Vec::new());
        for part in &parts {
            let other = optional(part);
            let source = other.as_ref().and_then(|name| whole.get(name)).unwrap_or(part);
            let properties = source["properties"].as_object().cloned();
            members.extend(properties.unwrap_or_default());
            match other {
                Some(name) => _ = flattened.insert(name),
                None => required.extend(part["required"].as_array().cloned().unwrap_or_default()),
            }
        }
        let description = schema["description"].clone();
        *schema = json!({"type": "object", "description": description, "properties": members, "required": required});
    }
    flattened
}

fn is_closed(schema: &Value) -> bool {
    schema["additionalProperties"] == Value::Bool(false)
}

/// `Policy` is sent as `PolicyInput`; `ConsentsInput` has the name already.
fn sent_name(name: &str, schemas: &Map<String, Value>) -> String {
    let own = format!("{name}Input");
    if schemas.contains_key(&own) {
        format!("{name}Sent")
    } else {
        own
    }
}

/// Takes the ends off lists of words, and the seals off objects.
fn unseal(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.remove("additionalProperties");
            }
            if let Some(words) = members.get("enum").and_then(Value::as_array).cloned() {
                members.remove("enum");
                members.entry("examples").or_insert_with(|| json!([words[0]]));
                members.insert("x-extensible-enum".to_owned(), Value::Array(words.clone()));
                let listed: Vec<String> = words
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|word| format!("`{word}`"))
                    .collect();
                let known = format!("One of {}, and what later versions add.", listed.join(", "));
                let text = members.get("description").and_then(Value::as_str).unwrap_or_default();
                let text = format!("{text}\n\n{known}").trim().to_owned();
                members.insert("description".to_owned(), text.into());
            }
            for (name, inner) in members.iter_mut() {
                if !matches!(name.as_str(), "example" | "examples" | "default" | "x-extensible-enum") {
                    unseal(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unseal),
        _ => {}
    }
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            if let Some(own) = referred(members).and_then(|name| names.get(name)) {
                let own = format!("{SCHEMAS}{own}");
                members.insert("$ref".to_owned(), own.into());
            }
            members.values_mut().for_each(|inner| rename(inner, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_answered_is_open_and_what_is_sent_is_closed() {
        let body =
            |name: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}{name}")}}}});
        let mut document = json!({
            "paths": {"/things": {"put": {"requestBody": body("ThingInput"), "responses": {"200": body("Thing")}}}},
            "webhooks": {},
            "components": {"schemas": {
                "ThingInput": {"type": "object", "additionalProperties": false, "properties": {"size": {"$ref": "#/components/schemas/Size"}}},
                "Thing": {"type": "object", "properties": {"size": {"$ref": "#/components/schemas/Size"}}},
                "Size": {"type": "object", "additionalProperties": false, "properties": {"unit": {"$ref": "#/components/schemas/Unit"}}},
                "Unit": {"type": "string", "enum": ["m", "km"], "description": "A unit."},
            }},
        });
        open(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["ThingInput"]["properties"]["size"]["$ref"],
            "#/components/schemas/SizeInput"
        );
        assert_eq!(
            schemas["Thing"]["properties"]["size"]["$ref"],
            "#/components/schemas/Size"
        );
        assert_eq!(schemas["ThingInput"]["additionalProperties"], false);
        assert_eq!(schemas["SizeInput"]["additionalProperties"], false);
        assert!(schemas["Size"].get("additionalProperties").is_none());
        assert!(schemas["Unit"].get("enum").is_none());
        assert_eq!(schemas["Unit"]["x-extensible-enum"], json!(["m", "km"]));
    }
}
