//! The query of a timeline.

use super::model::Entry;
use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::{CheckoutId, OrderId, OrganizationId};

/// The first thousand things that happened to an order, oldest first.
pub(super) async fn of_order(
    conn: &Conn,
    checkout: CheckoutId,
    organization: OrganizationId,
    order: OrderId,
) -> Result<Vec<Entry>, DbError> {
    sql(
        "SELECT at, kind, what, detail, actor_type, actor_id FROM (
             SELECT e.occurred_at AS at, 'event' AS kind, e.type AS what, NULL AS detail, NULL AS actor_type, NULL::uuid AS actor_id, e.id
             FROM events e WHERE e.checkout_id = $1 AND e.object_id IN (
                 SELECT $2 UNION ALL SELECT f.id FROM refunds f WHERE f.checkout_id = $1 AND f.order_id = $2)
             UNION ALL SELECT p.created_at, 'payment', 'started', p.provider, NULL, NULL, p.id
             FROM payments p WHERE p.checkout_id = $1 AND p.order_id = $2
             -- By attempt: a run that is repeated leaves its place, and what happened stays.
             UNION ALL SELECT t.finished_at, 'action', t.outcome, r.name, NULL, NULL, r.id
             FROM action_runs r JOIN action_attempts t ON t.checkout_id = r.checkout_id AND t.run_id = r.id
             WHERE r.checkout_id = $1 AND r.order_id = $2 AND t.outcome IN ('succeeded', 'failed')
             UNION ALL SELECT r.finished_at, 'action', r.status, r.name, NULL, NULL, r.id
             FROM action_runs r WHERE r.checkout_id = $1 AND r.order_id = $2 AND r.finished_at IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM action_attempts t WHERE t.checkout_id = r.checkout_id AND t.run_id = r.id AND t.outcome = r.status)
             UNION ALL SELECT o.reminded_at, 'mail', 'payment_reminder', NULL, NULL, NULL, o.id
             FROM orders o WHERE o.checkout_id = $1 AND o.id = $2 AND o.reminded_at IS NOT NULL
             UNION ALL SELECT a.created_at, 'staff', a.action, NULL, a.actor_type, a.actor_id, a.id
             FROM audit_log a WHERE a.organization_id = $3 AND a.object_id = $4 AND a.checkout_id = $1
         ) happened ORDER BY at, id LIMIT 1000",
    )
    .bind(checkout)
    .bind(order)
    .bind(organization)
    .bind(order.to_string())
    .rows(conn)
    .await
}
