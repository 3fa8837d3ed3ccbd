//! Which operation of the document a request is: what the audit log calls it by, and what it may answer in.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

const JSON: &str = "application/json";
const PROBLEM: &str = super::problem::MEDIA_TYPE;

/// What the document says of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// The media types of its good answers; `None` where nobody is asked what they take: providers and browsers that come from them.
    media: Option<Vec<String>>,
}

impl Operation {
    fn of(operation: &Value) -> Option<Self> {
        let responses = operation["responses"].as_object();
        let good = responses
            .into_iter()
            .flatten()
            .filter(|(status, _)| status.starts_with('2'));
        let mut media: Vec<String> = good
            .filter_map(|(_, response)| response["content"].as_object())
            .flat_map(|content| content.keys().cloned())
            .collect();
        if media.is_empty() {
            media.push(JSON.to_owned());
        }
        Some(Self {
            id: operation["operationId"].as_str()?.to_owned(),
            media: operation["responses"]["406"].is_object().then_some(media),
        })
    }

    /// Whether an `Accept` header leaves room for an answer of it. An empty one says nothing.
    pub fn suits(&self, accept: &str) -> bool {
        let Some(media) = &self.media else {
            return true;
        };
        let known = || media.iter().map(String::as_str).chain([PROBLEM]);
        accept.trim().is_empty() || accept.split(',').any(|range| known().any(|media| covers(range, media)))
    }
}

/// Whether a media range with its parameters covers a type. `q=0` is what the client does not take.
fn covers(range: &str, media: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let range = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.filter_map(|part| part.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f32>().is_ok_and(|quality| quality <= 0.0)
    });
    let kind = media.split('/').next().unwrap_or_default();
    !refused && (range == "*/*" || range == media || range.strip_suffix("/*") == Some(kind))
}

/// The operations of the document, by method and path template.
#[derive(Clone, Debug, Default)]
pub struct Operations(Arc<BTreeMap<(String, String), Operation>>);

impl Operations {
    /// Reads them from the document.
    pub fn of(document: &Value) -> Self {
        let mut found = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Some(operation) = Operation::of(operation) {
                    found.insert((method.to_uppercase(), path.clone()), operation);
                }
            }
        }
        Self(Arc::new(found))
    }

    /// The operation of a method and a path template.
    pub fn get(&self, method: &str, path: &str) -> Option<&Operation> {
        self.0.get(&(method.to_owned(), path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(content: Value, negotiates: bool) -> Operation {
        let mut body = json!({"operationId": "x", "responses": {"200": {"content": content}}});
        if negotiates {
            body["responses"]["406"] = json!({});
        }
        Operation::of(&body).expect("an operation")
    }

    #[test]
    fn an_answer_is_in_a_type_that_the_operation_has() {
        let one = operation(json!({JSON: {}}), true);
        let file = operation(json!({"text/csv": {}, "application/x-ndjson": {}}), true);
        let nothing = operation(Value::Null, true);
        for (accept, json, csv) in [
            ("", true, true),
            ("*/*", true, true),
            ("application/*", true, true),
            ("Application/JSON; charset=utf-8", true, false),
            ("application/problem+json", true, true),
            ("text/html, application/json;q=0.1", true, false),
            ("application/json;q=0, text/csv; q=0.0", false, false),
            ("text/csv", false, true),
            ("text/*", false, true),
            ("application/x-ndjson", false, true),
            ("text/html", false, false),
        ] {
            assert_eq!((one.suits(accept), file.suits(accept)), (json, csv), "{accept}");
            assert_eq!(nothing.suits(accept), json, "{accept}");
        }
        assert!(
            operation(json!({JSON: {}}), false).suits("text/html"),
            "who is not asked"
        );
    }
}
