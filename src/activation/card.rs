//! The payment card of an organization.

use super::model::{CardProvider, NewCard, PaymentCard};
use super::settle::settle;
use super::store;
use super::stripe_card::{self, Stripe};
use super::views::{PaymentCardInput, PaymentCardView};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::http::answer::check_precondition;
use crate::http::state::State;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// What the provider says of the card behind a token, provided the card on file is still what `if_match` names. A network call:
/// before any transaction, and only if it may change something.
pub async fn look_up(
    state: &State,
    organization: OrganizationId,
    if_match: Option<&str>,
    input: &PaymentCardInput,
) -> Result<NewCard, Problem> {
    let on_file = {
        let conn = state.db.read().await?;
        store::card(&conn, organization).await?
    };
    check_precondition(if_match, &on_file.clone().map(PaymentCardView::from))?;
    let unavailable = |detail: &str| Problem::invalid("/provider", "unavailable", detail);
    match input.provider {
        CardProvider::Test if !state.development => Err(unavailable("test cards are for development")),
        CardProvider::Test => test_card(&input.token),
        CardProvider::Stripe => {
            let platform = state.stripe.as_ref();
            let platform = platform.ok_or_else(|| unavailable("Stripe is not set up on this service"))?;
            let on_file = on_file.filter(|card| card.provider == CardProvider::Stripe);
            let stripe = Stripe {
                client: &state.client,
                platform,
            };
            stripe_card::look_up(stripe, organization, on_file, &input.token).await
        }
    }
}

/// Cards that nobody charges: `tok_visa` and `tok_mastercard`.
fn test_card(token: &str) -> Result<NewCard, Problem> {
    let (brand, last4) = match token {
        "tok_visa" => ("visa", "4242"),
        "tok_mastercard" => ("mastercard", "4444"),
        _ => {
            return Err(Problem::invalid(
                "/token",
                "invalid",
                "must be tok_visa or tok_mastercard",
            ));
        }
    };
    Ok(NewCard {
        provider: CardProvider::Test,
        customer: None,
        reference: token.to_owned(),
        brand: brand.to_owned(),
        last4: last4.to_owned(),
        exp_month: 12,
        exp_year: 2099,
    })
}

/// Puts a card on file, in place of the one there; returns the card before and after.
pub async fn put(
    tx: &mut Tx,
    organization: OrganizationId,
    if_match: Option<&str>,
    card: &NewCard,
) -> Result<(Option<PaymentCardView>, PaymentCardView), Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, organization).await? {
        return Err(not_found());
    }
    let old = store::card(tx.conn(), organization).await?;
    let before = old.clone().map(PaymentCardView::from);
    check_precondition(if_match, &before)?;
    if !store::keep_attached(tx, organization, &card.reference).await? {
        return Err(Problem::invalid("/token", "refused", stripe_card::DETACHED));
    }
    if let Some(old) = old.filter(|old| old.provider_reference != card.reference) {
        forget(tx, organization, &old).await?;
    }
    store::put_card(tx, organization, card).await?;
    settle(tx, organization).await?;
    let after = store::card(tx.conn(), organization).await?.ok_or_else(not_found)?;
    Ok((before, after.into()))
}

/// Has the provider forget a card once the transaction has committed.
async fn forget(tx: &mut Tx, organization: OrganizationId, card: &PaymentCard) -> Result<(), DbError> {
    match card.provider {
        CardProvider::Stripe => store::detach(tx, organization, &card.provider_reference).await,
        CardProvider::Test => Ok(()),
    }
}

/// Takes the card off file and returns it; the organization's checkouts close with it.
pub async fn remove(
    tx: &mut Tx,
    organization: OrganizationId,
    if_match: Option<&str>,
) -> Result<PaymentCardView, Problem> {
    let not_found = || Problem::new(ProblemCode::NotFound);
    if !organizations::lock(tx, organization).await? {
        return Err(not_found());
    }
    let card = store::card(tx.conn(), organization).await?.ok_or_else(not_found)?;
    let before = PaymentCardView::from(card.clone());
    check_precondition(if_match, &before)?;
    forget(tx, organization, &card).await?;
    store::delete_card(tx, organization).await?;
    settle(tx, organization).await?;
    Ok(before)
}
