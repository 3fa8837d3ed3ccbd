//! Merchants' own words in mails: templates in a small part of Jinja, rendered without trust in who wrote them.
//!
//! | file | what is in it |
//! |---|---|
//! | `grammar` | what a template may consist of, checked before anything is rendered |
//! | `render` | the environment: few filters, bounded time and length, HTML escaped |
//! | `values` | the variables, and samples of them |
//! | `check` | refuses a template when it is saved |
//!
//! Guarantees: a template sees the values it is given and nothing else: no file, no environment variable, no other order; it ends
//! within a bounded time and length; in HTML a value is text, whatever it contains. A name that is no variable is refused when the
//! template is saved; a variable that an order has no value for is empty, and so is a member of `custom` that it lacks.
//!
//! It must not know orders or actions: rooms above and below them use it.

pub mod check;
mod grammar;
mod render;
mod values;

pub use render::{Kind, Wrong, render, uses};
pub use values::{LineValues, TaxValues, Values, clean};
