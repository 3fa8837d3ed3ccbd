//! Files of rates: the European Central Bank's XML, or CSV.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rust_decimal::Decimal;

use super::model::{EuroRate, RateSource};
use crate::kernel::money::Currency;

/// No currency has ever been worth less; a larger number is a slip of the decimal point.
const LARGEST: i64 = 1_000_000_000;

/// Why a file was refused. Nothing of a refused file is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRates(String);

impl fmt::Display for InvalidRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidRates {}

fn invalid(why: impl fmt::Display) -> InvalidRates {
    InvalidRates(why.to_string())
}

/// Reads a file of either form: what begins with `<` is the European Central Bank's.
///
/// `today` is the last day a rate can be of.
pub fn parse(text: &str, today: NaiveDate) -> Result<Vec<EuroRate>, InvalidRates> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let rates = if text.starts_with('<') {
        ecb(text, today)?
    } else {
        csv(text, today)?
    };
    if rates.is_empty() {
        return Err(invalid("there is no rate in the file"));
    }
    Ok(rates)
}

/// `eurofxref-daily.xml` and its longer kin: `<Cube time="…">` around `<Cube currency="…" rate="…"/>`.
fn ecb(text: &str, today: NaiveDate) -> Result<Vec<EuroRate>, InvalidRates> {
    let mut reader = Reader::from_str(text);
    let mut day = None;
    let mut rates = Rates::new(RateSource::Ecb, today);
    loop {
        match reader.read_event().map_err(invalid)? {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "Cube" => {
                if let Some(time) = attribute(&element, "time")? {
                    day = Some(time);
                }
                if let (Some(currency), Some(rate)) = (attribute(&element, "currency")?, attribute(&element, "rate")?) {
                    let day = day.as_deref().ok_or_else(|| invalid("a rate before any day"))?;
                    rates.add(day, &currency, &rate).map_err(invalid)?;
                }
            }
            Event::Eof => return Ok(rates.finish()),
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, InvalidRates> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(invalid)?;
        if attribute.key.as_ref() == name {
            // Dates, codes and numbers hold nothing that XML would escape.
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}

/// Lines of `date,currency,rate`, with or without a head, `#` for remarks. Rates are units of the currency for one euro.
fn csv(text: &str, today: NaiveDate) -> Result<Vec<EuroRate>, InvalidRates> {
    let mut rates = Rates::new(RateSource::Import, today);
    let mut first = true;
    for (line, number) in text.lines().map(str::trim).zip(1_u32..) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        if std::mem::take(&mut first) && cells == ["date", "currency", "rate"] {
            continue;
        }
        let &[day, currency, rate] = cells.as_slice() else {
            return Err(invalid(format_args!("line {number}: must be date,currency,rate")));
        };
        rates
            .add(day, currency, rate)
            .map_err(|why| invalid(format_args!("line {number}: {why}")))?;
    }
    Ok(rates.finish())
}

/// Rates as they are read, one for a currency and a day.
struct Rates {
    source: RateSource,
    today: NaiveDate,
    found: BTreeMap<(NaiveDate, &'static str), EuroRate>,
}

impl Rates {
    fn new(source: RateSource, today: NaiveDate) -> Self {
        Self {
            source,
            today,
            found: BTreeMap::new(),
        }
    }

    fn add(&mut self, day: &str, currency: &str, rate: &str) -> Result<(), String> {
        let on_date: NaiveDate = day
            .parse()
            .map_err(|_| format!("`{day}` is no day such as 2026-11-20"))?;
        if on_date > self.today {
            return Err(format!("{on_date} has not come yet"));
        }
        let currency: Currency = currency.parse().map_err(|error| format!("`{currency}`: {error}"))?;
        let known = Decimal::from_str_exact(rate).map_err(|_| format!("`{rate}` is no number such as 1.0852"))?;
        if known <= Decimal::ZERO || known > Decimal::from(LARGEST) {
            return Err(format!("a rate is above 0 and at most {LARGEST}, not {rate}"));
        }
        if currency.code() == "EUR" && known != Decimal::ONE {
            return Err("one euro is one euro".to_owned());
        }
        let row = EuroRate {
            currency,
            on_date,
            source: self.source,
            rate: known.normalize(),
        };
        match self.found.insert((on_date, currency.code()), row) {
            // A file that says two things about one day is nobody's to choose from.
            Some(before) if before.rate != known.normalize() => Err(format!(
                "{currency} of {on_date} is {} further up and {} here",
                before.rate,
                known.normalize()
            )),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Vec<EuroRate> {
        self.found.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
    }

    fn told(text: &str) -> Result<Vec<String>, String> {
        let rates = parse(text, today()).map_err(|error| error.to_string())?;
        let line = |rate: &EuroRate| format!("{} {} {} {}", rate.on_date, rate.currency, rate.rate, rate.source);
        Ok(rates.iter().map(line).collect())
    }

    const ECB: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='2026-11-20'>
			<Cube currency='USD' rate='1.1523'/>
			<Cube currency="JPY" rate="178.50"></Cube>
		</Cube>
		<Cube time='2026-11-19'>
			<Cube currency='USD' rate='1.1500'/>
		</Cube>
	</Cube>
</gesmes:Envelope>"#;

    #[test]
    fn the_banks_file() {
        let lines = [
            "2026-11-19 USD 1.15 ecb",
            "2026-11-20 JPY 178.5 ecb",
            "2026-11-20 USD 1.1523 ecb",
        ];
        assert_eq!(told(ECB), Ok(lines.map(str::to_owned).to_vec()));
        assert_eq!(told(&format!("\u{feff}{ECB}\n")), told(ECB));
    }

    #[test]
    fn a_file_of_the_operators_own() {
        let text =
            "date,currency,rate\n# by hand\n2026-11-20,USD,1.2\n\n2026-11-20, \"SEK\" ,11.00\n2026-11-20,USD,1.20\n";
        let lines = ["2026-11-20 SEK 11 import", "2026-11-20 USD 1.2 import"];
        assert_eq!(told(text), Ok(lines.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_is_wrong_is_said_and_nothing_is_guessed() {
        for (text, why) in [
            ("", "no rate"),
            ("date,currency,rate", "no rate"),
            ("2026-11-20,USD", "line 1: must be"),
            ("2026-11-20,USD,1,1", "line 1: must be"),
            ("20.11.2026,USD,1.1", "is no day"),
            ("2026-11-22,USD,1.1", "has not come yet"),
            ("2026-11-20,usd,1.1", "`usd`"),
            ("2026-11-20,USD,0", "above 0"),
            ("2026-11-20,USD,-1", "above 0"),
            ("2026-11-20,USD,1e9", "is no number"),
            ("2026-11-20,USD,1000000001", "at most"),
            ("2026-11-20,EUR,1.1", "one euro"),
            ("2026-11-20,USD,1.1\n2026-11-20,USD,x", "line 2"),
            (
                "2026-11-20,USD,1.1\n2026-11-20,USD,1.2",
                "line 2: USD of 2026-11-20 is 1.1 further up and 1.2 here",
            ),
            ("<Cube currency='USD' rate='1.1'/>", "before any day"),
            ("<html><body>Not found</body></html>", "no rate"),
            ("<Cube time='2026-11-20'><Cube currency='USD' rate='1.1'", ""),
        ] {
            let told = told(text);
            assert!(
                told.as_ref().is_err_and(|error| error.contains(why)),
                "{text}: {told:?}"
            );
        }
    }
}
