//! Place of supply: which country's VAT applies to a sale, at which rate, or why none does.
//!
//! Electronic services follow the buyer (Directive 2006/112/EC, articles 44, 58 and 59c), services at a place follow the place
//! (articles 53 and 54). What is not said there for sellers outside of the EU:
//! - `union_oss` stands for any One Stop Shop; with neither it nor a registration in the buyer's country no EU tax is stated, for
//!   there is no country to declare it in: `outside_scope`.
//! - Sales to EU businesses are reverse charged as those of EU sellers are (article 196).
//! - At home they charge their own VAT, if the table of rates has their country (GB, NO, CH).
//!
//! A VAT number counts only in the country it is of: a buyer in Germany with a French number is a consumer in Germany.

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub use super::vat::{VatCategory, VatRate, in_union, rate, standard_rate, territory};
use crate::kernel::country::Country;
use crate::word_enum;

word_enum! {
    /// Why no tax is stated.
    pub enum TaxReason in "order_lines.tax_reason" {
        /// The seller is not registered for VAT.
        SellerNotRegistered = "seller_not_registered",
        /// Taxed in no country that the seller is registered in.
        OutsideScope = "outside_scope",
        /// The buyer is a business elsewhere in the EU and accounts for the tax.
        ReverseCharge = "reverse_charge",
        /// Education by a recognised provider.
        ExemptEducation = "exempt_education",
        /// The rate of the country is 0 %.
        ZeroRated = "zero_rated",
    }
}

/// What to do for a business whose number could not be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnverifiedVat {
    /// Charge the tax, as to a consumer.
    #[default]
    Charge,
    /// Trust the number.
    ReverseCharge,
}

/// What the seller states about itself.
#[derive(Clone, Debug)]
pub struct Seller {
    /// Where the seller is established.
    pub country: Country,
    /// Registered for VAT there.
    pub vat_registered: bool,
    /// Declares sales to other EU countries in the One Stop Shop.
    pub union_oss: bool,
    /// Other countries it is registered in.
    pub registrations: Vec<Country>,
    /// What to do for a business whose number could not be checked.
    pub unverified_vat: UnverifiedVat,
}

impl Seller {
    /// A seller with no registration but at home.
    pub fn new(country: Country, vat_registered: bool, union_oss: bool) -> Self {
        Self {
            country,
            vat_registered,
            union_oss,
            registrations: Vec::new(),
            unverified_vat: UnverifiedVat::Charge,
        }
    }

    fn registered_in(&self, country: Country) -> bool {
        let places = self.registrations.iter().chain([&self.country]);
        places.into_iter().any(|place| territory(*place) == country)
    }
}

/// What is known of a VAT number whose format and checksum are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// VIES knows it.
    Valid,
    /// VIES does not know it.
    Invalid,
    /// VIES was not asked, or did not answer.
    Unknown,
}

/// Who buys, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buyer {
    /// Where the buyer is; before that is known, the seller's country is assumed.
    pub country: Option<Country>,
    /// The country of the buyer's VAT number, and what is known of it. None for a consumer, and for a number that cannot exist.
    pub vat_number: Option<(Country, Verdict)>,
}

/// The tax of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxDecision {
    /// Percent.
    pub rate: Decimal,
    /// Where it is due: with `reverse_charge` the country in which the buyer accounts for it.
    pub country: Option<Country>,
    /// Why there is none.
    pub reason: Option<TaxReason>,
}

/// The tax on a thing sold on a day.
///
/// `place` is where a service or an event takes place: the product's own, else the checkout's country. It counts for those only.
pub fn decide(seller: &Seller, buyer: Buyer, category: VatCategory, place: Country, on: NaiveDate) -> TaxDecision {
    if !seller.vat_registered {
        return none(TaxReason::SellerNotRegistered, None);
    }
    if category == VatCategory::RegulatedEducation {
        return none(TaxReason::ExemptEducation, None);
    }
    let home = territory(seller.country);
    let buyer_country = territory(buyer.country.unwrap_or(home));
    let taxed_in = if category.on_site() {
        let place = territory(place);
        (in_union(place) || seller.registered_in(place)).then_some(place)
    } else if buyer_country == home {
        Some(home)
    } else if !in_union(buyer_country) {
        seller.registered_in(buyer_country).then_some(buyer_country)
    } else if reverse_charged(seller, buyer, buyer_country) {
        return none(TaxReason::ReverseCharge, Some(buyer_country));
    } else if seller.union_oss || seller.registered_in(buyer_country) {
        Some(buyer_country)
    } else {
        in_union(home).then_some(home)
    };
    let taxed = taxed_in.and_then(|country| rate(country, category, on).map(|rate| (country, rate.percent)));
    match taxed {
        None => none(TaxReason::OutsideScope, None),
        Some((country, rate)) if rate.is_zero() => none(TaxReason::ZeroRated, Some(country)),
        Some((country, rate)) => TaxDecision {
            rate,
            country: Some(country),
            reason: None,
        },
    }
}

/// Whether an answer of VIES about a number of `number_country` could change what is stated: only then is it worth asking.
pub fn number_matters(seller: &Seller, buyer: Option<Country>, number_country: Country, category: VatCategory) -> bool {
    let buyer = buyer.map(territory);
    seller.vat_registered
        && !category.on_site()
        && category != VatCategory::RegulatedEducation
        && buyer == Some(territory(number_country))
        && buyer != Some(territory(seller.country))
        && in_union(number_country)
}

fn reverse_charged(seller: &Seller, buyer: Buyer, buyer_country: Country) -> bool {
    match buyer.vat_number {
        Some((country, verdict)) if territory(country) == buyer_country => match verdict {
            Verdict::Valid => true,
            Verdict::Invalid => false,
            Verdict::Unknown => seller.unverified_vat == UnverifiedVat::ReverseCharge,
        },
        _ => false,
    }
}

fn none(reason: TaxReason, country: Option<Country>) -> TaxDecision {
    TaxDecision {
        rate: Decimal::ZERO,
        country,
        reason: Some(reason),
    }
}
