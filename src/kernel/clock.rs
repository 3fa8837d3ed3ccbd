//! Time, as something that is handed in.
//!
//! A [`Clock`] is the machine's clock plus an offset. The offset is zero in production; development may start with one
//! (`KASSA_CLOCK_OFFSET`) and tests move it through holds, expiry and retries. In SQL the same offset is added to the
//! database's `now()` by `kassa_now(offset)`, so two instances never compare their own clocks.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::timestamp::context::ContextV7;
use uuid::{Timestamp, Uuid};

/// A moment in UTC.
pub type Instant = DateTime<Utc>;

/// The one source of time and of new ids.
#[derive(Clone, Debug)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    /// Counts ids within a millisecond: ids made by one process ascend strictly, so events of one transaction keep their order.
    context: Arc<Mutex<ContextV7>>,
}

impl Default for Clock {
    fn default() -> Self {
        Self::with_offset(0)
    }
}

impl Clock {
    /// A clock that runs `offset_ms` milliseconds ahead of the machine's.
    pub fn with_offset(offset_ms: i64) -> Self {
        Self {
            offset_ms: Arc::new(AtomicI64::new(offset_ms)),
            context: Arc::new(Mutex::new(ContextV7::new())),
        }
    }

    /// The present moment, for what never leaves this process or is not compared with another instance's time.
    pub fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "the one home of Utc::now")]
        let machine = Utc::now();
        machine + TimeDelta::milliseconds(self.offset_ms())
    }

    /// What `kassa_now(…)` adds to the database's clock, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }

    /// Moves this clock and every clone of it.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// A new time-ordered id (UUIDv7), greater than every id this clock made before.
    pub fn new_uuid(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        // A panic between lock and unlock is impossible: nothing in between can panic, so a poisoned lock is still sound.
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos()))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-20T12:00:00.000Z`, the one form in which the API shows time.
pub fn rfc3339(at: &Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
