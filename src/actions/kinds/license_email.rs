//! The mail that brings the licenses of a line, or the information that everybody gets.

use super::license::Config;
use super::mail::facts::Facts;
use super::mail::letter::{self, Part};
use super::mail::send::{Written, rendered, send, subject};
use super::mail::words::fill;
use crate::actions::action::{Failure, Input, Task, World};
use crate::catalog::products::license::{LicenseKind, LicenseTexts};
use crate::mails::template::{Kind, clean, uses};

/// Mails the licenses of a line; none: the information that everybody gets.
pub async fn mail(task: Task<'_>, config: &Config, licenses: &[String], world: &World<'_>) -> Result<(), Failure> {
    let written = write(task.input, config, licenses)?;
    send(world, task.input, written).await
}

fn write(input: &Input, config: &Config, licenses: &[String]) -> Result<Written, Failure> {
    let information = config.kind == LicenseKind::InformationEmail;
    if licenses.is_empty() && !information {
        return Err(Failure::Fatal("there is no license to send".to_owned()));
    }
    let facts = Facts::of(input);
    let (words, values) = (facts.words, facts.values(licenses));
    let theirs = |of: fn(&LicenseTexts) -> &Option<String>, else_: &'_ Option<String>| {
        let translated = config
            .translations
            .readable(&input.locale)
            .find_map(|texts| of(texts).clone());
        translated.or_else(|| else_.clone())
    };
    let number = input.number.to_string();
    let product = facts.product().unwrap_or_default();
    let gaps = [("number", number.as_str()), ("shop", &input.shop), ("product", product)];
    let several = usize::from(licenses.len() > 1);
    let ours = |phrases: [&'static str; 2]| clean(&fill(phrases[several], &gaps));
    let keys = || Part::Keys {
        keys: licenses.to_vec(),
    };
    let text = theirs(|texts| &texts.text, &config.text);
    let own = if information {
        [words.information_subject; 2]
    } else {
        words.license_subject
    };
    let template = theirs(|texts| &texts.subject, &config.subject);
    let subject = subject(input, template.as_deref(), &values, &ours(own))?;
    let mut parts = Vec::new();
    match &text {
        Some(text) if information => parts.push(Part::prose(&rendered(Kind::Text, text, &values)?)),
        Some(text) => {
            parts.extend([
                Part::hello(words, input),
                Part::prose(&rendered(Kind::Text, text, &values)?),
            ]);
            if !uses(text, "licenses") {
                parts.push(keys());
            }
        }
        None => parts.extend([Part::hello(words, input), Part::prose(&ours(words.here_is)), keys()]),
    }
    if !information {
        parts.extend(Part::ending(words, input));
    }
    Ok(Written {
        text: letter::text(&parts),
        html: Some(letter::html(words.language, &subject, &parts)?),
        subject,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::mail::sample::{input, shown};
    use super::*;

    fn config(json: serde_json::Value) -> Config {
        let config: Config = serde_json::from_value(json).expect("settings");
        crate::http::body::check(&config, "").expect("good settings");
        config
    }

    fn mail(locale: &str, config: &Config, licenses: &[&str]) -> Written {
        let mut order = input(locale);
        order.line = Some(0);
        let licenses: Vec<String> = licenses.iter().map(|&license| license.to_owned()).collect();
        write(&order, config, &licenses).expect("a mail")
    }

    #[test]
    fn licenses_in_three_languages() {
        let pool = config(json!({"kind": "key_pool", "per": "unit"}));
        for (name, locale, licenses) in [
            ("several_en", "en", ["AAAA-1", "BBBB-2"].as_slice()),
            ("several_fi", "fi", &["AAAA-1", "BBBB-2"]),
            ("several_sv", "sv", &["AAAA-1", "BBBB-2"]),
            ("one_sv", "sv", &["AAAA-1"]),
        ] {
            insta::assert_snapshot!(format!("license_{name}_text"), shown(&mail(locale, &pool, licenses)));
        }
        for locale in ["en", "fi", "sv"] {
            let html = mail(locale, &pool, &["AAAA-1", "<b>\n  2"]).html.expect("html");
            insta::assert_snapshot!(format!("license_{locale}_html"), html);
        }
    }

    #[test]
    fn a_license_is_written_as_it_is() {
        let pool = config(json!({"kind": "manual", "per": "line"}));
        let license = "-----BEGIN-----\n  a+b/c==\n{{ 7*7 }} <x>\n-----END-----";
        let written = mail("en", &pool, &[license]);
        assert!(written.text.contains(license), "{}", written.text);
        assert!(
            written
                .html
                .is_some_and(|html| html.contains("{{ 7*7 }} &lt;x&gt;\n-----END-----</pre>"))
        );
    }

    #[test]
    fn the_merchants_words_bring_them_too() {
        let own = config(
            json!({"kind": "web_service", "per": "unit", "url": "https://merchant.example.com/x",
            "subject": "{{ product }}: {{ licenses|length }}", "text": "Enter it in the settings.",
            "translations": {"fi": {"text": "Avaimet:\n{% for license in licenses %}\n* {{ license }}\n{% endfor %}"}}}),
        );
        let english = mail("en", &own, &["AAAA-1", "BBBB-2"]);
        assert_eq!(english.subject, "The course: 2");
        assert!(
            english
                .text
                .starts_with("Hello Aino,\n\nEnter it in the settings.\n\nAAAA-1\n\nBBBB-2\n\n"),
            "{}",
            english.text
        );
        let finnish = mail("fi-FI", &own, &["AAAA-1", "BBBB-2"]);
        assert!(
            finnish
                .text
                .contains("Avaimet:\n* AAAA-1\n* BBBB-2\n\nTilauksesi: https"),
            "{}",
            finnish.text
        );
        assert_eq!(finnish.text.matches("AAAA-1").count(), 1, "the list is not sent twice");
    }

    #[test]
    fn information_is_all_that_its_mail_says() {
        let information = config(
            json!({"kind": "information_email", "per": "line", "text": "Join us at {{ custom.cohort }}.\n\nBring a pen.",
            "translations": {"sv": {"subject": "Välkommen"}}}),
        );
        let english = mail("en", &information, &[]);
        assert_eq!(
            shown(&english),
            "Information about The course\n\nJoin us at Spring & sun.\n\nBring a pen.\n"
        );
        assert_eq!(mail("sv-SE", &information, &[]).subject, "Välkommen");
        let pool = config(json!({"kind": "key_pool", "per": "line"}));
        assert!(matches!(write(&input("en"), &pool, &[]), Err(Failure::Fatal(_))));
    }

    #[test]
    fn templates_are_refused_with_the_product() {
        let wrong: Config = serde_json::from_value(
            json!({"kind": "key_pool", "per": "line", "subject": "{{ licenses|join }}",
            "translations": {"fi": {"text": "\n{{ lisenssit }}"}}}),
        )
        .expect("settings");
        let problem = crate::http::body::check(&wrong, "/license").expect_err("a refusal");
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/license/subject", "/license/translations/fi/text"]);
    }
}
