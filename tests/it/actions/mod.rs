//! What is done after a sale: actions, licenses, access that is taken away.

mod mails;
