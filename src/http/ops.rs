//! Operations: health, the spec, and what each problem code means.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::{HttpRequest, HttpResponse, get, web};

use super::answer::{JSON, etag};
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

/// A document as it is served.
pub struct Copied {
    text: actix_web::web::Bytes,
    tag: String,
}

impl From<String> for Copied {
    fn from(text: String) -> Self {
        Self {
            tag: etag(text.as_bytes()),
            text: text.into(),
        }
    }
}

fn serve(
    ctx: &Ctx<Public>,
    request: &HttpRequest,
    which: fn(&Document) -> &Arc<Copied>,
) -> Result<HttpResponse, Problem> {
    let document = request.app_data::<Document>();
    let document = which(document.ok_or_else(|| Problem::internal("no document"))?);
    let tag = ("ETag", document.tag.as_str());
    if ctx.request().if_none_match.as_deref() == Some(document.tag.as_str()) {
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .insert_header(JSON)
        .body(document.text.clone()))
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
    serve(&ctx, &request, |document| &document.master)
}

/// The OpenAPI document without webhooks
///
/// A copy of the contract in OpenAPI 3.1 for generators that stumble over the `webhooks` section, openapi-generator among them.
#[utoipa::path(tag = "operations", operation_id = "getOpenapiWithoutWebhooks", responses((status = 200, description = "OpenAPI 3.1.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/openapi/v1-without-webhooks.json")]
pub async fn openapi_without_webhooks(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&ctx, &request, |document| &document.without_webhooks)
}

/// The OpenAPI document in version 3.0
///
/// A copy of the contract for generators that read OpenAPI 3.0.3 only, progenitor among them.
#[utoipa::path(tag = "operations", operation_id = "getOpenapi30", responses((status = 200, description = "OpenAPI 3.0.3.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/openapi/v1-3.0.json")]
pub async fn openapi_3_0(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    serve(&ctx, &request, |document| &document.in_3_0)
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
