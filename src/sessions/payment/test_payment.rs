//! Ends a test payment as the buyer's page asks: the same path as a real provider's news.

use super::show::{order_of_session, show};
use super::views::{OrderAndPayment, TestOutcome};
use crate::db::Tx;
use crate::kernel::ids::{CheckoutId, SessionId};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::orders::settle::settle;
use crate::payments::desk::Desk;
use crate::payments::model::{Payment, PaymentStatus, ProviderKind};
use crate::payments::provider::{News, Outcome};
use crate::payments::store as attempts;

/// Applies the outcome to the session's test payment. Repeating one that has happened changes nothing.
pub async fn test_payment(
    desk: &Desk,
    checkout: CheckoutId,
    session: SessionId,
    outcome: TestOutcome,
) -> Result<OrderAndPayment, Problem> {
    let order = order_of_session(&desk.db, checkout, session).await?;
    let payment = {
        let conn = desk.db.read().await?;
        let of_order = attempts::of_order(&conn, checkout, order).await?;
        // The open attempt, or the one that a repeat of this request has already ended.
        let test = of_order
            .into_iter()
            .filter(|payment| payment.provider == ProviderKind::Test);
        test.max_by_key(|payment| (payment.status.is_open(), payment.id))
    };
    let payment = payment.ok_or_else(|| Problem::new(ProblemCode::PaymentNotOpen))?;
    if !payment.status.is_open() && !already(&payment, outcome) {
        return Err(Problem::new(ProblemCode::PaymentNotOpen));
    }
    let news = News {
        payment: payment.id,
        outcome: match outcome {
            TestOutcome::Succeeded => Outcome::Succeeded {
                received: payment.amount,
                currency: payment.currency,
            },
            TestOutcome::Failed => Outcome::Failed {
                code: "declined".to_owned(),
                retryable: true,
            },
            TestOutcome::Pending => Outcome::Pending,
        },
    };
    desk.db
        .write(async |tx: &mut Tx| -> Result<_, Problem> { Ok(settle(tx, checkout, &news).await?) })
        .await?;
    show(desk, checkout, order).await
}

fn already(payment: &Payment, outcome: TestOutcome) -> bool {
    matches!(
        (payment.status, outcome),
        (PaymentStatus::Succeeded, TestOutcome::Succeeded) | (PaymentStatus::Failed, TestOutcome::Failed)
    )
}
