//! Bodies are taken as the document says them: an object is an object on every level, a word is a string. serde, left to itself, also
//! fills an object from a list by position, and never compares a name.

use kassa::app::document;
use serde_json::{Map, Value, json};

use super::access::cast::Cast;
use super::none;
use super::spec::{Operation, operations};
use crate::support::TestApp;
use crate::support::merchant::Visit;
use crate::support::request::{Call, send};

/// One step into a body.
#[derive(Clone)]
enum Step {
    Member(String),
    Item,
}

/// A place of a body where one kind of JSON stands.
struct Place {
    steps: Vec<Step>,
    kind: String,
    word: String,
}

impl Place {
    fn pointer(&self) -> String {
        let step = |step: &Step| match step {
            Step::Member(name) => format!("/{name}"),
            Step::Item => "/0".to_owned(),
        };
        self.steps.iter().map(step).collect()
    }

    /// A body that holds nothing but this, there.
    fn holding(&self, value: Value) -> Value {
        self.steps.iter().rev().fold(value, |inner, step| match step {
            Step::Member(name) => json!({ name: inner }),
            Step::Item => json!([inner]),
        })
    }

    /// Values of other kinds.
    fn misfits(&self) -> Vec<Value> {
        match self.kind.as_str() {
            "object" => vec![json!([]), json!([1]), json!([null, null]), json!("x"), json!(1)],
            "array" => vec![json!({}), json!("x")],
            "string" => vec![json!([]), json!({}), json!({ &self.word: null }), json!(true)],
            _ => vec![json!([]), json!({}), json!("x")],
        }
    }
}

/// The places of a body, the deepest too.
fn places(document: &Value, schema: &Value, steps: &[Step], word: &str, out: &mut Vec<Place>) {
    assert!(steps.len() < 12, "a body that holds itself");
    let example = ["example", "default"].iter().find_map(|name| schema[*name].as_str());
    let listed = ["examples", "enum"].iter().find_map(|name| schema[*name][0].as_str());
    let word = example.or(listed).unwrap_or(word);
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
    {
        return places(document, &document["components"]["schemas"][name], steps, word, out);
    }
    if let Some(parts) = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|kind| schema[*kind].as_array())
    {
        for part in parts {
            places(document, part, steps, word, out);
        }
        return;
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    let Some(kind) = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null") else {
        return;
    };
    out.push(Place {
        steps: steps.to_vec(),
        kind: kind.to_owned(),
        word: word.to_owned(),
    });
    let further = |step: Step| [steps, &[step]].concat();
    for (name, inner) in schema["properties"].as_object().unwrap_or(&Map::new()) {
        places(document, inner, &further(Step::Member(name.clone())), "x", out);
    }
    if schema["additionalProperties"].is_object() {
        let inner = &schema["additionalProperties"];
        places(document, inner, &further(Step::Member("fi".to_owned())), "x", out);
    }
    if schema["items"].is_object() {
        places(document, &schema["items"], &further(Step::Item), "x", out);
    }
}

/// What an operation needs before it comes to the objects that it merges into what a new thing begins with.
fn needed(cast: &Cast, operation: &Operation) -> Map<String, Value> {
    let needed = match operation.name().as_str() {
        "POST /v1/checkouts" => json!({"organization_id": cast.merchant.organization, "name": "Another"}),
        "POST /v1/organizations" => json!({"name": "Another", "address": {"country": "FI"}}),
        _ => json!({}),
    };
    needed.as_object().cloned().unwrap_or_default()
}

fn token<'a>(cast: &'a Cast, visit: &'a Visit, operation: &Operation) -> Option<&'a str> {
    match operation.permission.as_deref() {
        None => None,
        Some("session") => Some(&visit.secret),
        Some(_) => Some(&cast.merchant.api_key),
    }
}

#[actix_web::test]
async fn every_place_takes_its_own_kind_alone() {
    let test = TestApp::new().await;
    let cast = Cast::new(&test).await;
    // That of the cast is confirmed, and can no longer be changed.
    let visit = cast.merchant.visit(&test).await;
    let service = test.service().await;
    let document = document();
    let (mut tried, mut faults) = (0, Vec::new());
    for operation in operations(&document) {
        let body = &operation.body["requestBody"]["content"]["application/json"]["schema"];
        if body.is_null() {
            continue;
        }
        let mut found = Vec::new();
        places(&document, body, &[], "x", &mut found);
        for place in &found {
            for misfit in place.misfits() {
                let mut body = place.holding(misfit.clone());
                if let Some(members) = body.as_object_mut() {
                    for (name, value) in needed(&cast, &operation) {
                        members.entry(name).or_insert(value);
                    }
                }
                let path = cast.path(&operation).replace(&cast.visit.id, &visit.id);
                let call = Call::new(&operation.method, path).json(body);
                let call = call.header("idempotency-key", &format!("misfit-{tried}"));
                let call =
                    token(&cast, &visit, &operation).map_or_else(|| call.clone(), |token| call.clone().bearer(token));
                let reply = send(&service, call).await;
                tried += 1;
                let at = if reply.status == 422 {
                    reply.problem().2
                } else {
                    String::new()
                };
                let told = String::from_utf8_lossy(&reply.body).into_owned();
                let rust = ["expected ", "struct ", "invalid type", "i32", "i64"];
                if reply.status != 422 || at != place.pointer() || rust.iter().any(|word| told.contains(word)) {
                    faults.push(format!(
                        "{} {} {misfit}: {} {told}",
                        operation.name(),
                        place.pointer(),
                        reply.status
                    ));
                }
            }
        }
    }
    assert!(tried > 1000, "the walk has lost its places: {tried}");
    none(
        &faults,
        "A body is read by http/typed.rs alone, which takes each kind of JSON for that kind. If you are here because of a new type: no \
         flatten, no untagged, no tag, and what reads itself must ask for the kind that the document says.",
    );
}
