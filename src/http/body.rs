//! Request bodies: read with a bound in size and time, parsed strictly, validated, and known by a fingerprint.
//!
//! serde_json would accept duplicate keys (the last wins, so two readers may see two requests) and NUL characters (which
//! PostgreSQL's text refuses, a 500 later): both are refused here, as is nesting beyond what any body needs.

use std::fmt;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::typed::{Json, escape, refusal};
use crate::kernel::places::PLACE;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::sha256;

/// The largest body a route accepts.
pub const MAX_BYTES: usize = 256 * 1024;
/// How long a body may take to arrive: actix bounds the head only.
const MAX_TIME: Duration = Duration::from_secs(10);
const MAX_DEPTH: u8 = 32;

/// A JSON body, parsed and validated.
pub struct Body<T> {
    value: T,
    fingerprint: [u8; 32],
}

impl<T> Body<T> {
    /// The parsed value, and SHA-256 of the canonical body for idempotency.
    pub fn into_parts(self) -> (T, [u8; 32]) {
        (self.value, self.fingerprint)
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media = media_type(request);
        let payload = payload.take();
        Box::pin(async move {
            media?;
            let bytes = tokio::time::timeout(MAX_TIME, collect(payload))
                .await
                .map_err(|_| Problem::new(ProblemCode::RequestTimeout))??;
            parse(&bytes)
        })
    }
}

/// A body as it came, byte for byte: for what is verified by a signature over it.
pub struct RawBody(pub Vec<u8>);

impl FromRequest for RawBody {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move {
            let bytes = tokio::time::timeout(MAX_TIME, collect(payload)).await;
            bytes.map_err(|_| Problem::new(ProblemCode::RequestTimeout))?.map(Self)
        })
    }
}

