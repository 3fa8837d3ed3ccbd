//! The fields of a line for people. Names with a dot are OpenTelemetry's: they are for collectors, and what they say of a request stands on its
//! line in fewer words, so here they are left out.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{FormatFields, Writer};

/// `message name=value name=value`.
pub(super) struct ForPeople;

impl<'writer> FormatFields<'writer> for ForPeople {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line::default();
        fields.record(&mut line);
        writer.write_str(&line.text)
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let mut line = Line {
            text: std::mem::take(&mut current.fields),
        };
        fields.record(&mut line);
        current.fields = line.text;
        Ok(())
    }
}

#[derive(Default)]
struct Line {
    text: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.record_debug(field, &format_args!("{value}"));
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let name = field.name();
        if name.contains('.') {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        if name != "message" {
            self.text.push_str(name.trim_start_matches("r#"));
            self.text.push('=');
        }
        // What others wrote must not steer the terminal that shows it.
        for character in format!("{value:?}").chars() {
            if character.is_control() && !matches!(character, '\n' | '\t') {
                self.text.extend(character.escape_default());
            } else {
                self.text.push(character);
            }
        }
    }
}
