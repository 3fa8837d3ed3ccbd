//! Operations: health, the spec, and what each problem code means.

use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::answer::{JSON, etag, names};
use super::ctx::Ctx;
use super::openapi_copies::documents;
use super::policy::Public;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// The finished document and its copies, made once at start.
#[derive(Clone)]
pub struct Document {
    /// The master.
    pub master: Arc<Copied>,
    /// OpenAPI 3.1 without `webhooks`.
    pub without_webhooks: Arc<Copied>,
    /// OpenAPI 3.0.3.
    pub in_3_0: Arc<Copied>,
}

impl Document {
    /// Makes the copies.
    pub fn of(document: &serde_json::Value) -> Self {
        let [master, without_webhooks, in_3_0] = documents(document).map(|(_, text)| Arc::new(Copied::from(text)));
        Self {
            master,
            without_webhooks,
            in_3_0,
        }
    }
}

/// A document as it is served: as it is, or compressed to a tenth. Each form has a tag of its own.
pub struct Copied {
    text: Bytes,
    tag: String,
    gzip: OnceLock<(Bytes, String)>,
}

impl From<String> for Copied {
    fn from(text: String) -> Self {
        Self {
            tag: etag(text.as_bytes()),
            text: text.into(),
            gzip: OnceLock::new(),
        }
    }
}

impl Copied {
    /// Compressed, once for all: made when the first client asks for it, because most starts are of tests, where none does.
    fn gzip(&self) -> std::io::Result<&(Bytes, String)> {
        if let Some(made) = self.gzip.get() {
            return Ok(made);
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.text)?;
        let bytes = encoder.finish()?;
        let tag = etag(&bytes);
        Ok(self.gzip.get_or_init(|| (bytes.into(), tag)))
    }
}

/// Whether an `Accept-Encoding` header takes gzip.
fn takes_gzip(header: &str) -> bool {
    header.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let refused = parts.any(|weight| {
            let weight = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.bytes().all(|digit| matches!(digit, b'0' | b'.')))
        });
        named && !refused
    })
}

async fn serve(
    ctx: &Ctx<Public>,
    request: &HttpRequest,
    which: fn(&Document) -> &Arc<Copied>,
) -> Result<HttpResponse, Problem> {
    let document = request.app_data::<Document>();
    let document = Arc::clone(which(document.ok_or_else(|| Problem::internal("no document"))?));
    let accepted = request.headers().get(ACCEPT_ENCODING);
    let compressed = accepted.and_then(|header| header.to_str().ok()).is_some_and(takes_gzip);
    let (body, tag) = if compressed {
        // The first time it takes a tenth of a second: not on a thread that answers others.
        let made = web::block(move || document.gzip().cloned()).await;
        made.map_err(Problem::internal)?.map_err(Problem::internal)?
    } else {
        (document.text.clone(), document.tag.clone())
    };
    let known = ctx.request().if_none_match.as_deref();
    let mut response = HttpResponse::Ok();
    // A cache must not give one form to who takes the other only.
    response.insert_header((VARY, "Accept-Encoding"));
    if known.is_some_and(|header| names(header, &tag, true)) {
        return Ok(response
            .status(StatusCode::NOT_MODIFIED)
            .insert_header((ETAG, tag))
            .finish());
    }
    if compressed {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.insert_header((ETAG, tag)).insert_header(JSON).body(body))
}

/// Whether the process lives
///
/// Touches nothing but the process itself: a database that is away is no reason to restart it.
#[utoipa::path(tag = "operations", operation_id = "getLiveness", responses((status = 200, description = "Alive.", body = Health, example = json!({"status": "ok"}))))]
#[get("/livez")]
pub async fn livez(_ctx: Ctx<Public>) -> HttpResponse {
    HttpResponse::Ok().insert_header(JSON).body(r#"{"status":"ok"}"#)
}

/// Whether requests can be served
///
/// Asks the database. 503 while it is away and while the process is shutting down.
#[utoipa::path(tag = "operations", operation_id = "getReadiness", extensions(("x-problems" = json!(["service-unavailable"]))),
    responses((status = 200, description = "Ready.", body = Health, example = json!({"status": "ok"}))))]
#[get("/readyz")]
pub async fn readyz(ctx: Ctx<Public>) -> Result<HttpResponse, Problem> {
    if ctx.state().stopping.load(Ordering::Relaxed) {
        return Err(Problem::new(ProblemCode::ServiceUnavailable)
            .detail("stopping")
            .retry_after(5));
    }
    ctx.db().ping().await?;
    Ok(HttpResponse::Ok().insert_header(JSON).body(r#"{"status":"ok"}"#))
}

/// The state of the service.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: String,
}

/// The OpenAPI document
///
/// The contract this server answers by. Generate clients from it.
#[utoipa::path(tag = "operations", operation_id = "getOpenapi", responses((status = 200, description = "OpenAPI 3.1.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/openapi/v1.json")]
pub async fn openapi(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&ctx, &request, |document| &document.master).await
}

/// The OpenAPI document without webhooks
///
/// A copy of the contract in OpenAPI 3.1 for generators that stumble over the `webhooks` section, openapi-generator among them.
#[utoipa::path(tag = "operations", operation_id = "getOpenapiWithoutWebhooks", responses((status = 200, description = "OpenAPI 3.1.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/openapi/v1-without-webhooks.json")]
pub async fn openapi_without_webhooks(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&ctx, &request, |document| &document.without_webhooks).await
}

/// The OpenAPI document in version 3.0
///
/// A copy of the contract for generators that read OpenAPI 3.0.3 only, progenitor among them.
#[utoipa::path(tag = "operations", operation_id = "getOpenapi30", responses((status = 200, description = "OpenAPI 3.0.3.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/openapi/v1-3.0.json")]
pub async fn openapi_3_0(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&ctx, &request, |document| &document.in_3_0).await
}

/// A problem, explained.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct ProblemExplanation {
    /// The code.
    #[schema(example = "quote-changed")]
    code: &'static str,
    /// The HTTP status it comes with.
    #[schema(example = 409)]
    status: u16,
    /// Its title.
    #[schema(example = "The total has changed")]
    title: &'static str,
    /// What it means and what to do about it.
    #[schema(example = "What there is to pay is no longer `expected_total`.")]
    explanation: &'static str,
}

/// What a problem code means
///
/// The `type` of every problem leads here.
#[utoipa::path(tag = "operations", operation_id = "getProblem", params(("code" = String, Path, description = "The code.", example = "quote-changed")),
    extensions(("x-problems" = json!(["not-found"]))),
    responses((status = 200, description = "The explanation.", body = ProblemExplanation)))]
#[get("/problems/{code}")]
pub async fn explain_problem(ctx: Ctx<Public>, code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = ProblemCode::from_code(&code).ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&ProblemExplanation {
        code: code.as_str(),
        status: code.status(),
        title: code.title(),
        explanation: code.explanation(),
    })
}

#[cfg(test)]
mod tests {
    use super::takes_gzip;

    #[test]
    fn who_takes_gzip() {
        for header in ["gzip", "deflate, gzip;q=0.5", "br, *", "GZIP"] {
            assert!(takes_gzip(header), "{header}");
        }
        for header in ["", "br", "gzip;q=0", "gzip; q=0.000", "identity, x-gzip"] {
            assert!(!takes_gzip(header), "{header}");
        }
    }
}
