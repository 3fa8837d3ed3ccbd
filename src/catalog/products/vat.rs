//! Which way of being taxed fits which kind of product.

use super::model::{ProductType, VatType};
use super::store;
use crate::db::Conn;
use crate::kernel::ids::CheckoutId;
use crate::kernel::problem::Problem;
use crate::pricing::tax::VatCategory;

/// The pairs that make sense.
const FITS: &[(ProductType, &[VatType])] = &[
    (
        ProductType::OnlineCourse,
        &[
            VatType::CommercialEducation,
            VatType::RegulatedEducation,
            VatType::DigitalService,
        ],
    ),
    (
        ProductType::DigitalContent,
        &[VatType::DigitalService, VatType::DigitalBook, VatType::DigitalMagazine],
    ),
    // A book that is mostly sound or film is a digital service.
    (
        ProductType::EBook,
        &[VatType::DigitalBook, VatType::DigitalMagazine, VatType::DigitalService],
    ),
    (
        ProductType::Membership,
        &[
            VatType::DigitalService,
            VatType::DigitalMagazine,
            VatType::CommercialEducation,
            VatType::RegulatedEducation,
            VatType::Service,
        ],
    ),
    // A seminar or a fair at a place is a service there, and attended over the internet, an event is a digital service. The two kinds
    // of education follow the buyer, which what takes place somewhere does not.
    (
        ProductType::EventTicket,
        &[VatType::Event, VatType::Service, VatType::DigitalService],
    ),
    (ProductType::Service, &[VatType::Service, VatType::DigitalService]),
];

/// Refuses a pair that makes no sense.
pub fn refuse_unfit(product: ProductType, vat: VatType) -> Result<(), Problem> {
    let fits = FITS
        .iter()
        .find(|(known, _)| *known == product)
        .map_or(&[][..], |(_, fits)| fits);
    if fits.contains(&vat) {
        return Ok(());
    }
    let words: Vec<&str> = fits.iter().map(|fit| fit.as_str()).collect();
    Err(Problem::invalid(
        "/vat_type",
        "does_not_fit",
        format!("a product of type {product} is taxed as one of: {}", words.join(", ")),
    ))
}

/// Refuses exempt education of an organization that is no recognised provider of it.
pub async fn refuse_unrecognised(conn: &Conn, checkout: CheckoutId, vat: VatType) -> Result<(), Problem> {
    if vat != VatType::RegulatedEducation || store::is_education_provider(conn, checkout).await? {
        return Ok(());
    }
    let detail = "takes an organization that is marked as an education provider";
    Err(Problem::invalid("/vat_type", "not_an_education_provider", detail))
}

impl From<VatType> for VatCategory {
    fn from(vat_type: VatType) -> Self {
        match vat_type {
            VatType::CommercialEducation => Self::CommercialEducation,
            VatType::RegulatedEducation => Self::RegulatedEducation,
            VatType::DigitalBook => Self::DigitalBook,
            VatType::DigitalMagazine => Self::DigitalMagazine,
            VatType::DigitalService => Self::DigitalService,
            VatType::Service => Self::Service,
            VatType::Event => Self::Event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_and_every_way_has_its_place() {
        for word in ProductType::ALL {
            let product: ProductType = word.parse().expect("a type");
            assert!(
                FITS.iter().any(|(known, fits)| *known == product && !fits.is_empty()),
                "{word}"
            );
        }
        for word in VatType::ALL {
            let vat: VatType = word.parse().expect("a way");
            assert!(FITS.iter().any(|(_, fits)| fits.contains(&vat)), "{word}");
        }
        assert!(refuse_unfit(ProductType::EBook, VatType::Event).is_err());
        assert!(refuse_unfit(ProductType::OnlineCourse, VatType::DigitalBook).is_err());
        assert!(refuse_unfit(ProductType::EventTicket, VatType::Event).is_ok());
        for place in [ProductType::EventTicket, ProductType::Service] {
            assert!(refuse_unfit(place, VatType::Service).is_ok());
            for education in [VatType::CommercialEducation, VatType::RegulatedEducation] {
                assert!(refuse_unfit(place, education).is_err(), "{place}, {education}");
            }
        }
    }
}
