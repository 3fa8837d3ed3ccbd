//! A payment attempt as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Payment, PaymentStatus, ProviderKind};
use super::provider::{Handover, Instructions};
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{OrderId, PaymentId};
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
    /// Which of the provider's own ways to pay the buyer chose.
    #[schema(example = "bank")]
    pub method: Option<String>,
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
    /// How much of it belongs to no order and has not gone back.
    #[schema(example = 0)]
    pub unallocated_amount: i64,
    /// When the money came, if a person said so.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub received_at: Option<String>,
    /// What the bank calls it, if a person said so.
    #[schema(example = "20261120 593619 1234")]
    pub bank_reference: Option<String>,
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
        let unallocated_amount = row.unallocated();
        Self {
            id: row.id,
            provider: row.provider,
            method: row.method,
            status: row.status,
            currency: row.currency,
            amount: row.amount,
            received_amount: row.received_amount,
            allocated_amount: row.allocated_amount,
            refunded_amount: row.refunded_amount,
            unallocated_amount,
            received_at: row.received_at.as_ref().map(rfc3339),
            bank_reference: row.bank_reference,
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

/// An attempt to pay as its buyer's page sees it: with what the buyer needs to pay, while it is open.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BuyerPayment)]
pub struct BuyerPaymentView {
    /// The attempt.
    pub id: PaymentId,
    /// Who takes the money.
    #[schema(value_type = String, example = "test")]
    pub provider: ProviderKind,
    /// Which of the provider's own ways to pay the buyer chose.
    #[schema(example = "bank")]
    pub method: Option<String>,
    /// Where it stands.
    pub status: PaymentStatus,
    /// The currency.
    pub currency: Currency,
    /// What it asks for, in minor units.
    #[schema(example = 3900)]
    pub amount: i64,
    /// Which revision of the order it pays.
    #[schema(example = 1)]
    pub revision: i32,
    /// Why it failed.
    pub error: Option<PaymentErrorView>,
    /// Send the browser there (Paytrail).
    #[schema(
        format = "uri",
        example = "https://pay.paytrail.com/pay/4b300af6-9a22-11e8-9184-abb6de7fd2d0"
    )]
    pub redirect_url: Option<String>,
    /// Have the browser post this form (Epassi).
    pub form: Option<PaymentFormView>,
    /// Finish the payment with the provider's own library (Stripe).
    #[schema(example = "pi_3PqX_secret_9rT")]
    pub client_secret: Option<String>,
    /// The key that its library takes beside it (Stripe).
    #[schema(example = "pk_test_51H8")]
    pub publishable_key: Option<String>,
    /// Show the buyer where to send the money (bank transfer).
    pub instructions: Option<Instructions>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub updated_at: String,
}

/// A form that the browser posts.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PaymentForm)]
pub struct PaymentFormView {
    /// Where to.
    #[schema(format = "uri", example = "https://services.epassi.fi/e_payments/v2")]
    pub action: String,
    /// Its fields, hidden ones all, in their order.
    pub fields: Vec<PaymentFormField>,
}

/// One field of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentFormField {
    /// Its name.
    #[schema(example = "STAMP")]
    pub name: String,
    /// Its value.
    #[schema(example = "pay_01jd5wq0zsfa2tq4n9v8kx3m7h")]
    pub value: String,
}

impl BuyerPaymentView {
    /// An attempt with what was sealed of it.
    pub fn of(row: Payment, handover: Option<Handover>) -> Self {
        let mut view = Self {
            id: row.id,
            provider: row.provider,
            method: row.method,
            status: row.status,
            currency: row.currency,
            amount: row.amount,
            revision: row.revision,
            error: row.error_code.map(|code| PaymentErrorView {
                code,
                retryable: row.error_retryable.unwrap_or(false),
            }),
            redirect_url: None,
            form: None,
            client_secret: None,
            publishable_key: None,
            instructions: None,
            created_at: rfc3339(&row.created_at),
            updated_at: rfc3339(&row.updated_at),
        };
        match handover {
            Some(Handover::Redirect { redirect_url }) => view.redirect_url = Some(redirect_url),
            Some(Handover::Form { action, fields }) => {
                let fields = fields.into_iter();
                let fields = fields.map(|(name, value)| PaymentFormField { name, value }).collect();
                view.form = Some(PaymentFormView { action, fields });
            }
            Some(Handover::ClientSecret {
                client_secret,
                publishable_key,
            }) => {
                view.client_secret = Some(client_secret);
                view.publishable_key = Some(publishable_key);
            }
            Some(Handover::Instructions(instructions)) => view.instructions = Some(instructions),
            None => {}
        }
        view
    }
}

/// A payment in a list of them: with its order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedPayment {
    /// The order.
    pub order_id: OrderId,
    /// Whether it is of a test sale.
    #[schema(example = false)]
    pub test_mode: bool,
    /// The payment.
    pub payment: PaymentView,
}

impl From<Payment> for ListedPayment {
    fn from(row: Payment) -> Self {
        Self {
            order_id: row.order_id,
            test_mode: row.test_mode,
            payment: row.into(),
        }
    }
}
