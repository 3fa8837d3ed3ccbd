//! A license as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::License;
use crate::kernel::clock::rfc3339;
use crate::kernel::ids::{LicenseId, LineId, OrderId, ProductId};

/// A license that was issued to a buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = License)]
pub struct LicenseView {
    /// The license.
    pub id: LicenseId,
    /// The order.
    pub order_id: OrderId,
    /// Its line.
    pub order_line_id: LineId,
    /// The product.
    pub product_id: ProductId,
    /// Which unit of the line it is for, from 0.
    #[schema(example = 0, minimum = 0)]
    pub position: i32,
    /// The license itself; none once its buyer is forgotten, and for buyers once it is revoked.
    #[schema(example = "AAAA-BBBB-CCCC-DDDD")]
    pub key: Option<String>,
    /// Whether it holds.
    #[schema(example = "issued", examples("issued", "revoked"))]
    pub status: &'static str,
    /// When it was issued.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub issued_at: String,
    /// When it was mailed to the buyer.
    #[schema(format = DateTime, example = "2026-11-20T12:00:01.000Z")]
    pub mailed_at: Option<String>,
    /// When it was taken back.
    #[schema(format = DateTime, example = "2026-11-21T12:00:00.000Z")]
    pub revoked_at: Option<String>,
    /// Whether its order is a test.
    pub test_mode: bool,
    /// When it was made: when it was issued.
    #[schema(format = DateTime, example = "2026-11-20T12:00:00.000Z")]
    pub created_at: String,
    /// When it last changed: was issued, mailed or taken back.
    #[schema(format = DateTime, example = "2026-11-20T12:00:01.000Z")]
    pub updated_at: String,
}

impl LicenseView {
    /// As its buyer sees it.
    #[must_use]
    pub fn for_buyer(mut self) -> Self {
        if self.revoked_at.is_some() {
            self.key = None;
        }
        self
    }
}

impl From<License> for LicenseView {
    fn from(row: License) -> Self {
        let updated_at = rfc3339(&row.changed_at());
        Self {
            id: row.id,
            order_id: row.order_id,
            order_line_id: row.order_line_id,
            product_id: row.product_id,
            position: row.position,
            key: row.content,
            status: if row.revoked_at.is_some() { "revoked" } else { "issued" },
            issued_at: rfc3339(&row.issued_at),
            mailed_at: row.mailed_at.as_ref().map(rfc3339),
            revoked_at: row.revoked_at.as_ref().map(rfc3339),
            test_mode: row.test_mode,
            created_at: rfc3339(&row.issued_at),
            updated_at,
        }
    }
}