/// JSON in UTF-8, as it is: nothing here unpacks a body, and one that says it is packed is not to be read as if it were not. A merge
/// patch may say what it is (RFC 7396).
fn media_type(request: &HttpRequest) -> Result<(), Problem> {
    let plain = |line: &HeaderValue| line.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if !request.headers().get_all(CONTENT_ENCODING).all(plain) {
        let detail = "a body is sent as it is: no Content-Encoding but identity";
        return Err(Problem::new(ProblemCode::UnsupportedMediaType).detail(detail));
    }
    let header = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = header.unwrap_or_default().split(';').map(str::trim);
    let patches = request.method() == Method::PATCH;
    let json = parts.next().is_some_and(|media| {
        media.eq_ignore_ascii_case("application/json")
            || (patches && media.eq_ignore_ascii_case("application/merge-patch+json"))
    });
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if json && utf8 {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::UnsupportedMediaType))
    }
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|_| Problem::new(ProblemCode::MalformedRequest).detail("the body did not arrive whole"))?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            return Err(Problem::new(ProblemCode::PayloadTooLarge).detail(format!("at most {MAX_BYTES} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Parses and validates a body's bytes.
pub fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<Body<T>, Problem> {
    let malformed = |error: serde_json::Error| Problem::new(ProblemCode::MalformedRequest).detail(error.to_string());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let document = Strict { depth: 0 }.deserialize(&mut reader).map_err(malformed)?;
    reader.end().map_err(malformed)?;
    let fingerprint = sha256(document.to_string().as_bytes());
    let value: T = read(&document, "")?;
    check(&value, "")?;
    Ok(Body { value, fingerprint })
}

/// Reads a part of a body, whose place in it is `at`.
pub fn read<T: DeserializeOwned>(document: &Value, at: &str) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Json(document)).map_err(|error| placed(refusal(error), at))
}

/// Validates a part of a body, whose place in it is `at`.
pub fn check<T: Validate>(value: &T, at: &str) -> Result<(), Problem> {
    let refused = |errors| Problem::new(ProblemCode::ValidationFailed).errors(faults(&errors));
    value.validate().map_err(|errors| placed(refused(errors), at))
}

/// The same problem, its pointers begun at the whole body.
fn placed(mut problem: Problem, at: &str) -> Problem {
    for fault in &mut problem.errors {
        fault.pointer.insert_str(0, at);
    }
    problem
}

/// What validator calls the rules of an object as a whole: no member of it.
const WHOLE: &str = "__all__";

/// Where in the value a rule was broken, if it says so.
fn further(error: &ValidationError) -> String {
    match error.params.get(PLACE) {
        Some(Value::String(name)) => format!("/{}", escape(name)),
        Some(place) => format!("/{place}"),
        None => String::new(),
    }
}

fn faults(errors: &ValidationErrors) -> Vec<Fault> {
    fn walk(at: &str, errors: &ValidationErrors, out: &mut Vec<Fault>) {
        for (field, kind) in errors.errors() {
            let at = match field.as_ref() {
                WHOLE => at.to_owned(),
                field => format!("{at}/{}", escape(field)),
            };
            match kind {
                ValidationErrorsKind::Field(found) => out.extend(found.iter().map(|error| {
                    let detail = error.message.as_deref().unwrap_or("is not valid");
                    Fault::new(format!("{at}{}", further(error)), error.code.as_ref(), detail)
                })),
                ValidationErrorsKind::Struct(inner) => walk(&at, inner, out),
                ValidationErrorsKind::List(items) => {
                    for (index, inner) in items {
                        walk(&format!("{at}/{index}"), inner, out);
                    }
                }
            }
        }
    }
    let mut out = Vec::new();
    walk("", errors, &mut out);
    out.sort_by(|left, right| left.pointer.cmp(&right.pointer));
    out
}

/// Builds a `Value`, refusing duplicate keys, NUL characters, floats beyond any number and deep nesting.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

fn without_nul<E: de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') {
        return Err(E::custom("text must not contain the character U+0000"));
    }
    Ok(text)
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        without_nul(value.to_owned()).map(Value::String)
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        without_nul(value).map(Value::String)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let item = self.deeper()?;
        let mut items = Vec::new();
        while let Some(value) = access.next_element_seed(item)? {
            items.push(value);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let item = self.deeper()?;
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let key = without_nul(key)?;
            let value = access.next_value_seed(item)?;
            if members.insert(key.clone(), value).is_some() {
                return Err(de::Error::custom(format!("the key `{key}` appears twice")));
            }
        }
        // One order of keys, so that two spellings of one body have one fingerprint.
        members.sort_keys();
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[validate(range(min = 1, max = 9))]
        quantity: i64,
    }

    #[derive(Debug, serde::Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "its presence is what the tests are about")]
        name: String,
        #[serde(default)]
        #[validate(nested)]
        lines: Vec<Line>,
    }

    fn refusal(json: &str) -> (u16, String) {
        let problem = parse::<Order>(json.as_bytes()).err().expect("a refusal");
        let pointer = problem
            .errors
            .first()
            .map(|fault| format!("{} {}", fault.pointer, fault.code));
        (problem.code.status(), pointer.unwrap_or_default())
    }

    #[test]
    fn every_fault_has_its_status_and_pointer() {
        let deep = format!("{{\"name\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        for (json, status, pointer) in [
            ("{", 400, ""),
            (r#"{"name":"a"} x"#, 400, ""),
            (r#"{"name":"a","name":"b"}"#, 400, ""),
            (r#"{"name":"\u0000"}"#, 400, ""),
            (r#"{"name":"a","lines":[{"quantity":1e400}]}"#, 400, ""),
            (&deep, 400, ""),
            (r#"{}"#, 422, "/name required"),
            (r#"{"name":1}"#, 422, "/name invalid"),
            (r#"{"name":"a","colour":1}"#, 422, "/colour unknown_field"),
            (
                r#"{"name":"a","lines":[{"quantity":1},{"quantity":"x"}]}"#,
                422,
                "/lines/1/quantity invalid",
            ),
            (
                r#"{"name":"a","lines":[{"quantity":1},{"quantity":0}]}"#,
                422,
                "/lines/1/quantity range",
            ),
            (
                r#"{"name":"a","lines":[{"quantity":1,"a/b":0}]}"#,
                422,
                "/lines/0/a~1b unknown_field",
            ),
            (r#"[]"#, 422, " invalid"),
            (r#"["a",[]]"#, 422, " invalid"),
            (r#"{"name":"a","lines":[[1]]}"#, 422, "/lines/0 invalid"),
        ] {
            assert_eq!(refusal(json), (status, pointer.to_owned()), "{json}");
        }
    }

    #[test]
    fn the_fingerprint_ignores_order_and_space() {
        let print = |json: &str| parse::<Order>(json.as_bytes()).expect("a body").into_parts().1;
        assert_eq!(
            print(r#"{"name":"a","lines":[]}"#),
            print(" { \"lines\" : [] , \"name\" : \"a\" } ")
        );
        assert_ne!(print(r#"{"name":"a"}"#), print(r#"{"name":"b"}"#));
    }
}
