//! A session as its buyer's page sees it.

use super::basket::views::{SessionAddOnView, SessionLineView};
use super::discount::views::{AllocationView, SessionDiscountView};
use super::messages::Message;
use super::payment::views::PaymentMethodView;
use super::quote::{Contents, Quoted};
use super::views::{SessionCheckout, SessionCustomer, SessionOffer, SessionView, TotalsView};
use crate::kernel::clock::rfc3339;
use crate::kernel::format::amount;
use crate::kernel::text::Metadata;
use crate::links::custom::Custom;
use crate::orders::contact::Contact;
use crate::vat_checks::model::status;

impl From<Quoted> for SessionView {
    fn from(quoted: Quoted) -> Self {
        let ways = quoted.contents.ways(&quoted.session);
        let Quoted {
            session,
            contents:
                Contents {
                    link,
                    lines,
                    add_ons,
                    vat_check,
                },
            quote,
            held,
            messages,
        } = quoted;
        let (locale, currency) = (session.locale.clone(), session.currency);
        let written = |minor: i64| amount(&locale, currency, minor);
        let bought: Vec<_> = lines.iter().filter(|line| line.selected).map(|line| line.id).collect();
        let shares = bought
            .iter()
            .zip(&quote.lines)
            .filter(|(_, priced)| priced.discount > 0);
        let allocations = shares
            .map(|(line_id, priced)| AllocationView {
                line_id: *line_id,
                amount: priced.discount,
            })
            .collect();
        let add_ons = add_ons
            .into_iter()
            .filter_map(|add_on| SessionAddOnView::of(add_on, &lines, &written))
            .collect();
        let mut priced = quote.lines.into_iter();
        let lines = lines
            .into_iter()
            .filter_map(|line| {
                let sums = line.selected.then(|| priced.next()).flatten();
                SessionLineView::of(line, sums, &written)
            })
            .collect();
        let contact = Contact::from_json(&session.contact);
        Self {
            id: session.id,
            status: session.status,
            checkout: SessionCheckout {
                name: link.checkout_name,
                slug: link.checkout_slug,
            },
            offer: SessionOffer {
                id: session.offer_id,
                title: link.offer_title,
                description: link.offer_description,
            },
            lines,
            add_ons,
            discount: held.map(|held| SessionDiscountView::of(held, link.hold_seconds, allocations, &written)),
            totals: TotalsView {
                currency,
                subtotal: quote.subtotal,
                discount_total: quote.discount_total,
                tax: quote.tax,
                total: quote.total,
                subtotal_formatted: written(quote.subtotal),
                discount_total_formatted: written(quote.discount_total),
                tax_formatted: written(quote.tax),
                total_formatted: written(quote.total),
                tax_breakdown: quote.tax_breakdown.into_iter().map(Into::into).collect(),
            },
            payment_methods: ways
                .methods(quote.total)
                .into_iter()
                .map(PaymentMethodView::from)
                .collect(),
            payment: None,
            customer: SessionCustomer {
                email: session.email,
                country: session.country,
                first_name: session.first_name,
                last_name: session.last_name,
                postal_code: session.postal_code,
                vat_number_status: session.vat_number.as_ref().map(|_| status(vat_check.as_ref())),
                vat_number: session.vat_number,
                state: contact.state,
                phone: contact.phone,
                city: contact.city,
                street: contact.street,
                apartment: contact.apartment,
                company: contact.company,
                locked: session.locked,
            },
            consents: serde_json::from_value(session.consents).unwrap_or_default(),
            messages: without_repeats(messages),
            locale: session.locale,
            options: link
                .checkout_options
                .and_then(|options| serde_json::from_value(options).ok())
                .unwrap_or_default(),
            custom: Custom::from_json(session.custom),
            metadata: Metadata::from_json(session.metadata),
            expires_at: rfc3339(&session.expires_at),
            order_id: session.order_id,
            test_mode: session.test_mode,
            created_at: rfc3339(&session.created_at),
            updated_at: rfc3339(&session.updated_at),
        }
    }
}

/// What the last change said may be what a read finds, too.
fn without_repeats(messages: Vec<Message>) -> Vec<Message> {
    let mut told: Vec<Message> = Vec::with_capacity(messages.len());
    for message in messages {
        if !told.contains(&message) {
            told.push(message);
        }
    }
    told
}
