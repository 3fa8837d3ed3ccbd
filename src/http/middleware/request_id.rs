//! Request ids, trace spans, access log and duration, one middleware because they share the request's beginning and end.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument;

use crate::http::client_address;
use crate::http::problem::REQUEST_ID;
use crate::http::state::State;
use crate::kernel::ids::JobId;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const MOST: usize = 128;

/// Gives the request an id, a span and a line in the log.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let state = request.app_data::<Arc<State>>().cloned();
    if let Some(state) = &state {
        client_address::settle(&state.trusted_proxies, &request);
    }
    let id = incoming(&request).unwrap_or_else(|| fresh(state.as_deref()));
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        "otel.name" = tracing::field::Empty,
        "otel.kind" = "server",
        "http.request.method" = %method,
        "http.route" = tracing::field::Empty,
        "http.response.status_code" = tracing::field::Empty,
        request_id = %id,
    );
    crate::http::middleware::metrics::adopt_parent(&span, request.headers());
    let header = HeaderValue::from_str(&id);
    let future = REQUEST_ID.scope(id, next.call(request)).instrument(span.clone());
    let mut response = future.await?;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    // The template, never the raw path: ids must not become label values.
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let took = begun.elapsed();
    span.record("otel.name", format!("{method} {route}"));
    span.record("http.route", &route);
    span.record("http.response.status_code", status);
    // To the microsecond: what follows is noise.
    let duration_ms = (took.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    span.in_scope(|| tracing::info!(%method, route, status, duration_ms, "answered"));
    if let Some(state) = state {
        state.metrics.observe_request(method.as_str(), &route, status, took);
    }
    Ok(response)
}

/// A sane id of the caller's own: up to 128 visible ASCII characters.
fn incoming(request: &ServiceRequest) -> Option<String> {
    let text = request.headers().get(HEADER)?.to_str().ok()?;
    let sane = (1..=MOST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    sane.then(|| text.to_owned())
}

fn fresh(state: Option<&State>) -> String {
    let clock = state.map(|state| state.db.clock().clone()).unwrap_or_default();
    // The bare suffix of a typed id: sortable by time, like every other id.
    let id = JobId::generate(&clock).to_string();
    id.split_once('_')
        .map_or_else(|| id.clone(), |(_, suffix)| suffix.to_owned())
}
