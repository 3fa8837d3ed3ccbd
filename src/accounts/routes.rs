//! Signing in, who am I, which checkouts are mine, and the public keys.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post};
use secrecy::SecretString;

use super::tokens::{LIFETIME, Signer};
use super::views::{AccessToken, CheckoutListItem, LoginInput, Me, MyOrganization};
use super::{sign_in, store};
use crate::http::body::Body;
use crate::http::caller::Principal;
use crate::http::ctx::{Ctx, Public, SignedIn};
use crate::http::list::{List, ListQuery, query};
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

fn signer(request: &HttpRequest) -> Result<&Arc<Signer>, Problem> {
    request
        .app_data::<Arc<Signer>>()
        .ok_or_else(|| Problem::internal("the application has no signer"))
}

/// Sign in
///
/// Answers with an access token for fifteen minutes. An unknown address and a wrong password are the same answer.
#[utoipa::path(tag = "auth", operation_id = "login", request_body = LoginInput,
    extensions(("x-problems" = json!(["invalid-credentials"]))),
    responses((status = 200, description = "Signed in.", body = AccessToken)))]
#[post("/v1/auth/login")]
pub async fn login(ctx: Ctx<Public>, request: HttpRequest, body: Body<LoginInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let password = SecretString::from(input.password);
    let access_token = sign_in::sign_in(ctx.db(), signer(&request)?, &input.email, password).await?;
    Ok(HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(AccessToken {
            access_token,
            token_type: "Bearer",
            expires_in: LIFETIME,
        }))
}

/// Read who is calling
#[utoipa::path(tag = "auth", operation_id = "getMe", extensions(("x-required-permission" = json!("signed_in"))),
    responses((status = 200, description = "The caller.", body = Me), (status = 304, description = "Unchanged.")))]
#[get("/v1/me")]
pub async fn get_me(ctx: Ctx<SignedIn>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let gone = || Problem::new(ProblemCode::Unauthenticated);
    let me = match *ctx.scope() {
        Principal::User(id) => {
            let user = store::user(&conn, id).await?.ok_or_else(gone)?;
            let organizations = store::organizations_of_user(&conn, id).await?;
            Me {
                kind: "user",
                id: id.to_string(),
                name: user.name,
                email: Some(user.email),
                organizations: organizations.into_iter().map(Into::into).collect(),
            }
        }
        Principal::Key { organization, key, .. } => {
            let offset = ctx.db().clock().offset_ms();
            let row = store::live_api_key(&conn, offset, organization, key)
                .await?
                .ok_or_else(gone)?;
            Me {
                kind: "api_key",
                id: key.to_string(),
                name: row.name,
                email: None,
                organizations: vec![MyOrganization {
                    id: organization,
                    name: None,
                    role: row.organization_role,
                }],
            }
        }
    };
    ctx.one(&me)
}

/// List checkouts
///
/// Every checkout the caller may see, with their own role in it.
#[utoipa::path(tag = "checkouts", operation_id = "listCheckouts", params(ListQuery),
    extensions(("x-required-permission" = json!("signed_in"))),
    responses((status = 200, description = "A page of checkouts, newest first.", body = List<CheckoutListItem>)))]
#[get("/v1/checkouts")]
pub async fn list_checkouts(ctx: Ctx<SignedIn>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let rows = match *ctx.scope() {
        Principal::User(user) => store::checkouts_of_user(&conn, user, &page).await?,
        Principal::Key { organization, key, .. } => store::checkouts_of_key(&conn, organization, key, &page).await?,
    };
    let list = ctx.list(Page::cut(rows, &page, store::key_of), CheckoutListItem::from);
    ctx.page(&list)
}

/// Read the public keys of access tokens
///
/// JSON Web Key Set (RFC 7517).
#[utoipa::path(tag = "auth", operation_id = "getJwks", responses((status = 200, description = "The keys.", body = Object), (status = 304, description = "Unchanged.")))]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(ctx: Ctx<Public>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    ctx.one(&signer(&request)?.jwks())
}
