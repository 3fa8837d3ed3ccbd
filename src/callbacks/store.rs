//! Every query on what providers have said.

use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text};

use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::db::{Conn, Tx};
use crate::kernel::ids::{CheckoutId, PaymentId};
use crate::payments::model::{PaymentStatus, ProviderKind};
use crate::payments::provider::Notice;

/// Keeps that this was said; false when it has been said before.
pub(super) async fn keep(
    tx: &Tx,
    checkout: CheckoutId,
    provider: ProviderKind,
    notice: &Notice,
    payment: Option<PaymentId>,
) -> Result<bool, DbError> {
    let kept = sql(
        "INSERT INTO provider_events (checkout_id, provider, event_id, kind, payment_id, received_at)
         VALUES ($1, $2, $3, $4, $5, kassa_now($6)) ON CONFLICT DO NOTHING",
    )
    .bind(checkout)
    .bind(provider)
    .bind(notice.event.as_str())
    .bind(notice.kind.as_str())
    .bind(payment)
    .bind(tx.offset_ms())
    .execute(tx.conn())
    .await?;
    Ok(kept == 1)
}

/// Where a buyer who comes back from a provider may go.
#[derive(Clone, Debug, QueryableByName)]
pub(super) struct WaysBack {
    #[diesel(sql_type = Text)]
    pub provider: ProviderKind,
    #[diesel(sql_type = Text)]
    pub status: PaymentStatus,
    #[diesel(sql_type = Nullable<Text>)]
    pub return_url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancel_url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub success_url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub storefront_url: Option<String>,
}

/// Where the buyer of this attempt may go.
pub(super) async fn ways_back(
    conn: &Conn,
    checkout: CheckoutId,
    payment: PaymentId,
) -> Result<Option<WaysBack>, DbError> {
    sql(
        "SELECT p.provider, p.status, s.return_url, s.cancel_url, o.success_url, c.storefront_url
         FROM payments p
         JOIN orders o ON o.checkout_id = p.checkout_id AND o.id = p.order_id
         JOIN checkout_sessions s ON s.checkout_id = o.checkout_id AND s.id = o.session_id
         JOIN checkouts c ON c.id = p.checkout_id
         WHERE p.checkout_id = $1 AND p.id = $2",
    )
    .bind(checkout)
    .bind(payment)
    .row(conn)
    .await
}
