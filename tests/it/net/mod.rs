//! What goes out: the guarded client, the mailer and signatures, against what others wrote and servers that misbehave.

mod client;
mod mail;
mod signatures;
mod vies;
