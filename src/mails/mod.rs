//! Mails to people: invitations, proofs of address, lost passwords, ways back to orders.
//!
//! A mail is written with the change that causes it and sent after its commit, by the worker; it survives both crashing. The
//! message is sealed at rest, because it may hold a token. What buyers get after paying is a post-purchase action and not here.

pub mod deliver;
pub mod queue;
mod store;
pub mod template;
