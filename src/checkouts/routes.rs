//! Reading a checkout.

use actix_web::{HttpResponse, get};

use super::store;
use super::views::CheckoutView;
use crate::http::ctx::{CheckoutRead, Ctx};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// Read a checkout
#[utoipa::path(tag = "checkouts", operation_id = "getCheckout", params(("checkout_id" = crate::kernel::ids::CheckoutId, Path, description = "The checkout.")),
    extensions(("x-required-permission" = json!("checkout:read"))),
    responses((status = 200, description = "The checkout.", body = CheckoutView), (status = 304, description = "Unchanged.")))]
#[get("/v1/checkouts/{checkout_id}")]
pub async fn get_checkout(ctx: Ctx<CheckoutRead>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let row = store::find(&conn, ctx.scope().checkout).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    ctx.one(&CheckoutView::from(row))
}
