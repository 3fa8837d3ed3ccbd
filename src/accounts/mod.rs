//! Who people and programs are: users, passwords, access tokens, API keys.
//!
//! Guarantees: passwords are kept as argon2id, keys as SHA-256 of 256 random bits; a wrong e-mail costs the same time as a
//! wrong password; what a caller may do is read from the memberships at each request, never from a token alone.

pub mod api_keys;
pub mod authenticate;
pub mod model;
pub mod passwords;
pub mod register;
pub mod routes;
pub mod sign_in;
pub mod store;
pub mod tokens;
pub mod views;
