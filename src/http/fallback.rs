//! What no route took: 404, or 405 with `Allow` where the path exists; and paths that do not parse.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// The methods of each path template, from the spec.
#[derive(Clone, Debug, Default)]
pub struct Methods(pub Arc<BTreeMap<String, String>>);

/// Answers what no route took.
pub async fn unmatched(request: HttpRequest) -> HttpResponse {
    let map = request.resource_map();
    let path = request.path();
    if !map.has_resource(path) {
        return Problem::new(ProblemCode::NotFound).error_response();
    }
    let allowed = map
        .match_pattern(path)
        .and_then(|template| request.app_data::<Methods>()?.0.get(&template).cloned())
        .unwrap_or_else(|| "GET, HEAD".to_owned());
    let mut response = Problem::new(ProblemCode::MethodNotAllowed).error_response();
    if let Ok(value) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// Says what a 404 without a word is: what is served from files knows of no problems.
pub async fn explain<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let response = next.call(request).await?;
    if response.status() != StatusCode::NOT_FOUND || response.headers().contains_key(CONTENT_TYPE) {
        return Ok(response.map_into_left_body());
    }
    let problem = Problem::new(ProblemCode::NotFound).error_response();
    Ok(response.into_response(problem).map_into_right_body())
}

/// A path that does not hold an id of the right kind names nothing.
pub fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Problem::new(ProblemCode::NotFound).into())
}
