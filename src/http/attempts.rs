//! Attempts that may fail so often and no oftener: guesses at a password above all.
//!
//! An attempt is counted when it begins and given back when it succeeds. So a burst of parallel guesses cannot pass the limit
//! between two looks at it, a person who mistypes twice signs in all the same, and a request that is dropped halfway counts as
//! a failure. Whether the account exists plays no part. The counts are those of one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use super::client_address::ClientAddress;
use super::limiter::{Key, MOST_KEYS, Quota};
use crate::kernel::clock::{Clock, Instant};
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

#[derive(Clone, Copy)]
struct Window {
    ends: Instant,
    count: u32,
}

type Windows = Mutex<HashMap<Key, Window>>;

/// A limit on failures per key, in windows that begin with the first of them.
#[derive(Clone)]
pub struct Attempts {
    quota: Quota,
    clock: Clock,
    windows: Arc<Windows>,
}

/// An attempt that is being made. Dropped, it has failed.
#[must_use = "an attempt that is dropped counts as a failure: call succeeded()"]
pub struct Attempt {
    windows: Arc<Windows>,
    key: Key,
    ends: Instant,
}

fn lock(windows: &Windows) -> MutexGuard<'_, HashMap<Key, Window>> {
    // Nothing under the lock can leave the map half changed.
    windows.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Attempts {
    /// A limit by the application's clock.
    pub fn new(quota: Quota, clock: &Clock) -> Self {
        Self {
            quota,
            clock: clock.clone(),
            windows: Arc::default(),
        }
    }

    /// Begins an attempt, or refuses with `rate-limited` until the window of this key has ended.
    pub fn begin(&self, key: &str) -> Result<Attempt, Problem> {
        let key = Key::of("attempt", key);
        let now = self.clock.now();
        let mut windows = lock(&self.windows);
        if windows.len() >= MOST_KEYS && !windows.contains_key(&key) {
            make_room(&mut windows, now);
        }
        let fresh = Window {
            ends: now + TimeDelta::seconds(i64::from(self.quota.seconds())),
            count: 0,
        };
        let window = windows.entry(key).or_insert(fresh);
        if window.ends <= now {
            *window = fresh;
        }
        if window.count >= self.quota.count() {
            let wait = (window.ends - now).num_seconds() + 1;
            return Err(Problem::new(ProblemCode::RateLimited)
                .detail("too many failed attempts")
                .retry_after(u32::try_from(wait).unwrap_or(1)));
        }
        window.count += 1;
        Ok(Attempt {
            windows: Arc::clone(&self.windows),
            key,
            ends: window.ends,
        })
    }
}

impl Attempt {
    /// It did not fail: it no longer counts.
    pub fn succeeded(self) {
        let mut windows = lock(&self.windows);
        if let Some(window) = windows.get_mut(&self.key)
            && window.ends == self.ends
        {
            window.count = window.count.saturating_sub(1);
        }
    }
}

/// Forgets what has ended, and then keys with few failures before those with many: a flood of names frees none that is guessed at.
fn make_room(windows: &mut HashMap<Key, Window>, now: Instant) {
    windows.retain(|_, window| window.ends > now && window.count > 0);
    let mut few = 1;
    while windows.len() > MOST_KEYS / 4 * 3 {
        windows.retain(|_, window| window.count > few);
        few += 1;
    }
}

/// The limits on signing in: per account and per client.
#[derive(Clone)]
pub struct SignInLimits {
    accounts: Attempts,
    addresses: Attempts,
}

/// A sign-in that is being tried. Dropped, it has failed.
#[must_use = "a sign-in that is dropped counts as a failure: call ended()"]
pub struct SignInAttempt {
    account: Attempt,
    address: Attempt,
}

impl SignInLimits {
    /// Failures per account in [`Self::WINDOW_SECONDS`].
    pub const PER_ACCOUNT: u32 = 10;
    /// Failures per client address in the same time: an office has many people.
    pub const PER_ADDRESS: u32 = 100;
    /// A quarter of an hour.
    pub const WINDOW_SECONDS: u32 = 15 * 60;

