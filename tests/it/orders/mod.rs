//! Orders: the way back to them, what their buyers agreed to, and how they end.

mod access;
mod consents;
mod scene;
