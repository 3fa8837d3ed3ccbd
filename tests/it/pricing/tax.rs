//! Place of supply: every combination of seller, buyer and thing, each row as the law (or the rule of the house) has it.

use chrono::NaiveDate;
use kassa::kernel::country::Country;
use kassa::pricing::tax::{
    Buyer, Seller, TaxReason, UnverifiedVat, VatCategory, Verdict, decide, in_union, number_matters, rate,
};

fn country(code: &str) -> Country {
    code.parse().expect("a country")
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

/// `FI`, `FI oss`, `FI +NO,DE`, `FI trusting`, `FI unregistered`, in any combination.
fn seller(text: &str) -> Seller {
    let mut words = text.split(' ');
    let mut seller = Seller::new(country(words.next().expect("a country")), true, false);
    for word in words {
        match word {
            "oss" => seller.union_oss = true,
            "trusting" => seller.unverified_vat = UnverifiedVat::ReverseCharge,
            "unregistered" => seller.vat_registered = false,
            _ => seller.registrations = word.trim_start_matches('+').split(',').map(country).collect(),
        }
    }
    seller
}

/// `-` unknown, `SE` a consumer there, `SE valid` a business there, `SE valid:DE` a number of another country.
fn buyer(text: &str) -> Buyer {
    if text == "-" {
        return Buyer::default();
    }
    let (place, number) = text
        .split_once(' ')
        .map_or((text, None), |(place, number)| (place, Some(number)));
    let vat_number = number.map(|number| {
        let (verdict, of) = number.split_once(':').unwrap_or((number, place));
        let verdict = match verdict {
            "valid" => Verdict::Valid,
            "invalid" => Verdict::Invalid,
            _ => Verdict::Unknown,
        };
        (country(of), verdict)
    });
    Buyer {
        country: Some(country(place)),
        vat_number,
    }
}

/// Seller, buyer, category, place of an event or service, and what is stated: rate, country, reason.
#[rustfmt::skip]
const TABLE: &[(&str, &str, VatCategory, &str, &str)] = {
    use VatCategory::{CommercialEducation as Course, DigitalBook as Book, DigitalMagazine as Magazine, DigitalService as Digital, Event, RegulatedEducation as School, Service};
    &[
        // Not registered: nothing is stated, whatever is sold to whom.
        ("FI unregistered", "FI", Digital, "FI", "0 - seller_not_registered"),
        ("FI unregistered oss", "SE", Digital, "FI", "0 - seller_not_registered"),
        ("FI unregistered", "SE valid", Digital, "FI", "0 - seller_not_registered"),
        ("FI unregistered", "FI", Event, "FI", "0 - seller_not_registered"),
        ("FI unregistered", "FI", School, "FI", "0 - seller_not_registered"),
        // At home, and before the country is known: consumers and businesses alike.
        ("FI", "-", Digital, "FI", "25.5 FI"),
        ("FI", "FI", Digital, "FI", "25.5 FI"),
        ("FI", "FI valid", Digital, "FI", "25.5 FI"),
        ("FI trusting", "FI unknown", Course, "FI", "25.5 FI"),
        ("FI", "FI", Course, "FI", "25.5 FI"),
        ("FI", "FI", Book, "FI", "13.5 FI"),
        ("FI", "FI", Magazine, "FI", "10 FI"),
        ("FI", "AX", Digital, "FI", "25.5 FI"),
        ("FI oss", "AX", Digital, "FI", "25.5 FI"),
        // Consumers elsewhere in the EU: their country with OSS or a registration there, else the seller's.
        ("FI", "SE", Digital, "FI", "25.5 FI"),
        ("FI oss", "SE", Digital, "FI", "25 SE"),
        ("FI +SE", "SE", Digital, "FI", "25 SE"),
        ("FI +DE", "SE", Digital, "FI", "25.5 FI"),
        ("FI oss", "SE", Book, "FI", "6 SE"),
        ("FI", "SE", Book, "FI", "13.5 FI"),
        ("FI oss", "LU", Magazine, "FI", "3 LU"),
        ("FI oss", "DK", Book, "FI", "25 DK"),
        ("FI oss", "CZ", Book, "FI", "0 CZ zero_rated"),
        ("FI oss", "MC", Digital, "FI", "20 FR"),
        // Businesses elsewhere in the EU.
        ("FI", "SE valid", Digital, "FI", "0 SE reverse_charge"),
        ("FI oss", "SE valid", Digital, "FI", "0 SE reverse_charge"),
        ("FI +SE", "SE valid", Digital, "FI", "0 SE reverse_charge"),
        ("FI oss", "SE invalid", Digital, "FI", "25 SE"),
        ("FI trusting", "SE invalid", Digital, "FI", "25.5 FI"),
        ("FI oss", "SE unknown", Digital, "FI", "25 SE"),
        ("FI", "SE unknown", Digital, "FI", "25.5 FI"),
        ("FI trusting", "SE unknown", Digital, "FI", "0 SE reverse_charge"),
        ("FI trusting oss", "SE unknown", Book, "FI", "0 SE reverse_charge"),
        ("FI oss", "SE valid:DE", Digital, "FI", "25 SE"),
        ("FI trusting oss", "SE unknown:FI", Digital, "FI", "25 SE"),
        ("FI", "MC valid:FR", Digital, "FI", "0 FR reverse_charge"),
        // Outside of the EU.
        ("FI", "US", Digital, "FI", "0 - outside_scope"),
        ("FI oss", "US", Digital, "FI", "0 - outside_scope"),
        ("FI oss", "GB", Digital, "FI", "0 - outside_scope"),
        ("FI oss", "NO", Book, "FI", "0 - outside_scope"),
        ("FI +NO", "NO", Digital, "FI", "25 NO"),
        ("FI +NO", "NO", Book, "FI", "0 NO zero_rated"),
        ("FI +GB", "GB", Course, "FI", "20 GB"),
        ("FI +GB", "IM", Digital, "FI", "20 GB"),
        ("FI +CH", "CH valid", Digital, "FI", "8.1 CH"),
        ("FI +GB", "NO", Digital, "FI", "0 - outside_scope"),
        ("FI +US", "US", Digital, "FI", "0 - outside_scope"),
        ("FI oss", "GP", Digital, "FI", "0 - outside_scope"),
        // At a place: there, for every buyer.
        ("FI", "FI", Event, "FI", "13.5 FI"),
        ("FI", "US", Event, "FI", "13.5 FI"),
        ("FI", "SE valid", Event, "FI", "13.5 FI"),
        ("FI", "SE valid", Service, "FI", "25.5 FI"),
        ("FI", "-", Service, "EE", "24 EE"),
        ("FI oss", "FI valid", Event, "DE", "19 DE"),
        ("FI", "FI", Event, "US", "0 - outside_scope"),
        ("FI", "FI", Event, "GB", "0 - outside_scope"),
        ("FI +GB", "FI", Event, "GB", "20 GB"),
        ("FI", "FI", Event, "AX", "13.5 FI"),
        // Education by a recognised provider: nowhere.
        ("FI", "FI", School, "FI", "0 - exempt_education"),
        ("FI oss", "SE", School, "FI", "0 - exempt_education"),
        ("FI", "SE valid", School, "FI", "0 - exempt_education"),
        ("FI", "US", School, "FI", "0 - exempt_education"),
        // Sellers outside of the EU.
        ("GB", "GB", Digital, "GB", "20 GB"),
        ("GB", "IM", Book, "GB", "0 GB zero_rated"),
        ("GB", "FI", Digital, "GB", "0 - outside_scope"),
        ("GB oss", "FI", Digital, "GB", "25.5 FI"),
        ("GB +FI", "FI", Book, "GB", "13.5 FI"),
        ("GB", "FI valid", Digital, "GB", "0 FI reverse_charge"),
        ("GB", "US", Digital, "GB", "0 - outside_scope"),
        ("GB", "FI", Event, "GB", "20 GB"),
        ("GB", "GB", Event, "FI", "13.5 FI"),
        ("NO", "NO", Digital, "NO", "25 NO"),
        ("CH oss", "DE", Magazine, "CH", "7 DE"),
        ("US", "US", Digital, "US", "0 - outside_scope"),
    ]
};

#[test]
fn every_row_of_the_table() {
    let mut faults = Vec::new();
    for (who, whom, category, place, wanted) in TABLE {
        let decision = decide(&seller(who), buyer(whom), *category, country(place), today());
        let at = decision.country.map_or("-".to_owned(), |country| country.to_string());
        let reason = decision.reason.map(|reason| format!(" {reason}")).unwrap_or_default();
        let at = if decision.country.is_none() && reason.is_empty() {
            String::new()
        } else {
            at
        };
        let told = format!("{} {at}{reason}", decision.rate);
        if told != *wanted {
            faults.push(format!(
                "{who} sells {category:?} at {place} to {whom}: {told}, not {wanted}"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every seller, buyer and category of the table crossed, and what must hold for each.
#[test]
fn rules_that_hold_for_every_combination() {
    let sellers: Vec<Seller> = TABLE.iter().map(|row| seller(row.0)).collect();
    let buyers: Vec<Buyer> = TABLE.iter().map(|row| buyer(row.1)).collect();
    let mut count = 0;
    for seller in &sellers {
        for buyer in &buyers {
            for category in VatCategory::ALL {
                for place in ["FI", "GB", "US"].map(country) {
                    let told = decide(seller, *buyer, category, place, today());
                    let case = format!("{seller:?} {buyer:?} {category:?} {place}: {told:?}");
                    count += 1;
                    assert_eq!(told.rate.is_zero(), told.reason.is_some(), "a rate or a reason: {case}");
                    assert!(
                        told.reason.is_some() || told.country.is_some(),
                        "a tax is due somewhere: {case}"
                    );
                    assert_eq!(
                        told.reason == Some(TaxReason::SellerNotRegistered),
                        !seller.vat_registered,
                        "{case}"
                    );
                    if category.on_site() {
                        let anyone = decide(seller, Buyer::default(), category, place, today());
                        assert_eq!(told, anyone, "the buyer makes no difference: {case}");
                    }
                    if told.reason == Some(TaxReason::ReverseCharge) {
                        let (of, verdict) = buyer.vat_number.expect("a number");
                        assert!(verdict != Verdict::Invalid && in_union(of), "{case}");
                        assert!(number_matters(seller, buyer.country, of, category), "{case}");
                    }
                    if let (Some(at), None) = (told.country, told.reason) {
                        assert_eq!(
                            Some(told.rate),
                            rate(at, category, today()).map(|rate| rate.percent),
                            "{case}"
                        );
                    }
                    // Where a number matters, its verdict decides; where it does not, it changes nothing.
                    if let Some((of, _)) = buyer.vat_number {
                        let with = |verdict| {
                            let buyer = Buyer {
                                vat_number: Some((of, verdict)),
                                ..*buyer
                            };
                            decide(seller, buyer, category, place, today())
                        };
                        let differs = with(Verdict::Valid) != with(Verdict::Invalid);
                        assert_eq!(differs, number_matters(seller, buyer.country, of, category), "{case}");
                    }
                }
            }
        }
    }
    assert!(count > 50_000, "{count}");
}

#[test]
fn the_day_of_the_sale_decides_the_rate() {
    let told = |category, on: (i32, u32, u32)| {
        let on = NaiveDate::from_ymd_opt(on.0, on.1, on.2).expect("a day");
        decide(&seller("FI"), buyer("FI"), category, country("FI"), on)
            .rate
            .to_string()
    };
    for (category, on, wanted) in [
        (VatCategory::DigitalService, (2024, 8, 31), "24"),
        (VatCategory::DigitalService, (2024, 9, 1), "25.5"),
        (VatCategory::DigitalBook, (2024, 12, 31), "10"),
        (VatCategory::DigitalBook, (2025, 1, 1), "14"),
        (VatCategory::DigitalBook, (2026, 1, 1), "13.5"),
        (VatCategory::Event, (2025, 12, 31), "14"),
        (VatCategory::DigitalMagazine, (2026, 1, 1), "10"),
    ] {
        assert_eq!(told(category, on), wanted, "{category:?} on {on:?}");
    }
}
