//! The mail with the way back, in the language of the order.

use super::give::WayBack;
use crate::checkouts::model::Checkout;
use crate::kernel::locale::Locale;
use crate::kernel::text::Email;
use crate::mails::queue::{Message, Sender};

/// What it is written from.
pub(super) struct Letter {
    pub to: Email,
    pub locale: Locale,
    pub number: i64,
    pub shop: String,
    pub support_email: Option<Email>,
    pub way: WayBack,
    pub test_mode: bool,
}

struct Words {
    subject: &'static str,
    hello: &'static str,
    here: &'static str,
    code: &'static str,
    keep: &'static str,
    ignore: &'static str,
    questions: &'static str,
}

const ENGLISH: Words = Words {
    subject: "Your order {number}",
    hello: "Hello,",
    here: "this leads back to your order {number} at {shop}:",
    code: "this code leads back to your order {number} at {shop}:",
    keep: "It opens the order for 30 days, to everybody who has it: keep it to yourself.",
    ignore: "If you did not ask for it, ignore this mail.",
    questions: "Questions? Write to {support}.",
};

const FINNISH: Words = Words {
    subject: "Tilauksesi {number}",
    hello: "Hei,",
    here: "tästä pääset takaisin tilaukseesi {number}, {shop}:",
    code: "tällä koodilla pääset takaisin tilaukseesi {number}, {shop}:",
    keep: "Sillä kuka tahansa voi avata tilauksen 30 päivän ajan: pidä se omana tietonasi.",
    ignore: "Jos et pyytänyt tätä viestiä, voit jättää sen huomiotta.",
    questions: "Kysyttävää? Kirjoita osoitteeseen {support}.",
};

const SWEDISH: Words = Words {
    subject: "Din beställning {number}",
    hello: "Hej,",
    here: "här kommer du tillbaka till din beställning {number} hos {shop}:",
    code: "med den här koden kommer du tillbaka till din beställning {number} hos {shop}:",
    keep: "Den öppnar beställningen i 30 dagar för alla som har den: behåll den för dig själv.",
    ignore: "Om du inte bad om det här mejlet kan du bortse från det.",
    questions: "Frågor? Skriv till {support}.",
};

/// The shop, as its mails say who they come from; `mail_from` where it has no address of its own.
pub(in crate::orders) fn sender(shop: &Checkout, mail_from: &str) -> Sender {
    let own = shop.mail_from_email.as_ref();
    Sender {
        name: shop.mail_from_name.as_ref().unwrap_or(&shop.name).to_string(),
        address: own.map_or_else(|| mail_from.to_owned(), ToString::to_string),
        reply_to: shop.support_email.clone(),
    }
}

/// The message.
pub(super) fn written(letter: Letter) -> Message {
    let words = match letter.locale.language() {
        "fi" => &FINNISH,
        "sv" => &SWEDISH,
        _ => &ENGLISH,
    };
    // The shop's name comes last: what stands in it is not looked at again.
    let with = |text: &str| {
        text.replace("{number}", &letter.number.to_string())
            .replace("{shop}", &letter.shop)
    };
    let (here, way) = match &letter.way {
        WayBack::Address(address) => (with(words.here), address),
        WayBack::Code(code) => (with(words.code), code),
    };
    let mut text = format!(
        "{}\n\n{here}\n\n{way}\n\n{} {}\n",
        words.hello, words.keep, words.ignore
    );
    if let Some(support) = &letter.support_email {
        text.push_str(&format!(
            "\n{}\n",
            words.questions.replace("{support}", support.as_str())
        ));
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

    fn mail(locale: &str, way: WayBack, test_mode: bool) -> String {
        let message = written(Letter {
            to: "buyer@example.com".parse().expect("an address"),
            locale: locale.parse().expect("a locale"),
            number: 1001,
            shop: "Shop {support}".to_owned(),
            support_email: Some("help@example.com".parse().expect("an address")),
            way,
            test_mode,
        });
        format!("{}\n\n{}", message.subject, message.text)
    }

    #[test]
    fn in_three_languages() {
        let page = || WayBack::Address("https://shop.example.com/o/token".to_owned());
        insta::assert_snapshot!(mail("sv-FI", page(), false), @r"
        Din beställning 1001

        Hej,

        här kommer du tillbaka till din beställning 1001 hos Shop {support}:

        https://shop.example.com/o/token

        Den öppnar beställningen i 30 dagar för alla som har den: behåll den för dig själv. Om du inte bad om det här mejlet kan du bortse från det.

        Frågor? Skriv till help@example.com.
        ");
        insta::assert_snapshot!(mail("fi", page(), true), @r"
        [Test] Tilauksesi 1001

        Hei,

        tästä pääset takaisin tilaukseesi 1001, Shop {support}:

        https://shop.example.com/o/token

        Sillä kuka tahansa voi avata tilauksen 30 päivän ajan: pidä se omana tietonasi. Jos et pyytänyt tätä viestiä, voit jättää sen huomiotta.

        Kysyttävää? Kirjoita osoitteeseen help@example.com.
        ");
        insta::assert_snapshot!(mail("de", WayBack::Code("token".to_owned()), false), @r"
        Your order 1001

        Hello,

        this code leads back to your order 1001 at Shop {support}:

        token

        It opens the order for 30 days, to everybody who has it: keep it to yourself. If you did not ask for it, ignore this mail.

        Questions? Write to help@example.com.
        ");
    }
}
