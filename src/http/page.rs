//! Pages that are part of the binary: served with a policy of their own, and not again to whoever has them.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::{etag, names};

/// A file, or 304; `policy` says what the page may load.
pub(super) fn serve(
    request: &HttpRequest,
    kind: &'static str,
    bytes: &'static [u8],
    policy: &'static str,
) -> HttpResponse {
    let tag = etag(bytes);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("Referrer-Policy", "no-referrer"));
    let known = request.headers().get(IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| names(known, &tag, true)) {
        return response
            .status(StatusCode::NOT_MODIFIED)
            .insert_header((ETAG, tag))
            .finish();
    }
    response.insert_header((ETAG, tag)).body(bytes)
}
