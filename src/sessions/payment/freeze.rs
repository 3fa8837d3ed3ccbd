//! Freezes what the buyer agreed to: every name, price, tax, share of the discount, source and tag.

use rust_decimal::Decimal;

use crate::db::Tx;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{CustomerId, OrderId};
use crate::kernel::problem::Problem;
use crate::orders::consents::{Consent, Consents};
use crate::orders::contact::Contact;
use crate::orders::model::{FulfillmentStatus, LineFulfillment, Order, OrderLine, OrderPaymentStatus, OrderStatus};
use crate::organizations::policies::{Policies, Policy};
use crate::rates::{CrossRate, reported};
use crate::sessions::quote::Quoted;
use crate::sessions::views::ConsentsInput;
use crate::vat_checks::model::status;

/// The order of a quoted session. Its number, its customer and its times are given when it is written.
pub(super) fn order(
    tx: &Tx,
    quoted: &Quoted,
    consents: &ConsentsInput,
    policies: &Policies,
    rate: Option<&CrossRate>,
) -> Result<Order, Problem> {
    let (session, link, quote) = (&quoted.session, &quoted.contents.link, &quoted.quote);
    let check = quoted.contents.vat_check.as_ref();
    let now = tx.clock().now();
    let parts = [quote.subtotal, quote.discount_total, quote.tax];
    let usd = reported::amounts(parts, session.currency, rate, link.prices_include_tax);
    Ok(Order {
        id: session.order_id.unwrap_or_else(|| OrderId::generate(tx.clock())),
        number: 0,
        session_id: session.id,
        status: OrderStatus::NotPaid,
        payment_status: OrderPaymentStatus::Unpaid,
        fulfillment_status: FulfillmentStatus::NotDelivered,
        revision: 1,
        version: 1,
        currency: session.currency,
        subtotal: quote.subtotal,
        discount_total: quote.discount_total,
        tax: quote.tax,
        total: quote.total,
        currency_rate: rate.map(|rate| rate.rate),
        currency_rate_on: rate.map(|rate| rate.on_date),
        currency_rate_stale: rate.map(|rate| rate.stale),
        total_usd: usd.map(|usd| usd.total),
        refunded_amount: 0,
        prices_include_tax: link.prices_include_tax,
        offer_id: session.offer_id,
        offer_title: link.offer_title.clone(),
        success_url: link.success_url.clone(),
        link_id: session.link_id,
        link_slug: link.link_slug.clone(),
        external_id: link.external_id.clone(),
        source: session.source.clone(),
        tags: session.tags.clone(),
        customer_id: CustomerId::from_uuid(uuid::Uuid::nil()),
        email: session.email.clone(),
        first_name: session.first_name.clone(),
        last_name: session.last_name.clone(),
        country: session
            .country
            .ok_or_else(|| Problem::internal("confirmed without a country"))?,
        contact: Contact {
            postal_code: session.postal_code.clone(),
            ..Contact::from_json(&session.contact)
        }
        .to_json(),
        locale: session.locale.clone(),
        consents: frozen(consents, policies, &rfc3339(&now)).to_json(),
        discount_code_id: quoted.held.as_ref().map(|held| held.terms.discount_code_id),
        discount_code: quoted.held.as_ref().map(|held| held.terms.code.clone()),
        discount_over_limit: false,
        metadata: session.metadata.clone(),
        custom: session.custom.clone(),
        vat_number: session.vat_number.clone(),
        vat_number_status: session.vat_number.as_ref().map(|_| status(check)),
        vat_consultation_id: check.and_then(|check| check.consultation_id.clone()),
        vat_checked_at: check.and_then(|check| check.checked_at),
        test_mode: session.test_mode,
        created_at: now,
        updated_at: now,
        paid_at: None,
        completed_at: None,
        deleted_at: None,
        deletion_reason: None,
        deletion_note: None,
        requires_attention: false,
        note: None,
        receipt_year: None,
        receipt_number: None,
    })
}

/// Each answer with its time, and with the text that it is about.
fn frozen(consents: &ConsentsInput, policies: &Policies, at: &str) -> Consents {
    let given = |answer: Option<bool>, policy: &Option<Policy>| {
        answer.map(|accepted| Consent::given(accepted, at, policy.as_ref()))
    };
    Consents {
        terms: given(consents.terms, &policies.terms),
        privacy: given(consents.privacy, &policies.privacy),
        immediate_delivery: given(consents.immediate_delivery, &None),
        marketing: given(consents.marketing, &None),
        analytics: given(consents.analytics, &None),
    }
}

/// The lines that are bought.
pub(super) fn lines(quoted: &Quoted) -> Vec<OrderLine> {
    let bought = quoted.contents.lines.iter().filter(|line| line.selected);
    let priced = bought.zip(&quoted.quote.lines);
    priced
        .map(|(line, quote)| OrderLine {
            // The line keeps its id from the session, so that a page can follow it.
            id: line.id,
            role: line.role,
            product_id: line.product_id,
            variant_id: line.variant_id,
            name: line.name.clone(),
            quantity: line.quantity,
            unit_amount: line.unit_amount().unwrap_or_default(),
            original_unit_amount: line.original_unit_amount(),
            subtotal: quote.subtotal,
            discount: quote.discount,
            tax_rate: Decimal::normalize(&quote.tax_rate),
            tax_country: quote.tax_country,
            tax_reason: quote.tax_reason,
            tax: quote.tax,
            total: quote.total,
            fulfillment_status: LineFulfillment::NotDelivered,
            refunded_amount: 0,
            held_amount: 0,
            unpaid_amount: 0,
            returned_at: None,
            offer_id: Some(line.offer_id),
            link_id: Some(line.link_id),
            source: line.source.clone(),
            tags: line.tags.clone(),
        })
        .collect()
}
