//! Work that fills a core for a while: so much of it at once and no more.
//!
//! Hashing a password takes a core for tens of milliseconds and 19 MiB. A burst of sign-ins that all ran at once would take the
//! memory, and the cores of every other request; one beyond the bound waits a moment, and then is asked to come back.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(1);
/// When to come back, in seconds.
const COME_BACK: u32 = 1;

/// A bound on work that is done off the request threads, and how long to wait for a turn.
#[derive(Clone, Debug)]
pub struct HeavyWork {
    turns: Arc<Semaphore>,
    patience: Duration,
}

/// A turn: the next one is free when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl HeavyWork {
    /// As many at once as there are cores.
    pub fn of_cores() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new(cores, PATIENCE)
    }

    /// So many at once, and as long a wait.
    pub fn new(at_once: usize, patience: Duration) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            patience,
        }
    }

    /// Waits for a turn; `service-unavailable` when none comes in time.
    pub async fn turn(&self) -> Result<Turn, Problem> {
        let busy = || {
            Problem::new(ProblemCode::ServiceUnavailable)
                .detail("too much to do at the moment")
                .retry_after(COME_BACK)
        };
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await;
        match turn {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            Ok(Err(closed)) => Err(Problem::internal(closed)),
            Err(_) => Err(busy()),
        }
    }

    /// Does the work on a thread for it, when its turn has come. The turn lasts as long as the work, also when nobody waits for it
    /// any more.
    pub async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<R, Problem> + Send + 'static,
    ) -> Result<R, Problem> {
        let turn = self.turn().await?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .unwrap_or_else(|panic| Err(Problem::internal(panic)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn one_beyond_the_bound_waits_for_the_one_before() {
        let heavy = HeavyWork::new(1, Duration::from_secs(60));
        let (end, ended) = mpsc::channel::<()>();
        let mut first = Box::pin(heavy.run(move || Ok(ended.recv().is_ok())));
        assert!(futures_util::poll!(&mut first).is_pending());
        let mut second = Box::pin(heavy.run(|| Ok(2)));
        assert!(futures_util::poll!(&mut second).is_pending());
        assert_eq!(heavy.turns.available_permits(), 0);
        end.send(()).expect("the first is at work");
        assert!(first.await.expect("done"));
        assert_eq!(second.await.expect("its turn"), 2);
    }

    #[tokio::test]
    async fn who_goes_away_frees_no_turn_while_the_work_goes_on() {
        let heavy = HeavyWork::new(1, Duration::ZERO);
        let (end, ended) = mpsc::channel::<()>();
        let mut first = Box::pin(heavy.run(move || Ok(ended.recv().is_ok())));
        assert!(futures_util::poll!(&mut first).is_pending());
        drop(first);
        let refused = heavy.turn().await.expect_err("no turn");
        assert_eq!(
            (refused.code, refused.retry_after),
            (ProblemCode::ServiceUnavailable, Some(1))
        );
        drop(end);
    }
}
