//! Payment providers, against doubles that others wrote and those that nobody has written but us.

pub mod stripe;
