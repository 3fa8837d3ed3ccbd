//! Discount codes and their uses: a hold that is real from the moment a buyer types the code.
//!
//! Guarantees: available is the limit less redemptions less live holds, decided by one guarded update; never an oversale and
//! never a false refusal; each hold is released or redeemed exactly once, guarded by its own state. Must not: lock a code, make
//! a network call, or know what a session looks like.

pub mod codes;
pub mod eligibility;
pub mod holds;
pub mod refusal;
