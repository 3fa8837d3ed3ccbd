//! Turns gathered texts into values, noting every fault and, for each variable, what holds and why.
//!
//! Guarantees: reading never stops at a fault, and a secret's value reaches neither a fault nor the summary.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::fault::{Fault, Source};
use super::settings::{Gathered, Settings};
use super::table::{VARIABLES, Variable};

/// What would be right, as a phrase that begins with "must": never with the value in it.
pub(super) type Problem = Cow<'static, str>;

/// What became of a variable.
#[derive(Debug)]
pub(super) enum Reading<T> {
    Unset,
    /// Set, but wrong; the fault is noted, and nothing should be concluded from it.
    Faulty,
    Set(T),
}

impl<T> Reading<T> {
    pub fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    pub fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unset | Self::Faulty => None,
        }
    }
}

/// What holds for one variable, with secrets masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryLine {
    pub name: &'static str,
    pub value: String,
    /// `environment`, `file <path>` or `default`.
    pub source: String,
}

impl fmt::Display for SummaryLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {} ({})", self.name, self.value, self.source)
    }
}

pub(super) struct Reader {
    settings: Settings,
    lines: Vec<SummaryLine>,
}

impl Reader {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            lines: Vec::new(),
        }
    }

    /// The value of a variable, or what is in the way of one.
    pub fn read<T>(
        &mut self,
        variable: &'static Variable,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Reading<T> {
        let setting = match self.settings.found.get(variable.name) {
            None => {
                self.note(variable, format!("({})", variable.default), &Source::Default);
                return Reading::Unset;
            }
            // No summary is made when there is a fault, so there is nothing to note.
            Some(Gathered::Faulty(_)) => return Reading::Faulty,
            Some(Gathered::Set(setting)) => setting,
        };
        let source = setting.source.clone();
        let shown = if variable.secret {
            "(set)".to_owned()
        } else {
            setting.text.clone()
        };
        match parse(&setting.text) {
            Ok(value) => {
                self.note(variable, shown, &source);
                Reading::Set(value)
            }
            Err(problem) => {
                let problem = match presentable(variable, &setting.text) {
                    Some(text) => format!("{problem}; it is {text:?}"),
                    None => problem.into_owned(),
                };
                self.fault(variable, problem);
                Reading::Faulty
            }
        }
    }

    /// The value of a variable that has a default; the default stands in for a faulty one, which is noted.
    pub fn read_or<T: fmt::Display>(
        &mut self,
        variable: &'static Variable,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        default: T,
    ) -> T {
        match self.read(variable, parse) {
            Reading::Set(value) => value,
            Reading::Faulty => default,
            Reading::Unset => {
                self.note(variable, default.to_string(), &Source::Default);
                default
            }
        }
    }

    /// Notes what is wrong with a variable, set or not.
    pub fn fault(&mut self, variable: &Variable, problem: impl Into<String>) {
        let source = match self.settings.found.get(variable.name) {
            Some(Gathered::Set(setting)) => Some(setting.source.clone()),
            Some(Gathered::Faulty(source)) => Some(source.clone()),
            None => None,
        };
        self.settings.faults.push(Fault {
            subject: variable.name.to_owned(),
            source,
            problem: problem.into(),
        });
    }

    /// Whether nothing is wrong with a variable, so far.
    pub fn is_sound(&self, variable: &Variable) -> bool {
        let faults = &self.settings.faults;
        faults.iter().all(|fault| fault.subject != variable.name)
    }

    /// Notes what holds for a variable, in place of what was noted before.
    pub fn note(&mut self, variable: &'static Variable, value: String, source: &Source) {
        self.lines.retain(|line| line.name != variable.name);
        self.lines.push(SummaryLine {
            name: variable.name,
            value,
            source: source.to_string(),
        });
    }

    /// What holds, in the order of the table; or all that is wrong.
    pub fn finish(mut self) -> Result<Vec<SummaryLine>, Vec<Fault>> {
        if !self.settings.faults.is_empty() {
            return Err(self.settings.faults);
        }
        let place = |line: &SummaryLine| VARIABLES.iter().position(|v| v.name == line.name);
        self.lines.sort_by_key(place);
        Ok(self.lines)
    }
}

/// The text of a faulty value, if it may be printed.
fn presentable<'text>(variable: &Variable, text: &'text str) -> Option<&'text str> {
    // A URL with a password may have been put into the wrong variable; so may a key, which is longer than any right value.
    let harmless = !variable.secret && !text.contains('@') && text.len() <= 40;
    harmless.then_some(text)
}
