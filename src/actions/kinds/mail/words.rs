//! Kassa's own words to buyers, in English, Finnish and Swedish; any other language reads English.

use crate::kernel::locale::Locale;
use crate::pricing::tax::TaxReason;

/// The words of one language. `{number}`, `{shop}`, `{product}`, `{name}`, `{rate}`, `{code}` and `{support}` are filled in.
pub struct Words {
    /// The language, for HTML.
    pub language: &'static str,
    /// To somebody whose name is known, and to somebody else.
    pub hello: [&'static str; 2],
    /// What a mail about an order is called when nothing else is said.
    pub about_order: &'static str,
    pub receipt_subject: &'static str,
    pub thanks: &'static str,
    pub order: &'static str,
    pub receipt: &'static str,
    pub date: &'static str,
    pub item: &'static str,
    pub amount: &'static str,
    pub discount: &'static str,
    pub discount_with_code: &'static str,
    pub total: &'static str,
    pub tax_within: &'static str,
    pub tax_on_top: &'static str,
    pub your_order: &'static str,
    pub questions: &'static str,
    pub nothing_charged: &'static str,
    /// One license, and several.
    pub license_subject: [&'static str; 2],
    pub here_is: [&'static str; 2],
    pub information_subject: &'static str,
    reasons: [&'static str; 5],
    /// What parts a number's decimals.
    decimal: char,
    date_form: fn(&str, &str, &str) -> String,
}

const ENGLISH: Words = Words {
    language: "en",
    hello: ["Hello {name},", "Hello,"],
    about_order: "Your order {number}",
    receipt_subject: "Receipt for your order {number}",
    thanks: "Thank you for your order {number} at {shop}.",
    order: "Order",
    receipt: "Receipt",
    date: "Date",
    item: "Item",
    amount: "Amount",
    discount: "Discount",
    discount_with_code: "Discount ({code})",
    total: "Total",
    tax_within: "of which VAT {rate}",
    tax_on_top: "VAT {rate}",
    your_order: "Your order",
    questions: "Questions? Write to {support}.",
    nothing_charged: "This order is a test: nothing was charged.",
    license_subject: ["Your license for {product}", "Your licenses for {product}"],
    here_is: [
        "Here is your license for {product}, from your order {number} at {shop}:",
        "Here are your licenses for {product}, from your order {number} at {shop}:",
    ],
    information_subject: "Information about {product}",
    reasons: [
        "VAT 0 %: the seller is not registered for VAT.",
        "VAT 0 %: outside the scope of VAT.",
        "VAT 0 %: reverse charge, the buyer accounts for the tax.",
        "VAT 0 %: exempt education.",
        "VAT 0 %.",
    ],
    decimal: '.',
    date_form: |year, month, day| format!("{year}-{month}-{day}"),
};

const FINNISH: Words = Words {
    language: "fi",
    hello: ["Hei {name},", "Hei,"],
    about_order: "Tilauksesi {number}",
    receipt_subject: "Kuitti tilauksestasi {number}",
    thanks: "Kiitos tilauksestasi {number}, {shop}.",
    order: "Tilaus",
    receipt: "Kuitti",
    date: "Päiväys",
    item: "Tuote",
    amount: "Summa",
    discount: "Alennus",
    discount_with_code: "Alennus ({code})",
    total: "Yhteensä",
    tax_within: "josta ALV {rate}",
    tax_on_top: "ALV {rate}",
    your_order: "Tilauksesi",
    questions: "Kysyttävää? Kirjoita osoitteeseen {support}.",
    nothing_charged: "Tämä on testitilaus: mitään ei veloitettu.",
    license_subject: ["Lisenssisi: {product}", "Lisenssisi: {product}"],
    here_is: [
        "Tässä on lisenssisi: {product} (tilaus {number}, {shop}).",
        "Tässä ovat lisenssisi: {product} (tilaus {number}, {shop}).",
    ],
    information_subject: "Tietoa tuotteesta {product}",
    reasons: [
        "ALV 0 %: myyjä ei ole arvonlisäverovelvollinen.",
        "ALV 0 %: myynti ei kuulu arvonlisäverotuksen piiriin.",
        "ALV 0 %: käännetty verovelvollisuus, ostaja maksaa veron.",
        "ALV 0 %: arvonlisäverosta vapautettu koulutus.",
        "ALV 0 %.",
    ],
    decimal: ',',
    date_form: |year, month, day| {
        let short = |part: &str| part.trim_start_matches('0').to_owned();
        format!("{}.{}.{year}", short(day), short(month))
    },
};

const SWEDISH: Words = Words {
    language: "sv",
    hello: ["Hej {name},", "Hej,"],
    about_order: "Din beställning {number}",
    receipt_subject: "Kvitto på din beställning {number}",
    thanks: "Tack för din beställning {number} hos {shop}.",
    order: "Beställning",
    receipt: "Kvitto",
    date: "Datum",
    item: "Produkt",
    amount: "Belopp",
    discount: "Rabatt",
    discount_with_code: "Rabatt ({code})",
    total: "Totalt",
    tax_within: "varav moms {rate}",
    tax_on_top: "Moms {rate}",
    your_order: "Din beställning",
    questions: "Frågor? Skriv till {support}.",
    nothing_charged: "Det här är en testbeställning: inget har debiterats.",
    license_subject: ["Din licens för {product}", "Dina licenser för {product}"],
    here_is: [
        "Här är din licens för {product}, från din beställning {number} hos {shop}:",
        "Här är dina licenser för {product}, från din beställning {number} hos {shop}:",
    ],
    information_subject: "Information om {product}",
    reasons: [
        "Moms 0 %: säljaren är inte momsregistrerad.",
        "Moms 0 %: försäljningen omfattas inte av moms.",
        "Moms 0 %: omvänd betalningsskyldighet, köparen betalar momsen.",
        "Moms 0 %: momsfri utbildning.",
        "Moms 0 %.",
    ],
    decimal: ',',
    date_form: |year, month, day| format!("{year}-{month}-{day}"),
};

impl Words {
    /// Why there is no tax, in a sentence.
    pub const fn reason(&self, reason: TaxReason) -> &'static str {
        self.reasons[match reason {
            TaxReason::SellerNotRegistered => 0,
            TaxReason::OutsideScope => 1,
            TaxReason::ReverseCharge => 2,
            TaxReason::ExemptEducation => 3,
            TaxReason::ZeroRated => 4,
        }]
    }

    /// A rate, `25.5 %`, as it is written in this language.
    pub fn rate(&self, rate: &str) -> String {
        rate.replace('.', &self.decimal.to_string())
    }

    /// The day of an instant, `2026-11-20T12:00:00.000Z`, as it is written in this language.
    pub fn day(&self, instant: &str) -> Option<String> {
        let (year, month, day) = (instant.get(..4)?, instant.get(5..7)?, instant.get(8..10)?);
        Some((self.date_form)(year, month, day))
    }
}

/// The words for somebody who reads this language.
pub fn of(locale: &Locale) -> &'static Words {
    match locale.language() {
        "fi" => &FINNISH,
        "sv" => &SWEDISH,
        _ => &ENGLISH,
    }
}

/// A phrase with its gaps filled. What is filled in is not looked at again.
pub fn fill(phrase: &str, gaps: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(phrase.len());
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (gap, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(
            gaps.iter()
                .find(|(name, _)| *name == gap)
                .map_or("", |(_, value)| value),
        );
        rest = behind;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_looked_at_again() {
        let gaps = [("number", "{shop}"), ("shop", "{number}")];
        assert_eq!(fill("Order {number} at {shop}.", &gaps), "Order {shop} at {number}.");
    }

    #[test]
    fn days_and_rates_as_people_write_them() {
        let of = |tag: &str| of(&tag.parse().expect("a locale"));
        let day = "2026-03-07T12:00:00.000Z";
        for (tag, written) in [
            ("en-GB", "2026-03-07 25.5 %"),
            ("fi", "7.3.2026 25,5 %"),
            ("sv-FI", "2026-03-07 25,5 %"),
        ] {
            assert_eq!(
                format!("{} {}", of(tag).day(day).expect("a day"), of(tag).rate("25.5 %")),
                written
            );
        }
        assert_eq!(of("de").language, "en");
        assert_eq!(of("de").day("soon"), None);
    }
}
