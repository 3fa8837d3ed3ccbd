//! Refuses templates when they are saved. These are validators: `#[validate(custom(function = "check::text"))]`.

use validator::ValidationError;

use super::grammar;
use super::render::{Bounds, Kind, Wrong, bounded, undeclared};
use super::values::{Values, known};

/// What a template is held to with a sample order of ten lines.
const SAVING: Bounds = Bounds {
    steps: 100_000,
    length: 256 * 1024,
    strict: true,
};

/// A subject.
pub fn subject(source: &str) -> Result<(), ValidationError> {
    refused(one_line(source).and_then(|()| check(Kind::Subject, source, false)))
}

/// Plain text.
pub fn text(source: &str) -> Result<(), ValidationError> {
    refused(check(Kind::Text, source, false))
}

/// HTML.
pub fn html(source: &str) -> Result<(), ValidationError> {
    refused(check(Kind::Html, source, false))
}

/// The subject of a mail that brings licenses.
pub fn license_subject(source: &str) -> Result<(), ValidationError> {
    refused(one_line(source).and_then(|()| check(Kind::Subject, source, true)))
}

/// The text of a mail that brings licenses.
pub fn license_text(source: &str) -> Result<(), ValidationError> {
    refused(check(Kind::Text, source, true))
}

fn one_line(source: &str) -> Result<(), Wrong> {
    match source.contains(['\n', '\r']) {
        true => Err(Wrong::new(None, "must be one line")),
        false => Ok(()),
    }
}

fn refused(checked: Result<(), Wrong>) -> Result<(), ValidationError> {
    checked.map_err(|wrong| ValidationError::new("template").with_message(wrong.to_string().into()))
}

