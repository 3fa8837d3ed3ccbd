//! Which members of an object as the API shows it say who a person is. The one list of them: what is forgotten of a buyer, and what the
//! audit log keeps as a hash, must not drift apart.

/// What of a buyer says nothing of who it is: the id, and the country that taxes follow from.
pub const OF_A_CUSTOMER: &[&str] = &["id", "country"];
/// What of the fields that a link fills in for its buyer says nothing of who it is: the basket.
pub const OF_A_LINK: &[&str] = &["discount_code", "variant_quantities"];
/// Texts that say who somebody is, or may.
pub const PERSONAL: &[&str] = &[
    "email",
    "first_name",
    "last_name",
    "phone",
    "street",
    "apartment",
    "postal_code",
    "zip",
    "city",
    "company",
    "vat_number",
    "tax_number",
    "note",
    "comment",
    "last_error",
    "bank_reference",
    "message",
];
/// Objects of the merchant's own, which may be about the buyer.
pub const OWN: &[&str] = &["custom", "metadata"];
