//! What is wrong with a configuration, and where each part of one came from.
//!
//! Guarantees: no text made here repeats the value of a secret, because none is ever handed in.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Environment,
    /// A key of this file, or the contents of it.
    File(PathBuf),
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name of the variable, or `--config` for the file as a whole.
    pub subject: String,
    /// None when the fault is that it is not set.
    pub source: Option<Source>,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{} ({source}): {}", self.subject, self.problem),
            None => write!(f, "{} (not set): {}", self.subject, self.problem),
        }
    }
}

/// Everything that is wrong, one fault per line when printed. Never empty.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigFaults(pub(super) Vec<Fault>);

impl ConfigFaults {
    /// The faults, for a program to read.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigFaults {}
