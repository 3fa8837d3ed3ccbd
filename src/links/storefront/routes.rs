//! Links over HTTP, for buyers.

use actix_web::{HttpResponse, get, web};

use super::open::Door;
use super::show::show;
use super::views::PublicLinkView;
use crate::http::ctx::Ctx;
use crate::http::policy::Public;
use crate::kernel::problem::Problem;
use crate::kernel::text::Slug;

/// Read a link's offer as a buyer
#[utoipa::path(tag = "storefront", operation_id = "getPublicLink",
    params(("checkout" = Slug, Path, description = "The checkout's slug."), ("link" = Slug, Path, description = "The link's slug.")),
    extensions(("x-problems" = json!(["not-found", "link-inactive", "link-expired", "link-used-up"]))),
    responses((status = 200, description = "The offer.", body = PublicLinkView), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/checkouts/{checkout}/links/{link}")]
pub async fn get_public_link(ctx: Ctx<Public>, path: web::Path<(Slug, Slug)>) -> Result<HttpResponse, Problem> {
    let (checkout, link) = path.into_inner();
    let conn = ctx.db().read().await?;
    let offset_ms = ctx.db().clock().offset_ms();
    ctx.one(&show(&conn, offset_ms, &Door::Slugs(checkout, link)).await?)
}

/// Read a custom link's offer as a buyer
///
/// By the token of its signed address: `id.expires.signature`.
#[utoipa::path(tag = "storefront", operation_id = "getSignedLink",
    params(("token" = String, Path, description = "The id, the end and the signature of the address, joined by dots.", example = "lnk_01jd5wq0zsfa2tq4n9v8kx3m7h.1798120800.019f86d0")),
    extensions(("x-problems" = json!(["not-found", "link-signature-invalid", "link-inactive", "link-expired", "link-used-up"]))),
    responses((status = 200, description = "The offer.", body = PublicLinkView), (status = 304, description = "Unchanged.")))]
#[get("/v1/storefront/links/{token}")]
pub async fn get_signed_link(ctx: Ctx<Public>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let door = Door::of_token(&ctx.state().keys, &path.into_inner(), ctx.db().clock())?;
    let conn = ctx.db().read().await?;
    ctx.one(&show(&conn, ctx.db().clock().offset_ms(), &door).await?)
}
