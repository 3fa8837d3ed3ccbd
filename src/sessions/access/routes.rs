//! Coming back by a mail, over HTTP.

use actix_web::{HttpRequest, HttpResponse, post};

use super::open::{Genuine, open};
use super::views::OrderAccessInput;
use crate::http::answer;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::middleware::cors;
use crate::http::origins::WhichCheckout;
use crate::http::policy::Public;
use crate::kernel::problem::Problem;
use crate::sessions::views::OpenedSession;

/// Come back to an order
///
/// With the token of a mail: the order's session, and a `client_secret` that opens its routes. A token opens one order, for 30 days.
#[utoipa::path(tag = "storefront", operation_id = "openOrder", request_body = OrderAccessInput,
    extensions(("x-problems" = json!(["invalid-token", "not-found", "currency-not-offered"]))),
    responses((status = 200, description = "The session of the order.", body = OpenedSession)))]
#[post("/v1/storefront/order-access")]
pub async fn open_order(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<OrderAccessInput>,
) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let token = Genuine::of(&ctx.state().keys, &input.token)?;
    cors::admit(&request, WhichCheckout::Id(token.checkout)).await?;
    let opened = open(ctx.db(), &ctx.state().keys, &token).await?;
    Ok(HttpResponse::Ok().insert_header(answer::JSON).json(opened))
}
