//! Webhooks and the log of events.

mod endpoints;
mod feed;
mod giving_up;
mod guarded;
mod order;
mod replay;
mod retention;
mod scene;
mod schedule;
mod signatures;
mod storm;
