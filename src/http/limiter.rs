//! How often something may happen, per key, in a bounded amount of memory.
//!
//! The arithmetic is governor's (GCRA: a whole quota at once, then one more whenever its share of the window has passed). The
//! store is ours: it counts its own calls to know when to drop keys that are as good as new, without a timer, and never holds
//! more than [`MOST_KEYS`]: beyond that the least used go first, so that a flood of new keys cannot free a busy one.
//!
//! Limits are those of one process: behind a balancer, n instances let n times as much through.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

use crate::kernel::clock::Clock;
use crate::kernel::secret::sha256;

/// The most keys one limiter remembers: a few megabytes.
pub const MOST_KEYS: usize = 65_536;
/// How many checks there are between two clearings at least.
const CHECKS: usize = 1024;

/// How many, in how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    count: NonZeroU32,
    seconds: NonZeroU32,
}

impl Quota {
    /// So many in so many seconds; nought of either is taken as one.
    pub const fn new(count: u32, seconds: u32) -> Self {
        Self {
            count: at_least_one(count),
            seconds: at_least_one(seconds),
        }
    }

    /// How many.
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// The window, in seconds.
    pub const fn seconds(self) -> u32 {
        self.seconds.get()
    }

    /// The time in which one of the quota comes back.
    fn interval(self) -> Duration {
        let window = Duration::from_secs(u64::from(self.seconds()));
        (window / self.count()).max(Duration::from_nanos(1))
    }
}

const fn at_least_one(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

/// What a limit is counted by. A hash, so that neither tokens nor addresses are kept, and each key costs the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of a text; `kind` keeps texts of different meaning apart.
    pub fn of(kind: &str, text: &str) -> Self {
        let hash = sha256(format!("{kind}\n{text}").as_bytes());
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        Self(key)
    }
}

/// Whether one more is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allowed {
        /// How many more could follow at once.
        remaining: u32,
        /// When the whole quota is there again, in seconds.
        whole_in: u32,
    },
    /// No.
    Refused {
        /// When there is one again, in seconds; at least one.
        retry_after: u32,
    },
}

/// The machine's monotonic clock, moved by the application's: a step of the wall clock changes no limit, a test may.
#[derive(Clone)]
struct Ticks {
    began: Instant,
    offset_ms: i64,
    clock: Clock,
}

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let moved = self.clock.offset_ms().saturating_sub(self.offset_ms);
        self.began.elapsed() + Duration::from_millis(u64::try_from(moved).unwrap_or(0))
    }
}

#[derive(Default)]
struct Counts {
    by_key: HashMap<Key, Nanos>,
    checks: usize,
}

/// Per key the moment at which its quota is whole again.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Counts>>);

impl Store {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Nothing under the lock can leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self) -> bool {
        let counts = self.lock();
        counts.by_key.len() >= MOST_KEYS || counts.checks >= CHECKS.max(counts.by_key.len())
    }
}

impl StateStore for Store {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut counts = self.lock();
        counts.checks += 1;
        let (outcome, whole_at) = measure(counts.by_key.get(key).copied())?;
        counts.by_key.insert(*key, whole_at);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Key> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut counts = self.lock();
        counts.checks = 0;
        counts.by_key.retain(|_, whole_at| *whole_at > drop_below);
        let kept = counts.by_key.len();
        if kept >= MOST_KEYS {
            let mut all: Vec<u64> = counts.by_key.values().map(|whole_at| whole_at.as_u64()).collect();
            let (_, least, _) = all.select_nth_unstable(kept / 4);
            let least = *least;
            counts.by_key.retain(|_, whole_at| whole_at.as_u64() > least);
        }
    }

    fn len(&self) -> usize {
        self.lock().by_key.len()
    }

    fn is_empty(&self) -> bool {
        self.lock().by_key.is_empty()
    }
}

/// A limit with a count per key.
pub struct Limiter {
    quota: Quota,
    store: Store,
    inner: governor::RateLimiter<Key, Store, Ticks, StateInformationMiddleware>,
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limiter")
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}

