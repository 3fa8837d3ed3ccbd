//! A mail of the merchant's own words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::mail::facts::Facts;
use super::mail::send::{Written, rendered, send, subject};
use super::mail::words::fill;
use crate::actions::action::{Failure, Input, Task, World};
use crate::kernel::by_locale::ByLocale;
use crate::mails::template::{Kind, check};

/// A mail of the merchant's own words: templates in a part of Jinja.
///
/// Variables: `number`, `receipt_number` (empty until the order has one), `date` (of the payment, in UTC), `first_name`, `last_name`,
/// `name`, `email`, `shop`, `product` (at product level: what the line is called), `lines` (each `name`, `quantity`, `total`), `taxes`
/// (each `rate`, `amount`), `discount`, `total`, `order_url`, `support_email`, `custom` (the merchant's own data on the order) and
/// `test_mode`. Amounts and dates are written in the order's language.
///
/// `{{ name }}` shows a variable, `{{ first_name|default("friend") }}` something else where it is empty; `{% if … %}`, `{% elif … %}`,
/// `{% else %}`, `{% endif %}`; `{% for line in lines %}` to `{% endfor %}`; `{# a note #}`. Filters: `upper`, `lower`, `capitalize`,
/// `trim`, `default`, `first`, `last`, `length`. Conditions may have `and`, `or`, `not`, `in`, `==`, `!=`, `<`, `<=`, `>`, `>=` and
/// parentheses. There is nothing else: no arithmetic, no functions, no other templates. A tag has 300 characters at the most, and loops
/// stand in each other at most two deep.
///
/// A template is refused when it is saved if it does not parse, names what is no variable, or would run or write for too long.
/// What an order has no value for is empty, and so is a member that its `custom` lacks.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = EmailConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// About what: one line. On test orders it is marked.
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::subject")
    )]
    #[schema(min_length = 1, max_length = 255, example = "Welcome, {{ first_name }}")]
    pub subject: String,
    /// Plain text.
    #[validate(
        length(min = 1, max = 20_000, message = "must have 1 to 20000 characters"),
        custom(function = "check::text")
    )]
    #[schema(min_length = 1, max_length = 20_000, example = "Thank you for order {{ number }}.")]
    pub text: String,
    /// The same as HTML, a whole document or a part of one. Values are escaped. Without it the mail is plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 50_000, message = "must have 1 to 50000 characters"),
        custom(function = "check::html")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 50_000,
        example = "<p>Thank you for order <b>{{ number }}</b>.</p>"
    )]
    pub html: Option<String>,
    /// The same in other languages. An order in `sv-FI` reads `sv-FI`, then `sv`, then the above, text by text; but HTML only of the
    /// language that its plain text is in.
    #[serde(default, skip_serializing_if = "ByLocale::is_empty")]
    #[validate(nested, length(max = 50, message = "at most 50 languages"))]
    #[schema(value_type = BTreeMap<String, Texts>, required = false, example = json!({"fi": {"subject": "Tervetuloa, {{ first_name }}"}}))]
    pub translations: ByLocale<Texts>,
}

/// What the mail says in one language.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = EmailTexts)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// About what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::subject")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 255,
        example = "Tervetuloa, {{ first_name }}"
    )]
    pub subject: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 20_000, message = "must have 1 to 20000 characters"),
        custom(function = "check::text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 20_000,
        example = "Kiitos tilauksestasi {{ number }}."
    )]
    pub text: Option<String>,
    /// HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 50_000, message = "must have 1 to 50000 characters"),
        custom(function = "check::html")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 50_000,
        example = "<p>Kiitos tilauksestasi <b>{{ number }}</b>.</p>"
    )]
    pub html: Option<String>,
}

/// Renders and sends the mail.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<(), Failure> {
    let config = serde_json::from_value::<Config>(task.config.clone());
    let config = config.map_err(|error| Failure::Fatal(format!("the configuration cannot be read: {error}")))?;
    let written = write(task.input, &config)?;
    send(world, task.input, written).await
}

