//! Who people and programs are: users, passwords, sign-ins, access tokens, API keys.
//!
//! Guarantees: passwords are kept as argon2id, keys as SHA-256 of 256 random bits; a wrong e-mail costs the same time as a
//! wrong password; what a caller may do is read from the memberships at each request, and a token only ever narrows it.

pub mod access;
pub mod api_keys;
pub mod authenticate;
pub mod change_password;
pub mod identify;
pub mod mail_token;
pub mod model;
pub mod oidc;
pub mod passwords;
pub mod refresh_token;
pub mod register;
pub mod routes;
pub mod sign_in;
pub mod store;
pub mod tokens;
pub mod views;
