//! What a provider is told of an order: no more than it needs to take the money.

use chrono::NaiveDate;

use super::contact::Contact;
use super::model::OrderDetail;
use crate::payments::model::Payment;
use crate::payments::provider::{Attempt, AttemptItem, AttemptUrls, Payer};

/// The order as its provider sees it.
pub(super) fn tell(detail: &OrderDetail, payment: &Payment, urls: AttemptUrls, today: NaiveDate) -> Attempt {
    let order = &detail.order;
    let contact = Contact::from_json(&order.contact);
    let text = |value: &Option<crate::kernel::text::Label>| value.as_ref().map(ToString::to_string);
    let name = |value: &Option<crate::kernel::text::Name>| value.as_ref().map(ToString::to_string);
    let street = match (&contact.street, &contact.apartment) {
        (Some(street), Some(apartment)) => Some(format!("{street} {apartment}")),
        (street, _) => text(street),
    };
    Attempt {
        payment: payment.id,
        order: order.id,
        number: order.number,
        amount: payment.amount,
        currency: payment.currency,
        method: payment.method.clone(),
        locale: order.locale.clone(),
        payer: Payer {
            email: order.email.as_ref().map(ToString::to_string),
            first_name: name(&order.first_name),
            last_name: name(&order.last_name),
            phone: text(&contact.phone),
            company: text(&contact.company),
            vat_number: order.vat_number.as_ref().map(ToString::to_string),
            street,
            postal_code: text(&contact.postal_code),
            city: text(&contact.city),
            country: Some(order.country),
        },
        items: detail
            .lines
            .iter()
            .map(|line| AttemptItem {
                line: line.id,
                name: line.name.to_string(),
                quantity: line.quantity,
                total: line.total,
                tax_rate: line.tax_rate,
            })
            .collect(),
        urls,
        today,
    }
}