fn check(kind: Kind, source: &str, licenses: bool) -> Result<(), Wrong> {
    let words = grammar::read(source)?;
    for name in undeclared(source)? {
        if !known(&name, licenses) {
            let line = words.iter().find(|(word, _)| *word == name).map(|(_, line)| *line);
            return Err(Wrong::new(line, format!("there is no variable `{name}`")));
        }
    }
    for sample in Values::samples() {
        bounded(kind, source, sample, SAVING)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::{LineValues, render};
    use super::*;

    fn said(checked: Result<(), ValidationError>) -> String {
        let message = checked.err().and_then(|error| error.message);
        message.map(String::from).unwrap_or_default()
    }

    #[test]
    fn what_merchants_write_is_taken() {
        for source in [
            "Thank you, {{ first_name|default('friend') }}!",
            "{% for line in lines %}\n{{ line.quantity }} x {{ line.name|upper }}: {{ line.total }}\n{% endfor %}\nTotal {{ total }}",
            "{% for line in lines %}{% for tax in taxes %}{{ loop.index }}{{ tax.rate }}{{ tax.amount }}{% endfor %}{% endfor %}",
            "{% if custom.vip and not test_mode %}VIP {{ custom.level.name }}{% elif product == 'x' %}{{ (lines|first).name }}{% else %}-{% endif %}",
            "{% for tag in custom.tags %}{{ tag.name }}{% else %}none{% endfor %}",
            "{% if (name or email) and lines|length > 1 %}{{ 'a' if receipt_number else 'b' }}{% endif %}",
            "~5 * 5 = 25 { } {braces} 100 % #1 {# a note {{ #}",
            "",
        ] {
            assert_eq!(said(text(source)), "", "{source}");
            assert_eq!(said(html(source)), "", "{source}");
        }
        assert_eq!(
            said(license_text("{% for license in licenses %}{{ license }}\n{% endfor %}")),
            ""
        );
        assert_eq!(said(license_subject("{{ licenses|first }} for {{ product }}")), "");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let long = "x".repeat(19_000) + "{% for a in lines %}" + &"x".repeat(30_000) + "{% endfor %}";
        for (source, why) in [
            ("Hi\n{{ frist_name }}", "line 2: there is no variable `frist_name`"),
            (
                "{% if test_mode %}{{ secret }}{% endif %}",
                "line 1: there is no variable `secret`",
            ),
            ("{{ licenses }}", "line 1: there is no variable `licenses`"),
            ("{{ env.HOME }}", "line 1: there is no variable `env`"),
            (
                "\n\n{% if name %}",
                "line 3: unexpected end of input, expected end of block",
            ),
            (
                "{{ name name }}",
                "line 1: unexpected identifier, expected end of variable block",
            ),
            ("{# note", "line 1: unexpected end of comment"),
            (
                "{% for line in lines %}\n{{ line.nmae }}{% endfor %}",
                "line 2: something is shown or asked about that is not there",
            ),
            ("{% for line in number %}{% endfor %}", "line 1: number is not iterable"),
            (&long, "it becomes too long"),
        ] {
            assert_eq!(said(text(source)), why, "{}", source.get(..40).unwrap_or(source));
        }
        assert_eq!(said(subject("a\nb")), "must be one line");
        assert_eq!(said(subject("{{")), "line 1: `}}` is missing");
    }

    #[test]
    fn nothing_runs_for_long() {
        let nested = "{% for a in lines %}{% for b in lines %}".to_owned()
            + &"{{ a.name }}{{ b.name|upper }}".repeat(600)
            + "{% endfor %}{% endfor %}";
        let wide = "{{ name|upper|lower|upper|lower|upper }}".repeat(490);
        for source in [
            nested.as_str(),
            wide.as_str(),
            &"{{".repeat(9000),
            &"{% if name %}".repeat(1500),
            &"(".repeat(20_000),
        ] {
            let begun = Instant::now();
            let _ = text(source);
            assert!(
                begun.elapsed() < Duration::from_secs(2),
                "{} took {:?}",
                &source[..40],
                begun.elapsed()
            );
        }
        assert!(said(text(&nested)).ends_with("it becomes too long"));
        let busy = nested.replace(
            "{{ a.name }}{{ b.name|upper }}",
            "{% if a.name == b.name|upper %}{% endif %}",
        );
        assert!(
            said(text(&busy)).ends_with("it takes too long"),
            "{}",
            said(text(&busy))
        );
        // When it is sent: an order of two thousand lines, and a template that loops over them twice.
        let line = LineValues {
            name: "A".repeat(255),
            quantity: 1,
            total: "1".to_owned(),
        };
        let values = Values {
            lines: vec![line; 2000],
            ..Values::default()
        };
        let begun = Instant::now();
        let twice = "{% for a in lines %}{% for b in lines %}{{ a.quantity }}{% endfor %}{% endfor %}";
        assert_eq!(said(text(twice)), "");
        assert!(render(Kind::Text, twice, &values).is_err());
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        let once = render(Kind::Text, "{% for a in lines %}{{ a.quantity }}{% endfor %}", &values);
        assert_eq!(once, Ok("1".repeat(2000)));
    }

    #[test]
    fn values_are_values() {
        let hostile = "<script>\"'&</script>{{ 7*7 }}{% include 'x' %}\r\nBcc: evil@example.net\u{202e}\u{2066}";
        let values = Values {
            name: hostile.to_owned(),
            custom: serde_json::json!({"x": hostile, "n": null, "list": [1, "two", null]}),
            ..Values::default()
        };
        let one = |kind, source: &str| render(kind, source, &values).expect("a text");
        assert_eq!(
            one(Kind::Text, "{{ name }}|{{ custom.x }}"),
            "<script>\"'&</script>{{ 7*7 }}{% include 'x' %}Bcc: evil@example.net|\
             <script>\"'&</script>{{ 7*7 }}{% include 'x' %}\nBcc: evil@example.net"
        );
        assert_eq!(
            one(Kind::Html, "<b title=\"{{ name }}\">"),
            "<b title=\"&lt;script&gt;&quot;&#x27;&amp;&lt;&#x2f;script&gt;{{ 7*7 }}{% include &#x27;x&#x27; %}Bcc: evil@example.net\">"
        );
        assert_eq!(one(Kind::Subject, "{{ custom.x }}").lines().count(), 1);
        assert!(!one(Kind::Subject, "{{ custom.x|upper }}{{ custom.list }}").contains('\n'));
        // What is not there is empty, however deep it is asked for.
        assert_eq!(
            one(
                Kind::Text,
                "[{{ custom.a.b.c }}{{ custom.n }}{{ first_name }}{{ custom.a.b|upper }}]"
            ),
            "[]"
        );
        assert_eq!(
            one(Kind::Text, "{% for x in custom.list %}{{ x }} {% endfor %}"),
            "1 two "
        );
        assert_eq!(
            one(
                Kind::Text,
                "{{ 'A'|lower }}{{ custom.missing|default('none') }}{{ 'ab'|capitalize }}"
            ),
            "anoneAb"
        );
    }

    #[test]
    fn subjects_end_where_programs_stop_reading() {
        let values = Values {
            name: "🎉".repeat(5000),
            ..Values::default()
        };
        let subject = render(Kind::Subject, "For {{ name }}", &values).expect("a text");
        assert_eq!(subject.chars().count(), 201);
        assert!(subject.ends_with("🎉…"));
    }
}
