//! Orders: what a buyer confirmed, frozen, and what became of it.
//!
//! Guarantees: an order is made once per session; every transition is in the table of [`model`]; all money arrives through
//! [`settle`], whoever brings the news; every change writes its event in the same transaction.

pub mod access;
pub mod action_input;
pub mod ageing;
pub mod annotate;
pub mod ask_payment;
pub mod attempt;
pub mod attention;
pub mod buyer;
pub mod cancel;
pub mod cancel_payment;
pub mod complete;
pub mod consents;
pub mod contact;
pub mod export;
pub mod follow_refunds;
pub mod forget;
pub mod instructions;
pub mod licenses;
pub mod lines;
pub mod list;
pub mod mark_paid;
pub mod model;
pub mod place;
pub mod receipts;
pub mod redeem;
pub mod rerun;
pub mod revise;
pub mod revisions;
pub mod routes;
pub mod run_action;
pub mod settle;
mod shortfall;
pub mod start_payment;
pub mod states;
pub mod store;
pub mod take_away;
pub mod tell_provider;
pub mod timeline;
pub mod transitions;
pub mod views;
