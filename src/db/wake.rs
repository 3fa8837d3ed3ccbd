//! Waking the worker loops of this process after a commit.
//!
//! Only a hint that saves a poll: loops poll all the same, so work committed by another instance, or just before a crash, is
//! found without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A job of our own was enqueued.
    OwnJobs,
    /// A job that asks a payment provider was enqueued.
    ProviderJobs,
    /// A job that calls a service was enqueued.
    ServiceJobs,
    /// An event was published.
    Events,
    /// A delivery became due.
    Deliveries,
    /// A mail was queued.
    Mails,
}

const CHANNELS: usize = Channel::Mails as usize + 1;

/// The channels a transaction touched.
#[derive(Debug, Default)]
pub struct WakeSet([AtomicBool; CHANNELS]);

impl WakeSet {
    /// Marks a channel. By shared reference: statements that run concurrently mark theirs.
    pub fn add(&self, channel: Channel) {
        self.0[channel as usize].store(true, Ordering::Relaxed);
    }
}

/// One notifier per channel.
#[derive(Clone, Debug, Default)]
pub struct Wake {
    channels: Arc<[Notify; CHANNELS]>,
}

impl Wake {
    /// Wakes the loops of every marked channel.
    pub fn wake(&self, set: &WakeSet) {
        for (marked, notify) in set.0.iter().zip(self.channels.iter()) {
            if marked.load(Ordering::Relaxed) {
                notify.notify_one();
            }
        }
    }

    /// Completes when the channel has been woken since the last time.
    pub async fn woken(&self, channel: Channel) {
        self.channels[channel as usize].notified().await;
    }
}
