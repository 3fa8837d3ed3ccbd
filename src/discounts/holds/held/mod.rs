//! What a session holds, with the terms of the code.

pub mod model;
pub mod store;
