//! Refunds: exact to the cent, never more than was paid, and never sent twice.

mod completing;
mod giving_back;
mod kept_apart;
mod rerunning;
pub mod scene;
mod sequences;
mod settling;
