//! Signing in, who am I, which checkouts are mine, and the public keys.

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;

use super::api_keys::exchange::exchange;
use super::api_keys::store as keys;
use super::api_keys::views::TokenInput;
use super::model::Sight;
use super::sign_in::{self, SignedInTokens};
use super::tokens::{LIFETIME, Signer};
use super::views::{
    AccessToken, CheckoutListItem, ForgotPasswordInput, LoginInput, MailTokenInput, Me, MyOrganization, PasswordInput,
    RefreshInput, RegisterInput, ResetPasswordInput, UserView,
};
use super::{change_password as password, register, store};
use crate::http::body::Body;
use crate::http::caller::Principal;
use crate::http::client_address;
use crate::http::ctx::Ctx;
use crate::http::list::{List, query};
use crate::http::policy::{Public, SignedIn};
use crate::kernel::ids::{OrganizationId, SignInId};
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

fn signer(request: &HttpRequest) -> Result<&Arc<Signer>, Problem> {
    request
        .app_data::<Arc<Signer>>()
        .ok_or_else(|| Problem::internal("the application has no signer"))
}

/// An answer with tokens in it is kept by nobody on the way (RFC 6749, section 5.1).
fn token_answer(access_token: String, expires_in: i64, refresh_token: Option<String>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "no-store"))
        .json(AccessToken {
            access_token,
            token_type: "Bearer",
            expires_in,
            refresh_token,
        })
}

fn signed_in(tokens: SignedInTokens) -> HttpResponse {
    token_answer(tokens.access, LIFETIME, Some(tokens.refresh))
}

/// Make an account
///
/// The address is to be proved with the code in the mail that follows; signing in does not wait for it.
#[utoipa::path(tag = "auth", operation_id = "register", request_body = RegisterInput,
    extensions(("x-problems" = json!(["email-taken"]))),
    responses((status = 201, description = "Made.", body = UserView, headers(("Location" = String, description = "Where it is read, once signed in.")))))]
#[post("/v1/auth/register")]
pub async fn register_user(ctx: Ctx<Public>, body: Body<RegisterInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let password = SecretString::from(input.password);
    let user = register::sign_up(
        ctx.db(),
        &ctx.state().keys,
        &ctx.state().hashing,
        input.name,
        input.email,
        password,
    )
    .await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, "/v1/me"))
        .json(UserView::from(user)))
}

/// Sign in
///
/// Answers with an access token for fifteen minutes and a refresh token for the next. An unknown address and a wrong password
/// are the same answer.
#[utoipa::path(tag = "auth", operation_id = "login", request_body = LoginInput,
    extensions(("x-problems" = json!(["invalid-credentials"]))),
    responses((status = 200, description = "Signed in.", body = AccessToken)))]
#[post("/v1/auth/login")]
pub async fn login(ctx: Ctx<Public>, request: HttpRequest, body: Body<LoginInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let password = SecretString::from(input.password);
    let state = ctx.state();
    let attempt = state
        .sign_in_limits
        .begin(&input.email.folded(), client_address::of(&request))?;
    let (signer, hashing) = (signer(&request)?, &state.hashing);
    let tokens = sign_in::sign_in(ctx.db(), &state.keys, signer, hashing, &input.email, password).await;
    Ok(signed_in(attempt.ended(tokens)?))
}

/// Stay signed in
///
/// Exchanges a refresh token for the next pair. Each works once: a second use ends the sign-in, because one of the two users is
/// not the right one.
#[utoipa::path(tag = "auth", operation_id = "refresh", request_body = RefreshInput,
    extensions(("x-problems" = json!(["invalid-refresh-token"]))),
    responses((status = 200, description = "The next pair.", body = AccessToken)))]
#[post("/v1/auth/refresh")]
pub async fn refresh(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<RefreshInput>,
) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let keys = &ctx.state().keys;
    let tokens = sign_in::refresh(ctx.db(), keys, signer(&request)?, &input.refresh_token).await?;
    Ok(signed_in(tokens))
}

/// Sign out
///
/// Ends the sign-in and every token that came of it. Always 204.
#[utoipa::path(tag = "auth", operation_id = "logout", request_body = RefreshInput,
    responses((status = 204, description = "Signed out.")))]
#[post("/v1/auth/logout")]
pub async fn logout(ctx: Ctx<Public>, body: Body<RefreshInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    sign_in::sign_out(ctx.db(), &ctx.state().keys, &input.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Prove an address
///
/// With the code of the mail that making the account sent.
#[utoipa::path(tag = "auth", operation_id = "verifyEmail", request_body = MailTokenInput,
    extensions(("x-problems" = json!(["invalid-token"]))),
    responses((status = 204, description = "Proved.")))]
#[post("/v1/auth/verify-email")]
pub async fn verify_email(ctx: Ctx<Public>, body: Body<MailTokenInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    register::verify_email(ctx.db(), &ctx.state().keys, &input.token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change the password
///
/// Every other sign-in of the user ends.
#[utoipa::path(tag = "auth", operation_id = "changePassword", request_body = PasswordInput,
    extensions(("x-required-permission" = json!("signed_in")), ("x-problems" = json!(["invalid-credentials", "forbidden"]))),
    responses((status = 204, description = "Changed.")))]
#[post("/v1/auth/password")]
pub async fn change_password(
    ctx: Ctx<SignedIn>,
    request: HttpRequest,
    body: Body<PasswordInput>,
) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let staff = ctx.scope();
    let Principal::User(user) = staff.principal else {
        return Err(Problem::new(ProblemCode::Forbidden).detail("an API key has no password"));
    };
    let own = staff.sign_in.map(SignInId::from_uuid);
    let (current, new) = (input.current_password.into(), input.new_password.into());
    let attempt = ctx
        .state()
        .sign_in_limits
        .begin(&user.to_string(), client_address::of(&request))?;
    let changed = password::change(ctx.db(), &ctx.state().hashing, user, own, current, new).await;
    attempt.ended(changed)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a new password
