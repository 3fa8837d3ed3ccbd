//! Objects in a PATCH: merged into what is stored, member by member (JSON Merge Patch, RFC 7396), then checked as if they had been
//! sent whole.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use validator::Validate;

use super::{body, typed};
use crate::kernel::problem::Problem;
use crate::kernel::text::Metadata;

/// What a merge patch says of an object: nothing, "clear it", or which members change. Always beside `#[serde(default)]`.
#[derive(Debug, Default)]
pub enum Merge<T> {
    /// Not sent: keep.
    #[default]
    Absent,
    /// Sent as `null`: clear.
    Null,
    /// Sent as an object: its members replace, a `null` among them removes, the others stay.
    Members(Map<String, Value>, PhantomData<fn() -> T>),
}

// Written out, because derived it would ask the same of `T`, of which there is no value here.
impl<T> Clone for Merge<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Absent => Self::Absent,
            Self::Null => Self::Null,
            Self::Members(members, of) => Self::Members(members.clone(), *of),
        }
    }
}

impl<'de, T> Deserialize<'de> for Merge<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Option::<Map<String, Value>>::deserialize(deserializer)?;
        Ok(members.map_or(Self::Null, |members| Self::Members(members, PhantomData)))
    }
}

impl<T> Merge<T> {
    /// The change that sets everything the value has.
    pub fn whole(value: Option<impl Serialize>) -> Self {
        match serde_json::to_value(value) {
            Ok(Value::Object(members)) => Self::Members(members, PhantomData),
            _ => Self::Absent,
        }
    }

    /// Whether nothing was sent.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T: Serialize + DeserializeOwned> Merge<T> {
    /// The object after the patch, whose members are kept under names that may be spelt in several ways: `kept` says how, if the name is
    /// one. Two spellings of one name are refused at the second; faults point at what was sent.
    pub fn unchecked_by(
        self,
        kept: impl Fn(&str) -> Option<String>,
        stored: Option<T>,
        at: &str,
    ) -> Result<Option<T>, Problem> {
        let Self::Members(sent, of) = self else {
            return self.unchecked(stored, at);
        };
        let (mut members, mut spelt) = (Map::new(), Vec::new());
        for (name, change) in sent {
            let known = kept(&name).unwrap_or_else(|| name.clone());
            if members.insert(known.clone(), change).is_some() {
                let detail = format!("`{known}` is there already");
                return Err(Problem::invalid(
                    format!("{at}/{}", typed::escape(&name)),
                    "invalid",
                    detail,
                ));
            }
            if known != name {
                spelt.push((format!("{at}/{known}"), format!("{at}/{name}")));
            }
        }
        Self::Members(members, of).unchecked(stored, at).map_err(|mut problem| {
            for fault in &mut problem.errors {
                let as_sent = spelt.iter().find_map(|(known, name)| {
                    let rest = fault.pointer.strip_prefix(known.as_str())?;
                    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{name}{rest}"))
                });
                fault.pointer = as_sent.unwrap_or_else(|| std::mem::take(&mut fault.pointer));
            }
            problem
        })
    }

    /// The object after the patch, `None` when there is none; `at` is its place in the body. Its own rules are still to be checked.
    pub fn unchecked(self, stored: Option<T>, at: &str) -> Result<Option<T>, Problem> {
        let members = match self {
            Self::Absent => return Ok(stored),
            Self::Null => return Ok(None),
            Self::Members(members, _) => members,
        };
        let mut whole = match stored {
            Some(stored) => serde_json::to_value(stored).map_err(Problem::internal)?,
            None => Value::Object(Map::new()),
        };
        merge(&mut whole, Value::Object(members.clone()));
        refuse_unknown::<T>(whole.clone(), &members, at)?;
        body::read(&whole, at).map(Some)
    }
}

impl<T: Serialize + DeserializeOwned + Validate> Merge<T> {
    /// The object after the patch, `None` when there is none; `at` is its place in the body, for faults.
    pub fn apply(self, stored: Option<T>, at: &str) -> Result<Option<T>, Problem> {
        let sent = !self.is_absent();
        let whole = self.unchecked(stored, at)?;
        match &whole {
            Some(whole) if sent => body::check(whole, at)?,
            _ => {}
        }
        Ok(whole)
    }

