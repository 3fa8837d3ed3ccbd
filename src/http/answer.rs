//! Answers to reads: one resource with its ETag, or one page of a list.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LINK, TryIntoHeaderPair};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use super::ctx::Ctx;
use super::policy::Policy;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::sha256;

/// The media type of every good answer.
pub const JSON: (actix_web::http::header::HeaderName, &str) = (CONTENT_TYPE, "application/json");

/// A strong ETag: equal bytes have equal tags, and only they. 128 bits of SHA-256 of the body.
pub fn etag(body: &[u8]) -> String {
    format!("\"{}\"", BASE64URL_NOPAD.encode(&sha256(body)[..16]))
}

/// Whether a list of tags in `If-Match` or `If-None-Match` names this one. `*`, which names every one, stands alone: inside of a list
/// it could be part of a tag.
pub(super) fn names(header: &str, tag: &str, weak: bool) -> bool {
    let given = |given: &str| {
        let given = given.trim();
        (if weak { given.strip_prefix("W/") } else { None }).unwrap_or(given) == tag
    };
    header.trim() == "*" || header.split(',').any(given)
}

impl<P: Policy> Ctx<P> {
    /// 200 with the resource and its ETag, or 304 when the client has it already.
    pub fn one<V: Serialize>(&self, view: &V) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_vec(view).map_err(Problem::internal)?;
        let tag = etag(&body);
        if self
            .request()
            .if_none_match
            .as_deref()
            .is_some_and(|header| names(header, &tag, true))
        {
            return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
        }
        Ok(ok(body, (ETAG, tag)))
    }

    /// 200 with a page and a `Link` to the next.
    pub fn page<V: Serialize>(&self, list: &super::list::List<V>) -> Result<HttpResponse, Problem> {
        let body = serde_json::to_vec(list).map_err(Problem::internal)?;
        let tag = etag(&body);
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &list.next_cursor {
            response.insert_header((LINK, self.next_link("cursor", cursor)));
        }
        Ok(response.insert_header((ETAG, tag)).insert_header(JSON).body(body))
    }

    /// The same request with another `parameter`, which says where the next page begins.
    pub(super) fn next_link(&self, parameter: &str, value: &str) -> String {
        let request = self.request();
        let kept = request.query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.is_empty() && name != "cursor" && name != parameter
        });
        let query: Vec<&str> = kept.collect();
        let separator = if query.is_empty() { "" } else { "&" };
        format!(
            "<{}?{}{separator}{parameter}={value}>; rel=\"next\"",
            request.path,
            query.join("&")
        )
    }
}

/// Refuses with 412 unless `If-Match`, when sent, names what `current` shows now.
pub fn check_precondition<V: Serialize>(if_match: Option<&str>, current: &V) -> Result<(), Problem> {
    let Some(header) = if_match else {
        return Ok(());
    };
    let body = serde_json::to_vec(current).map_err(Problem::internal)?;
    if names(header, &etag(&body), false) {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::PreconditionFailed))
    }
}

fn ok(body: Vec<u8>, header: impl TryIntoHeaderPair) -> HttpResponse {
    HttpResponse::Ok().insert_header(header).insert_header(JSON).body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_tags_match_strongly() {
        let tag = etag(b"{}");
        assert!(names(&tag, &tag, false) && names("*", &tag, false) && names(&format!("\"x\", {tag}"), &tag, false));
        let weak = format!("W/{tag}");
        assert!(!names(&weak, &tag, false) && names(&weak, &tag, true));
        assert!(!names("\"a,*,b\"", &tag, false) && !names("", &tag, false));
        assert!(check_precondition(Some("\"x\""), &1).is_err());
        assert!(check_precondition(None, &1).is_ok());
    }
}
