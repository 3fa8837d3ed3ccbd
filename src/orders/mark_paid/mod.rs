//! Staff say that money is there: a bank transfer that came, or money that came otherwise than asked for and is taken as it is.

mod kept;
pub mod mark;
pub mod routes;
mod take;
pub mod views;
