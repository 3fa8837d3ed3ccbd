//! Changes an open session.

use super::basket::change::{finish, lock_open};
use super::basket::store as lines;
use super::model::Session;
use super::quote::Quoted;
use super::views::{ConsentsInput, CustomerPatch, SessionPatch};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::money::Currency;
use crate::kernel::patch::Patch;
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;
use crate::kernel::text::Label;
use crate::kernel::vat_number::VatNumber;
use crate::links::basket;
use crate::links::options::Prefilled;
use crate::links::store::find_behind_session;
use crate::orders::contact::Contact;

/// Applies a merge patch.
pub async fn update(
    tx: &mut Tx,
    keys: &Keyring,
    checkout: CheckoutId,
    id: SessionId,
    patch: SessionPatch,
) -> Result<Quoted, Problem> {
    let mut session = lock_open(tx, checkout, id).await?;
    if let Some(currency) = patch.currency.filter(|currency| *currency != session.currency) {
        require_sold_in(tx, checkout, &session, currency).await?;
        session.currency = currency;
        lines::forget_seen(tx, checkout, id).await?;
    }
    session.locale = patch.locale.unwrap_or(session.locale);
    if let Some(customer) = patch.customer {
        refuse_locked(&session, &customer)?;
        session.email = customer.email.apply(session.email);
        session.country = customer.country.apply(session.country);
        session.first_name = customer.first_name.apply(session.first_name);
        session.last_name = customer.last_name.apply(session.last_name);
        session.postal_code = customer.postal_code.apply(session.postal_code);
        session.vat_number = as_label(customer.vat_number).apply(session.vat_number);
        let mut contact = Contact::from_json(&session.contact);
        contact.state = customer.state.apply(contact.state);
        contact.phone = customer.phone.apply(contact.phone);
        contact.city = customer.city.apply(contact.city);
        contact.street = customer.street.apply(contact.street);
        contact.apartment = customer.apartment.apply(contact.apartment);
        contact.company = customer.company.apply(contact.company);
        session.contact = contact.to_json();
    }
    if !patch.consents.is_absent() {
        let consents = patch.consents.apply(Some(consents_of(&session)), "/consents")?;
        session.consents = to_json(consents.unwrap_or_default());
    }
    session.metadata = patch.metadata.patched(session.metadata)?;
    finish(tx, keys, checkout, session).await
}

/// On a custom link the merchant's currency wins, as it did when the session was opened.
async fn require_sold_in(tx: &Tx, checkout: CheckoutId, session: &Session, wish: Currency) -> Result<(), Problem> {
    let link = find_behind_session(tx.conn(), tx.offset_ms(), checkout, session.link_id).await?;
    let link = link.ok_or_else(|| Problem::internal("a session without its link"))?;
    if basket::currency(&link.terms(), link.default_currency, Some(wish))? == wish {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::CurrencyNotOffered).detail(format!("this link is not sold in {wish}")))
    }
}

/// A number as the session keeps it.
fn as_label(number: Patch<VatNumber>) -> Patch<Label> {
    number.map(|number| (&number).into())
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
            changes(&as_label(patch.vat_number.clone()), &session.vat_number),
        ),
    ]
    .into_iter()
    .filter(|(part, _, changed)| *changed && session.locks(*part))
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

pub(super) fn to_json(consents: ConsentsInput) -> serde_json::Value {
    serde_json::to_value(consents).unwrap_or_default()
}
