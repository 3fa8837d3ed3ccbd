//! Forgets who the buyer of orders was, everywhere but in the orders' own rows, which belong to the room of orders.

use serde_json::Value;

use super::fields::forget as forget_fields;
use super::store;
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, LinkId, OrderId, SessionId};
use crate::kernel::text::Label;
use crate::kernel::vat_number::VatNumber;

/// Whose traces are looked for.
#[derive(Clone, Debug)]
pub struct Traces {
    /// The orders that said something of the buyer at some time.
    pub orders: Vec<OrderId>,
    /// Those of them that are the buyer's: others were confirmed again with another address.
    pub owned: Vec<OrderId>,
    /// The sessions they came from, and others of the same person.
    pub sessions: Vec<SessionId>,
    /// The buyer's VAT numbers: a sole trader's may be a person's own.
    pub vat_numbers: Vec<Label>,
    /// Links that were made for the buyer, and said so.
    pub links: Vec<LinkId>,
    /// Whether an order or a session changed within a day. Only then can an answer be stored that shows them.
    pub recent: bool,
}

/// Forgets. Called after the rows of the orders and sessions have been cleared, and before anything new is told of them: what the
/// transaction publishes later is not looked at.
pub async fn forget(tx: &Tx, checkout: CheckoutId, traces: &Traces) -> Result<(), DbError> {
    let told = store::events_about(tx, checkout, traces).await?;
    let ids: Vec<_> = told.iter().map(|event| event.id).collect();
    let data = told.into_iter().map(|event| forgotten(event.data)).collect();
    store::rewrite_events(tx, checkout, &ids, data).await?;
    store::clear_answers_of_receivers(tx, checkout, &ids).await?;
    store::clear_words(tx, checkout, &traces.owned).await?;
    store::drop_mails(tx, &traces.owned).await?;
    for number in &traces.vat_numbers {
        let normal = number.as_str().parse::<VatNumber>().ok();
        store::drop_vat_check(tx, checkout, number, normal.as_ref()).await?;
    }
    if traces.recent {
        let orders = traces.orders.iter().map(ToString::to_string);
        let named = orders.chain(traces.sessions.iter().map(ToString::to_string));
        forget_answers(tx, checkout, named.collect(), |_| true).await?;
    }
    if !traces.links.is_empty() {
        let links: Vec<_> = traces.links.iter().map(ToString::to_string).collect();
        // Others may have come by the same link: only what shows the link itself says whom it was made for.
        let shows_a_link = |answer: &Value| {
            answer["id"]
                .as_str()
                .is_some_and(|id| links.iter().any(|link| link == id))
        };
        forget_answers(tx, checkout, links.clone(), shows_a_link).await?;
    }
    Ok(())
}

fn forgotten(mut value: Value) -> Value {
    forget_fields(&mut value);
    value
}

/// Rewrites those of the answers kept for requests with an idempotency key that name one of these things.
async fn forget_answers(
    tx: &Tx,
    checkout: CheckoutId,
    named: Vec<String>,
    which: impl Fn(&Value) -> bool,
) -> Result<(), DbError> {
    for answer in store::answers_about(tx, checkout, named).await? {
        // What is no JSON shows nothing of the kind.
        let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else {
            continue;
        };
        if !which(&value) {
            continue;
        }
        let body = forgotten(value).to_string().into_bytes();
        store::rewrite_answer(tx, checkout, &answer.scope, body).await?;
    }
    Ok(())
}
