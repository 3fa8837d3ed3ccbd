//! What clients of the last release rely on is still there.
//!
//! `openapi/released.json` is the shape of the last released document, without its prose. Within v1 there are additions only: a
//! client that was generated from it must send what is still accepted and read what is still answered. A release rewrites the
//! file (`UPDATE_RELEASED=1`); a change in between never does.

use std::collections::BTreeSet;

use kassa::app::document;
use serde_json::{Map, Value, json};

use super::{at, none};

const FILE: &str = "openapi/released.json";
const ADVICE: &str = "A client of the last release breaks on this. Add beside the old instead: a new field that may be absent, a new \
                      operation, a new word. What was never released may change: `UPDATE_RELEASED=1 cargo test --test it -- compatibility`.";

/// Which way a value goes: a request may ask for less and accept more, an answer the other way round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    faults: Vec<String>,
    seen: BTreeSet<(String, String, bool)>,
}

/// What is wrong with `new` for who knows `old`.
fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison {
        old,
        new,
        faults: Vec::new(),
        seen: BTreeSet::new(),
    };
    comparison.document();
    comparison.faults
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn words(value: &Value, name: &str) -> BTreeSet<String> {
    let list = value[name].as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn body(operation: &Value) -> &Value {
    &operation["requestBody"]["content"]["application/json"]["schema"]
}

impl Comparison<'_> {
    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    fn document(&mut self) {
        let (old, new) = (self.old, self.new);
        for (path, item) in members(&old["paths"]) {
            for (method, operation) in members(item) {
                let now = &new["paths"][path][method];
                let place = format!("{} {path}", method.to_uppercase());
                if now.is_null() {
                    self.fault(format!("{place}: gone"));
                } else {
                    self.operation(&place, operation, now);
                }
            }
        }
        for (event, item) in members(&old["webhooks"]) {
            let now = &new["webhooks"][event];
            if now.is_null() {
                self.fault(format!("event {event}: gone"));
            } else {
                self.schema(event, body(&item["post"]), body(&now["post"]), Way::Answered);
            }
        }
    }

    fn operation(&mut self, place: &str, old: &Value, new: &Value) {
        if old["operationId"] != new["operationId"] {
            self.fault(format!(
                "{place}: its operationId names the method of every generated client"
            ));
        }
        if new["security"] != old["security"] && new["security"] != json!([]) {
            self.fault(format!("{place}: asks for other credentials"));
        }
        let parameters = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let (before, now) = (parameters(old), parameters(new));
        let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
        for parameter in &now {
            let name = format!("{place}: parameter {}", parameter["name"]);
            match before.iter().find(|known| same(known, parameter)) {
                None if parameter["required"] == true => self.fault(format!("{name} is required and new")),
                Some(known) if parameter["required"] == true && known["required"] != true => {
                    self.fault(format!("{name} is required now"));
                }
                Some(known) => self.schema(&name, &known["schema"], &parameter["schema"], Way::Sent),
                None => {}
            }
        }
        for parameter in &before {
            if !now.iter().any(|known| same(known, parameter)) {
                self.fault(format!("{place}: parameter {} is gone", parameter["name"]));
            }
        }
        match (body(old).is_null(), body(new).is_null()) {
            (false, true) => self.fault(format!("{place}: takes no body any more")),
            (true, false) if new["requestBody"]["required"] == true => self.fault(format!("{place}: needs a body now")),
            (false, false) => self.schema(place, body(old), body(new), Way::Sent),
            _ => {}
        }
        for (status, answer) in members(&old["responses"]).filter(|(status, _)| status.starts_with('2')) {
            let now = &new["responses"][status];
            if now.is_null() {
                self.fault(format!("{place}: does not answer {status} any more"));
            }
            for (kind, content) in members(&answer["content"]) {
                let now = &now["content"][kind]["schema"];
                self.schema(&format!("{place} {status}"), &content["schema"], now, Way::Answered);
            }
        }
    }

    fn schema(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        if old.is_null() {
            return;
        }
        let name = |schema: &Value| schema["$ref"].as_str().map(str::to_owned);
        if let (Some(before), Some(now)) = (name(old), name(new))
            && !self.seen.insert((before, now, way == Way::Sent))
        {
            return;
        }
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        let (kinds_before, kinds_now) = (kinds(self.old, &old), kinds(self.new, &new));
        let (wide, narrow) = match way {
            Way::Sent => (&kinds_now, &kinds_before),
            Way::Answered => (&kinds_before, &kinds_now),
        };
        // Every integer is a number; what says nothing of its type may be any.
        if !wide.is_empty() && !narrow.is_subset(wide) {
            self.fault(format!("{place}: was {kinds_before:?}, is {kinds_now:?}"));
            return;
        }
        self.words(place, &old, &new, way);
        self.limits(place, &old, &new, way);
        self.properties(place, &old, &new, way);
        for inner in ["items", "additionalProperties"] {
            if old[inner].is_object() && new[inner].is_object() {
                self.schema(&format!("{place}[]"), &old[inner], &new[inner], way);
            }
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            let parts = |schema: &Value| -> Vec<Value> {
                let list = schema[choice].as_array().cloned().unwrap_or_default();
                list.into_iter().filter(|part| part["type"] != "null").collect()
            };
            let (before, now) = (parts(&old), parts(&new));
            if let ([before], [now]) = (before.as_slice(), now.as_slice()) {
                self.schema(place, before, now, way);
            } else if before.len() == now.len() || (way == Way::Sent && now.len() > before.len()) {
                for (before, now) in before.iter().zip(&now) {
                    self.schema(place, before, now, way);
                }
            } else if !before.is_empty() {
                self.fault(format!("{place}: {} forms, were {}", now.len(), before.len()));
            }
        }
    }

    fn words(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        let (before, now) = (words(old, "enum"), words(new, "enum"));
        let gone = match way {
            Way::Sent if now.is_empty() => Vec::new(),
            Way::Sent => before.difference(&now).cloned().collect(),
            Way::Answered if before.is_empty() => Vec::new(),
            Way::Answered if now.is_empty() => vec!["open now".to_owned()],
            Way::Answered => now.difference(&before).cloned().collect(),
        };
        if !gone.is_empty() {
            self.fault(format!("{place}: closed words {gone:?}"));
        }
        let open = words(old, "x-extensible-enum");
        let gone: Vec<_> = open.difference(&words(new, "x-extensible-enum")).cloned().collect();
        if !gone.is_empty() && words(new, "enum").is_empty() {
            self.fault(format!("{place}: words {gone:?} are gone"));
        }
        if old["const"] != new["const"] {
            self.fault(format!("{place}: another constant"));
        }
    }

    fn limits(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        if way == Way::Answered {
            return;
        }
        for (limit, sign) in [
            ("maxLength", -1_i64),
            ("maximum", -1),
            ("maxItems", -1),
            ("minLength", 1),
            ("minimum", 1),
            ("minItems", 1),
        ] {
            let number = |schema: &Value| schema[limit].as_i64();
            let tighter = match (number(old), number(new)) {
                (None, Some(0)) => false,
                (None, Some(_)) => true,
                (Some(before), Some(now)) => (now - before) * sign > 0,
                _ => false,
            };
            if tighter {
                self.fault(format!("{place}: {limit} was {}, is {}", old[limit], new[limit]));
            }
        }
        if !new["pattern"].is_null() && old["pattern"] != new["pattern"] {
            self.fault(format!("{place}: another pattern"));
        }
    }

    fn properties(&mut self, place: &str, old: &Value, new: &Value, way: Way) {
        let (needed_before, needed_now) = (words(old, "required"), words(new, "required"));
        for (name, schema) in members(&old["properties"]) {
            let place = format!("{place}.{name}");
            let now = &new["properties"][name];
            if now.is_null() {
                self.fault(format!("{place}: gone"));
                continue;
            }
            if way == Way::Answered && needed_before.contains(name) && !needed_now.contains(name) {
                self.fault(format!("{place}: may be absent now"));
            }
            self.schema(&place, schema, now, way);
        }
        if way == Way::Sent {
            for name in needed_now.difference(&needed_before) {
                self.fault(format!("{place}.{name}: required now"));
            }
        }
    }
}

