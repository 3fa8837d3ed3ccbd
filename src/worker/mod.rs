//! The worker: loops that claim what is due and do it, until they are told to stop.
//!
//! Guarantees: nothing is done without a lease that lapses by itself; what this process did not finish when it is asked to stop
//! is given back. Loops are woken in process after a commit and poll all the same (100 ms while busy, up to 1 s when idle), so
//! nothing depends on the hint.

mod jobs;
mod loops;
mod schedule;

use std::sync::Arc;

pub use loops::Running;

use crate::activation::stripe_card::Stripe;
use crate::db::Db;
use crate::db::error::DbError;
use crate::http::middleware::metrics::Metrics;
use crate::http::state::StripePlatform;
use crate::kernel::secret::Keyring;
use crate::net::Mailer;
use crate::net::client::GuardedClient;
use crate::net::vies::Vies;
use crate::orders::run_action::Bench;
use crate::payments::desk::Desk;
use crate::webhooks::sending::pump::Pump;

/// What background work needs.
#[derive(Clone)]
pub struct Worker {
    /// The database, through a pool of the worker's own.
    pub db: Db,
    /// Sends mail.
    pub mailer: Mailer,
    /// The address of mails whose checkout has none of its own.
    pub mail_from: String,
    /// Makes outbound requests.
    pub client: GuardedClient,
    /// Asks about VAT numbers; none: nobody is asked.
    pub vies: Option<Vies>,
    /// The platform's own account at Stripe.
    pub stripe: Option<StripePlatform>,
    /// Carries payments to their providers.
    pub desk: Desk,
    /// Runs post-purchase actions.
    pub bench: Bench,
    /// Opens sealed secrets.
    pub keys: Arc<Keyring>,
    /// How long a claimed job is its own, in milliseconds.
    pub lease_ms: i64,
    /// Counts what was done.
    pub metrics: Metrics,
}

impl Worker {
    /// Does everything that is due now, and all that follows from it, then returns: for tests and for the demo.
    pub async fn drain(&self) -> Result<(), DbError> {
        loop {
            let done = self.run_due_jobs().await?
                + self.fan_out().await?
                + self.deliver_due().await?
                + self.send_mails().await?
                + self.tidy().await?;
            if done == 0 {
                return Ok(());
            }
        }
    }

    /// Starts every loop.
    pub fn start(self) -> Running {
        loops::start(self)
    }

    async fn fan_out(&self) -> Result<usize, DbError> {
        let receipts = crate::orders::receipts::number::number_receipts(&self.db).await?;
        self.count("number_receipt", receipts);
        let events = crate::webhooks::queues::feed::fan_out(&self.db).await?;
        self.count("fan_out", events);
        Ok(receipts + events)
    }

    async fn deliver_due(&self) -> Result<usize, DbError> {
        let sent = crate::webhooks::sending::deliver_due(&self.db, &self.client, &self.keys).await?;
        self.count("delivery", sent);
        Ok(sent)
    }

    /// Sends deliveries without waiting for those under way.
    fn pump(&self) -> Pump {
        let metrics = self.metrics.clone();
        Pump {
            db: self.db.clone(),
            client: self.client.clone(),
            keys: Arc::clone(&self.keys),
            count: Arc::new(move || metrics.count_work("delivery", "done")),
        }
    }

    async fn send_mails(&self) -> Result<usize, DbError> {
        let sent = crate::mails::deliver::deliver_due(&self.db, &self.mailer, &self.mail_from, &self.keys).await?;
        self.count("mail", sent);
        Ok(sent)
    }

    /// Takes cards that are off file from their customers at Stripe.
    async fn detach_cards(&self) -> Result<usize, DbError> {
        let Some(platform) = &self.stripe else {
            return Ok(0);
        };
        let client = &self.client;
        let detached = crate::activation::detach::detach_due(&self.db, Stripe { client, platform }).await?;
        self.count("detach_card", detached);
        Ok(detached)
    }

    fn count(&self, kind: &str, times: usize) {
        for _ in 0..times {
            self.metrics.count_work(kind, "done");
        }
    }
}
