//! The worker's way to send: claims again while requests are under way, so that who hangs holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::deliver::{claim, deliver};
use super::model::Attempt;
use super::record::record;
use crate::db::Db;
use crate::db::wake::Channel;
use crate::kernel::secret::Keyring;
use crate::net::client::GuardedClient;

/// How many requests of one process are under way at once.
const MOST: usize = 512;
/// How many a claim brings at the most: with less room than this there is no claim. Endpoints that fail have four requests under way
/// at once, so it takes more than sixty that hang at once to make the others wait, for as long as one request may take.
const CLAIM: usize = 256;
/// How many attempts are recorded together.
const RECORDED: usize = 128;
const BUSY: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_secs(1);

/// What sending needs.
#[derive(Clone)]
pub struct Pump {
    /// The database.
    pub db: Db,
    /// Makes the requests.
    pub client: GuardedClient,
    /// Opens secrets.
    pub keys: Arc<Keyring>,
    /// Is told of every attempt.
    pub count: Arc<dyn Fn() + Send + Sync>,
}

impl Pump {
    /// Claims and sends until it is told to stop, then waits for what is under way.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let (ended, attempts) = mpsc::unbounded_channel();
        let mut recorder = JoinSet::new();
        recorder.spawn(self.clone().record_all(attempts));
        let mut under_way: JoinSet<()> = JoinSet::new();
        let mut pause = BUSY;
        while !*stopped.borrow() {
            while under_way.try_join_next().is_some() {}
            if under_way.len() + CLAIM > MOST {
                tokio::select! {
                    _ = under_way.join_next() => {}
                    _ = stopped.changed() => {}
                }
                continue;
            }
            match claim(&self.db).await {
                Ok(claimed) if !claimed.is_empty() => {
                    for (delivery, body) in claimed {
                        let (pump, ended) = (self.clone(), ended.clone());
                        under_way.spawn(async move {
                            let attempt = deliver(&pump.db, &pump.client, &pump.keys, delivery, body).await;
                            // The recorder ends after the last sender: it is always there.
                            let _ = ended.send(attempt);
                        });
                    }
                    pause = BUSY;
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "deliveries could not be claimed");
                    pause = IDLE;
                }
            }
            tokio::select! {
                () = self.db.wake().woken(Channel::Deliveries) => pause = BUSY,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(IDLE),
                _ = stopped.changed() => {}
            }
        }
        while under_way.join_next().await.is_some() {}
        drop(ended);
        while recorder.join_next().await.is_some() {}
    }

    /// Records what has ended by now together, while the rest is still being sent: a slow receiver holds back nobody's record, and a
    /// fast one does not cost a commit for each event.
    async fn record_all(self, mut attempts: mpsc::UnboundedReceiver<Attempt>) {
        let mut batch = Vec::with_capacity(RECORDED);
        while attempts.recv_many(&mut batch, RECORDED).await > 0 {
            if let Err(error) = record(&self.db, &self.keys, &batch).await {
                // The leases give the deliveries back; the receivers may see them again under the same ids.
                tracing::warn!(%error, "attempts were not recorded");
            }
            batch.drain(..).for_each(|_| (self.count)());
        }
    }
}