    /// The limits by the application's clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            accounts: Attempts::new(Quota::new(Self::PER_ACCOUNT, Self::WINDOW_SECONDS), clock),
            addresses: Attempts::new(Quota::new(Self::PER_ADDRESS, Self::WINDOW_SECONDS), clock),
        }
    }

    /// Begins a sign-in to the account of this (folded) name, which need not exist. Call before the password is looked at, and
    /// [`SignInAttempt::ended`] afterwards.
    pub fn begin(&self, account: &str, client: ClientAddress) -> Result<SignInAttempt, Problem> {
        let address = self.addresses.begin(&client.network())?;
        let account = self.accounts.begin(account)?;
        Ok(SignInAttempt { account, address })
    }
}

impl SignInAttempt {
    /// How it ended. It is given back if the password was right, and if the service was too busy to say.
    pub fn ended<R>(self, outcome: Result<R, Problem>) -> Result<R, Problem> {
        let unsaid = |problem: &Problem| problem.code == ProblemCode::ServiceUnavailable;
        if outcome.as_ref().map_or_else(unsaid, |_| true) {
            self.succeeded();
        }
        outcome
    }

    /// The password was right.
    pub fn succeeded(self) {
        self.account.succeeded();
        self.address.succeeded();
    }
}

/// The limits on naming discount codes that do not exist: per session and per client.
///
/// Of a session an attempt counts from its beginning. Of a client only a failure counts, when it has happened: an office or a phone
/// network may bring hundreds of buyers in one moment, and none of them is refused for the others' being quick.
#[derive(Clone)]
pub struct CodeLimits {
    sessions: Attempts,
    addresses: Attempts,
}

/// A code that is being tried. Dropped, it was wrong as far as its session goes.
#[must_use = "a try that is dropped counts as a failure of its session: say how it ended"]
pub struct CodeAttempt {
    session: Option<Attempt>,
    addresses: Attempts,
    network: String,
}

impl CodeAttempt {
    /// There is such a code.
    pub fn right(self) {
        if let Some(session) = self.session {
            session.succeeded();
        }
    }

    /// There is none.
    pub fn wrong(self) {
        // At the limit already: it stays there.
        drop(self.addresses.begin(&self.network));
    }
}

impl CodeLimits {
    /// Wrong codes per session in [`Self::WINDOW_SECONDS`].
    pub const PER_SESSION: u32 = 10;
    /// Wrong codes per client address in the same time.
    pub const PER_ADDRESS: u32 = 100;
    /// A quarter of an hour.
    pub const WINDOW_SECONDS: u32 = 15 * 60;

    /// The limits by the application's clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            sessions: Attempts::new(Quota::new(Self::PER_SESSION, Self::WINDOW_SECONDS), clock),
            addresses: Attempts::new(Quota::new(Self::PER_ADDRESS, Self::WINDOW_SECONDS), clock),
        }
    }

    /// Begins a try of a client, and of a session if there is one already.
    pub fn begin(&self, session: Option<&str>, client: ClientAddress) -> Result<CodeAttempt, Problem> {
        let network = client.network();
        // Asked, and not counted.
        self.addresses.begin(&network)?.succeeded();
        Ok(CodeAttempt {
            session: session.map(|session| self.sessions.begin(session)).transpose()?,
            addresses: self.addresses.clone(),
            network,
        })
    }
}

/// The limit on asking for the way back to orders: per client. Every request counts, because none says whether it was right.
#[derive(Clone)]
pub struct AccessLimits {
    addresses: Attempts,
}

impl AccessLimits {
    /// Requests per client address in [`Self::WINDOW_SECONDS`].
    pub const PER_ADDRESS: u32 = 30;
    /// A quarter of an hour.
    pub const WINDOW_SECONDS: u32 = 15 * 60;

