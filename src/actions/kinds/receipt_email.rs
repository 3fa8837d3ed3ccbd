//! The receipt: a mail to the buyer with what was bought, the tax in it, and what was paid, in English, Finnish or Swedish.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::mail::facts::Facts;
use super::mail::letter::{self, BillLine, Part, Sum};
use super::mail::send::{Written, rendered, send, subject};
use super::mail::words::fill;
use crate::actions::action::{Failure, Input, Task, World};
use crate::kernel::by_locale::ByLocale;
use crate::mails::template::{Kind, check, clean};

/// The merchant's own words on a receipt. The rest is Kassa's, in English, Finnish and Swedish by the order's language. Each is a
/// template with the variables of `EmailConfig`, and plain text: it is shown in the text and in the HTML of the mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = ReceiptEmailConfig)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// In the place of "Receipt for your order 1001".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::subject")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 255,
        example = "Your receipt from {{ shop }}"
    )]
    pub subject: Option<String>,
    /// In the place of "Thank you for your order".
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 5000, message = "must have 1 to 5000 characters"),
        custom(function = "check::text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 5000,
        example = "Thank you, {{ first_name|default(\"friend\") }}!"
    )]
    pub intro: Option<String>,
    /// After the sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 5000, message = "must have 1 to 5000 characters"),
        custom(function = "check::text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 5000,
        example = "Demo Ltd, FI12345678"
    )]
    pub outro: Option<String>,
    /// The same in other languages. An order in `sv-FI` reads `sv-FI`, then `sv`, then the above, text by text.
    #[serde(default, skip_serializing_if = "ByLocale::is_empty")]
    #[validate(nested, length(max = 50, message = "at most 50 languages"))]
    #[schema(value_type = BTreeMap<String, Texts>, required = false, example = json!({"fi": {"outro": "Demo Oy, FI12345678"}}))]
    pub translations: ByLocale<Texts>,
}

/// The merchant's own words on a receipt in one language.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[schema(as = ReceiptEmailTexts)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// About what.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 255, message = "must have 1 to 255 characters"),
        custom(function = "check::subject")
    )]
    #[schema(required = false, min_length = 1, max_length = 255, example = "Kuittisi, {{ shop }}")]
    pub subject: Option<String>,
    /// Before the lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 5000, message = "must have 1 to 5000 characters"),
        custom(function = "check::text")
    )]
    #[schema(
        required = false,
        min_length = 1,
        max_length = 5000,
        example = "Kiitos, {{ first_name }}!"
    )]
    pub intro: Option<String>,
    /// After the sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(
        length(min = 1, max = 5000, message = "must have 1 to 5000 characters"),
        custom(function = "check::text")
    )]
    #[schema(required = false, min_length = 1, max_length = 5000, example = "Demo Oy, FI12345678")]
    pub outro: Option<String>,
}

/// Writes and sends the receipt.
pub async fn run(task: Task<'_>, world: &World<'_>) -> Result<(), Failure> {
    let config = serde_json::from_value::<Config>(task.config.clone());
    let config = config.map_err(|error| Failure::Fatal(format!("the configuration cannot be read: {error}")))?;
    let written = write(task.input, &config)?;
    send(world, task.input, written).await
}

fn write(input: &Input, config: &Config) -> Result<Written, Failure> {
    let facts = Facts::of(input);
    let (words, values) = (facts.words, facts.values(&[]));
    let theirs = |of: fn(&Texts) -> &Option<String>, else_: &'_ Option<String>| {
        let translated = config
            .translations
            .readable(&input.locale)
            .find_map(|texts| of(texts).clone());
        translated.or_else(|| else_.clone())
    };
    let number = input.number.to_string();
    let gaps = [("number", number.as_str()), ("shop", &input.shop)];
    let prose = |template: String| rendered(Kind::Text, &template, &values).map(|text| Part::prose(&text));
    let mut parts = vec![Part::hello(words, input)];
    parts.push(match theirs(|texts| &texts.intro, &config.intro) {
        Some(intro) => prose(intro)?,
        None => Part::prose(&clean(&fill(words.thanks, &gaps))),
    });
    parts.push(identified(&facts, &number));
    parts.push(bill(&facts, input));
    let untaxed = facts.untaxed();
    if !untaxed.is_empty() {
        parts.push(Part::prose(&untaxed.join("\n")));
    }
    if let Some(outro) = theirs(|texts| &texts.outro, &config.outro) {
        parts.push(prose(outro)?);
    }
    parts.extend(Part::ending(words, input));
    let template = theirs(|texts| &texts.subject, &config.subject);
    let subject = subject(input, template.as_deref(), &values, &fill(words.receipt_subject, &gaps))?;
    Ok(Written {
        text: letter::text(&parts),
        html: Some(letter::html(words.language, &subject, &parts)?),
        subject,
    })
}

/// What the receipt is of, whatever the merchant's words are.
fn identified(facts: &Facts<'_>, number: &str) -> Part {
    let words = facts.words;
    let order = (words.order.to_owned(), number.to_owned());
    let receipt = facts.receipt_number().map(|number| (words.receipt.to_owned(), number));
    let date = facts.paid_on().map(|day| (words.date.to_owned(), day));
    Part::Facts {
        facts: [Some(order), receipt, date].into_iter().flatten().collect(),
    }
}

