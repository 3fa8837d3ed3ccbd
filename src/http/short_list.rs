//! Lists of one order: short, so they are read whole, oldest first, and shown whole unless `limit` asks for a part.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderValue, LINK};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ctx::Ctx;
use super::list::query;
use super::policy::Policy;
use crate::kernel::page::encode_cursor;
use crate::kernel::problem::Problem;

/// What a short list takes.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ShortListQuery {
    /// How many rows at the most: 1 to 100; all of them when neither this nor `cursor` is there.
    #[param(minimum = 1, maximum = 100, example = 20)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    pub cursor: Option<String>,
}

/// The rows that were asked for.
#[derive(Debug)]
pub struct Shown<V> {
    /// The rows.
    pub data: Vec<V>,
    /// What `cursor` takes to get the rest.
    pub next_cursor: Option<String>,
}

impl<P: Policy> Ctx<P> {
    /// What of the whole list the request asks for. Rows are only ever added at its end, so a cursor is the number of those before it.
    pub fn shown<T, V: From<T>>(&self, rows: Vec<T>) -> Result<Shown<V>, Problem> {
        let asked: ShortListQuery = query(&self.request().query)?;
        let page = self.page_request(asked.limit, asked.cursor.as_deref())?;
        let whole = asked.limit.is_none() && page.after.is_none();
        let before = page
            .after
            .map_or(0, |after| usize::try_from(after.as_u128()).unwrap_or(usize::MAX));
        let most = if whole {
            usize::MAX
        } else {
            usize::try_from(page.limit).unwrap_or(usize::MAX)
        };
        let end = before.saturating_add(most);
        let next_cursor = (end < rows.len())
            .then(|| Uuid::from_u128(u128::try_from(end).unwrap_or_default()))
            .map(|end| encode_cursor(&self.state().keys, self.list_scope(), end));
        let data = rows.into_iter().skip(before).take(most).map(V::from).collect();
        Ok(Shown { data, next_cursor })
    }

    /// 200 with a page that is a resource of its own, its ETag and the `Link` to the next; 304 when the client has it.
    pub fn one_page<V: Serialize>(
        &self,
        view: &V,
        parameter: &str,
        next: Option<&str>,
    ) -> Result<HttpResponse, Problem> {
        let mut response = self.one(view)?;
        if let Some(next) = next {
            let link = HeaderValue::from_str(&self.next_link(parameter, next)).map_err(Problem::internal)?;
            response.headers_mut().insert(LINK, link);
        }
        Ok(response)
    }
}
