//! A JSON document read as the type that a body has: objects from objects, lists from lists, words from strings, on every level.
//!
//! What serde derives takes more than the document says: a struct also from a list, by position, so that no name is ever compared
//! with those that are known; a word also from an object. Here each kind is taken from that kind of JSON alone, and what is refused
//! is said in words of JSON.
//!
//! A type of a body must not use `flatten`, `untagged` or a tag: serde reads those by way of a copy of its own, which is as open as
//! before. A test sends a list and an object in every place of the document.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

use crate::kernel::patch::CANNOT_BE_CLEARED;
use crate::kernel::problem::Problem;

/// A JSON value as what a type is read from.
#[derive(Clone, Copy)]
pub(super) struct Json<'a>(pub &'a Value);

/// What does not fit.
#[derive(Debug)]
pub(super) enum Wrong {
    /// A member that the object does not have.
    Unknown(String),
    /// A member that is missing.
    Missing(&'static str),
    /// Anything else, said so that a person can mend it.
    Other(String),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown(_) => "this field is not known here",
            Self::Missing(_) => "this field is required",
            Self::Other(detail) => detail,
        })
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(detail: T) -> Self {
        Self::Other(detail.to_string())
    }

    // What a visitor expects is said in Rust's words: every kind that bodies have is told below, before a visitor sees it.
    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Other("is of the wrong kind".to_owned())
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Other("is not a value that this can have".to_owned())
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::Other("has too many or too few items".to_owned())
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::Other(format!("`{word}` is none of: {}", known.join(", ")))
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        Self::Unknown(name.to_owned())
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}

fn must_be(kind: &str) -> Wrong {
    Wrong::Other(format!("must be {kind}"))
}

impl<'de> Json<'de> {
    fn text(self) -> Result<&'de str, Wrong> {
        self.0.as_str().ok_or_else(|| must_be("a string"))
    }

    fn members(self) -> Result<&'de Map<String, Value>, Wrong> {
        self.0.as_object().ok_or_else(|| must_be("an object"))
    }

    fn items(self) -> Result<&'de Vec<Value>, Wrong> {
        self.0.as_array().ok_or_else(|| must_be("a list"))
    }

    fn whole<N: TryFrom<i64> + TryFrom<u64> + fmt::Display>(self, least: N, most: N) -> Result<N, Wrong> {
        let number = self.0.as_number().filter(|number| !number.is_f64());
        let number = number.ok_or_else(|| must_be("a whole number"))?;
        let signed = number.as_i64().and_then(|value| N::try_from(value).ok());
        signed
            .or_else(|| number.as_u64().and_then(|value| N::try_from(value).ok()))
            .ok_or_else(|| must_be(&format!("a whole number from {least} to {most}")))
    }

    fn visit_members<V: Visitor<'de>>(members: &'de Map<String, Value>, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(MapDeserializer::new(
            members.iter().map(|(name, value)| (name.as_str(), Json(value))),
        ))
    }

    fn visit_items<V: Visitor<'de>>(items: &'de [Value], visitor: V) -> Result<V::Value, Wrong> {
        let mut items = SeqDeserializer::new(items.iter().map(Json));
        let value = visitor.visit_seq(&mut items)?;
        items.end()?;
        Ok(value)
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for Json<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $number:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.$visit(self.whole($number::MIN, $number::MAX)?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Json<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => Self::visit_items(items, visitor),
            Value::Object(members) => Self::visit_members(members, visitor),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., Some(value)) => visitor.visit_f64(value),
                _ => Err(must_be("a number")),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.0.as_bool().ok_or_else(|| must_be("true or false"))?)
    }

    whole_numbers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        Self::visit_items(self.items()?, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        Self::visit_members(self.members()?, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(IntoDeserializer::<Wrong>::into_deserializer(self.text()?))
    }

    forward_to_deserialize_any! {
        f32 f64 i128 u128 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

/// A type or field that does not fit: one fault, at its place.
pub(super) fn refusal(error: serde_path_to_error::Error<Wrong>) -> Problem {
    let mut pointer = pointer(error.path());
    let wrong = error.into_inner();
    let detail = wrong.to_string();
    let code = match &wrong {
        Wrong::Unknown(name) => {
            let last = format!("/{}", escape(name));
            if !pointer.ends_with(&last) {
                pointer.push_str(&last);
            }
            "unknown_field"
        }
        Wrong::Missing(name) => {
            pointer.push_str(&format!("/{}", escape(name)));
            "required"
        }
        Wrong::Other(detail) if detail == CANNOT_BE_CLEARED => "required",
        Wrong::Other(_) => "invalid",
    };
    Problem::invalid(pointer, code, detail)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// RFC 6901: `~` and `/` are the two characters a pointer must escape.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Service,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        kind: Kind,
        #[serde(default)]
        count: Option<u8>,
        #[serde(default)]
        parts: Vec<Thing>,
        #[serde(default)]
        free: Map<String, Value>,
    }

    fn read(value: &Value) -> Result<Thing, (String, String)> {
        serde_path_to_error::deserialize(Json(value)).map_err(|error| {
            let fault = refusal(error).errors.swap_remove(0);
            (fault.pointer, fault.detail)
        })
    }

    #[test]
    fn what_fits_is_read() {
        let whole =
            json!({"kind": "service", "count": 255, "parts": [{"kind": "service"}], "free": {"a": [1, -1, 1.5, null]}});
        let thing = read(&whole).expect("fits");
        assert_eq!((thing.count, thing.parts.len()), (Some(255), 1));
        assert_eq!(Value::Object(thing.free), whole["free"]);
    }

    #[test]
    fn each_kind_is_taken_from_that_kind_alone() {
        for (value, pointer, detail) in [
            (json!(["service", 1, [], {}]), "", "must be an object"),
            (json!([]), "", "must be an object"),
            (
                json!({"kind": "service", "parts": [["service"]]}),
                "/parts/0",
                "must be an object",
            ),
            (json!({"kind": {"service": null}}), "/kind", "must be a string"),
            (json!({"kind": "toy"}), "/kind", "`toy` is none of: service"),
            (json!({"kind": "service", "parts": {}}), "/parts", "must be a list"),
            (json!({"kind": "service", "free": []}), "/free", "must be an object"),
            (
                json!({"kind": "service", "count": "1"}),
                "/count",
                "must be a whole number",
            ),
            (
                json!({"kind": "service", "count": 1.0}),
                "/count",
                "must be a whole number",
            ),
            (
                json!({"kind": "service", "count": 256}),
                "/count",
                "must be a whole number from 0 to 255",
            ),
            (
                json!({"kind": "service", "a/b": 1}),
                "/a~1b",
                "this field is not known here",
            ),
            (json!({}), "/kind", "this field is required"),
        ] {
            assert_eq!(read(&value), Err((pointer.to_owned(), detail.to_owned())), "{value}");
        }
    }
}
