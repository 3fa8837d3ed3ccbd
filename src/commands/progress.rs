//! How far a long command is: one line that is written over, for a person who watches.

use std::io::{IsTerminal, Write};

/// The line. Nothing is written unless standard error is a terminal, so a pipe or a log never sees it; it is gone when the command ends.
pub(super) struct Progress {
    shown: bool,
}

impl Progress {
    /// A line that is empty yet.
    pub fn new() -> Self {
        Self {
            shown: std::io::stderr().is_terminal(),
        }
    }

    /// Says where things are.
    pub fn tell(&self, text: impl std::fmt::Display) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.tell("");
    }
}
