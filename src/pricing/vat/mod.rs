//! VAT rates: dated data with their sources, and the look-up.
//!
//! The table is in `standard`, `publications` and `events`. It holds the 27 member states, the United Kingdom, Norway and
//! Switzerland, with what has been in force since 2024-01-01 at the least. A later row of a country and kind ends the one before.
//!
//! **Where a reduced rate is not certain, there is no row and the standard rate holds**: a merchant then states too much tax, never
//! too little. Rows that rest on one secondary source, or leave out a condition, say so in their source.
//!
//! Territories: Monaco is taxed as France, the Isle of Man as the United Kingdom, Åland as Finland (its tax border concerns goods).
//! Not modelled, because a country code does not tell them apart: the Canary Islands, Ceuta, Melilla, Büsingen, Heligoland,
//! Livigno, Campione d'Italia, Mount Athos, Madeira and the Azores, Corsica, Jungholz and Mittelberg. Guadeloupe, Martinique,
//! Réunion, French Guiana and Mayotte have codes of their own and are outside of the Union's VAT territory.

mod events;
mod publications;
mod standard;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::country::Country;

/// What decides the rate of a thing sold, and where it is taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VatCategory {
    /// Education that is not exempt, online: the standard rate. No country here has a lower one for it.
    CommercialEducation,
    /// Education by a recognised provider: exempt.
    RegulatedEducation,
    /// A book as a file.
    DigitalBook,
    /// A periodical as files or pages.
    DigitalMagazine,
    /// Any other service delivered electronically: the standard rate.
    DigitalService,
    /// Work done at a place: the standard rate.
    Service,
    /// Admission to a cultural or sporting event at a place. A seminar or a trade fair is a [`Service`](Self::Service).
    Event,
}

impl VatCategory {
    /// Every category.
    pub const ALL: [Self; 7] = [
        Self::CommercialEducation,
        Self::RegulatedEducation,
        Self::DigitalBook,
        Self::DigitalMagazine,
        Self::DigitalService,
        Self::Service,
        Self::Event,
    ];

    /// Taxed where it takes place, whoever buys it.
    pub const fn on_site(self) -> bool {
        matches!(self, Self::Service | Self::Event)
    }

    const fn kind(self) -> Kind {
        match self {
            Self::DigitalBook => Kind::Book,
            Self::DigitalMagazine => Kind::Press,
            Self::Event => Kind::Event,
            Self::CommercialEducation | Self::RegulatedEducation | Self::DigitalService | Self::Service => {
                Kind::Standard
            }
        }
    }
}

/// Which rates of a country a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Standard,
    /// Books supplied electronically.
    Book,
    /// Newspapers and periodicals supplied electronically.
    Press,
    /// Admission to cultural and sporting events.
    Event,
}

/// One rate of one country from one day on.
#[derive(Debug)]
struct Row {
    country: &'static str,
    kind: Kind,
    /// Hundredths of a percent.
    hundredths: u32,
    from: (i32, u32, u32),
    source: &'static str,
}

const fn row(country: &'static str, kind: Kind, hundredths: u32, from: (i32, u32, u32), source: &'static str) -> Row {
    Row {
        country,
        kind,
        hundredths,
        from,
        source,
    }
}

impl Row {
    fn day(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.from.0, self.from.1, self.from.2)
    }
}

/// A rate as it holds on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatRate {
    /// Percent.
    pub percent: Decimal,
    /// Since when.
    pub from: NaiveDate,
    /// Who says so.
    pub source: &'static str,
}

/// The member states of the European Union.
const UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Whether a country, or the one it is taxed as, is a member state.
pub fn in_union(country: Country) -> bool {
    UNION.contains(&territory(country).code())
}

/// The country whose VAT applies: another one for territories that share it.
pub fn territory(country: Country) -> Country {
    let shared = match country.code() {
        "MC" => "FR",
        "IM" => "GB",
        "AX" => "FI",
        _ => return country,
    };
    shared.parse().unwrap_or(country)
}

/// The rate of a category in a country on a day; none where the table has no such country, or not so early.
pub fn rate(country: Country, category: VatCategory, on: NaiveDate) -> Option<VatRate> {
    let country = territory(country);
    latest(country, category.kind(), on).or_else(|| latest(country, Kind::Standard, on))
}

/// The standard rate of a country on a day, in percent; none where the table has no such country.
pub fn standard_rate(country: Country, on: NaiveDate) -> Option<Decimal> {
    rate(country, VatCategory::DigitalService, on).map(|rate| rate.percent)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    standard::ROWS.iter().chain(publications::ROWS).chain(events::ROWS)
}

fn latest(country: Country, kind: Kind, on: NaiveDate) -> Option<VatRate> {
    rows()
        .filter(|row| row.country == country.code() && row.kind == kind)
        .filter_map(|row| row.day().filter(|from| *from <= on).map(|from| (from, row)))
        .max_by_key(|(from, _)| *from)
        .map(|(from, row)| VatRate {
            percent: Decimal::new(i64::from(row.hundredths), 2).normalize(),
            from,
            source: row.source,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn rows_are_days_and_sources_and_stand_once() {
        let mut seen = BTreeSet::new();
        for row in rows() {
            assert!(row.country.parse::<Country>().is_ok(), "{row:?}");
            assert!(
                row.day().is_some() && !row.source.is_empty() && row.hundredths <= 3_000,
                "{row:?}"
            );
            let kind = format!("{:?}", row.kind);
            assert!(seen.insert((row.country, kind, row.from)), "twice: {row:?}");
        }
    }

    #[test]
    fn every_country_has_a_standard_rate_since_2024() {
        let countries: BTreeSet<_> = rows().map(|row| row.country).collect();
        let expected: BTreeSet<_> = UNION.into_iter().chain(["GB", "NO", "CH"]).collect();
        assert_eq!(countries, expected);
        let first = NaiveDate::from_ymd_opt(2024, 1, 1).expect("a day");
        for code in countries {
            assert!(
                standard_rate(code.parse().expect("a country"), first).is_some(),
                "{code}"
            );
        }
    }

    #[test]
    fn reduced_rates_are_below_the_standard_one() {
        for row in rows().filter(|row| row.kind != Kind::Standard) {
            let standard = latest(
                row.country.parse().expect("a country"),
                Kind::Standard,
                row.day().expect("a day"),
            );
            let percent = Decimal::new(i64::from(row.hundredths), 2);
            assert!(standard.is_none_or(|standard| percent < standard.percent), "{row:?}");
        }
    }
}
