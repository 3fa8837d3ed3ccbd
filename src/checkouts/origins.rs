//! Which web pages may call a checkout's storefront routes, from the checkout's settings.
//!
//! Asked at every request of a page, so answers are kept for [`LIFETIME_MS`]: a change holds within two seconds on every instance.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::store;
use crate::db::Db;
use crate::http::origins::{Listed, OriginList, Origins, WhichCheckout};
use crate::kernel::clock::Instant;
use crate::kernel::problem::Problem;

/// How long an answer is kept, in milliseconds.
const LIFETIME_MS: i64 = 2000;
/// The most answers kept: unknown slugs are answers too, and anyone may invent those.
const MOST: usize = 4096;

struct Kept {
    list: Option<OriginList>,
    until: Instant,
}

/// The source of origins over the database.
pub struct CheckoutOrigins {
    db: Db,
    kept: Mutex<HashMap<WhichCheckout, Kept>>,
}

impl CheckoutOrigins {
    /// Nothing is kept yet.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            kept: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<WhichCheckout, Kept>> {
        // Nothing under the lock can leave the map half changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, checkout: WhichCheckout, list: Option<OriginList>, now: Instant) {
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.retain(|_, answer| answer.until > now);
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        let until = now + TimeDelta::milliseconds(LIFETIME_MS);
        kept.insert(checkout, Kept { list, until });
    }

    async fn read(&self, checkout: &WhichCheckout) -> Result<Option<OriginList>, Problem> {
        let conn = self.db.read().await?;
        let row = match checkout {
            WhichCheckout::Id(id) => store::allowed_origins(&conn, *id).await?,
            WhichCheckout::Slug(slug) => store::allowed_origins_by_slug(&conn, slug).await?,
        };
        Ok(row.map(|row| row.allowed_origins.into()))
    }
}

impl Origins for CheckoutOrigins {
    fn allowed(&self, checkout: WhichCheckout) -> Listed<'_> {
        Box::pin(async move {
            let now = self.db.clock().now();
            // An answer from the future is of before the clock was set back.
            let latest = now + TimeDelta::milliseconds(LIFETIME_MS);
            let holds = |answer: &&Kept| answer.until > now && answer.until <= latest;
            if let Some(answer) = self.kept().get(&checkout).filter(holds) {
                return Ok(answer.list.clone());
            }
            let list = self.read(&checkout).await?;
            self.keep(checkout, list.clone(), now);
            Ok(list)
        })
    }
}
