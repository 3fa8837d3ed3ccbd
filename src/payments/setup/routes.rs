//! Payment methods over HTTP.

use actix_web::{HttpResponse, delete, get, put, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::put::{self as change, Wanted};
use super::store;
use super::views::{EpassiInput, OfflineInput, PaytrailInput, SetupView, StripeInput};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::body::Body;
use crate::http::ctx::Ctx;
use crate::http::list::{List, ListQuery, query};
use crate::http::policy::{PaymentMethodsRead, PaymentMethodsWrite};
use crate::http::write::Written;
use crate::kernel::ids::CheckoutId;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::payments::model::ProviderKind;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MethodPath {
    /// The checkout.
    #[expect(dead_code, reason = "read by Ctx; here for the spec")]
    checkout_id: CheckoutId,
    /// The provider.
    #[param(value_type = String, example = "offline")]
    provider: String,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ModeQuery {
    /// The account for test sales; the one for live sales when absent.
    #[param(default = false, example = false)]
    #[serde(default)]
    test_mode: bool,
}

/// List payment methods
///
/// The accounts at payment providers that are set up, for live sales and for test sales. Secrets are not shown again.
#[utoipa::path(tag = "payments", operation_id = "listPaymentMethods", params(("checkout_id" = CheckoutId, Path, description = "The checkout."), ListQuery),
    extensions(("x-required-permission" = json!("payment_methods:read"))),
    responses((status = 200, description = "All of them, on one page.", body = List<SetupView>)))]
#[get("/v1/checkouts/{checkout_id}/payment-methods")]
pub async fn list_payment_methods(ctx: Ctx<PaymentMethodsRead>) -> Result<HttpResponse, Problem> {
    let asked: ListQuery = query(&ctx.request().query)?;
    // There are two for each provider at the most: what comes after the first page is nothing.
    let page = ctx.page_request(asked.limit, asked.cursor.as_deref())?;
    let conn = ctx.db().read().await?;
    let mut rows = store::all(&conn, ctx.scope().checkout).await?;
    if page.after.is_some() {
        rows.clear();
    }
    let public_url = &ctx.state().public_url;
    ctx.page(&ctx.list(Page { rows, next: None }, |row| SetupView::of(&row, public_url)))
}

macro_rules! put_routes {
    ($($(#[$meta:meta])* $handler:ident, $id:literal, $path:literal, $input:ty;)+) => {$(
        $(#[$meta])*
        #[utoipa::path(tag = "payments", operation_id = $id, params(("checkout_id" = CheckoutId, Path, description = "The checkout.")), request_body = $input,
            extensions(("x-required-permission" = json!("payment_methods:write"))),
            responses((status = 200, description = "Set up.", body = SetupView)))]
        #[put($path)]
        pub async fn $handler(ctx: Ctx<PaymentMethodsWrite>, body: Body<$input>) -> Result<HttpResponse, Problem> {
            let (input, fingerprint) = body.into_parts();
            replace(ctx, input.try_into()?, fingerprint).await
        }
    )+};
}

put_routes! {
    /// Set up Stripe
    ///
    /// Whole, but for secrets: one that is left out stays as it is. It takes two requests: the first, without `webhook_secret`,
    /// answers with the `callback_url`; register that as a webhook endpoint at Stripe, and send the endpoint's signing secret as
    /// `webhook_secret` with the second. Until then buyers see the method with `unavailable_reason: setup_incomplete`. The endpoint's
    /// events: `payment_intent.succeeded`, `payment_intent.payment_failed`, `payment_intent.canceled`, `payment_intent.processing`,
    /// `payment_intent.requires_action`, `refund.created`, `refund.updated`, `refund.failed`, `charge.refunded`,
    /// `charge.refund.updated`, `charge.dispute.created`, `charge.dispute.closed`.
    put_stripe, "putStripe", "/v1/checkouts/{checkout_id}/payment-methods/stripe", StripeInput;
    /// Set up Paytrail
    ///
    /// Whole, but for the secret: left out, it stays as it is. Euros only.
    put_paytrail, "putPaytrail", "/v1/checkouts/{checkout_id}/payment-methods/paytrail", PaytrailInput;
    /// Set up Epassi
    ///
    /// Whole, but for the key: left out, it stays as it is. It pays for baskets in which every product takes one of the benefits.
    put_epassi, "putEpassi", "/v1/checkouts/{checkout_id}/payment-methods/epassi", EpassiInput;
    /// Set up bank transfers
    ///
    /// Buyers are given an account, a reference and a due date; somebody marks the payment as paid when the money is there.
    put_offline, "putOffline", "/v1/checkouts/{checkout_id}/payment-methods/offline", OfflineInput;
}

async fn replace(
    ctx: Ctx<PaymentMethodsWrite>,
    wanted: Wanted,
    fingerprint: [u8; 32],
) -> Result<HttpResponse, Problem> {
    let (checkout, state) = (ctx.scope().checkout, ctx.state().clone());
    let if_match = ctx.request().if_match.clone();
    ctx.write(fingerprint, async move |tx: &mut Tx| -> Result<_, Problem> {
        let (before, after) = change::put(tx, &state.keys, checkout, &wanted).await?;
        let before = before.map(|before| SetupView::of(&before, &state.public_url));
        if let Some(before) = &before {
            // A refusal takes the write back with it.
            check_precondition(if_match.as_deref(), before)?;
        }
        let view = SetupView::of(&after, &state.public_url);
        Ok(match before {
            Some(before) => Written::changed(&before, view),
            // The log shows that there was none.
            None => Written::changed(&serde_json::Value::Null, view),
        })
    })
    .await
}

/// Take a payment method away
///
/// Its secrets are forgotten. Payments that have begun with it can still be marked as paid, but the provider is not asked or heard
/// any more: switch it off (`enabled`) to let them end.
#[utoipa::path(tag = "payments", operation_id = "deletePaymentMethod", params(MethodPath, ModeQuery),
    extensions(("x-required-permission" = json!("payment_methods:write"))),
    responses((status = 204, description = "Taken away.")))]
#[delete("/v1/checkouts/{checkout_id}/payment-methods/{provider}")]
pub async fn delete_payment_method(
    ctx: Ctx<PaymentMethodsWrite>,
    path: web::Path<MethodPath>,
) -> Result<HttpResponse, Problem> {
    let mode: ModeQuery = query(&ctx.request().query)?;
    let provider: ProviderKind = path.provider.parse().map_err(|_| Problem::new(ProblemCode::NotFound))?;
    let (checkout, state) = (ctx.scope().checkout, ctx.state().clone());
    let if_match = ctx.request().if_match.clone();
    ctx.write([0; 32], async move |tx: &mut Tx| -> Result<Written<()>, Problem> {
        let before = change::delete(tx, checkout, provider, mode.test_mode).await?;
        let before = SetupView::of(&before, &state.public_url);
        // A refusal takes the deletion back with it.
        check_precondition(if_match.as_deref(), &before)?;
        Ok(Written::deleted(&before))
    })
    .await
}
