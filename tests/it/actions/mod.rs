//! What is done after a sale: actions, licenses, access that is taken away.

mod configured;
mod gone;
mod killed;
mod letter;
mod levels;
mod licenses;
mod mails;
mod pools;
mod scene;
mod services;
mod taken_away;
