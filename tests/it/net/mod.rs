//! What goes out: the guarded client and the mailer, against servers that misbehave.

mod client;
mod mail;
mod vies;
