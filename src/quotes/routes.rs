//! Quotes over HTTP.

use actix_web::{HttpRequest, HttpResponse, post};

use super::preview::of_link;
use super::quote::{Asking, Shop, Wanted, of};
use super::views::{PublicQuoteInput, QuoteInput, QuoteView};
use crate::checkouts::store as checkouts;
use crate::db::{Conn, Tx};
use crate::discounts::refusal::Refusal;
use crate::http::body::Body;
use crate::http::client_address;
use crate::http::ctx::Ctx;
use crate::http::middleware::cors;
use crate::http::origins::WhichCheckout;
use crate::http::policy::{CatalogRead, CatalogWrite, Public};
use crate::http::state::State;
use crate::http::write::Written;
use crate::kernel::ids::{CheckoutId, OfferId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::text::Slug;
use crate::links::model::{LinkTerms, seller};
use crate::links::routes::storefront;
use crate::links::storefront::open::{Door, find, usable};
use crate::links::views::{Address, LinkInput, LinkView};
use crate::links::{create, preview};
use crate::organizations::store as organizations;

fn not_found() -> Problem {
    Problem::new(ProblemCode::NotFound)
}

fn asking<'a>(state: &'a State, conn: &'a Conn) -> Asking<'a> {
    Asking {
        conn,
        clock: state.db.clock(),
        keys: &state.keys,
    }
}

async fn behind(state: &State, conn: &Conn, door: &Door) -> Result<Shop, Problem> {
    let found = find(conn, state.db.clock().offset_ms(), door).await?;
    Ok(Shop::from(&usable(found)?))
}

/// An offer without a link: the default basket, no terms.
async fn of_offer(conn: &Conn, checkout: CheckoutId, offer: OfferId) -> Result<Shop, Problem> {
    let row = checkouts::find(conn, checkout).await?.ok_or_else(not_found)?;
    let owner = organizations::find(conn, row.organization_id)
        .await?
        .ok_or_else(not_found)?;
    Ok(Shop {
        checkout,
        offer,
        terms: LinkTerms::none(),
        seller: seller(
            owner.country.unwrap_or(row.country),
            owner.vat_registered,
            owner.union_oss,
            &owner.registrations,
            owner.unverified_vat,
        ),
        place: row.country,
        currency: row.default_currency,
        locale: row.default_locale,
        prices_include_tax: row.prices_include_tax,
        test_mode: false,
        payment_methods: serde_json::Value::Null,
    })
}

/// Create a link
///
/// Permanent with a slug; custom, with a signed address, when it has no slug and overrides, fills in, ends or is limited.
#[utoipa::path(tag = "links", operation_id = "createCheckoutLink", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = LinkInput,
    extensions(("x-required-permission" = json!("catalog:write")), ("x-problems" = json!(["name-taken", "currency-not-offered", "amount-too-large"]))),
    responses((status = 201, description = "Made.", body = LinkView, headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its version.")))))]
#[post("/v1/checkouts/{checkout_id}/checkout-links")]
pub async fn create_link(ctx: Ctx<CatalogWrite>, body: Body<LinkInput>) -> Result<HttpResponse, Problem> {
    let checkout = ctx.scope().checkout;
    let state = ctx.state().clone();
    let (input, fingerprint) = body.into_parts();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let asked = input.preview;
        let made = create::create(tx, checkout, input).await?;
        let preview = if asked {
            let seen = of_link(tx, &state.keys, checkout, made.id).await;
            let (shop, priced) =
                seen.map_err(|problem| problem.pointing(ProblemCode::CurrencyNotOffered, "/currency"))?;
            Some(preview::of(tx, &shop, priced.currency, &priced.quote).await?)
        } else {
            None
        };
        let location = format!("/v1/checkouts/{checkout}/checkout-links/{}", made.id);
        let storefront = storefront(tx, checkout).await?;
        let address = Address {
            storefront: storefront.as_deref(),
            keys: &state.keys,
        };
        let view = LinkView {
            preview,
            ..LinkView::of(made, &address)
        };
        Ok(Written::created(view, location))
    })
    .await
}

/// Quote a basket
///
/// Of an offer, or of a permanent link with its terms. Nothing is kept and no code is held.
#[utoipa::path(tag = "offers", operation_id = "createQuote", params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = QuoteInput,
    extensions(("x-required-permission" = json!("catalog:read")),
        ("x-problems" = json!(["currency-not-offered", "discount-refused", "amount-too-large", "link-inactive", "link-expired", "link-used-up"]))),
    responses((status = 200, description = "The quote.", body = QuoteView)))]
