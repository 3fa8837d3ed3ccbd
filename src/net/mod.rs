//! Everything that leaves the process for another machine, and nothing else.
//!
//! | file           | what is in it                                                                |
//! |----------------|------------------------------------------------------------------------------|
//! | [`address`]    | pure: is this IP address one the public internet may be reached at?          |
//! | [`target`]     | pure: may this URL be called (scheme, port, literal address, local name)?    |
//! | [`resolver`]   | DNS whose every answer is vetted before a connection can be made to it       |
//! | [`client`]     | [`GuardedClient`], the only HTTP client of the product                       |
//! | [`answer`]     | what came back: bounded body, `Retry-After`, text that a database can store  |
//! | [`failure`]    | [`SendError`], why nothing came back                                         |
//! | [`form`]       | pure: `application/x-www-form-urlencoded`                                   |
//! | [`mail`]       | [`Mailer`]: SMTP, or one file per message for development and tests          |
//! | [`signature`]  | Standard Webhooks 1.0.0 signatures                                           |
//! | [`vies`]       | whether a member state knows a VAT number                                    |
//!
//! Guarantees of the room as a whole: no call outlives its timeout, no answer is kept beyond its
//! limit, no secret is printed, and no address is connected to that was not vetted just before.
//!
//! It must not know tenants, orders, retries or schedules. It sends once and reports what happened;
//! whoever asked decides what that means. It imports nothing of the product.

pub mod address;
pub mod answer;
pub mod client;
pub mod failure;
pub mod form;
pub mod mail;
pub mod resolver;
pub mod signature;
pub mod target;
pub mod vies;

pub use address::Refusal;
pub use answer::Answer;
pub use client::{ClientOptions, GuardedClient, Method, OutboundRequest};
pub use failure::SendError;
pub use mail::{Contact, MailError, Mailer, OutgoingMail};
pub use resolver::{Lookup, SystemLookup};
pub use signature::{SignatureError, SigningSecret};