impl Limiter {
    /// A limit by the application's clock.
    pub fn new(quota: Quota, clock: &Clock) -> Self {
        let ticks = Ticks {
            began: Instant::now(),
            offset_ms: clock.offset_ms(),
            clock: clock.clone(),
        };
        let store = Store::default();
        let shape = governor::Quota::with_period(quota.interval())
            .unwrap_or(governor::Quota::per_second(quota.count))
            .allow_burst(quota.count);
        Self {
            quota,
            store: store.clone(),
            inner: governor::RateLimiter::new(shape, store, ticks),
        }
    }

    /// The quota of each key.
    pub fn quota(&self) -> Quota {
        self.quota
    }

    /// Counts one more of this key, if it is allowed.
    pub fn check(&self, key: &Key) -> Verdict {
        if self.store.is_due() {
            self.inner.retain_recent();
        }
        match self.inner.check_key(key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = self.quota.count().saturating_sub(remaining);
                Verdict::Allowed {
                    remaining,
                    whole_in: whole_seconds(self.quota.interval().saturating_mul(used)),
                }
            }
            Err(refusal) => Verdict::Refused {
                retry_after: whole_seconds(refusal.wait_time_from(self.inner.clock().now())),
            },
        }
    }

    /// Whether this key has been counted lately.
    pub fn knows(&self, key: &Key) -> bool {
        self.store.lock().by_key.contains_key(key)
    }
}

/// Rounded up, at least one: a client that comes back after it must not be too early.
fn whole_seconds(time: Duration) -> u32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn key(text: &str) -> Key {
        Key::of("test", text)
    }

    #[test]
    fn a_quota_is_whole_at_once_and_comes_back_in_shares() {
        let clock = Clock::default();
        // Long windows: the machine's own time between two lines must not matter.
        let limiter = Limiter::new(Quota::new(3, 3 * 3600), &clock);
        for remaining in [2, 1, 0] {
            assert_eq!(
                limiter.check(&key("a")),
                Verdict::Allowed {
                    remaining,
                    whole_in: (3 - remaining) * 3600
                }
            );
        }
        assert_eq!(limiter.check(&key("a")), Verdict::Refused { retry_after: 3600 });
        assert!(matches!(
            limiter.check(&key("b")),
            Verdict::Allowed { remaining: 2, .. }
        ));
        clock.advance(TimeDelta::seconds(3601));
        assert!(matches!(
            limiter.check(&key("a")),
            Verdict::Allowed { remaining: 0, .. }
        ));
        assert!(matches!(limiter.check(&key("a")), Verdict::Refused { .. }));
        clock.advance(TimeDelta::hours(3));
        assert!(matches!(
            limiter.check(&key("a")),
            Verdict::Allowed { remaining: 2, .. }
        ));
    }

    #[test]
    fn keys_that_are_as_good_as_new_are_dropped() {
        let clock = Clock::default();
        let limiter = Limiter::new(Quota::new(10, 3600), &clock);
        for number in 0..CHECKS {
            limiter.check(&key(&number.to_string()));
        }
        assert_eq!(limiter.store.len(), CHECKS);
        assert!(limiter.knows(&key("0")));
        clock.advance(TimeDelta::hours(2));
        limiter.check(&key("late"));
        assert_eq!(limiter.store.len(), 1);
        assert!(!limiter.knows(&key("0")));
    }

    #[test]
    fn a_flood_of_new_keys_neither_grows_without_end_nor_frees_a_busy_one() {
        let clock = Clock::default();
        let limiter = Limiter::new(Quota::new(2, 24 * 3600), &clock);
        let busy = key("busy");
        limiter.check(&busy);
        limiter.check(&busy);
        for number in 0..2 * MOST_KEYS {
            limiter.check(&key(&number.to_string()));
            debug_assert!(limiter.store.len() <= MOST_KEYS);
        }
        assert!(limiter.store.len() <= MOST_KEYS);
        assert!(matches!(limiter.check(&busy), Verdict::Refused { .. }));
    }

    #[test]
    fn many_at_once_do_not_pass_together() {
        let limiter = Arc::new(Limiter::new(Quota::new(50, 3600), &Clock::default()));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let limiter = Arc::clone(&limiter);
                std::thread::spawn(move || {
                    let allowed = |_: &usize| matches!(limiter.check(&key("one")), Verdict::Allowed { .. });
                    (0..50).filter(allowed).count()
                })
            })
            .collect();
        let allowed: usize = threads.into_iter().map(|thread| thread.join().expect("a thread")).sum();
        assert_eq!(allowed, 50);
    }
}
