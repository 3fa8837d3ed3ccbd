//! Which VAT applies: place of supply for electronic services to consumers, and the rates.
//!
//! Rates are dated data. Source: European Commission, "VAT rates applied in the Member States of the European Union" and the
//! national acts that changed a rate since. Standard rates only: every product type sold today is taxed at the standard rate.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::country::Country;
use crate::word_enum;

word_enum! {
    /// Why no tax is stated.
    pub enum TaxReason in "order_lines.tax_reason" {
        /// The seller is not registered for VAT.
        SellerNotRegistered = "seller_not_registered",
        /// The buyer is outside the EU.
        OutsideScope = "outside_scope",
    }
}

/// What the seller states about itself.
#[derive(Clone, Copy, Debug)]
pub struct Seller {
    /// Where the seller is established: an EU country.
    pub country: Country,
    /// Registered for VAT there.
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the Union One Stop Shop.
    pub union_oss: bool,
}

/// The tax of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxDecision {
    /// Percent.
    pub rate: Decimal,
    /// Where it is due.
    pub country: Option<Country>,
    /// Why there is none.
    pub reason: Option<TaxReason>,
}

/// One standard rate: country, percent in tenths, valid from. A later row of the same country ends the one before.
const STANDARD: &[(&str, u32, (i32, u32, u32))] = &[
    ("AT", 200, (1984, 1, 1)),
    ("BE", 210, (1996, 1, 1)),
    ("BG", 200, (1999, 1, 1)),
    ("CY", 190, (2014, 1, 13)),
    ("CZ", 210, (2013, 1, 1)),
    ("DE", 190, (2021, 1, 1)),
    ("DK", 250, (1992, 1, 1)),
    ("EE", 220, (2024, 1, 1)),
    ("EE", 240, (2025, 7, 1)),
    ("ES", 210, (2012, 9, 1)),
    ("FI", 240, (2013, 1, 1)),
    ("FI", 255, (2024, 9, 1)),
    ("FR", 200, (2014, 1, 1)),
    ("GR", 240, (2016, 6, 1)),
    ("HR", 250, (2012, 3, 1)),
    ("HU", 270, (2012, 1, 1)),
    ("IE", 230, (2021, 3, 1)),
    ("IT", 220, (2013, 10, 1)),
    ("LT", 210, (2009, 9, 1)),
    ("LU", 170, (2024, 1, 1)),
    ("LV", 210, (2012, 7, 1)),
    ("MT", 180, (2004, 1, 1)),
    ("NL", 210, (2012, 10, 1)),
    ("PL", 230, (2011, 1, 1)),
    ("PT", 230, (2011, 1, 1)),
    ("RO", 190, (2017, 1, 1)),
    ("RO", 210, (2025, 8, 1)),
    ("SE", 250, (1990, 7, 1)),
    ("SI", 220, (2013, 7, 1)),
    ("SK", 200, (2011, 1, 1)),
    ("SK", 230, (2025, 1, 1)),
];

/// The standard rate of an EU country on a day, in percent; none outside the EU.
pub fn standard_rate(country: Country, on: NaiveDate) -> Option<Decimal> {
    STANDARD
        .iter()
        .filter(|(code, _, (year, month, day))| {
            *code == country.code() && NaiveDate::from_ymd_opt(*year, *month, *day).is_some_and(|from| from <= on)
        })
        .max_by_key(|(_, _, from)| *from)
        .map(|(_, tenths, _)| Decimal::new(i64::from(*tenths), 1).normalize())
}

/// The tax on an electronic service sold to a consumer on a day.
///
/// EU buyers: the buyer's country with the One Stop Shop, else the seller's (Directive 2006/112/EC, articles 58 and 59c).
/// Buyers outside the EU: none. Before the buyer's country is known, the seller's country is assumed.
pub fn decide(seller: Seller, buyer: Option<Country>, on: NaiveDate) -> TaxDecision {
    let none = |reason| TaxDecision {
        rate: Decimal::ZERO,
        country: None,
        reason: Some(reason),
    };
    if !seller.vat_registered {
        return none(TaxReason::SellerNotRegistered);
    }
    let buyer = buyer.unwrap_or(seller.country);
    let place = match standard_rate(buyer, on) {
        None => return none(TaxReason::OutsideScope),
        Some(_) if seller.union_oss => buyer,
        Some(_) => seller.country,
    };
    match standard_rate(place, on) {
        None => none(TaxReason::OutsideScope),
        Some(rate) => TaxDecision {
            rate,
            country: Some(place),
            reason: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        code.parse().expect("a country")
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day")
    }

    #[test]
    fn rates_are_dated() {
        for (code, on, rate) in [
            ("FI", day(2024, 8, 31), Some("24")),
            ("FI", day(2024, 9, 1), Some("25.5")),
            ("EE", day(2026, 1, 1), Some("24")),
            ("SK", day(2025, 1, 1), Some("23")),
            ("US", day(2026, 1, 1), None),
            ("NO", day(2026, 1, 1), None),
        ] {
            assert_eq!(
                standard_rate(country(code), on).map(|r| r.to_string()),
                rate.map(str::to_owned),
                "{code}"
            );
        }
        let countries: std::collections::BTreeSet<_> = STANDARD.iter().map(|row| row.0).collect();
        assert_eq!(countries.len(), 27, "every member state");
    }

    #[test]
    fn place_of_supply() {
        let seller = |vat_registered, union_oss| Seller {
            country: country("FI"),
            vat_registered,
            union_oss,
        };
        let on = day(2026, 11, 20);
        let told = |seller, buyer: Option<&str>| {
            let decision = decide(seller, buyer.map(country), on);
            (
                decision.rate.to_string(),
                decision.country.map(|c| c.to_string()),
                decision.reason,
            )
        };
        assert_eq!(
            told(seller(true, false), None),
            ("25.5".into(), Some("FI".into()), None)
        );
        assert_eq!(
            told(seller(true, false), Some("SE")),
            ("25.5".into(), Some("FI".into()), None)
        );
        assert_eq!(
            told(seller(true, true), Some("SE")),
            ("25".into(), Some("SE".into()), None)
        );
        assert_eq!(
            told(seller(true, true), Some("US")),
            ("0".into(), None, Some(TaxReason::OutsideScope))
        );
        assert_eq!(
            told(seller(false, true), Some("SE")),
            ("0".into(), None, Some(TaxReason::SellerNotRegistered))
        );
    }
}
