//! Callbacks and returns over HTTP.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::back::come_back;
use super::receive::receive;
use super::views::BackView;
use crate::http::body::RawBody;
use crate::http::ctx::Ctx;
use crate::http::detached;
use crate::http::part::Part;
use crate::http::policy::Public;
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::payments::desk::Desk;
use crate::payments::model::ProviderKind;
use crate::payments::provider::Inbound;

/// Where Stripe puts its signature; the others sign their parameters.
const SIGNATURE: &str = "stripe-signature";

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CallbackPath {
    /// The provider.
    #[param(example = "paytrail")]
    provider: String,
    /// The checkout.
    #[param(value_type = CheckoutId)]
    checkout_id: String,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ReturnPath {
    /// The provider.
    #[param(example = "paytrail")]
    provider: String,
    /// The attempt to pay.
    #[param(value_type = PaymentId)]
    payment_id: String,
}

/// What a request brought, kept for a task of its own.
struct Brought {
    post: bool,
    query: String,
    signature: Option<String>,
    body: Vec<u8>,
}

impl Brought {
    fn of(ctx: &Ctx<Public>, request: &HttpRequest, body: Vec<u8>) -> Self {
        let header = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
        Self {
            post: ctx.request().method == actix_web::http::Method::POST,
            query: ctx.request().query.clone(),
            signature: header.map(str::to_owned),
            body,
        }
    }

    fn inbound(&self, now: i64) -> Inbound<'_> {
        Inbound {
            post: self.post,
            query: &self.query,
            signature: self.signature.as_deref(),
            body: &self.body,
            now,
        }
    }
}

async fn news(Part(desk): Part<Desk>, path: &CallbackPath, brought: Brought) -> Result<HttpResponse, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let provider: ProviderKind = path.provider.parse().map_err(|_| not_found())?;
    let checkout: CheckoutId = path.checkout_id.parse().map_err(|_| not_found())?;
    // A provider that hangs up has still said it.
    detached(async move {
        let now = desk.db.clock().now().timestamp();
        receive(&desk, checkout, provider, brought.inbound(now)).await
    })
    .await?;
    Ok(HttpResponse::Ok().finish())
}

/// Receive a provider's news
///
/// For payment providers, not for clients: verified by the provider's own signature over the bytes as they came. Answers 200 to
/// news that is known already or changes nothing, 400 to a signature that does not fit.
#[utoipa::path(tag = "payments", operation_id = "receiveProviderNews", params(CallbackPath), request_body(content = String, content_type = "*/*", description = "As the provider sends it."),
    extensions(("x-problems" = json!(["not-found", "signature-invalid"]))),
    responses((status = 200, description = "Taken in.")))]
#[post("/v1/callbacks/{provider}/{checkout_id}")]
pub async fn receive_news(
    ctx: Ctx<Public>,
    desk: Part<Desk>,
    request: HttpRequest,
    path: web::Path<CallbackPath>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let brought = Brought::of(&ctx, &request, body.0);
    news(desk, &path, brought).await
}

/// Receive a provider's news by GET
///
/// The same for providers whose news is in the query.
#[utoipa::path(tag = "payments", operation_id = "receiveProviderNewsByGet", params(CallbackPath),
    extensions(("x-problems" = json!(["not-found", "signature-invalid"]))),
    responses((status = 200, description = "Taken in.")))]
#[get("/v1/callbacks/{provider}/{checkout_id}")]
pub async fn receive_news_by_get(
    ctx: Ctx<Public>,
    desk: Part<Desk>,
    request: HttpRequest,
    path: web::Path<CallbackPath>,
) -> Result<HttpResponse, Problem> {
    let brought = Brought::of(&ctx, &request, Vec::new());
    news(desk, &path, brought).await
}

async fn buyer_is_back(Part(desk): Part<Desk>, path: &ReturnPath, brought: Brought) -> Result<HttpResponse, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    let provider: ProviderKind = path.provider.parse().map_err(|_| not_found())?;
    let payment: PaymentId = path.payment_id.parse().map_err(|_| not_found())?;
    // Providers add parameters of their own: the query is not read strictly.
    let checkout = brought.query.split('&').find_map(|pair| pair.strip_prefix("checkout="));
    let checkout: CheckoutId = checkout.and_then(|text| text.parse().ok()).ok_or_else(not_found)?;
    let on = detached(async move {
        let now = desk.db.clock().now().timestamp();
        come_back(&desk, (checkout, payment), provider, brought.inbound(now)).await
    })
    .await?;
    Ok(match on {
        Some(address) => HttpResponse::SeeOther()
            .insert_header((LOCATION, address))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish(),
        None => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(BackView {
                detail: "You can close this page and go back to the shop.".to_owned(),
            }),
    })
}

/// Take a buyer back
///
/// For browsers that come from a provider's page; the address is made by Kassa and given to the provider. Sends the browser to the
/// `return_url` of the session, or to its `cancel_url` when the payment came to nothing.
#[utoipa::path(tag = "payments", operation_id = "takeBuyerBack", params(ReturnPath),
    extensions(("x-problems" = json!(["not-found"]))),
    responses((status = 303, description = "On to the merchant's page.", headers(("Location" = String, description = "Where to."))),
        (status = 200, description = "The merchant has no page for it.", body = BackView)))]
#[get("/v1/returns/{provider}/{payment_id}")]
pub async fn take_back(
    ctx: Ctx<Public>,
    desk: Part<Desk>,
    request: HttpRequest,
    path: web::Path<ReturnPath>,
) -> Result<HttpResponse, Problem> {
    let brought = Brought::of(&ctx, &request, Vec::new());
    buyer_is_back(desk, &path, brought).await
}

/// Take a buyer back by POST
///
/// The same for providers that have the browser post a form.
#[utoipa::path(tag = "payments", operation_id = "takeBuyerBackByPost", params(ReturnPath), request_body(content = String, content_type = "*/*", description = "As the provider sends it."),
    extensions(("x-problems" = json!(["not-found"]))),
    responses((status = 303, description = "On to the merchant's page.", headers(("Location" = String, description = "Where to."))),
        (status = 200, description = "The merchant has no page for it.", body = BackView)))]
#[post("/v1/returns/{provider}/{payment_id}")]
pub async fn take_back_by_post(
    ctx: Ctx<Public>,
    desk: Part<Desk>,
    request: HttpRequest,
    path: web::Path<ReturnPath>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    let brought = Brought::of(&ctx, &request, body.0);
    buyer_is_back(desk, &path, brought).await
}
