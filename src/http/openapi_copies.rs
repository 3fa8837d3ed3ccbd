//! Copies of the document for generators that cannot read the master.
//!
//! The master is OpenAPI 3.1 with a `webhooks` section. openapi-generator writes code that does not compile for the section, and
//! progenitor reads 3.0 only. Both copies describe the same operations and are made from the master, never by hand. They carry one example of each
//! problem answer at most: generators read none of them, and they are half of the master's size.

use serde_json::{Map, Value, json};

use super::openapi_open::needed;
use super::problem::MEDIA_TYPE;

/// The document and its copies, each under the name of its file.
pub fn documents(document: &Value) -> [(&'static str, String); 3] {
    [
        ("v1.json", pretty(document)),
        ("v1-without-webhooks.json", pretty(&without_webhooks(document))),
        ("v1-3.0.json", pretty(&in_3_0(document))),
    ]
}

/// A document as it is committed and served: indented, with a line break at its end.
pub fn pretty(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// The document in OpenAPI 3.1 without what receivers of webhooks need.
pub fn without_webhooks(document: &Value) -> Value {
    let mut copy = document.clone();
    if let Some(members) = copy.as_object_mut() {
        members.remove("webhooks");
    }
    if let Some(tags) = copy["tags"].as_array_mut() {
        tags.retain(|tag| tag["name"] != "notifications");
    }
    for_each_answer(&mut copy, &|answer| {
        let content = answer
            .get_mut("content")
            .and_then(|content| content.get_mut(MEDIA_TYPE));
        if let Some(content) = content.and_then(Value::as_object_mut) {
            content.remove("examples");
        }
    });
    // What a provider sends is in its own format: generators call that bytes.
    let items = copy["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let content = operation
            .get_mut("requestBody")
            .and_then(|body| body.get_mut("content"));
        if let Some(content) = content.and_then(Value::as_object_mut)
            && content.remove("*/*").is_some()
        {
            let bytes = json!({"schema": {"type": "string", "format": "binary"}});
            content.insert("application/octet-stream".to_owned(), bytes);
        }
    }
    let schemas = copy["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let used = needed([&copy["paths"]], &schemas);
    if let Some(schemas) = copy["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
    copy
}

/// The document in OpenAPI 3.0.3. Problems are said to be `application/json`: progenitor types no other answer.
pub fn in_3_0(document: &Value) -> Value {
    let mut copy = without_webhooks(document);
    copy["openapi"] = "3.0.3".into();
    if let Some(license) = copy["info"]["license"].as_object_mut() {
        license.remove("identifier");
    }
    for_each_answer(&mut copy, &|answer| {
        if let Some(content) = answer.get_mut("content").and_then(Value::as_object_mut)
            && let Some(problem) = content.remove(MEDIA_TYPE)
        {
            content.insert("application/json".to_owned(), problem);
        }
    });
    let schemas = copy["components"]["schemas"].as_object_mut();
    schemas.into_iter().flat_map(Map::values_mut).for_each(schema);
    let headers = copy["components"]["headers"].as_object_mut();
    headers
        .into_iter()
        .flat_map(Map::values_mut)
        .for_each(|header| schema(&mut header["schema"]));
    within(&mut copy["paths"]);
    copy
}

fn for_each_answer(document: &mut Value, change: &dyn Fn(&mut Value)) {
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let answers = operation.get_mut("responses").and_then(Value::as_object_mut);
        answers.into_iter().flat_map(Map::values_mut).for_each(change);
    }
}

/// Turns every schema of the operations.
fn within(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members.iter_mut() {
                match name.as_str() {
                    "schema" => schema(inner),
                    "example" | "examples" => {}
                    _ => within(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(within),
        _ => {}
    }
}

/// A schema of 3.1 as 3.0 says it.
fn schema(value: &mut Value) {
    let Some(members) = value.as_object_mut() else {
        return;
    };
    let inner = members.get_mut("properties").and_then(Value::as_object_mut);
    inner.into_iter().flat_map(Map::values_mut).for_each(schema);
    for name in ["items", "additionalProperties", "not"] {
        members.get_mut(name).into_iter().for_each(schema);
    }
    for name in ["oneOf", "anyOf", "allOf"] {
        let inner = members.get_mut(name).and_then(Value::as_array_mut);
        inner.into_iter().flatten().for_each(schema);
    }
    members.remove("propertyNames");
    if let Some(word) = members.remove("const") {
        members.insert("enum".to_owned(), json!([word]));
    }
    if let Some(examples) = members.remove("examples")
        && let Some(first) = examples.get(0)
    {
        members.insert("example".to_owned(), first.clone());
    }
    if let Some(kinds) = members.get("type").and_then(Value::as_array).cloned() {
        let mut named = kinds.iter().filter(|kind| **kind != "null");
        if let Some(kind) = named.next() {
            members.insert("type".to_owned(), kind.clone());
        }
        members.insert("nullable".to_owned(), true.into());
    }
    nullable_choice(members);
    // 3.0 ignores what stands beside a reference.
    if members.len() > 1
        && let Some(reference) = members.remove("$ref")
    {
        members.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
}

/// `oneOf: [X, null]` is a nullable X.
fn nullable_choice(members: &mut Map<String, Value>) {
    for name in ["oneOf", "anyOf"] {
        let Some(choices) = members.get_mut(name).and_then(Value::as_array_mut) else {
            continue;
        };
        let before = choices.len();
        choices.retain(|choice| choice["type"] != "null");
        if choices.len() == before {
            continue;
        }
        members.insert("nullable".to_owned(), true.into());
        let choices = members.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        if let [only] = choices.as_slice() {
            members.remove(name);
            if let Some(nested) = only["allOf"].as_array() {
                members.insert("allOf".to_owned(), json!(nested));
                if let Some(description) = only.get("description") {
                    members.entry("description").or_insert_with(|| description.clone());
                }
            } else {
                members.insert("allOf".to_owned(), json!([only]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_references_are_said_as_3_0_says_them() {
        let mut value = json!({"type": "object", "properties": {
            "text": {"type": ["string", "null"], "examples": ["a"]},
            "other": {"oneOf": [{"$ref": "#/components/schemas/Other", "description": "Another."}, {"type": "null"}]},
            "named": {"$ref": "#/components/schemas/Other", "description": "Named."},
            "word": {"type": "string", "const": "x"}}});
        schema(&mut value);
        let reference = json!([{"$ref": "#/components/schemas/Other"}]);
        let expected = json!({"type": "object", "properties": {
            "text": {"type": "string", "nullable": true, "example": "a"},
            "other": {"allOf": reference, "nullable": true, "description": "Another."},
            "named": {"allOf": reference, "description": "Named."},
            "word": {"type": "string", "enum": ["x"]}}});
        assert_eq!(value, expected);
    }
}