/// The schema behind a reference.
fn resolved(document: &Value, schema: &Value) -> Value {
    match schema["$ref"]
        .as_str()
        .and_then(|r| r.strip_prefix("#/components/schemas/"))
    {
        Some(name) => document["components"]["schemas"][name].clone(),
        None => schema.clone(),
    }
}

/// The types a value may have; nothing: any.
fn kinds(document: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolved(document, schema);
    let mut kinds: BTreeSet<String> = match &schema["type"] {
        Value::String(kind) => BTreeSet::from([kind.clone()]),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    for choice in ["oneOf", "anyOf"] {
        for part in schema[choice].as_array().into_iter().flatten() {
            kinds.extend(self::kinds(document, part));
        }
    }
    kinds
}

/// The document without what no program relies on.
fn shape(value: &Value) -> Value {
    const PROSE: [&str; 9] = [
        "description",
        "summary",
        "example",
        "examples",
        "title",
        "default",
        "tags",
        "headers",
        "info",
    ];
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, inner)| {
                let inner = match (name.as_str(), inner) {
                    // Here names are the merchant's words, and a field may be called `description`.
                    ("properties" | "schemas", Value::Object(named)) => named
                        .iter()
                        .map(|(name, inner)| (name.clone(), shape(inner)))
                        .collect::<Map<_, _>>()
                        .into(),
                    ("responses", Value::Object(answers)) => {
                        let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
                        good.map(|(status, inner)| (status.clone(), shape(inner)))
                            .collect::<Map<_, _>>()
                            .into()
                    }
                    (name, _) if PROSE.contains(&name) => return None,
                    _ => shape(inner),
                };
                Some((name.clone(), inner))
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        other => other.clone(),
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not a setting of the product"
)]
fn a_client_of_the_last_release_is_served() {
    let new = shape(&document());
    if std::env::var_os("UPDATE_RELEASED").is_some() {
        std::fs::write(at(FILE), format!("{new}\n")).expect("the released document");
    }
    let text = std::fs::read_to_string(at(FILE)).expect("the released document");
    let old: Value = serde_json::from_str(&text).expect("JSON");
    none(&breaks(&old, &new), ADVICE);
}

