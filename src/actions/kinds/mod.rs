//! One file per kind of action.

pub mod receipt_email;
