//! Actions that call other people's systems. Doubles on loopback say what a test wants them to say; nothing here calls a real service.

mod active_campaign;
mod double;
mod kajabi;
mod license;
mod mailchimp;
mod scene;
mod systeme_io;
mod webhook;
