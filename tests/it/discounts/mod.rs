//! Discount codes: what merchants keep, and holds that are exact whoever comes at once.

mod codes;
mod holds;
mod model;
mod scene;