    /// The same for an object that is always there.
    pub fn apply_to(self, stored: T, at: &str) -> Result<T, Problem> {
        let whole = self.apply(Some(stored), at)?;
        whole.ok_or_else(|| Problem::invalid(at, "required", "cannot be cleared"))
    }
}

impl Merge<Metadata> {
    /// A merchant's own pairs after the patch, as the database keeps them.
    pub fn patched(self, stored: Value) -> Result<Value, Problem> {
        if self.is_absent() {
            return Ok(stored);
        }
        let pairs = self.apply(Some(Metadata::from_json(stored)), "/metadata")?;
        Ok(pairs.unwrap_or_default().to_json())
    }
}

/// Refuses a null for a member that the object does not have: removed from what is read, it would go unnoticed.
fn refuse_unknown<T: DeserializeOwned>(mut whole: Value, patch: &Map<String, Value>, at: &str) -> Result<(), Problem> {
    if !put_back_nulls(&mut whole, patch) {
        return Ok(());
    }
    match body::read::<T>(&whole, at) {
        Err(problem) if problem.errors.iter().any(|fault| fault.code == "unknown_field") => Err(problem),
        // A null that is known and does not fit is missing from what is read, and refused there.
        _ => Ok(()),
    }
}

/// Whether there was any.
fn put_back_nulls(target: &mut Value, patch: &Map<String, Value>) -> bool {
    let Some(members) = target.as_object_mut() else {
        return false;
    };
    let mut found = false;
    for (name, change) in patch {
        match (change, members.get_mut(name)) {
            (Value::Null, _) => {
                members.insert(name.clone(), Value::Null);
                found = true;
            }
            (Value::Object(inner), Some(member)) => found |= put_back_nulls(member, inner),
            _ => {}
        }
    }
    found
}

/// Applies a merge patch to a value.
pub fn merge(target: &mut Value, patch: Value) {
    let Value::Object(changes) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Some(members) = target.as_object_mut() {
        for (name, change) in changes {
            if change.is_null() {
                members.remove(&name);
            } else {
                merge(members.entry(name).or_insert(Value::Null), change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_merged_member_by_member() {
        // From RFC 7396, appendix A.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} with {patch}");
        }
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Size {
        #[validate(range(min = 1, max = 9))]
        width: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    }

    fn refusal(patch: &str) -> (String, String) {
        let patch: Merge<Size> = serde_json::from_str(patch).expect("a patch");
        let problem = patch
            .apply_to(Size { width: 2, unit: None }, "/size")
            .expect_err("a refusal");
        (problem.errors[0].pointer.clone(), problem.errors[0].code.clone())
    }

    #[test]
    fn faults_point_into_the_body() {
        for (patch, pointer, code) in [
            (r#"{"width": 10}"#, "/size/width", "range"),
            (r#"{"width": "x"}"#, "/size/width", "invalid"),
            (r#"{"width": null}"#, "/size/width", "required"),
            (r#"{"height": 1}"#, "/size/height", "unknown_field"),
            (r#"{"height": null}"#, "/size/height", "unknown_field"),
            ("null", "/size", "required"),
        ] {
            assert_eq!(refusal(patch), (pointer.to_owned(), code.to_owned()), "{patch}");
        }
    }

    #[test]
    fn absent_keeps_null_clears_and_members_merge() {
        let stored = || Size {
            width: 2,
            unit: Some("m".to_owned()),
        };
        let apply = |patch: &str| {
            let patch: Merge<Size> = serde_json::from_str(patch).expect("a patch");
            patch.apply(Some(stored()), "").expect("fits")
        };
        assert_eq!(
            Merge::<Size>::default().apply(Some(stored()), "").ok(),
            Some(Some(stored()))
        );
        assert_eq!(apply("null"), None);
        assert_eq!(apply(r#"{"width": 3}"#).expect("one").unit.as_deref(), Some("m"));
        assert_eq!(apply(r#"{"unit": null}"#), Some(Size { width: 2, unit: None }));
    }
}
