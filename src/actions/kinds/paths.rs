//! Ids that services give, and addresses that are made of them.

use reqwest::Url;
use serde_json::Value;

use crate::actions::action::Failure;

/// An id that a service gave: a number, or a text that can be a part of a path as it is.
pub(super) fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        Value::String(text) => {
            let fit = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            fit.then(|| text.clone())
        }
        _ => None,
    }
}

/// The ids in a list of what a run has left.
pub(super) fn ids(left: &Value, name: &str) -> Vec<String> {
    let list = left[name].as_array();
    list.into_iter().flatten().filter_map(id).collect()
}

/// An address under a service's base. Parts of it that come from elsewhere are escaped.
pub(super) fn address(base: &str, parts: &[&str], query: &[(&str, &str)]) -> Result<Url, Failure> {
    let wrong = || Failure::Fatal("The service's address cannot be read.".to_owned());
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut()
        .map_err(|()| wrong())?
        .pop_if_empty()
        .extend(parts);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_of_services_cannot_lead_elsewhere() {
        assert_eq!(id(&json!(501)), Some("501".to_owned()));
        assert_eq!(id(&json!("501")), Some("501".to_owned()));
        for wrong in [
            json!("../webhooks/1"),
            json!(""),
            json!(-1),
            json!(1.5),
            json!(null),
            json!(["1"]),
        ] {
            assert_eq!(id(&wrong), None, "{wrong}");
        }
        assert_eq!(ids(&json!({"tags": [1, "2", "x/y"]}), "tags"), ["1", "2"]);
    }

    #[test]
    fn addresses_are_joined_and_escaped() {
        let made =
            address("http://127.0.0.1:9/api", &["contacts"], &[("email", "a+b@example.com")]).expect("an address");
        assert_eq!(
            made.as_str(),
            "http://127.0.0.1:9/api/contacts?email=a%2Bb%40example.com"
        );
        let made = address("http://127.0.0.1:9/", &["lists", "a/b"], &[]).expect("an address");
        assert_eq!(made.as_str(), "http://127.0.0.1:9/lists/a%2Fb");
    }
}