///
/// Sends a mail if there is an account with this address, once a minute at the most. Always 202.
#[utoipa::path(tag = "auth", operation_id = "forgotPassword", request_body = ForgotPasswordInput,
    responses((status = 202, description = "If there is such an account, a mail is on its way.")))]
#[post("/v1/auth/password/forgot")]
pub async fn forgot_password(ctx: Ctx<Public>, body: Body<ForgotPasswordInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    password::forgot(ctx.db(), &ctx.state().keys, &input.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Choose a new password
///
/// With the code of the mail, once. Every sign-in of the user ends.
#[utoipa::path(tag = "auth", operation_id = "resetPassword", request_body = ResetPasswordInput,
    extensions(("x-problems" = json!(["invalid-token"]))),
    responses((status = 204, description = "Changed.")))]
#[post("/v1/auth/password/reset")]
pub async fn reset_password(ctx: Ctx<Public>, body: Body<ResetPasswordInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let new = input.new_password.into();
    password::reset(ctx.db(), &ctx.state().keys, &ctx.state().hashing, &input.token, new).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Exchange an API key for an access token
///
/// The token allows what the key allows, or less: one checkout, a smaller role, a shorter time.
#[utoipa::path(tag = "auth", operation_id = "exchangeApiKey", request_body = TokenInput,
    extensions(("x-problems" = json!(["invalid-credentials"]))),
    responses((status = 200, description = "The token.", body = AccessToken)))]
#[post("/v1/auth/token")]
pub async fn exchange_api_key(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<TokenInput>,
) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let (token, lifetime) = exchange(ctx.db(), signer(&request)?, &input).await?;
    Ok(token_answer(token, lifetime, None))
}

/// Read who is calling
///
/// A narrowed token reads what it allows: the organizations it names, and no higher role than it has there.
#[utoipa::path(tag = "auth", operation_id = "getMe", extensions(("x-required-permission" = json!("signed_in"))),
    responses((status = 200, description = "The caller.", body = Me), (status = 304, description = "Unchanged.")))]
#[get("/v1/me")]
pub async fn get_me(ctx: Ctx<SignedIn>) -> Result<HttpResponse, Problem> {
    let conn = ctx.db().read().await?;
    let gone = || Problem::new(ProblemCode::Unauthenticated);
    let staff = ctx.scope();
    let me = match staff.principal {
        Principal::User(id) => {
            let user = store::user(&conn, id).await?.ok_or_else(gone)?;
            let organizations = store::organizations_of_user(&conn, id).await?;
            let seen = organizations.into_iter().filter(|row| staff.sees_organization(row.id));
            Me {
                kind: "user",
                id: id.to_string(),
                name: user.name,
                email: Some(user.email),
                email_verified: Some(user.email_verified_at.is_some()),
                organizations: seen
                    .map(|row| MyOrganization {
                        id: row.id,
                        role: Some(staff.role_in_organization(row.id, row.role)),
                        name: Some(row.name),
                    })
                    .collect(),
            }
        }
        Principal::Key { organization, key } => {
            let row = keys::find(&conn, organization, key).await?.ok_or_else(gone)?.key;
            Me {
                kind: "api_key",
                id: key.to_string(),
                name: row.name,
                email: None,
                email_verified: None,
                organizations: if staff.sees_organization(organization) {
                    vec![MyOrganization {
                        id: organization,
                        name: store::organization_name(&conn, organization).await?,
                        role: row
                            .organization_role
                            .map(|role| staff.role_in_organization(organization, role)),
                    }]
                } else {
                    Vec::new()
                },
            }
        }
    };
    ctx.one(&me)
}

/// What the list of checkouts takes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CheckoutsQuery {
    /// Only those of this organization.
    organization_id: Option<OrganizationId>,
    /// How many rows at the most: 1 to 100, 20 when absent.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(example = "AZNQ3mGfTqKb0l8V")]
    cursor: Option<String>,
}

/// List checkouts
///
/// Every checkout the caller may see, with their own role in it, or that of their token where it allows less.
#[utoipa::path(tag = "checkouts", operation_id = "listCheckouts", params(CheckoutsQuery),
    extensions(("x-required-permission" = json!("signed_in"))),
    responses((status = 200, description = "A page of checkouts, newest first.", body = List<CheckoutListItem>)))]
#[get("/v1/checkouts")]
pub async fn list_checkouts(ctx: Ctx<SignedIn>) -> Result<HttpResponse, Problem> {
    let asked: CheckoutsQuery = query(&ctx.request().query)?;
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let sight = Sight::from(ctx.scope().caps.as_ref());
    let rows = match ctx.scope().principal {
        Principal::User(user) => store::checkouts_of_user(&conn, user, asked.organization_id, &sight, &page).await?,
        // A key of another organization than the one asked for sees nothing.
        Principal::Key { organization, .. } if asked.organization_id.is_some_and(|asked| asked != organization) => {
            Vec::new()
        }
        Principal::Key { organization, key } => keys::checkouts_of_key(&conn, organization, key, &sight, &page).await?,
    };
    let staff = ctx.scope();
    let list = ctx.list(Page::cut(rows, &page, store::key_of), |row| CheckoutListItem {
        role: staff.role_in_checkout(row.organization_id, row.id, row.role),
        ..CheckoutListItem::from(row)
    });
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
