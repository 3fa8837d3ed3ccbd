//! Asking for the way back to an order, over HTTP.

use actix_web::{HttpRequest, HttpResponse, post};

use super::ask::{Asked, ask};
use super::views::OrderAccessRequestInput;
use crate::http::body::Body;
use crate::http::client_address;
use crate::http::ctx::Ctx;
use crate::http::detached;
use crate::http::middleware::cors;
use crate::http::origins::WhichCheckout;
use crate::http::policy::Public;
use crate::kernel::problem::Problem;

/// Ask for the way back to an order
///
/// If the number and the address belong together, a mail with the way back is on its way to that address, at most one in a minute.
/// The answer is the same whether or not they do.
#[utoipa::path(tag = "storefront", operation_id = "requestOrderAccess", request_body = OrderAccessRequestInput,
    responses((status = 202, description = "If there is such an order, a mail is on its way.")))]
#[post("/v1/storefront/order-access/request")]
pub async fn request_order_access(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<OrderAccessRequestInput>,
) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let state = ctx.state().clone();
    state.access_limits.count(client_address::of(&request))?;
    cors::admit(&request, WhichCheckout::Slug(input.checkout.clone())).await?;
    let asked = Asked::from(input);
    detached(async move { ask(&state.db, &state.keys, &asked).await }).await?;
    Ok(HttpResponse::Accepted().finish())
}