    /// The limit by the application's clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            addresses: Attempts::new(Quota::new(Self::PER_ADDRESS, Self::WINDOW_SECONDS), clock),
        }
    }

    /// Counts a request, or refuses it with `rate-limited`.
    pub fn count(&self, client: ClientAddress) -> Result<(), Problem> {
        let counted = self.addresses.begin(&client.network());
        // Dropped, it stays counted.
        counted
            .map(drop)
            .map_err(|refusal| refusal.detail("too many requests for ways back to orders"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(outcome: Result<SignInAttempt, Problem>) -> Option<u32> {
        let problem = outcome.err()?;
        assert_eq!(problem.code, ProblemCode::RateLimited);
        problem.retry_after
    }

    fn client(text: &str) -> ClientAddress {
        ClientAddress(text.parse().expect("an address"))
    }

    #[test]
    fn failures_count_and_successes_do_not() {
        let clock = Clock::default();
        let limits = SignInLimits::new(&clock);
        let home = client("203.0.113.1");
        for _ in 0..50 {
            limits.begin("a@example.com", home).expect("allowed").succeeded();
        }
        for _ in 0..9 {
            drop(limits.begin("a@example.com", home).expect("allowed"));
        }
        limits.begin("a@example.com", home).expect("the tenth").succeeded();
        drop(limits.begin("a@example.com", home).expect("the tenth again"));
        let wait = refusal(limits.begin("a@example.com", home)).expect("refused");
        assert!((895..=901).contains(&wait), "{wait}");
        assert!(refusal(limits.begin("a@example.com", client("203.0.113.2"))).is_some());
        limits
            .begin("b@example.com", home)
            .expect("another account")
            .succeeded();
        clock.advance(TimeDelta::minutes(15));
        limits.begin("a@example.com", home).expect("a new window").succeeded();
    }

    #[test]
    fn one_address_cannot_try_every_account() {
        let limits = SignInLimits::new(&Clock::default());
        let name = |number: u32| format!("{number}@example.com");
        for number in 0..SignInLimits::PER_ADDRESS {
            drop(limits.begin(&name(number), client("2001:db8:1:2::1")).expect("allowed"));
        }
        // The same /64 is the same client.
        assert!(refusal(limits.begin("x@example.com", client("2001:db8:1:2:ffff::9"))).is_some());
        drop(
            limits
                .begin("x@example.com", client("2001:db8:1:3::1"))
                .expect("another network"),
        );
    }

    #[test]
    fn guesses_in_flight_count() {
        let limits = SignInLimits::new(&Clock::default());
        let begun: Vec<_> = (0..20)
            .map(|_| limits.begin("a@example.com", client("203.0.113.1")))
            .filter_map(Result::ok)
            .collect();
        assert_eq!(begun.len(), 10);
        begun.into_iter().for_each(SignInAttempt::succeeded);
        drop(
            limits
                .begin("a@example.com", client("203.0.113.1"))
                .expect("all were right"),
        );
    }

    #[test]
    fn a_success_after_the_window_gives_nothing_back_to_the_next() {
        let clock = Clock::default();
        let attempts = Attempts::new(Quota::new(2, 60), &clock);
        let slow = attempts.begin("a").expect("allowed");
        clock.advance(TimeDelta::seconds(61));
        drop(attempts.begin("a").expect("allowed"));
        drop(attempts.begin("a").expect("allowed"));
        slow.succeeded();
        assert!(attempts.begin("a").is_err());
    }

    #[test]
    fn a_flood_of_names_is_bounded_and_frees_none_that_is_guessed_at() {
        let clock = Clock::default();
        let attempts = Attempts::new(Quota::new(3, 3600), &clock);
        for _ in 0..3 {
            drop(attempts.begin("victim").expect("allowed"));
        }
        for number in 0..MOST_KEYS + MOST_KEYS / 2 {
            drop(attempts.begin(&number.to_string()).expect("allowed"));
        }
        assert!(lock(&attempts.windows).len() <= MOST_KEYS);
        assert!(attempts.begin("victim").is_err());
    }
}
