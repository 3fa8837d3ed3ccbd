//! What must be known before there can be an order. Pointers are into the session.

use crate::checkouts::page::form::{BillingForm, FieldKey, Requirement};
use crate::kernel::problem::{Fault, Problem};
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::contact::Contact;
use crate::sessions::model::Session;
use crate::sessions::views::ConsentsInput;

/// Refuses with every field that is missing at once.
pub(super) fn check(session: &Session, form: &BillingForm, consents: &ConsentsInput) -> Result<(), Problem> {
    let contact = Contact::from_json(&session.contact);
    let mut faults = Vec::new();
    for field in &form.fields {
        if field.requirement == Requirement::Required && !is_there(field.key, session, &contact) {
            let pointer = format!("/customer/{}", name(field.key));
            faults.push(Fault::new(pointer, "required", "this is needed"));
        }
    }
    let mut agreed = |answer: Option<bool>, pointer: &str, detail: &str| {
        if answer != Some(true) {
            faults.push(Fault::new(pointer, "required", detail));
        }
    };
    agreed(consents.terms, "/consents/terms", "the terms of sale must be accepted");
    agreed(
        consents.privacy,
        "/consents/privacy",
        "the privacy policy must be accepted",
    );
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::new(ProblemCode::ValidationFailed).errors(faults))
    }
}

fn is_there(key: FieldKey, session: &Session, contact: &Contact) -> bool {
    match key {
        FieldKey::Email => session.email.is_some(),
        FieldKey::Country => session.country.is_some(),
        FieldKey::State => contact.state.is_some(),
        FieldKey::FirstName => session.first_name.is_some(),
        FieldKey::LastName => session.last_name.is_some(),
        FieldKey::Phone => contact.phone.is_some(),
        FieldKey::City => contact.city.is_some(),
        FieldKey::Street => contact.street.is_some(),
        FieldKey::Apartment => contact.apartment.is_some(),
        FieldKey::PostalCode => session.postal_code.is_some(),
        FieldKey::Company => contact.company.is_some(),
        FieldKey::VatNumber => session.vat_number.is_some(),
    }
}

/// The word of a field in the session.
const fn name(key: FieldKey) -> &'static str {
    match key {
        FieldKey::Email => "email",
        FieldKey::Country => "country",
        FieldKey::State => "state",
        FieldKey::FirstName => "first_name",
        FieldKey::LastName => "last_name",
        FieldKey::Phone => "phone",
        FieldKey::City => "city",
        FieldKey::Street => "street",
        FieldKey::Apartment => "apartment",
        FieldKey::PostalCode => "postal_code",
        FieldKey::Company => "company",
        FieldKey::VatNumber => "vat_number",
    }
}
