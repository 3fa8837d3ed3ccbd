//! Rows of licenses.

use diesel::QueryableByName;
use uuid::Uuid;

use crate::db::schema::licenses;
use crate::kernel::clock::Instant;
use crate::kernel::ids::{ActionId, LicenseId, LicenseKeyId, LineId, OrderId, ProductId};

/// A license of a line.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = licenses)]
pub struct License {
    /// The license.
    pub id: LicenseId,
    /// The order.
    pub order_id: OrderId,
    /// Its line.
    pub order_line_id: LineId,
    /// The product.
    pub product_id: ProductId,
    /// The run that issued it.
    pub run_id: ActionId,
    /// Which unit of its line it is for, from 0.
    pub position: i32,
    /// The license itself; none once its buyer is forgotten.
    pub content: Option<String>,
    /// The pool's key that it is.
    pub key_id: Option<LicenseKeyId>,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it was mailed.
    pub mailed_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
    /// One more at every change.
    pub version: i32,
    /// Whether its order is a test.
    pub test_mode: bool,
}

impl License {
    /// When it last changed.
    pub fn changed_at(&self) -> Instant {
        let later = self.mailed_at.into_iter().chain(self.revoked_at);
        later.fold(self.issued_at, Instant::max)
    }
}

/// A license that is about to be issued.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// The license itself.
    pub content: String,
    /// The pool's key that it is.
    pub key: Option<LicenseKeyId>,
}

/// Whose license it is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The order.
    pub order: OrderId,
    /// Its line.
    pub line: LineId,
    /// The product.
    pub product: Uuid,
    /// The run that issues it.
    pub run: ActionId,
    /// Whether the order is a test.
    pub test_mode: bool,
}
