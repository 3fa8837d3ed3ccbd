//! Which members of an object as the API shows it say who a person is. The one list of them: what is forgotten of a buyer, and what the
//! audit log keeps as a hash, must not drift apart.

/// What of a buyer says nothing of who it is: the id, and the country that taxes follow from.
pub const OF_A_CUSTOMER: &[&str] = &["id", "country"];
/// Texts that say who somebody is, or may.
pub const PERSONAL: &[&str] = &[
    "email",
    "first_name",
    "last_name",
    "phone",
    "street",
    "apartment",
    "postal_code",
    "city",
    "company",
    "vat_number",
    "note",
    "comment",
    "last_error",
    "bank_reference",
    "message",
];
/// Objects of the merchant's own, which may be about the buyer.
pub const OWN: &[&str] = &["custom", "metadata"];
