//! Changes an open session.

use super::model::{Session, SessionStatus};
use super::quote::{Quoted, quoted};
use super::store;
use super::views::{ConsentsInput, CustomerPatch, SessionPatch};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::links::options::Prefilled;

/// The session locked, if it can still be changed.
pub(super) async fn lock_open(tx: &Tx, checkout: CheckoutId, id: SessionId) -> Result<Session, Problem> {
    let session = store::lock(tx, checkout, id)
        .await?
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    if session.status != SessionStatus::Open {
        return Err(Problem::new(ProblemCode::SessionClosed));
    }
    Ok(session)
}

/// Applies a merge patch.
pub async fn update(tx: &mut Tx, checkout: CheckoutId, id: SessionId, patch: SessionPatch) -> Result<Quoted, Problem> {
    let mut session = lock_open(tx, checkout, id).await?;
    if let Some(currency) = patch.currency {
        if !store::offered_in(tx.conn(), checkout, id, currency).await? {
            return Err(
                Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this offer is not sold in {currency}"))
            );
        }
        session.currency = currency;
    }
    session.locale = patch.locale.unwrap_or(session.locale);
    if let Some(customer) = patch.customer {
        refuse_locked(&session, &customer)?;
        session.email = customer.email.apply(session.email);
        session.country = customer.country.apply(session.country);
        session.first_name = customer.first_name.apply(session.first_name);
        session.last_name = customer.last_name.apply(session.last_name);
        session.postal_code = customer.postal_code.apply(session.postal_code);
        session.vat_number = customer.vat_number.apply(session.vat_number);
    }
    if !patch.consents.is_absent() {
        let consents = patch.consents.apply(Some(consents_of(&session)), "/consents")?;
        session.consents = to_json(consents.unwrap_or_default());
    }
    let changed = store::update(tx, checkout, &session).await?;
    quoted(tx.conn(), tx.clock(), checkout, changed).await
}

/// Refuses to change what the merchant has filled in and locked. Sending what it is already changes nothing.
fn refuse_locked(session: &Session, patch: &CustomerPatch) -> Result<(), Problem> {
    fn changes<T: PartialEq>(patch: &Patch<T>, current: &Option<T>) -> bool {
        match patch {
            Patch::Absent => false,
            Patch::Null => current.is_some(),
            Patch::Value(value) => current.as_ref() != Some(value),
        }
    }
    let faults: Vec<Fault> = [
        (Prefilled::Email, "email", changes(&patch.email, &session.email)),
        (
            Prefilled::Name,
            "first_name",
            changes(&patch.first_name, &session.first_name),
        ),
        (
            Prefilled::Name,
            "last_name",
            changes(&patch.last_name, &session.last_name),
        ),
        (
            Prefilled::BillingAddress,
            "country",
            changes(&patch.country, &session.country),
        ),
        (
            Prefilled::BillingAddress,
            "postal_code",
            changes(&patch.postal_code, &session.postal_code),
        ),
        (
            Prefilled::TaxNumber,
            "vat_number",
            changes(&patch.vat_number, &session.vat_number),
        ),
    ]
    .into_iter()
    .filter(|(part, _, changed)| *changed && session.locked.iter().any(|word| word == part.as_str()))
    .map(|(_, field, _)| Fault::new(format!("/customer/{field}"), "locked", "the merchant has fixed this"))
    .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
    }
}

/// What the buyer agreed to so far.
pub(super) fn consents_of(session: &Session) -> ConsentsInput {
    serde_json::from_value(session.consents.clone()).unwrap_or_default()
}

fn to_json(consents: ConsentsInput) -> serde_json::Value {
    serde_json::to_value(consents).unwrap_or_default()
}
