//! How often a buyer may name codes that there are not: only a code that does not exist counts, for who names a real one is not
//! guessing.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::messages::Message;
use crate::discounts::refusal::Refusal;
use crate::http::attempts::{CodeAttempt, CodeLimits};
use crate::http::client_address::ClientAddress;
use crate::kernel::problem::Problem;

/// Ends a try by what became of it.
pub fn ended(attempt: CodeAttempt, problem: Option<&Problem>) {
    if problem.is_some_and(|problem| problem.is_reason(Refusal::NotFound.as_str())) {
        attempt.wrong();
    } else {
        attempt.right();
    }
}

/// A code that comes with the opening of a session, which may be tried more than once by a transaction.
pub type OpeningTry = Arc<Mutex<Option<CodeAttempt>>>;

/// Begins a try at the opening of a session, if it comes with a code.
pub fn begin_if(limits: &CodeLimits, tried: bool, client: ClientAddress) -> Result<OpeningTry, Problem> {
    let attempt = tried.then(|| limits.begin(None, client)).transpose()?;
    Ok(Arc::new(Mutex::new(attempt)))
}

/// Ends the try at an opening by what the buyer is told.
pub fn ended_with(attempt: &OpeningTry, messages: &[Message]) {
    let Some(attempt) = attempt.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return;
    };
    if messages.iter().any(|message| message.reason == Some(Refusal::NotFound)) {
        attempt.wrong();
    } else {
        attempt.right();
    }
}
