//! Asks the provider for a refund that was written down: once by who wrote it, and by a worker if that one died or the provider was
//! away. No transaction is open meanwhile; the refund's id makes a repeat the same refund.

use super::request::LEASE_MS;
use super::settle::{Became, Named, settle};
use crate::db::error::DbError;
use crate::db::{Db, Tx};
use crate::kernel::ids::{CheckoutId, OrderId, RefundId};
use crate::kernel::problem::Problem;
use crate::orders::store as orders;
use crate::payments::model::{Payment, ProviderKind};
use crate::payments::provider::{ProviderError, RefundError, RefundRequest, RefundState, Refunded};
use crate::payments::refunds::model::{Ledger, RefundStatus};
use crate::payments::refunds::store as ledger;
use crate::payments::store as payments;

/// How often a provider that is away is asked, over about a day; then the refund has failed, and its amount is free again.
const ATTEMPTS: i32 = 12;
/// The pause after the first time; it doubles, up to [`LONGEST_MS`].
const FIRST_PAUSE_MS: i64 = 30_000;
const LONGEST_MS: i64 = 4 * 3_600_000;

/// Sends a refund whose lease the caller holds.
pub async fn send(db: &Db, checkout: CheckoutId, id: RefundId) -> Result<(), DbError> {
    let Some((payment, request, attempts)) = read(db, checkout, id).await? else {
        return Ok(());
    };
    let outcome = ask_provider(&payment, &request).await;
    let reference = outcome.as_ref().ok().and_then(|answer| answer.reference.clone());
    let became = match outcome {
        Ok(answer) => answer.state.into(),
        Err(RefundError::Unsupported) => Became::ByHand,
        Err(RefundError::Provider(ProviderError::Refused { code, .. })) => Became::Failed { code },
        Err(RefundError::Provider(ProviderError::Unknown)) => Became::Unknown,
        Err(RefundError::Provider(ProviderError::Away)) if attempts < ATTEMPTS => {
            return db
                .write(async |tx: &mut Tx| -> Result<(), DbError> {
                    ledger::try_again(tx, checkout, id, pause_ms(attempts)).await
                })
                .await;
        }
        Err(RefundError::Provider(ProviderError::Away)) => Became::Failed {
            code: "provider_away".to_owned(),
        },
    };
    db.write(async |tx: &mut Tx| -> Result<(), DbError> {
        settle(tx, checkout, Named::Id(id), &became, reference.as_deref())
            .await
            .map(drop)
    })
    .await
}

/// Sends what nobody has sent; returns how many were taken.
pub async fn send_due(db: &Db) -> Result<usize, DbError> {
    let due = {
        let conn = db.read().await?;
        ledger::claim(&conn, db.clock().offset_ms(), LEASE_MS).await?
    };
    for refund in &due {
        if let Err(error) = send(db, refund.checkout_id, refund.id).await {
            tracing::warn!(%error, refund = %refund.id, "a refund was not sent and will be tried again");
        }
    }
    Ok(due.len())
}

async fn read(db: &Db, checkout: CheckoutId, id: RefundId) -> Result<Option<(Payment, RefundRequest, i32)>, DbError> {
    let conn = db.read().await?;
    let Some(refund) = ledger::find(&conn, checkout, id).await? else {
        return Ok(None);
    };
    let Some(payment) = refund.payment_id.filter(|_| refund.status == RefundStatus::Pending) else {
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
        callback: String::new(),
    };
    Ok(Some((payment, request, refund.attempts)))
}

/// The one place where a provider is asked. Who needs nobody outside gives money back at once.
async fn ask_provider(payment: &Payment, request: &RefundRequest) -> Result<Refunded, RefundError> {
    match payment.provider {
        ProviderKind::Test | ProviderKind::Free => Ok(Refunded {
            reference: Some(format!("test_{}", request.refund)),
            state: RefundState::Succeeded,
        }),
    }
}

fn pause_ms(attempts: i32) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    FIRST_PAUSE_MS.saturating_mul(1 << doublings).min(LONGEST_MS)
}

/// The refund that an answer shows, once its provider has been asked: how it stands now. A repeated request asks nobody: if who was to
/// ask has died, a worker does it.
pub async fn shown(
    db: &Db,
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
        send(db, checkout, id).await?;
    }
    let conn = db.read().await?;
    let all = ledger::of_order(&conn, checkout, order).await?;
    let now = all.into_iter().find(|row| row.refund.id == id);
    now.ok_or_else(|| Problem::internal("a refund that was written is gone"))
}
