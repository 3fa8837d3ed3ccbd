//! Asks the provider for a refund that was written down: once by who wrote it, and by a worker if that one died or the provider was
//! away. No transaction is open meanwhile; the refund's id makes a repeat the same refund.
//!
//! That a provider is called is committed before the call. Whatever is lost afterwards, the process, the answer or the record of it, the
//! next holder knows that the refund may have arrived: it is asked about, and where nobody can be asked a person is. A holder who has
//! lost the refund to the next one calls nobody, and writes down nothing but what the provider has taken on.

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::request::LEASE_MS;
use super::settle::{Became, settle_answer};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::Problem;
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::payments::model::{Payment, ProviderKind};
use crate::payments::provider::{ProviderError, RefundError, RefundRequest};
use crate::payments::refunds::model::{Ledger, Refund, RefundStatus};
use crate::payments::refunds::store::{self as ledger, Held, WRITERS_ATTEMPT};
use crate::payments::store as payments;

/// How often a provider that is away is asked, over about a day; then the refund has failed, and its amount is free again.
const ATTEMPTS: i32 = 12;
/// The pause after the first time; it doubles, up to [`LONGEST_MS`].
const FIRST_PAUSE_MS: i64 = 30_000;
const LONGEST_MS: i64 = 4 * 3_600_000;
/// How long the news of a refund is waited for that its provider has taken on and cannot be asked about: longer than callbacks are
/// repeated. Refunds that wait for the buyer's account take days.
const NEWS_WITHIN: TimeDelta = TimeDelta::days(3);

/// Sends a refund to who holds it, or asks how one stands that the provider may have heard of.
pub async fn send(desk: &Desk, held: &Held) -> Result<(), DbError> {
    let Some(sending) = read(desk, held).await? else {
        return Ok(());
    };
    let Some(answer) = ask_provider(desk, held, &sending).await? else {
        return Ok(());
    };
    let pause = pause_ms(held.attempts);
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            match &answer {
                Answer::Became(became, reference) => {
                    settle_answer(tx, held, became, reference.as_deref()).await.map(drop)
                }
                Answer::Later => ledger::try_again(tx, held, pause).await,
                Answer::NotCalled => ledger::not_called(tx, held, pause).await,
                Answer::Nobody { ever } => {
                    settle_answer(tx, held, &Became::Unknown, None).await?;
                    if *ever {
                        ledger::try_again(tx, held, pause).await
                    } else {
                        ledger::leave(tx, held).await
                    }
                }
            }
        })
        .await
}

/// Sends what nobody has sent; returns how many were taken.
pub async fn send_due(desk: &Desk) -> Result<usize, DbError> {
    let due = {
        let conn = desk.db.read().await?;
        ledger::claim(&conn, desk.db.clock().offset_ms(), LEASE_MS).await?
    };
    // At once: one that takes its time must not use up the time of the others.
    let sent = join_all(due.iter().map(|held| send(desk, held))).await;
    for (held, outcome) in due.iter().zip(sent) {
        if let Err(error) = outcome {
            tracing::warn!(%error, refund = %held.id, "a refund was not sent and will be looked at again");
        }
    }
    Ok(due.len())
}

/// A refund and what its provider is told of it.
struct Sending {
    refund: Refund,
    payment: Payment,
    request: RefundRequest,
}

/// What came of asking.
enum Answer {
    /// This, and what the provider calls it.
    Became(Became, Option<String>),
    /// Nothing is known that was not known before: the provider is asked again.
    Later,
    /// The provider was not reached, and never before.
    NotCalled,
    /// There is nobody to ask: a person is told.
    Nobody {
        /// Whether there may be somebody again.
        ever: bool,
    },
}

async fn read(desk: &Desk, held: &Held) -> Result<Option<Sending>, DbError> {
    let (checkout, id) = (held.checkout_id, held.id);
    let conn = desk.db.read().await?;
    let Some(refund) = ledger::find(&conn, checkout, id).await? else {
        return Ok(None);
    };
    let Some(payment) = refund.payment_id.filter(|_| refund.status.holds()) else {
        return Ok(None);
    };
    let (order, payment) = (
        orders::find(&conn, checkout, refund.order_id).await?,
        payments::find(&conn, checkout, payment).await?,
    );
    let Some((order, payment)) = order.zip(payment) else {
        return Ok(None);
    };
    let all = ledger::of_order(&conn, checkout, refund.order_id).await?;
    let lines = all
        .into_iter()
        .find(|row| row.refund.id == id)
        .map_or_else(Vec::new, |row: Ledger| row.lines);
    let request = RefundRequest {
        refund: id,
        payment: payment.id,
        reference: payment.provider_reference.clone().unwrap_or_default(),
        amount: refund.amount,
        currency: refund.currency,
        reason: refund.reason.map(|reason| reason.as_str().to_owned()),
        items: lines.iter().map(|line| (line.order_line_id, line.amount)).collect(),
        email: order.email.map(|email| email.to_string()),
        callback: desk.providers.callback(checkout, payment.provider),
    };
    Ok(Some(Sending {
        refund,
        payment,
        request,
    }))
}

