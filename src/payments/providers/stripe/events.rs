//! Webhooks: what each kind of event means for us.
//!
//! Stripe delivers at least once and in no order, and retries whatever is not answered 2xx: so everything that is signed is accepted,
//! and what is not for us is nothing.

use serde_json::Value;

use super::objects::{attempt, failed, intent, money, ours, refund, text};
use crate::payments::provider::{About, AttemptName, Notice, Outcome};

/// The news of an event. None when it is no event at all.
pub fn read(body: &[u8]) -> Option<Vec<Notice>> {
    let event: Value = serde_json::from_slice(body).ok()?;
    let (name, kind) = (text(&event, "id")?, text(&event, "type")?);
    let about = about(kind, &event["data"]["object"]).unwrap_or_else(|| {
        tracing::warn!(kind, "an event of Stripe that cannot be read");
        vec![(None, About::Nothing)]
    });
    let notices = about.into_iter().map(|(part, about)| Notice {
        // Several refunds in one event are several pieces of news.
        event: part.map_or_else(|| name.to_owned(), |part| format!("{name}:{part}")),
        kind: kind.to_owned(),
        about,
    });
    Some(notices.collect())
}

type Parts = Vec<(Option<String>, About)>;

fn about(kind: &str, object: &Value) -> Option<Parts> {
    let one = |about| Some(vec![(None, about)]);
    match kind {
        "payment_intent.succeeded" => one(payment(object, intent(object)?)?),
        "payment_intent.payment_failed" => one(payment(object, failed(object))?),
        "payment_intent.canceled" => one(payment(object, Outcome::Cancelled)?),
        "payment_intent.processing" | "payment_intent.requires_action" => one(payment(object, Outcome::Pending)?),
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            one(session(object, paid(object)?)?)
        }
        "checkout.session.async_payment_failed" => one(session(object, failed(object))?),
        "checkout.session.expired" => one(session(object, Outcome::Expired)?),
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => one(of_refund(object)?),
        "charge.refunded" => of_charge(object),
        "charge.dispute.created" | "charge.dispute.closed" => one(About::Dispute {
            attempt: attempt(object, &["payment_intent", "charge"])?,
        }),
        _ => one(About::Nothing),
    }
}

fn payment(object: &Value, outcome: Outcome) -> Option<About> {
    let attempt = attempt(object, &["id"])?;
    Some(About::Payment { attempt, outcome })
}

/// A session of Stripe's own page is of the attempt that it was made for, or of the intent that it leads to.
fn session(object: &Value, outcome: Outcome) -> Option<About> {
    let said = text(object, "client_reference_id").and_then(|text| text.parse().ok());
    let named = said.map(AttemptName::Id);
    let attempt = named.or_else(|| attempt(object, &["payment_intent", "id"]))?;
    Some(About::Payment { attempt, outcome })
}

/// A session that is complete is paid only when it says so: some ways to pay take days.
fn paid(object: &Value) -> Option<Outcome> {
    match text(object, "payment_status")? {
        "paid" => money(object, &["amount_total"]),
        _ => Some(Outcome::Pending),
    }
}

fn of_refund(object: &Value) -> Option<About> {
    Some(About::Refund {
        refund: ours(object, "refund_id"),
        reference: Some(text(object, "id")?.to_owned()),
        attempt: attempt(object, &["payment_intent", "charge"])?,
        state: refund(object),
    })
}

/// Older versions list the charge's refunds. Newer ones do not, and every refund has events of its own.
fn of_charge(object: &Value) -> Option<Parts> {
    let listed = object["refunds"]["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if listed.is_empty() {
        return Some(vec![(None, About::Nothing)]);
    }
    let of_charge = attempt(object, &["payment_intent", "id"])?;
    let refunds = listed.iter().map(|object| {
        let reference = text(object, "id")?.to_owned();
        let about = About::Refund {
            refund: ours(object, "refund_id"),
            reference: Some(reference.clone()),
            attempt: attempt(object, &["payment_intent"]).unwrap_or_else(|| of_charge.clone()),
            state: refund(object),
        };
        Some((Some(reference), about))
    });
    refunds.collect()
}
