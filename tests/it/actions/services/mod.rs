//! Actions that call other people's systems. Doubles on loopback say what a test wants them to say; nothing here calls a real service.

pub mod active_campaign;
pub mod double;
pub mod kajabi;
mod license;
mod mailchimp;
mod scene;
pub mod systeme_io;
mod webhook;