/// The comparison itself: a break of each kind is found, an addition of each kind is not.
#[test]
fn breaks_are_found_and_additions_are_not() {
    let old = shape(&document());
    let session = "/components/schemas/Session";
    let open = "/components/schemas/SessionInput";
    let sessions = "/paths/~1v1~1storefront~1sessions";
    let at = |change: &dyn Fn(&mut Value), pointer: &str| {
        let mut new = old.clone();
        change(new.pointer_mut(pointer).expect(pointer));
        breaks(&old, &new)
    };
    let removed = |name: &'static str| move |value: &mut Value| drop(value.as_object_mut().map(|m| m.remove(name)));
    let broken = [
        at(&removed("post"), sessions),
        at(&removed("totals"), &format!("{session}/properties")),
        at(&|value| *value = json!([]), &format!("{session}/required")),
        at(
            &|value| *value = json!({"type": "integer"}),
            &format!("{session}/properties/created_at"),
        ),
        at(&removed("quantity"), &format!("{open}/properties")),
        at(&|value| value["required"] = json!(["locale"]), open),
        at(
            &|value| *value = json!("begin"),
            &format!("{sessions}/post/operationId"),
        ),
        at(&removed("order.created"), "/webhooks"),
        at(
            &|value| *value = json!(["open"]),
            "/components/schemas/SessionStatus/x-extensible-enum",
        ),
        at(
            &|value| *value = json!(["succeeded"]),
            "/components/schemas/TestOutcome/enum",
        ),
        at(
            &|value| *value = json!([{"bearerAuth": []}]),
            &format!("{sessions}/post/security"),
        ),
    ];
    for (place, found) in broken.iter().enumerate() {
        assert!(!found.is_empty(), "break {place} was not found");
    }
    let word = json!("added");
    let push = |value: &mut Value| value.as_array_mut().expect("a list").push(word.clone());
    let added = |value: &mut Value| value["added"] = json!({"type": "string"});
    let harmless = [
        at(&added, &format!("{session}/properties")),
        at(&added, &format!("{open}/properties")),
        at(&push, "/components/schemas/SessionStatus/x-extensible-enum"),
        at(&push, "/components/schemas/TestOutcome/enum"),
        at(
            &|value| value["x.happened"] = value["order.created"].clone(),
            "/webhooks",
        ),
        at(&|value| value["/v1/more"] = value["/v1/me"].clone(), "/paths"),
    ];
    for (place, found) in harmless.iter().enumerate() {
        assert!(found.is_empty(), "addition {place}: {found:?}");
    }
}
