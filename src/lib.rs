//! Kassa: a headless checkout.
//!
//! One crate, one binary, one PostgreSQL. The modules stand in the order below; a module may use those above it and the ground,
//! never those below it, and a test reads the `use` lines to hold it so.
//!
//! | room | holds |
//! |---|---|
//! | [`kernel`], [`db`], [`http`], [`net`], [`events`] | the ground: values, the database, the HTTP edge, everything outbound, the log of facts |
//! | [`mails`] | mails to people, sent after the commit that caused them |
//! | [`accounts`], [`organizations`], [`checkouts`], [`activation`] | who calls, whose shop it is, whether it may sell |
//! | [`pricing`] | pure: basket in, lines and totals out |
//! | [`rates`] | what an amount is worth in another currency |
//! | [`vat_checks`] | what VIES says of buyers' VAT numbers |
//! | [`catalog`], [`links`] | what is sold, and the ways to it |
//! | [`discounts`] | codes, and their uses: held, redeemed |
//! | [`erasure`] | forgetting who a buyer was, wherever it is kept |
//! | [`payments`], [`licenses`], [`actions`], [`orders`] | attempts to pay, keys and what was issued, what follows a sale, the sale itself |
//! | [`refunds`] | money that goes back |
//! | [`callbacks`] | what payment providers say of themselves |
//! | [`quotes`] | what a basket costs, with no session and no hold |
//! | [`sessions`] | the buyer's side: basket, code, payment |
//! | [`webhooks`] | deliveries of events |
//! | [`customers`] | who has bought: their list, all that is known of one, forgetting them |
//! | [`reports`] | what was sold, put together |
//! | [`worker`] | claims what is due and does it |
//! | [`config`], [`telemetry`], [`app`], [`commands`] | settings, logs and traces, the composition root, the command line |
//!
//! Inside a room the file's name says what it may do: `model` rows and states, `store` queries, `views` wire shapes, `routes`
//! handlers, any other name one use case or rule.

#![forbid(unsafe_code)]

// kernel comes first: its macros are used by every room after it.
#[macro_use]
pub mod kernel;
pub mod db;
pub mod http;
pub mod net;

pub mod events;

pub mod mails;

pub mod accounts;
pub mod organizations;

pub mod checkouts;

pub mod activation;

pub mod pricing;
pub mod rates;
pub mod vat_checks;

pub mod catalog;
pub mod links;

pub mod discounts;

pub mod erasure;

pub mod payments;

pub mod licenses;

pub mod actions;
pub mod orders;

pub mod refunds;

pub mod callbacks;

pub mod quotes;

pub mod sessions;

pub mod webhooks;

pub mod customers;

pub mod reports;

pub mod worker;

pub mod config;
pub mod telemetry;

pub mod app;
pub mod commands;
