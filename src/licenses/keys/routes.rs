//! Pools of keys over HTTP.

use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::views::{ImportInput, ImportView, LicenseKeyView};
use super::{import, store};
use crate::catalog::products;
use crate::db::Tx;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{CatalogRead, CatalogWrite};
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, ProductId};
use crate::kernel::permission::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ProductPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The product.
    product_id: ProductId,
}

/// Whether a key was given to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeyState {
    /// It is free.
    Available,
    /// It was.
    Given,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct KeysQuery {
    /// Only those that are `available`, or only those that were `given`.
    #[param(value_type = Option<String>, example = "available")]
    state: Option<KeyState>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
}

/// Bring license keys in
///
/// Orders that wait for keys are served at once, the oldest first. A key is given to one line only, ever.
#[utoipa::path(tag = "products", operation_id = "importLicenseKeys", params(ProductPath), request_body = ImportInput,
    extensions(("x-required-permission" = json!("catalog:write"))),
    responses((status = 200, description = "Brought in.", body = ImportView)))]
#[post("/v1/checkouts/{checkout_id}/products/{product_id}/license-keys")]
pub async fn import_license_keys(
    ctx: Ctx<CatalogWrite>,
    path: web::Path<ProductPath>,
    body: Body<ImportInput>,
) -> Result<HttpResponse, Problem> {
    let (checkout, product) = (ctx.scope().checkout, path.product_id);
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        Ok(Written::ok(import::import(tx, checkout, product, input).await?).of_object(product))
    })
    .await
}

/// List license keys
///
/// Newest first. Who may not change the catalogue, and test keys, see the last four characters of keys that are not sold.
#[utoipa::path(tag = "products", operation_id = "listLicenseKeys", params(ProductPath, KeysQuery),
    extensions(("x-required-permission" = json!("catalog:read"))),
    responses((status = 200, description = "A page of keys.", body = List<LicenseKeyView>)))]
#[get("/v1/checkouts/{checkout_id}/products/{product_id}/license-keys")]
pub async fn list_license_keys(ctx: Ctx<CatalogRead>, path: web::Path<ProductPath>) -> Result<HttpResponse, Problem> {
    let asked: KeysQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let (checkout, product) = (ctx.scope().checkout, path.product_id);
    let conn = ctx.db().read().await?;
    let found = products::store::find(&conn, checkout, product).await?;
    found.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let page = match asked.state {
        None => store::page(&conn, checkout, product, &page).await?,
        Some(KeyState::Available) => store::page_of_free(&conn, checkout, product, &page).await?,
        Some(KeyState::Given) => store::page_of_given(&conn, checkout, product, &page).await?,
    };
    let scope = ctx.scope();
    let whole = scope.permissions.allows(Permission::CatalogWrite) && !scope.staff.test_mode;
    ctx.page(&ctx.list(page, |key| LicenseKeyView::of(key, whole)))
}
