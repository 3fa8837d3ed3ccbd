//! The environment that templates are rendered in.

use std::fmt;
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::grammar;
use super::values::Values;

/// What a template becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text, cut where it is longer than mail programs show.
    Subject,
    /// Plain text.
    Text,
    /// HTML: values are escaped.
    Html,
}

/// Why a template cannot be used, said to who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    line: Option<usize>,
    why: String,
}

impl Wrong {
    pub(super) fn new(line: Option<usize>, why: impl Into<String>) -> Self {
        Self { line, why: why.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

impl std::error::Error for Wrong {}

/// How far a template may go.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// In steps of the engine, each well under a microsecond.
    pub steps: u64,
    /// In bytes.
    pub length: usize,
    /// Whether a member that is not there is refused, rather than empty.
    pub strict: bool,
}

/// When it is sent: ten times what it was held to when it was saved, since an order may have more lines than the sample.
const SENDING: Bounds = Bounds {
    steps: 1_000_000,
    length: 1024 * 1024,
    strict: false,
};
/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;

/// Renders a merchant's template with what is known of an order.
pub fn render(kind: Kind, source: &str, values: &Values) -> Result<String, Wrong> {
    let text = bounded(kind, source, values.context(), SENDING)?;
    Ok(match kind {
        Kind::Subject => one_line(&text),
        Kind::Text | Kind::Html => text,
    })
}

/// Whether a template names a variable.
pub fn uses(source: &str, name: &str) -> bool {
    grammar::read(source).is_ok_and(|words| words.iter().any(|(word, _)| *word == name))
}

pub(super) fn bounded(kind: Kind, source: &str, values: Value, bounds: Bounds) -> Result<String, Wrong> {
    grammar::read(source)?;
    let environment = environment(kind, bounds)?;
    let template = environment.template_from_str(source).map_err(|error| told(&error))?;
    let mut written = Bounded {
        bytes: Vec::new(),
        most: bounds.length,
    };
    template
        .render_captured_to(values, &mut written)
        .map_err(|error| told(&error))?;
    // Only ever given whole texts.
    Ok(String::from_utf8_lossy(&written.bytes).into_owned())
}

/// The words that a template uses and does not make itself; refused when it does not parse.
pub(super) fn undeclared(source: &str) -> Result<Vec<String>, Wrong> {
    let bounds = Bounds {
        strict: true,
        ..SENDING
    };
    let environment = environment(Kind::Text, bounds)?;
    let template = environment.template_from_str(source).map_err(|error| told(&error))?;
    Ok(template.undeclared_variables(false).into_iter().collect())
}

fn environment<'a>(kind: Kind, bounds: Bounds) -> Result<Environment<'a>, Wrong> {
    let mut environment = Environment::empty();
    // A line with nothing but a block leaves no empty line behind.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    environment.set_syntax(syntax.map_err(|error| told(&error))?);
    environment.set_fuel(Some(bounds.steps));
    environment.set_undefined_behavior(match bounds.strict {
        true => UndefinedBehavior::Strict,
        false => UndefinedBehavior::Chainable,
    });
    environment.set_auto_escape_callback(move |_| match kind {
        Kind::Html => AutoEscape::Html,
        Kind::Subject | Kind::Text => AutoEscape::None,
    });
    add_filters(&mut environment);
    Ok(environment)
}

/// Each takes anything and fails on nothing: what a buyer left out must not keep a mail from being sent. None makes much of little.
fn add_filters(environment: &mut Environment<'_>) {
    let text = |value: &Value| {
        if value.is_none() || value.is_undefined() {
            String::new()
        } else {
            value.to_string()
        }
    };
    environment.add_filter("upper", move |value: &Value| text(value).to_uppercase());
    environment.add_filter("lower", move |value: &Value| text(value).to_lowercase());
    environment.add_filter("trim", move |value: &Value| text(value).trim().to_owned());
    environment.add_filter("capitalize", move |value: &Value| {
        let text = text(value);
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    });
    environment.add_filter(
        "default",
        |value: &Value, other: &Value| {
            if value.is_true() { value.clone() } else { other.clone() }
        },
    );
    let items = |value: &Value| value.try_iter().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    environment.add_filter("first", move |value: &Value| {
        items(value).first().cloned().unwrap_or_else(|| Value::from(""))
    });
    environment.add_filter("last", move |value: &Value| {
        items(value).last().cloned().unwrap_or_else(|| Value::from(""))
    });
    environment.add_filter("length", |value: &Value| value.len().unwrap_or_default());
}

/// Stops a template that writes too much.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error in words for a person who wrote a template and no program.
fn told(error: &Error) -> Wrong {
    let why = match error.kind() {
        ErrorKind::OutOfFuel => "it takes too long".to_owned(),
        ErrorKind::WriteFailure => "it becomes too long".to_owned(),
        ErrorKind::UndefinedError => "something is shown or asked about that is not there".to_owned(),
        kind => match error.detail() {
            Some(detail) => detail.to_owned(),
            None => kind.to_string(),
        },
    };
    Wrong::new(error.line(), why)
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_SUBJECT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
        None => line,
    }
}
