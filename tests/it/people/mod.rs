//! Who calls and whose shop it is: accounts, organizations, roles, keys, activation, and the log of it all.

mod accounts;
pub mod activation;
mod audit;
mod cards;
mod checkouts;
mod closing;
mod invitations;
mod inviting;
mod keys;
mod organizations;
mod revocation;
mod sign_in_elsewhere;
mod test_keys;
