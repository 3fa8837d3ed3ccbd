//! The buyer's checkout: baskets, codes with real holds, confirming, going back, paying in another way.

mod agree;
mod baskets;
mod buyers;
mod codes;
mod confirming;
mod corners;
mod crash;
mod preconditions;
mod quotes;
mod refusals;
mod revisions;
pub mod shop;
mod timers;
mod turns;
