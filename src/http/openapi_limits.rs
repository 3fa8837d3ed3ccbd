//! Sizes of what is sent, where the types do not say them: a reader of the document sees that nothing is taken without an end.
//!
//! The server's own checks are at the types and mostly narrower. What it answers needs no limits.

use serde_json::{Map, Value, json};

use super::openapi_open::needed;

/// The longest text that any body takes in one field without saying so itself: an address of a page or a picture.
const LONGEST: u64 = 2048;
/// The largest whole number that every language reads exactly.
const LARGEST: u64 = (1 << 53) - 1;

/// Says the limits of bodies and parameters.
pub(super) fn limit(document: &mut Value) {
    let Some(mut schemas) = document["components"]["schemas"].as_object().cloned() else {
        return;
    };
    let mut sent = Vec::new();
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        for name in ["requestBody", "parameters"] {
            if let Some(part) = operation.get_mut(name) {
                within(part, LONGEST);
                sent.push(part.clone());
            }
        }
    }
    for name in needed(&sent, &schemas) {
        let longest = match name.as_str() {
            "Email" => 254,
            "Slug" => 63,
            "VatNumber" => 40,
            "Metadata" | "MetadataChanges" => 500,
            _ => LONGEST,
        };
        if let Some(schema) = schemas.get_mut(&name) {
            within(schema, longest);
        }
    }
    document["components"]["schemas"] = Value::Object(schemas);
}

fn within(value: &mut Value, longest: u64) {
    match value {
        Value::Object(members) => {
            size(members, longest);
            for (name, inner) in members.iter_mut() {
                if !matches!(name.as_str(), "example" | "examples" | "default") {
                    within(inner, longest);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| within(item, longest)),
        _ => {}
    }
}

fn size(members: &mut Map<String, Value>, longest: u64) {
    let is = |kind: &str| {
        let kinds = members.get("type");
        kinds.is_some_and(|kinds| kinds == kind || kinds.as_array().is_some_and(|list| list.contains(&json!(kind))))
    };
    let says = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
    // A pattern with both ends and no repetition without one is a limit.
    let fixed = members.get("pattern").and_then(Value::as_str);
    let fixed = fixed.is_some_and(|pattern| pattern.ends_with('$') && !pattern.contains(['*', '+']));
    if is("string") && !fixed && !says(&["maxLength", "enum", "const", "x-extensible-enum"]) {
        members.insert("maxLength".to_owned(), longest.into());
    } else if is("integer") && !says(&["maximum", "enum"]) {
        members.insert("maximum".to_owned(), LARGEST.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_no_limit_gets_one() {
        let mut value = json!({"properties": {
            "any": {"type": ["string", "null"]},
            "short": {"type": "string", "maxLength": 5},
            "id": {"type": "string", "pattern": "^prd_[0-9a-z]{26}$"},
            "open": {"type": "string", "pattern": "^[a-z]+$"}}});
        within(&mut value, 63);
        let limits: Vec<_> = ["any", "short", "id", "open"]
            .iter()
            .map(|name| value["properties"][name]["maxLength"].as_u64())
            .collect();
        assert_eq!(limits, [Some(63), Some(5), None, Some(63)]);
    }
}
