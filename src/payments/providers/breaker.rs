//! Leaves a provider alone that does not answer, so that buyers get their refusal at once and the worker goes on with others.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use crate::kernel::clock::Clock;

/// After how many failures in a row.
const PATIENCE: u32 = 5;
/// For how long, in milliseconds; then one call after another is let through until it answers.
const REST_MS: i64 = 15_000;

/// Counts what a provider does, in this process.
#[derive(Debug)]
pub struct Breaker {
    clock: Clock,
    failures: AtomicU32,
    until_ms: AtomicI64,
}

impl Breaker {
    /// For one provider.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            failures: AtomicU32::new(0),
            until_ms: AtomicI64::new(i64::MIN),
        }
    }

    /// Whether to call now. After a rest one caller tries; the others wait for what becomes of it.
    pub fn lets_through(&self) -> bool {
        let now = self.clock.now().timestamp_millis();
        let until = self.until_ms.load(Ordering::Acquire);
        if until == i64::MIN {
            return true;
        }
        now >= until
            && self
                .until_ms
                .compare_exchange(until, now + REST_MS, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
    }

    /// What became of a call.
    pub fn record(&self, answered: bool) {
        if answered {
            self.failures.store(0, Ordering::Release);
            self.until_ms.store(i64::MIN, Ordering::Release);
        } else if self.failures.fetch_add(1, Ordering::AcqRel) + 1 >= PATIENCE {
            let until = self.clock.now().timestamp_millis() + REST_MS;
            self.until_ms.store(until, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn five_failures_in_a_row_make_a_rest_and_one_answer_ends_it() {
        let clock = Clock::default();
        let breaker = Breaker::new(clock.clone());
        for _ in 0..PATIENCE - 1 {
            breaker.record(false);
        }
        breaker.record(true);
        for _ in 0..PATIENCE {
            assert!(breaker.lets_through());
            breaker.record(false);
        }
        assert!(!breaker.lets_through());
        clock.advance(TimeDelta::milliseconds(REST_MS));
        assert!(breaker.lets_through(), "one tries");
        assert!(!breaker.lets_through(), "the others wait");
        breaker.record(true);
        assert!(breaker.lets_through() && breaker.lets_through());
    }
}