fn bill(facts: &Facts<'_>, input: &Input) -> Part {
    let words = facts.words;
    let sum = |label: String, amount: String, total| Sum { label, amount, total };
    let discount = facts.discount().map(|(code, taken)| {
        let label = match code {
            Some(code) => fill(words.discount_with_code, &[("code", code)]),
            None => words.discount.to_owned(),
        };
        // A minus of its own, for a number that the shop took away: amounts of money below zero are written otherwise in each language.
        sum(label, format!("−{}", facts.written(taken)), false)
    });
    let on_top = facts.tax_on_top();
    let phrase = if on_top { words.tax_on_top } else { words.tax_within };
    let taxes: Vec<Sum> = (facts.taxes())
        .map(|(rate, amount)| sum(fill(phrase, &[("rate", &rate)]), facts.written(amount), false))
        .collect();
    let total = sum(words.total.to_owned(), facts.written(input.total), true);
    let sums = match on_top {
        true => discount.into_iter().chain(taxes).chain([total]).collect(),
        false => discount.into_iter().chain([total]).chain(taxes).collect(),
    };
    let line = |(index, line): (usize, &crate::actions::action::InputLine)| BillLine {
        quantity: line.quantity,
        name: clean(&line.name),
        amount: facts.written(facts.line_amount(index)),
    };
    Part::Bill {
        heads: [words.item, words.amount],
        lines: input.lines.iter().enumerate().map(line).collect(),
        sums,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::mail::sample::{euros, input, shown};
    use super::*;

    fn receipt(input: &Input) -> Written {
        write(input, &Config::default()).expect("a receipt")
    }

    #[test]
    fn in_three_languages() {
        let german = receipt(&input("de"));
        assert_eq!(german.subject, "Receipt for your order 1001");
        for locale in ["en", "fi", "sv"] {
            let mail = receipt(&input(locale));
            insta::assert_snapshot!(format!("receipt_{locale}_text"), shown(&mail));
            insta::assert_snapshot!(format!("receipt_{locale}_html"), mail.html.expect("html"));
        }
    }

    #[test]
    fn a_bare_test_order_without_tax() {
        let mut bare = input("en");
        (bare.first_name, bare.support_email, bare.order_url) = (None, None, None);
        (bare.test_mode, bare.taxes, bare.total) = (true, Vec::new(), euros(10_280));
        bare.document = Arc::new(
            json!({"subtotal": 10_280, "discount_total": 0, "tax": 0, "total": 10_280, "receipt_number": null,
            "tax_breakdown": [{"reason": "reverse_charge"}, {"reason": "exempt_education"}, {"reason": "reverse_charge"}],
            "lines": [{"subtotal": 7800}, {"subtotal": 2480}]}),
        );
        insta::assert_snapshot!("receipt_bare_text", shown(&receipt(&bare)));
    }

    #[test]
    fn tax_that_comes_on_top_stands_before_the_total() {
        let mut order = input("en");
        order.document = Arc::new(
            json!({"subtotal": 10_280, "discount_total": 980, "tax": 1706, "total": 11_006,
            "lines": [{"subtotal": 7800}, {"subtotal": 2480}]}),
        );
        order.total = euros(11_006);
        let text = receipt(&order).text;
        let sums: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("VAT") || line.contains("Total"))
            .collect();
        assert_eq!(sums, ["VAT 25.5 %: €14.26", "VAT 14 %: €2.80", "Total: €110.06"]);
    }

    #[test]
    fn merchants_words_take_the_place_of_ours() {
        let config: Config = serde_json::from_value(json!({
            "subject": "Receipt {{ receipt_number }} from {{ shop }}", "intro": "Welcome, {{ first_name }}!\n\nIt starts on Monday.",
            "outro": "Demo Ltd <FI1>", "translations": {"sv": {"intro": "Välkommen, {{ first_name }}!"}, "sv-FI": {"outro": "Demo Ab"}},
        }))
        .expect("a configuration");
        let english = write(&input("en"), &config).expect("a receipt");
        assert_eq!(english.subject, "Receipt 2026-17 from Demo");
        assert!(
            english
                .text
                .starts_with("Hello Aino,\n\nWelcome, Aino!\n\nIt starts on Monday.\n\nOrder: 1001\n"),
            "{}",
            english.text
        );
        let html = english.html.expect("html");
        assert!(
            html.contains("Demo Ltd &lt;FI1&gt;</p>") && !html.contains("Thank you"),
            "{html}"
        );
        let swedish = write(&input("sv-FI"), &config).expect("a receipt");
        assert_eq!(swedish.subject, "Receipt 2026-17 from Demo");
        assert!(
            swedish.text.contains("Välkommen, Aino!") && swedish.text.contains("Demo Ab"),
            "{}",
            swedish.text
        );
    }

    #[test]
    fn hostile_names_are_only_names() {
        for evil in [
            "<script>alert(1)</script>",
            "{{ 7*7 }}{% include '/etc/passwd' %}",
            "A\r\nBcc: evil@example.net",
            "\u{202e}gro.elpmaxe",
            "שלום עולם",
            "👩‍👩‍👧‍👦 🎉",
            &"W".repeat(5000),
        ] {
            let mut order = input("en");
            (order.first_name, order.shop) = (Some(evil.to_owned()), evil.to_owned());
            order.lines[0].name = evil.to_owned();
            let config = Config {
                subject: Some("For {{ name }}".to_owned()),
                intro: Some("{{ name }} {{ shop }}".to_owned()),
                ..Config::default()
            };
            let mail = write(&order, &config).expect("a receipt");
            let kept = clean(evil);
            assert!(!mail.subject.contains(['\r', '\n', '\u{202e}']) && mail.subject.chars().count() < 220);
            assert!(mail.text.contains(&format!("2 × {kept}: ")), "{}", mail.text);
            assert!(
                !mail.text.contains("\nBcc:") && !mail.text.contains("49"),
                "{}",
                mail.text
            );
            let html = mail.html.expect("html");
            assert!(!html.contains("<script") && !html.contains('\u{202e}'), "{html}");
            assert_eq!(
                html.matches('<').count(),
                receipt(&input("en")).html.expect("html").matches('<').count(),
                "{html}"
            );
        }
    }
}
