//! Values without I/O: what a thing *is*, before anyone stores or sends it.
//!
//! Everything here parses or refuses (there is no half-valid `Slug`), compares and prints the same everywhere, and knows
//! nothing of HTTP or of queries. It may name diesel's SQL types, because an id is stored as what it is; it never runs a query.

pub mod by_locale;
pub mod clock;
pub mod code_text;
pub mod color;
pub mod country;
pub mod format;
pub mod ids;
pub mod locale;
pub mod moment;
pub mod money;
pub mod page;
pub mod patch;
pub mod permission;
pub mod personal;
pub mod places;
pub mod problem;
pub mod problem_codes;
pub mod secret;
pub mod tenant;
pub mod text;
pub mod vat_number;
pub mod wire;
