//! Lists: `limit`, `cursor` and the page that comes back.

use actix_web::web;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::ctx::Ctx;
use super::policy::Policy;
use crate::kernel::page::{self, DEFAULT_LIMIT, ListScope, MAX_LIMIT, Page, PageRequest};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;

/// One page of a list, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub struct List<V> {
    /// The rows of this page.
    pub data: Vec<V>,
    /// Whether there is another page.
    pub has_more: bool,
    /// What `cursor` takes to get it; opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, example = "AZNQ3mGfTqKb0l8V")]
    pub next_cursor: Option<String>,
}

/// What every list takes.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    pub cursor: Option<String>,
}

/// Reads a query string strictly: an unknown or unreadable parameter is 422.
pub fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    if text.contains("%00") {
        return Err(Problem::new(ProblemCode::MalformedRequest).detail("a parameter contains the character U+0000"));
    }
    let refused = |fault| Problem::new(ProblemCode::ValidationFailed).errors(vec![fault]);
    web::Query::<Read<T>>::from_query(text)
        .map_err(|error| refused(Fault::new("?", "invalid", error.to_string())))?
        .into_inner()
        .0
        .map_err(refused)
}

/// What a query string says, or which parameter is wrong: actix would tell the message without the name.
struct Read<T>(Result<T, Fault>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = serde_path_to_error::deserialize(deserializer);
        Ok(Self(read.map_err(|error| fault(&error))))
    }
}

/// The parameter and what is wrong with it. Serde names some in its message, the others by where it was.
fn fault<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> Fault {
    let detail = error.inner().to_string();
    let named = |start: &str| detail.strip_prefix(start).and_then(|rest| rest.split('`').next());
    if let Some(name) = named("unknown field `") {
        let detail = "this parameter is not known here";
        return Fault::new(format!("?{name}"), "unknown_parameter", detail);
    }
    if let Some(name) = named("missing field `") {
        return Fault::new(format!("?{name}"), "required", "this parameter is required");
    }
    if let Some(name) = named("duplicate field `") {
        return Fault::new(format!("?{name}"), "duplicate", "this parameter stands twice");
    }
    let place = error.path().to_string();
    // A fault of the whole has no place, which is written as a dot.
    Fault::new(format!("?{}", place.trim_start_matches('.')), "invalid", detail)
}

impl<P: Policy> Ctx<P> {
    pub(super) fn list_scope(&self) -> ListScope {
        let filters: Vec<(String, String)> = self
            .request()
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| !matches!(*name, "cursor" | "limit"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        ListScope::of(&self.request().path, &filters)
    }

    /// Where the page asked for starts.
    pub fn page_request(&self, limit: Option<i64>, cursor: Option<&str>) -> Result<PageRequest, Problem> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Problem::invalid("?limit", "range", format!("must be 1 to {MAX_LIMIT}")));
        }
        let after = cursor
            .map(|cursor| page::decode_cursor(&self.state().keys, self.list_scope(), cursor))
            .transpose()
            .map_err(|_| Problem::invalid("?cursor", "invalid", "not a cursor of this list with these filters"))?;
        Ok(PageRequest { after, limit })
    }

    /// The page as the client sees it.
    pub fn list<T, V>(&self, page: Page<T>, view: impl FnMut(T) -> V) -> List<V> {
        let next_cursor = page
            .next
            .map(|id| page::encode_cursor(&self.state().keys, self.list_scope(), id));
        List {
            has_more: next_cursor.is_some(),
            next_cursor,
            data: page.rows.into_iter().map(view).collect(),
        }
    }
}
