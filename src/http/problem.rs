//! The one place that makes `application/problem+json` (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value};

use crate::kernel::problem::{Fault, Problem};

/// The media type of every refusal.
pub const MEDIA_TYPE: &str = "application/problem+json";

tokio::task_local! {
    /// The id of the request being answered; set around the whole request by the request-id middleware.
    pub static REQUEST_ID: String;
}

/// The body of every refusal (RFC 9457).
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// Where the problem is explained.
    #[schema(example = "/problems/not-found")]
    r#type: String,
    /// The same for every occurrence.
    #[schema(example = "Not found")]
    title: String,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    status: u16,
    /// This occurrence, for a person. Do not parse it.
    #[schema(required = false, example = "requires catalog:write")]
    detail: Option<String>,
    /// Stable: what a program looks at.
    #[schema(example = "not-found")]
    code: String,
    /// The id of the request, also in the header `X-Request-Id`.
    #[schema(example = "01jd5wq0zsfa2tq4n9v8kx3m7h")]
    request_id: String,
    /// Which parts of the request are wrong.
    #[schema(required = false)]
    errors: Option<Vec<Fault>>,
}

fn body(problem: &Problem) -> Vec<u8> {
    let mut members = Map::new();
    let code = problem.code;
    members.insert("type".into(), format!("/problems/{}", code.as_str()).into());
    members.insert("title".into(), code.title().into());
    members.insert("status".into(), problem.http_status().into());
    if let Some(detail) = &problem.detail {
        members.insert("detail".into(), detail.as_str().into());
    }
    members.insert("code".into(), code.as_str().into());
    let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    members.insert("request_id".into(), request_id.into());
    if !problem.errors.is_empty() {
        members.insert(
            "errors".into(),
            serde_json::to_value(&problem.errors).unwrap_or_default(),
        );
    }
    if let Some((name, value)) = &problem.extension {
        members.insert((*name).into(), value.clone());
    }
    serde_json::to_vec(&Value::Object(members)).unwrap_or_default()
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        // Logged once, here, at the edge; the answer carries the request id and nothing of the cause.
        if let Some(cause) = &self.cause {
            if status == StatusCode::INTERNAL_SERVER_ERROR {
                tracing::error!(code = self.code.as_str(), cause, "request failed");
            } else {
                tracing::warn!(code = self.code.as_str(), cause, "request refused");
            }
        }
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"kassa\""));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.body(body(self))
    }
}
