//! Lists: `limit`, `cursor` and the page that comes back.

use actix_web::web;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
    web::Query::<T>::from_query(text)
        .map(web::Query::into_inner)
        .map_err(|error| Problem::new(ProblemCode::ValidationFailed).errors(vec![fault(&error.to_string())]))
}

fn fault(message: &str) -> Fault {
    let detail = message.strip_prefix("Query deserialize error: ").unwrap_or(message);
    match detail
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next())
    {
        Some(name) => Fault::new(
            format!("?{name}"),
            "unknown_parameter",
            "this parameter is not known here",
        ),
        None => Fault::new("?", "invalid", detail),
    }
}

impl<P: Policy> Ctx<P> {
    fn list_scope(&self) -> ListScope {
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
