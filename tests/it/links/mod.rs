//! Ways to an offer: permanent and custom, signed, prefilled, limited.

mod custom;
mod limits;
mod opening;
mod preview;
