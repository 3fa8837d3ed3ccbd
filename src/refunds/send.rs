//! Asks the provider for a refund that was written down: once by who wrote it, and by a worker if that one died or the provider was
//! away. No transaction is open meanwhile; the refund's id makes a repeat the same refund.

use super::request::LEASE_MS;
use super::settle::{Became, Named, settle};
use crate::db::Tx;
use crate::db::error::DbError;
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::Problem;
use crate::orders::store as orders;
use crate::payments::desk::Desk;
use crate::payments::model::{Payment, ProviderKind};
use crate::payments::provider::{ProviderError, RefundError, RefundRequest};
use crate::payments::refunds::model::{Ledger, Refund, RefundStatus};
use crate::payments::refunds::store as ledger;
use crate::payments::store as payments;

/// How often a provider that is away is asked, over about a day; then the refund has failed, and its amount is free again.
const ATTEMPTS: i32 = 12;
/// The pause after the first time; it doubles, up to [`LONGEST_MS`].
const FIRST_PAUSE_MS: i64 = 30_000;
const LONGEST_MS: i64 = 4 * 3_600_000;

/// Sends a refund whose lease the caller holds, or asks how one stands that the provider has heard of.
pub async fn send(desk: &Desk, checkout: CheckoutId, id: RefundId) -> Result<(), DbError> {
    let Some(sending) = read(desk, checkout, id).await? else {
        return Ok(());
    };
    let answer = ask_provider(desk, checkout, &sending).await?;
    let attempts = sending.refund.attempts;
    desk.db
        .write(async |tx: &mut Tx| -> Result<(), DbError> {
            match &answer {
                Answer::Became(became, reference) => settle(tx, checkout, Named::Id(id), became, reference.as_deref())
                    .await
                    .map(drop),
                Answer::Later => ledger::try_again(tx, checkout, id, pause_ms(attempts)).await,
                Answer::Nobody => ledger::leave(tx, checkout, id).await,
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
    for refund in &due {
        if let Err(error) = send(desk, refund.checkout_id, refund.id).await {
            tracing::warn!(%error, refund = %refund.id, "a refund was not sent and will be tried again");
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
    /// Nothing yet.
    Later,
    /// There is nobody to ask.
    Nobody,
}

async fn read(desk: &Desk, checkout: CheckoutId, id: RefundId) -> Result<Option<Sending>, DbError> {
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
        whole: payment.refunded_amount == 0 && Some(refund.amount) == payment.received_amount,
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

/// The one place where a provider is asked. Who needs nobody outside gives money back at once. What may have arrived is asked about and
/// never repeated blindly; where the provider says that it knows nothing of it, it is sent under the same key.
async fn ask_provider(desk: &Desk, checkout: CheckoutId, sending: &Sending) -> Result<Answer, DbError> {
    let Sending {
        refund,
        payment,
        request,
    } = sending;
    let heard_of = refund.status == RefundStatus::Unknown || refund.provider_reference.is_some();
    if matches!(payment.provider, ProviderKind::Test | ProviderKind::Free) {
        return Ok(if heard_of {
            Answer::Nobody
        } else {
            Answer::Became(Became::Succeeded, Some(format!("test_{}", request.refund)))
        });
    }
    let Some(account) = desk.account(checkout, payment).await? else {
        // The account is gone: nobody but a person can send it, unless it was sent already.
        return Ok(if heard_of {
            Answer::Nobody
        } else {
            Answer::Became(Became::ByHand, None)
        });
    };
    if heard_of {
        let reference = refund.provider_reference.as_deref();
        match desk.providers.ask_refund(&account, request, reference).await {
            None => return Ok(Answer::Nobody),
            Some(Err(_)) => return Ok(Answer::Later),
            Some(Ok(Some(known))) => return Ok(Answer::Became(known.state.into(), known.reference)),
            Some(Ok(None)) => {}
        }
    }
    Ok(match desk.providers.refund(&account, request).await {
        Ok(answer) => Answer::Became(answer.state.into(), answer.reference),
        Err(RefundError::Unsupported) => Answer::Became(Became::ByHand, None),
        Err(RefundError::Provider(ProviderError::Refused { code, .. })) => {
            Answer::Became(Became::Failed { code }, None)
        }
        Err(RefundError::Provider(ProviderError::Unknown)) => Answer::Became(Became::Unknown, None),
        Err(RefundError::Provider(ProviderError::Away)) if refund.attempts < ATTEMPTS || heard_of => Answer::Later,
        Err(RefundError::Provider(ProviderError::Away)) => Answer::Became(
            Became::Failed {
                code: "provider_away".to_owned(),
            },
            None,
        ),
    })
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
        send(desk, checkout, id).await?;
    }
    let conn = desk.db.read().await?;
    let all = ledger::of_order(&conn, checkout, order).await?;
    let now = all.into_iter().find(|row| row.refund.id == id);
    now.ok_or_else(|| Problem::internal("a refund that was written is gone"))
}
