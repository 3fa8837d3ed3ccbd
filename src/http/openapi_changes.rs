//! The objects of PATCH bodies in the OpenAPI document: merged member by member, so nothing in them is required, and null takes a
//! pair out of a map. Derived here, so that the document cannot forget it.

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Gives every object of a PATCH body a schema of its changes: `Policies` becomes `PoliciesChanges`.
pub(super) fn relax(document: &mut Value) {
    let bodies: Vec<String> = document["paths"]
        .as_object()
        .into_iter()
        .flat_map(Map::values)
        .filter_map(|item| {
            let schema = &item["patch"]["requestBody"]["content"]["application/json"]["schema"];
            schema["$ref"].as_str()?.strip_prefix(SCHEMAS).map(str::to_owned)
        })
        .collect();
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for body in bodies {
        let members = schemas
            .get(&body)
            .and_then(|body| body["properties"].as_object())
            .cloned();
        for (name, member) in members.into_iter().flatten() {
            let changes = changes_of(&member, schemas);
            schemas[&body]["properties"][name] = changes;
        }
    }
}

/// The schema of a change of what a schema describes. Arrays and plain values are replaced whole.
fn changes_of(schema: &Value, schemas: &mut Map<String, Value>) -> Value {
    let mut changes = schema.clone();
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix(SCHEMAS)) {
        let whole = schemas.get(name).cloned().unwrap_or_default();
        let of_whole = changes_of(&whole, schemas);
        if of_whole != whole {
            let own = format!("{name}Changes");
            changes["$ref"] = format!("{SCHEMAS}{own}").into();
            schemas.insert(own, of_whole);
        }
        return changes;
    }
    if let Some(kinds) = changes.get_mut("oneOf").and_then(Value::as_array_mut) {
        kinds.iter_mut().for_each(|kind| *kind = changes_of(kind, schemas));
    }
    if !is_object(schema) {
        return changes;
    }
    if let Some(changes) = changes.as_object_mut() {
        changes.remove("required");
    }
    if let Some(members) = changes.get_mut("properties").and_then(Value::as_object_mut) {
        members
            .values_mut()
            .for_each(|member| *member = changes_of(member, schemas));
    }
    if let Some(pair) = schema.get("additionalProperties").filter(|pair| pair.is_object()) {
        changes["additionalProperties"] = or_null(changes_of(pair, schemas));
    }
    changes
}

fn is_object(schema: &Value) -> bool {
    let kind = &schema["type"];
    kind == "object" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("object")))
}

fn or_null(schema: Value) -> Value {
    match &schema["type"] {
        Value::String(kind) if kind != "null" => {
            let kinds = json!([kind, "null"]);
            let mut schema = schema;
            schema["type"] = kinds;
            schema
        }
        Value::Null if schema.get("$ref").is_some() => json!({"oneOf": [schema, {"type": "null"}]}),
        _ => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_merged_requires_nothing_and_what_is_replaced_does() {
        let mut document = json!({
            "paths": {"/things": {"patch": {"requestBody": {"content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/ThingPatch"}}}}}}},
            "components": {"schemas": {
                "ThingPatch": {"type": "object", "properties": {
                    "size": {"oneOf": [{"$ref": "#/components/schemas/Size"}, {"type": "null"}]},
                    "pairs": {"type": "object", "additionalProperties": {"type": "string"}},
                    "sizes": {"type": "array", "items": {"$ref": "#/components/schemas/Size"}},
                    "name": {"$ref": "#/components/schemas/Name"}}},
                "Size": {"type": "object", "required": ["width"], "properties": {"width": {"type": "integer"}}},
                "Name": {"type": "string"},
            }},
        });
        let before = document.clone();
        relax(&mut document);
        let schemas = &document["components"]["schemas"];
        let members = &schemas["ThingPatch"]["properties"];
        assert_eq!(members["size"]["oneOf"][0]["$ref"], "#/components/schemas/SizeChanges");
        assert_eq!(
            members["pairs"]["additionalProperties"]["type"],
            json!(["string", "null"])
        );
        let old = &before["components"]["schemas"];
        assert_eq!(members["sizes"], old["ThingPatch"]["properties"]["sizes"]);
        assert_eq!(members["name"], old["ThingPatch"]["properties"]["name"]);
        assert_eq!(schemas["Size"], old["Size"]);
        assert_eq!(
            schemas["SizeChanges"],
            json!({"type": "object", "properties": {"width": {"type": "integer"}}})
        );
    }
}
