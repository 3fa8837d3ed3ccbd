//! Ways to an offer: permanent and custom, signed, prefilled, limited.

mod codes;
mod custom;
mod fixed;
mod limits;
mod opening;
mod preview;
