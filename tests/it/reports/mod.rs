//! Reports: every number is a sum of what the orders say.

mod asking;
mod reference;
mod sums;
