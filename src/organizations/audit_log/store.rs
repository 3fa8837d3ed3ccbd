//! Every query on the audit log. Reads only: nothing here could change an entry, and the database would refuse it.

use super::model::{AuditEntry, AuditFilter};
use crate::db::Conn;
use crate::db::error::DbError;
use crate::db::sql::sql;
use crate::kernel::ids::OrganizationId;
use crate::kernel::page::{Page, PageRequest};

/// The text for one leading filter. Plans are made once for all values, so the filter that an index serves must stand in the
/// text; the others only thin out what that index finds.
macro_rules! page_by {
    ($leading:literal) => {
        concat!(
            "SELECT id, checkout_id, actor_type, actor_id, credential, address, request_id, action, object_type, object_id,
                before, after, created_at
             FROM audit_log
             WHERE organization_id = $1 AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
               AND ($3::uuid IS NULL OR checkout_id = $3) AND ($4::uuid IS NULL OR actor_id = $4)
               AND ($5::text IS NULL OR action = $5) AND ($6::text IS NULL OR object_id = $6)
               AND created_at >= coalesce($7, '-infinity') AND created_at < coalesce($8, 'infinity')",
            $leading,
            " ORDER BY id DESC LIMIT $9"
        )
    };
}

/// A page of entries, newest first.
pub(super) async fn page(
    conn: &Conn,
    organization: OrganizationId,
    filter: AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditEntry>, DbError> {
    let text = match &filter {
        AuditFilter { object: Some(_), .. } => page_by!(" AND object_id = $6"),
        AuditFilter { actor: Some(_), .. } => page_by!(" AND actor_id = $4"),
        AuditFilter { action: Some(_), .. } => page_by!(" AND action = $5"),
        AuditFilter { checkout: Some(_), .. } => page_by!(" AND checkout_id = $3"),
        _ => page_by!(""),
    };
    let rows = sql(text)
        .bind(organization)
        .bind(page.after)
        .bind(filter.checkout)
        .bind(filter.actor)
        .bind(filter.action)
        .bind(filter.object)
        .bind(filter.from)
        .bind(filter.to)
        .bind(page.fetch_limit())
        .rows(conn)
        .await?;
    Ok(Page::cut(rows, page, |row: &AuditEntry| row.id.uuid()))
}
