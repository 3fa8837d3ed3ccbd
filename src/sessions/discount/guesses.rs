//! How often a buyer may name codes that there are not: per session, and per network address.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::messages::Message;
use crate::discounts::refusal::Refusal;
use crate::http::attempts::{Attempt, CodeLimits};
use crate::http::client_address::ClientAddress;
use crate::kernel::ids::SessionId;
use crate::kernel::problem::Problem;

/// A code that is being tried. Dropped, it was wrong.
pub struct Guess(Vec<Attempt>);

/// A code that comes with the opening of a session, which may be tried more than once by a transaction.
pub type OpeningGuess = Arc<Mutex<Option<Guess>>>;

/// Begins a try at the opening of a session, if it comes with a code.
pub fn begin_if(limits: &CodeLimits, tried: bool, client: ClientAddress) -> Result<OpeningGuess, Problem> {
    let guess = tried.then(|| begin(limits, None, client)).transpose()?;
    Ok(Arc::new(Mutex::new(guess)))
}

/// Ends the try at an opening by what the buyer is told.
pub fn ended_with(guess: &OpeningGuess, messages: &[Message]) {
    let wrong = messages.iter().any(|message| message.reason == Some(Refusal::NotFound));
    if let Some(guess) = guess.lock().unwrap_or_else(PoisonError::into_inner).take()
        && !wrong
    {
        guess.right();
    }
}

/// Begins a try, or refuses with `rate-limited`. Without a session, because that is being opened with the code.
pub fn begin(limits: &CodeLimits, session: Option<SessionId>, client: ClientAddress) -> Result<Guess, Problem> {
    limits
        .begin(session.map(|session| session.to_string()).as_deref(), client)
        .map(Guess)
}

impl Guess {
    /// Only a code that does not exist counts as a failure: who names a real one is not guessing.
    pub fn ended(self, problem: Option<&Problem>) {
        let wrong = problem.is_some_and(|problem| problem.is_reason(Refusal::NotFound.as_str()));
        if !wrong {
            self.right();
        }
    }

    fn right(self) {
        for attempt in self.0 {
            attempt.succeeded();
        }
    }
}