#[post("/v1/checkouts/{checkout_id}/quotes")]
pub async fn create_quote(ctx: Ctx<CatalogRead>, body: Body<QuoteInput>) -> Result<HttpResponse, Problem> {
    let (input, _) = body.into_parts();
    let checkout = ctx.scope().checkout;
    let conn = ctx.db().read().await?;
    let shop = match (input.offer_id, &input.link) {
        (Some(offer), None) => of_offer(&conn, checkout, offer).await?,
        (None, Some(link)) => {
            let row = checkouts::find(&conn, checkout).await?.ok_or_else(not_found)?;
            behind(ctx.state(), &conn, &Door::Slugs(row.slug, link.clone())).await?
        }
        _ => {
            return Err(Problem::invalid(
                "/offer_id",
                "required",
                "name the offer or a link to it, not both",
            ));
        }
    };
    let quoted = of(asking(ctx.state(), &conn), &shop, Wanted::from(input)).await;
    ctx.one(&quoted.map_err(pointing)?)
}

/// Quote a basket without a session
///
/// The same arithmetic as a session's, from a link. Nothing is kept and no code is held.
#[utoipa::path(tag = "storefront", operation_id = "createPublicQuote", request_body = PublicQuoteInput,
    extensions(("x-problems" = json!(["not-found", "currency-not-offered", "discount-refused", "amount-too-large", "link-inactive", "link-expired", "link-used-up", "link-signature-invalid"]))),
    responses((status = 200, description = "The quote.", body = QuoteView)))]
#[post("/v1/storefront/quotes")]
pub async fn create_public_quote(
    ctx: Ctx<Public>,
    request: HttpRequest,
    body: Body<PublicQuoteInput>,
) -> Result<HttpResponse, Problem> {
    let (mut input, _) = body.into_parts();
    let door = door(
        ctx.state(),
        input.checkout.take(),
        input.link.take(),
        input.link_token.take(),
    )?;
    if let Door::Slugs(checkout, _) = &door {
        cors::admit(&request, WhichCheckout::Slug(checkout.clone())).await?;
    }
    let conn = ctx.db().read().await?;
    let shop = behind(ctx.state(), &conn, &door).await?;
    if matches!(door, Door::Signed(_)) {
        cors::admit(&request, WhichCheckout::Id(shop.checkout)).await?;
    }
    // Codes can be guessed here as well as in a session.
    let client = client_address::of(&request);
    let guess = input
        .discount_code
        .is_some()
        .then(|| ctx.state().code_limits.begin(None, client));
    let guess = guess.transpose()?;
    let quoted = of(asking(ctx.state(), &conn), &shop, Wanted::from(input)).await;
    if let Some(guess) = guess {
        match &quoted {
            Err(problem) if problem.is_reason(Refusal::NotFound.as_str()) => guess.wrong(),
            _ => guess.right(),
        }
    }
    ctx.one(&quoted.map_err(pointing)?)
}

/// What of a quote's body a refusal is about.
fn pointing(problem: Problem) -> Problem {
    problem
        .pointing(ProblemCode::CurrencyNotOffered, "/currency")
        .pointing(ProblemCode::DiscountRefused, "/discount_code")
}

fn door(state: &State, checkout: Option<Slug>, link: Option<Slug>, token: Option<String>) -> Result<Door, Problem> {
    match (checkout, link, token) {
        (Some(checkout), Some(link), None) => Ok(Door::Slugs(checkout, link)),
        (None, None, Some(token)) => Door::of_token(&state.keys, &token, state.db.clock()),
        _ => Err(Problem::invalid(
            "/checkout",
            "required",
            "checkout and link are needed, or link_token",
        )),
    }
}