fn write(input: &Input, config: &Config) -> Result<Written, Failure> {
    let facts = Facts::of(input);
    let values = facts.values(&[]);
    let texts = || config.translations.readable(&input.locale);
    let theirs = texts()
        .find_map(|texts| texts.subject.as_ref())
        .unwrap_or(&config.subject);
    // HTML goes with its text: two languages in one mail would be read by different people.
    let (text, html) = match texts().find_map(|texts| Some((texts.text.as_ref()?, texts.html.as_ref()))) {
        Some(found) => found,
        None => (&config.text, config.html.as_ref()),
    };
    let own = fill(facts.words.about_order, &[("number", &input.number.to_string())]);
    let html = html.map(|html| rendered(Kind::Html, html, &values));
    Ok(Written {
        subject: subject(input, Some(theirs), &values, &own)?,
        text: rendered(Kind::Text, text, &values)?,
        html: html.transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::mail::sample::{input, shown};
    use super::*;
    use crate::http::body;

    fn config(json: serde_json::Value) -> Config {
        serde_json::from_value(json).expect("a configuration")
    }

    #[test]
    fn the_merchants_words_in_the_buyers_language() {
        let config = config(json!({
            "subject": "Welcome, {{ first_name }}!",
            "text": "Order {{ number }} of {{ date }}: {{ custom.cohort }}\n{% for line in lines %}\n- {{ line.quantity }} {{ line.name }}, {{ line.total }}\n{% endfor %}\nTotal {{ total }}, {{ order_url }}",
            "html": "<p title=\"{{ custom.cohort }}\">{{ product|default('All of it') }}</p>",
            "translations": {"fi": {"subject": "Tervetuloa, {{ first_name }}!"}, "sv": {"text": "Hej {{ name }}"},
                "sv-FI": {"html": "<p>nobody reads this</p>"}},
        }));
        body::check(&config, "").expect("templates");
        let mail = |locale: &str| write(&input(locale), &config).expect("a mail");
        insta::assert_snapshot!("email_en_text", shown(&mail("en")));
        assert_eq!(
            mail("en").html.as_deref(),
            Some("<p title=\"Spring &amp; sun\">All of it</p>")
        );
        let finnish = mail("fi");
        assert_eq!(finnish.subject, "Tervetuloa, Aino!");
        assert!(
            finnish.text.contains("Order 1001 of 20.11.2026") && finnish.html.is_some(),
            "{}",
            finnish.text
        );
        let swedish = mail("sv-FI");
        assert_eq!((swedish.text.as_str(), swedish.html), ("Hej Aino", None));
        let mut of_line = input("en");
        (of_line.line, of_line.test_mode) = (Some(1), true);
        let mail = write(&of_line, &config).expect("a mail");
        assert_eq!(mail.subject, "[Test] Welcome, Aino!");
        assert!(mail.html.is_some_and(|html| html.contains("The book")));
    }

    #[test]
    fn a_subject_of_which_nothing_is_left_is_replaced() {
        let config = config(json!({"subject": " {{ custom.title }} ", "text": "x"}));
        assert_eq!(
            write(&input("sv"), &config).expect("a mail").subject,
            "Din beställning 1001"
        );
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let faults = |json| {
            let problem = body::check(&config(json), "/config").expect_err("a refusal");
            let faults = problem
                .errors
                .into_iter()
                .map(|fault| format!("{} {} {}", fault.pointer, fault.code, fault.detail));
            faults.collect::<Vec<_>>()
        };
        assert_eq!(
            faults(json!({"subject": "a\nb", "text": "{{ nmae }}", "html": "\n{% if %}",
                "translations": {"fi": {"subject": "{{ 1 + 1 }}"}, "sv-FI": {"text": "{% include 'x' %}", "html": ""}}})),
            [
                "/config/html template line 2: unexpected end of block",
                "/config/subject template must be one line",
                "/config/text template line 1: there is no variable `nmae`",
                "/config/translations/fi/subject template line 1: `+` cannot be used here",
                "/config/translations/sv-FI/html length must have 1 to 50000 characters",
                "/config/translations/sv-FI/text template line 1: `{% include %}` cannot be used: there are if, elif, else, for and their ends",
            ]
        );
        let many: serde_json::Map<_, _> = (b'a'..=b'z')
            .flat_map(|a| [format!("{}a", char::from(a)), format!("{}b", char::from(a))])
            .map(|tag| (tag, json!({"text": "{{"})))
            .collect();
        assert_eq!(
            faults(json!({"subject": "a", "text": "b", "translations": many})),
            ["/config/translations length at most 50 languages"]
        );
    }
}
