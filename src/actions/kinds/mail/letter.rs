//! A letter: the same parts as plain text and as HTML.
//!
//! The HTML has no pictures and asks for nothing over the network. It sets no colors but a gray that is read on white and on black, so
//! that a mail program in dark mode may choose its own; what is a table is one to those who listen, too.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;

use super::words::{Words, fill};
use crate::actions::action::{Failure, Input};
use crate::mails::template::clean;

const LAYOUT: &str = include_str!("layout.html");

/// A part of a letter.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    /// Text in paragraphs, each of lines.
    Prose {
        /// The paragraphs.
        paragraphs: Vec<Vec<String>>,
    },
    /// Names and values.
    Facts {
        /// In their order.
        facts: Vec<(String, String)>,
    },
    /// What was bought and what it came to.
    Bill {
        /// The heads of the columns: what, and for how much.
        heads: [&'static str; 2],
        /// The lines.
        lines: Vec<BillLine>,
        /// What follows them.
        sums: Vec<Sum>,
    },
    /// Texts that are copied as they are.
    Keys {
        /// Each.
        keys: Vec<String>,
    },
    /// An address to go to.
    Link {
        /// What is there.
        label: &'static str,
        /// The address.
        url: String,
    },
}

/// A line of a bill.
#[derive(Clone, Debug, Serialize)]
pub struct BillLine {
    /// How many.
    pub quantity: i32,
    /// What.
    pub name: String,
    /// For how much.
    pub amount: String,
}

/// A sum under a bill.
#[derive(Clone, Debug, Serialize)]
pub struct Sum {
    /// Of what.
    pub label: String,
    /// How much.
    pub amount: String,
    /// Whether it is what was paid.
    pub total: bool,
}

impl Part {
    /// Prose from a text: empty lines part its paragraphs.
    pub fn prose(text: &str) -> Self {
        let mut paragraphs = vec![Vec::new()];
        for line in text.lines() {
            match (line.trim(), paragraphs.last_mut()) {
                ("", Some(last)) if !last.is_empty() => paragraphs.push(Vec::new()),
                ("", _) | (_, None) => {}
                (_, Some(last)) => last.push(line.trim_end().to_owned()),
            }
        }
        paragraphs.retain(|lines| !lines.is_empty());
        Self::Prose { paragraphs }
    }

    /// The greeting.
    pub fn hello(words: &Words, input: &Input) -> Self {
        let [to_name, to_anybody] = words.hello;
        Self::prose(&match input.name() {
            Some(name) => fill(to_name, &[("name", &clean(&name))]),
            None => to_anybody.to_owned(),
        })
    }

    /// How a letter ends: where the order is, where to ask, and that it is a test.
    pub fn ending(words: &'static Words, input: &Input) -> Vec<Self> {
        let url = input.order_url.clone();
        let link = url.map(|url| Self::Link {
            label: words.your_order,
            url,
        });
        let support = (input.support_email.as_ref()).map(|support| fill(words.questions, &[("support", support)]));
        let test = input.test_mode.then(|| words.nothing_charged.to_owned());
        let prose = support.into_iter().chain(test).map(|text| Self::prose(&text));
        link.into_iter().chain(prose).collect()
    }

    fn text(&self) -> String {
        match self {
            Self::Prose { paragraphs } => {
                let paragraphs: Vec<String> = paragraphs.iter().map(|lines| lines.join("\n")).collect();
                paragraphs.join("\n\n")
            }
            Self::Facts { facts } => {
                let facts: Vec<String> = facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                facts.join("\n")
            }
            Self::Bill { lines, sums, .. } => {
                let line = |line: &BillLine| format!("{} × {}: {}", line.quantity, line.name, line.amount);
                let sum = |sum: &Sum| format!("{}: {}", sum.label, sum.amount);
                let lines: Vec<String> = lines.iter().map(line).collect();
                let sums: Vec<String> = sums.iter().map(sum).collect();
                format!("{}\n\n{}", lines.join("\n"), sums.join("\n"))
            }
            Self::Keys { keys } => keys.join("\n\n"),
            Self::Link { label, url } => format!("{label}: {url}"),
        }
    }
}

/// All parts as plain text.
pub fn text(parts: &[Part]) -> String {
    let parts: Vec<String> = parts.iter().map(Part::text).filter(|text| !text.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

/// All parts as HTML.
pub fn html(language: &str, title: &str, parts: &[Part]) -> Result<String, Failure> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let parts = Value::from(Serde(parts));
    environment
        .render_str(LAYOUT, context! { language, title, parts })
        .map_err(|error| Failure::Fatal(format!("the layout of mails: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_lines_and_parts_paragraphs() {
        let part = Part::prose("\n\nOne\r\n  two  \n \n\n\nthree\n");
        assert_eq!(part.text(), "One\n  two\n\nthree");
        assert_eq!(Part::prose(" \n").text(), "");
    }

    #[test]
    fn nothing_in_a_letter_is_markup() {
        let evil = "<img src=x onerror=alert(1)>\"'&{{ 7*7 }}{% raw %}".to_owned();
        let parts = [
            Part::prose(&evil),
            Part::Facts {
                facts: vec![(evil.clone(), evil.clone())],
            },
            Part::Bill {
                heads: ["Item", "Amount"],
                lines: vec![BillLine {
                    quantity: 1,
                    name: evil.clone(),
                    amount: evil.clone(),
                }],
                sums: vec![Sum {
                    label: evil.clone(),
                    amount: evil.clone(),
                    total: true,
                }],
            },
            Part::Keys {
                keys: vec![evil.clone()],
            },
            Part::Link {
                label: "Order",
                url: evil.clone(),
            },
        ];
        let html = html("en", &evil, &parts).expect("html");
        assert!(!html.contains("<img") && !html.contains("\"'&{"), "{html}");
        assert_eq!(html.matches("&lt;img src=x onerror=alert(1)&gt;").count(), 10, "{html}");
        assert_eq!(html.matches("{{ 7*7 }}").count(), 10);
    }
}
