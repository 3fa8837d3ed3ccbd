//! A refusal on its way to the client: a stable code, a sentence, and which parts of the request are wrong.
//!
//! Use cases have small error enums of their own and turn them into a [`Problem`]; `http` turns that into RFC 9457
//! `application/problem+json`. Nothing here knows of either side.

use std::fmt;

use super::problem_codes::ProblemCode;

/// One wrong part of a request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request body; for a query parameter `?name`.
    #[schema(example = "/prices/0/amount")]
    pub pointer: String,
    /// What is wrong, stable: `required`, `unknown_field`, `invalid`, or a rule's own word.
    #[schema(example = "invalid")]
    pub code: String,
    /// What is wrong, for a person.
    #[schema(example = "must be at least 1")]
    pub detail: String,
}

impl Fault {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// A refusal or failure, ready to be answered.
#[derive(Debug)]
pub struct Problem {
    /// Which problem.
    pub code: ProblemCode,
    /// Another HTTP status than the code's own, where the same matter means something else to the request.
    pub status: Option<u16>,
    /// What happened this time, for a person; never an internal cause.
    pub detail: Option<String>,
    /// Which parts of the request are wrong.
    pub errors: Vec<Fault>,
    /// When to come back, in seconds.
    pub retry_after: Option<u32>,
    /// One further member of the answer: its name and value (RFC 9457, extension members).
    pub extension: Option<(&'static str, serde_json::Value)>,
    /// Came from a transaction that lost against another one, and may be tried again.
    pub contention: bool,
    /// The internal cause: logged once, never answered.
    pub cause: Option<String>,
}

impl Problem {
    /// Whether its `reason` is this word.
    pub fn is_reason(&self, word: &str) -> bool {
        matches!(&self.extension, Some(("reason", value)) if value == word)
    }

    /// A problem with nothing but its code.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            status: None,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            extension: None,
            contention: false,
            cause: None,
        }
    }

    /// With another HTTP status than the code's own. The operation says so in `x-problem-status`.
    #[must_use]
    pub const fn answered_with(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The HTTP status.
    pub fn http_status(&self) -> u16 {
        self.status.unwrap_or(self.code.status())
    }

    /// With a sentence about this occurrence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the wrong parts of the request.
    #[must_use]
    pub fn errors(mut self, errors: Vec<Fault>) -> Self {
        self.errors = errors;
        self
    }

    /// With a time to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With a further member of the answer.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: serde_json::Value) -> Self {
        self.extension = Some((name, value));
        self
    }

    /// The same problem, which points at the part of the request that it is about, if it is of this kind and points nowhere yet: a rule
    /// does not know what the request calls what it judges.
    #[must_use]
    pub fn pointing(mut self, code: ProblemCode, pointer: &str) -> Self {
        if self.code == code && self.errors.is_empty() {
            let detail = self.detail.clone().unwrap_or_else(|| code.title().to_owned());
            let word = match &self.extension {
                Some(("reason", serde_json::Value::String(reason))) => reason.clone(),
                _ => code.as_str().replace('-', "_"),
            };
            self.errors.push(Fault::new(pointer, word, detail));
        }
        self
    }

    /// Something of ours failed; the cause is for the log alone.
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut problem = Self::new(ProblemCode::InternalError);
        problem.cause = Some(cause.to_string());
        problem
    }

    /// One wrong part of the request.
    pub fn invalid(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::ValidationFailed).errors(vec![Fault::new(pointer, code, detail)])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        for text in self.detail.iter().chain(&self.cause) {
            write!(f, ": {text}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<super::money::AmountTooLarge> for Problem {
    fn from(error: super::money::AmountTooLarge) -> Self {
        Self::new(ProblemCode::AmountTooLarge).detail(error.to_string())
    }
}
