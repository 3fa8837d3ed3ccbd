//! The main job, from link to completed order: done well, done at once by many, and done although things break.

mod commands;
mod crash;
mod delivery;
mod outage;
pub mod plans;
mod prices;
mod races;
mod refusals;
mod sale;
