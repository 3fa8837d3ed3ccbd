//! The payment card of an organization.

use super::model::{CardProvider, NewCard};
use super::settle::settle;
use super::store;
use super::stripe_card;
use super::views::{PaymentCardInput, PaymentCardView};
use crate::db::Tx;
use crate::http::answer::check_precondition;
use crate::http::state::State;
use crate::kernel::ids::OrganizationId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::organizations::store as organizations;

/// What the provider says of the card behind a token. A network call: before any transaction.
pub async fn look_up(
    state: &State,
    organization: OrganizationId,
    input: &PaymentCardInput,
) -> Result<NewCard, Problem> {
    let unavailable = |detail: &str| Problem::invalid("/provider", "unavailable", detail);
    match input.provider {
        CardProvider::Test if !state.development => Err(unavailable("test cards are for development")),
        CardProvider::Test => test_card(&input.token),
        CardProvider::Stripe => {
            let platform = state.stripe.as_ref();
            let platform = platform.ok_or_else(|| unavailable("Stripe is not set up on this service"))?;
            stripe_card::look_up(&state.client, platform, organization, &input.token).await
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
    let before = store::card(tx.conn(), organization).await?.map(PaymentCardView::from);
    check_precondition(if_match, &before)?;
    store::put_card(tx, organization, card).await?;
    settle(tx, organization).await?;
    let after = store::card(tx.conn(), organization).await?.ok_or_else(not_found)?;
    Ok((before, after.into()))
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
    let before = PaymentCardView::from(card);
    check_precondition(if_match, &before)?;
    store::delete_card(tx, organization).await?;
    settle(tx, organization).await?;
    Ok(before)
}
