//! The reminder, in the language of the order.

use crate::kernel::format::amount;
use crate::kernel::locale::Locale;
use crate::kernel::money::Currency;
use crate::kernel::text::Email;
use crate::mails::queue::Message;
use crate::orders::access::give::WayBack;

/// What it is written from.
pub(super) struct Letter {
    pub to: Email,
    pub locale: Locale,
    pub number: i64,
    pub total: i64,
    pub currency: Currency,
    pub shop: String,
    pub support_email: Option<Email>,
    pub way: WayBack,
    pub test_mode: bool,
}

struct Words {
    subject: &'static str,
    hello: &'static str,
    waits: &'static str,
    here: &'static str,
    code: &'static str,
    ignore: &'static str,
    questions: &'static str,
}

const ENGLISH: Words = Words {
    subject: "Your order {number} waits for its payment",
    hello: "Hello,",
    waits: "your order {number} at {shop} is not paid yet. It costs {total}.",
    here: "Look at it and pay it here:",
    code: "This code leads back to it:",
    ignore: "If you have paid it meanwhile or do not want it any more, ignore this mail. We write about it only once.",
    questions: "Questions? Write to {support}.",
};

const FINNISH: Words = Words {
    subject: "Tilauksesi {number} odottaa maksua",
    hello: "Hei,",
    waits: "tilaustasi {number}, {shop}, ei ole vielä maksettu. Sen hinta on {total}.",
    here: "Katso tilausta ja maksa se täällä:",
    code: "Tällä koodilla pääset takaisin tilaukseen:",
    ignore: "Jos olet jo maksanut tai et enää halua tilausta, voit jättää tämän viestin huomiotta. Muistutamme siitä vain kerran.",
    questions: "Kysyttävää? Kirjoita osoitteeseen {support}.",
};

const SWEDISH: Words = Words {
    subject: "Din beställning {number} väntar på betalning",
    hello: "Hej,",
    waits: "din beställning {number} hos {shop} är inte betald än. Den kostar {total}.",
    here: "Se den och betala den här:",
    code: "Med den här koden kommer du tillbaka till den:",
    ignore: "Om du redan har betalat eller inte längre vill ha den kan du bortse från det här mejlet. Vi påminner bara en gång.",
    questions: "Frågor? Skriv till {support}.",
};

/// The message.
pub(super) fn written(letter: Letter) -> Message {
    let words = match letter.locale.language() {
        "fi" => &FINNISH,
        "sv" => &SWEDISH,
        _ => &ENGLISH,
    };
    let total = amount(&letter.locale, letter.currency, letter.total);
    // The shop's name comes last: what stands in it is not looked at again.
    let with = |text: &str| {
        text.replace("{number}", &letter.number.to_string())
            .replace("{total}", &total)
            .replace("{shop}", &letter.shop)
    };
    let (here, way) = match &letter.way {
        WayBack::Address(address) => (words.here, address),
        WayBack::Code(code) => (words.code, code),
    };
    let mut text = format!(
        "{}\n\n{}\n\n{here}\n\n{way}\n\n{}\n",
        words.hello,
        with(words.waits),
        words.ignore
    );
    if let Some(support) = &letter.support_email {
        let questions = words.questions.replace("{support}", support.as_str());
        text.push_str(&format!("\n{questions}\n"));
    }
    let test = if letter.test_mode { "[Test] " } else { "" };
    Message {
        to: letter.to,
        subject: format!("{test}{}", with(words.subject)),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(locale: &str, way: WayBack) -> String {
        let message = written(Letter {
            to: "buyer@example.com".parse().expect("an address"),
            locale: locale.parse().expect("a locale"),
            number: 1001,
            total: 3900,
            currency: "EUR".parse().expect("a currency"),
            shop: "Shop {total}".to_owned(),
            support_email: Some("help@example.com".parse().expect("an address")),
            way,
            test_mode: false,
        });
        format!("{}\n\n{}", message.subject, message.text)
    }

    #[test]
    fn in_three_languages() {
        let page = || WayBack::Address("https://shop.example.com/o/token".to_owned());
        insta::assert_snapshot!(mail("en", page()), @r"
        Your order 1001 waits for its payment

        Hello,

        your order 1001 at Shop {total} is not paid yet. It costs €39.00.

        Look at it and pay it here:

        https://shop.example.com/o/token

        If you have paid it meanwhile or do not want it any more, ignore this mail. We write about it only once.

        Questions? Write to help@example.com.
        ");
        let finnish = mail("fi", page());
        assert!(
            finnish.starts_with("Tilauksesi 1001 odottaa maksua\n\nHei,"),
            "{finnish}"
        );
        assert!(finnish.contains("https://shop.example.com/o/token"), "{finnish}");
        let swedish = mail("sv-FI", WayBack::Code("token".to_owned()));
        assert!(
            swedish.starts_with("Din beställning 1001 väntar på betalning\n\nHej,"),
            "{swedish}"
        );
        assert!(
            swedish.contains("Med den här koden") && swedish.contains("\n\ntoken\n\n"),
            "{swedish}"
        );
    }
}
