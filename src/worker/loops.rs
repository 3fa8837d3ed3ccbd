//! The loops themselves: wait, claim, do, and stop when asked.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Worker, schedule};
use crate::db::error::DbError;
use crate::db::jobs::Lane;
use crate::db::wake::Channel;

const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(1);
/// How long a loop rests when the database is away.
const AWAY: Duration = Duration::from_secs(1);
/// How long running work may take after the stop; then its lease gives it back.
const GRACE: Duration = Duration::from_secs(20);

/// How many loops do each kind of work. A loop claims again when its whole batch is done, so what is slow (a mail server, an
/// provider) holds up one loop of several, for as long as one attempt may take. One fan-out is enough: large batches by one claimer are
/// faster than small ones by many. Deliveries have a loop that waits for none of them: see `webhooks::sending::pump`.
const LOOPS: [(Work, usize); 5] = [
    (Work::Jobs(Lane::Own), 2),
    (Work::Jobs(Lane::Providers), 3),
    (Work::Jobs(Lane::Services), 3),
    (Work::FanOut, 1),
    (Work::Mails, 1),
];

/// Loops that run until [`Running::stop`].
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Asks every loop to stop after what it is doing, and waits, for twenty seconds at the most.
    pub async fn stop(mut self) {
        // Nobody listens any more: then every loop has ended already.
        let _ = self.stop.send(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("background work did not end in time; its leases will give it back");
        }
    }
}

pub(super) fn start(worker: Worker) -> Running {
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    for (work, loops) in LOOPS {
        for _ in 0..loops {
            tasks.spawn(poll(worker.clone(), work, stopped.clone()));
        }
    }
    tasks.spawn(worker.pump().run(stopped.clone()));
    tasks.spawn(tidy(worker, stopped));
    Running { stop, tasks }
}

/// What a loop does.
#[derive(Clone, Copy, Debug)]
enum Work {
    Jobs(Lane),
    FanOut,
    Mails,
}

impl Work {
    const fn channel(self) -> Channel {
        match self {
            Self::Jobs(lane) => lane.channel(),
            Self::FanOut => Channel::Events,
            Self::Mails => Channel::Mails,
        }
    }

    /// One batch; returns how much there was to do.
    async fn step(self, worker: &Worker, stopped: &watch::Receiver<bool>) -> Result<usize, DbError> {
        match self {
            Self::FanOut => worker.fan_out().await,
            Self::Mails => worker.send_mails().await,
            Self::Jobs(lane) => {
                let claimed = worker.claim_jobs(lane).await?;
                if *stopped.borrow() {
                    worker.release_jobs(&claimed).await?;
                    return Ok(0);
                }
                futures_util::future::join_all(claimed.iter().map(|job| worker.run_job(job))).await;
                Ok(claimed.len())
            }
        }
    }
}

/// Works while there is work, then waits for a wake-up or a pause that grows while nothing is found.
async fn poll(worker: Worker, work: Work, mut stopped: watch::Receiver<bool>) {
    let mut pause = BUSY;
    while !*stopped.borrow() {
        match work.step(&worker, &stopped).await {
            Ok(0) => {}
            Ok(_) => {
                pause = BUSY;
                continue;
            }
            Err(error) => {
                tracing::warn!(%error, ?work, "background work failed");
                pause = AWAY;
            }
        }
        tokio::select! {
            () = worker.db.wake().woken(work.channel()) => pause = BUSY,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(IDLE),
            _ = stopped.changed() => {}
        }
    }
}

async fn tidy(worker: Worker, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = worker.tidy().await {
            tracing::warn!(%error, "tidying failed");
        }
        tokio::select! {
            () = tokio::time::sleep(schedule::EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
