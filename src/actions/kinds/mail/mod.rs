//! What mails to buyers share: Kassa's words in the languages it speaks, a letter as text and as HTML, and how it is sent.
//!
//! Merchants' own words are templates (`crate::mails::template`); what they become goes into a letter as text, never as HTML, but for
//! the HTML of an `email` action, which is sent as it was rendered.

pub mod facts;
pub mod letter;
pub mod send;
pub mod words;

#[cfg(test)]
pub mod sample;
