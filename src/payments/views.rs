//! A payment attempt as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Payment, PaymentStatus, ProviderKind};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::PaymentId;
use crate::kernel::money::Currency;

/// One attempt to pay an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub struct PaymentView {
    /// The attempt.
    pub id: PaymentId,
    /// Who takes the money.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The currency.
    pub currency: Currency,
    /// What it asks for, in minor units.
    #[schema(example = 3900)]
    pub amount: i64,
    /// What came, in minor units.
    #[schema(example = 3900)]
    pub received_amount: Option<i64>,
    /// How much of it belongs to the order.
    #[schema(example = 3900)]
    pub allocated_amount: i64,
    /// How much of it went back.
    #[schema(example = 0)]
    pub refunded_amount: i64,
    /// Which revision of the order it pays.
    #[schema(example = 1)]
    pub revision: i32,
    /// What the provider calls it.
    #[schema(example = "test_pay_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub provider_reference: Option<String>,
    /// Why it failed.
    pub error: Option<PaymentErrorView>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentError)]
pub struct PaymentErrorView {
    /// Stable.
    #[schema(example = "declined")]
    pub code: String,
    /// Whether another attempt may succeed.
    #[schema(example = true)]
    pub retryable: bool,
}

impl From<Payment> for PaymentView {
    fn from(row: Payment) -> Self {
        Self {
            id: row.id,
            provider: row.provider,
            status: row.status,
            currency: row.currency,
            amount: row.amount,
            received_amount: row.received_amount,
            allocated_amount: row.allocated_amount,
            refunded_amount: row.refunded_amount,
            revision: row.revision,
            provider_reference: row.provider_reference,
            error: row.error_code.map(|code| PaymentErrorView {
                code,
                retryable: row.error_retryable.unwrap_or(false),
            }),
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        }
    }
}