/// The one place where a provider is asked, or `None` if somebody else is to by now. Who needs nobody outside gives money back at once.
/// What may have arrived is asked about and never repeated blindly; where the provider says that it knows nothing of it, it is sent under
/// the same key.
async fn ask_provider(desk: &Desk, held: &Held, sending: &Sending) -> Result<Option<Answer>, DbError> {
    let Sending {
        refund,
        payment,
        request,
    } = sending;
    let heard_of = refund.may_have_arrived();
    if matches!(payment.provider, ProviderKind::Test | ProviderKind::Free) {
        return Ok(Some(if heard_of {
            Answer::Nobody { ever: false }
        } else {
            Answer::Became(Became::Succeeded, Some(format!("test_{}", request.refund)))
        }));
    }
    let Some(account) = desk.account(held.checkout_id, payment).await? else {
        // The account is gone: nobody but a person can send it, unless it was sent already.
        return Ok(Some(if heard_of {
            Answer::Nobody { ever: true }
        } else {
            Answer::Became(Became::ByHand, None)
        }));
    };
    if heard_of {
        let reference = refund.provider_reference.as_deref();
        match desk.providers.ask_refund(&account, request, reference).await {
            None if waits_for_news(desk, refund) => return Ok(Some(Answer::Later)),
            None => return Ok(Some(Answer::Nobody { ever: false })),
            // This account may not ask, or is not the one that has it.
            Some(Err(ProviderError::Refused { .. })) => return Ok(Some(Answer::Nobody { ever: true })),
            Some(Ok(None)) if reference.is_some() => return Ok(Some(Answer::Nobody { ever: true })),
            Some(Err(ProviderError::Away | ProviderError::Unknown)) => return Ok(Some(Answer::Later)),
            Some(Ok(Some(known))) => return Ok(Some(Answer::Became(known.state.into(), known.reference))),
            Some(Ok(None)) => {}
        }
    }
    if !begin_call(desk, held).await? {
        return Ok(None);
    }
    Ok(Some(match desk.providers.refund(&account, request).await {
        Ok(answer) => Answer::Became(answer.state.into(), answer.reference),
        Err(RefundError::Unsupported) => Answer::Became(Became::ByHand, None),
        Err(RefundError::Provider(ProviderError::Refused { code, .. })) => {
            Answer::Became(Became::Failed { code }, None)
        }
        Err(RefundError::Provider(ProviderError::Unknown)) => Answer::Became(Became::Unknown, None),
        Err(RefundError::Provider(ProviderError::Away)) if heard_of => Answer::Later,
        Err(RefundError::Provider(ProviderError::Away)) if held.attempts < ATTEMPTS => Answer::NotCalled,
        Err(RefundError::Provider(ProviderError::Away)) => Answer::Became(
            Became::Failed {
                code: "provider_away".to_owned(),
            },
            None,
        ),
    }))
}

async fn begin_call(desk: &Desk, held: &Held) -> Result<bool, DbError> {
    let conn = desk.db.read().await?;
    ledger::begin_call(&conn, desk.db.clock().offset_ms(), held, LEASE_MS).await
}

/// Whether a provider that cannot be asked has taken a refund on, by a name, and may still tell what becomes of it.
fn waits_for_news(desk: &Desk, refund: &Refund) -> bool {
    let waited = desk.db.clock().now() - refund.called_at.unwrap_or(refund.created_at);
    refund.status == RefundStatus::Pending && refund.provider_reference.is_some() && waited < NEWS_WITHIN
}

fn pause_ms(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_MS)
}

/// The refund that an answer shows, once its provider has been asked: how it stands now. A repeated request asks nobody: if who was to
/// ask has died, a worker does it.
pub async fn shown(
    desk: &Desk,
    checkout: CheckoutId,
    written: &serde_json::Value,
    repeated: bool,
) -> Result<Ledger, Problem> {
    let text = |name: &str| {
        written
            .get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    let id: RefundId = text("id").parse().map_err(Problem::internal)?;
    let order: OrderId = text("order_id").parse().map_err(Problem::internal)?;
    if !repeated && text("status") == RefundStatus::Pending.as_str() {
        let held = Held {
            checkout_id: checkout,
            id,
            attempts: WRITERS_ATTEMPT,
        };
        send(desk, &held).await?;
    }
    let conn = desk.db.read().await?;
    let all = ledger::of_order(&conn, checkout, order).await?;
    let now = all.into_iter().find(|row| row.refund.id == id);
    now.ok_or_else(|| Problem::internal("a refund that was written is gone"))
}
