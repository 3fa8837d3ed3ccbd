//! Typed, prefixed ids: UUIDv7 in the database, `prd_01jd…` in JSON (TypeID: Crockford base32, lower case, 26 characters).
//!
//! An id of one kind can never be passed where another is meant. Ids are made by the application from the [`Clock`].

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::clock::Clock;

/// Why a text is not an id of the kind asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidId {
    expected_prefix: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id of the form {}_…", self.expected_prefix)
    }
}

impl std::error::Error for InvalidId {}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..LENGTH)
        .rev()
        .map(|place| char::from(ALPHABET[((bits >> (place * 5)) & 31) as usize]))
        .collect()
}

fn decode(text: &str) -> Option<Uuid> {
    // 26 characters carry 130 bits; the first may therefore be 7 at the most.
    if text.len() != LENGTH || text.as_bytes()[0] > b'7' {
        return None;
    }
    let bits = text.bytes().try_fold(0_u128, |bits, character| {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        Some((bits << 5) | value as u128)
    })?;
    Some(Uuid::from_u128(bits))
}

/// The kind of thing an id in its text form names: `prd_…` is a `product`, `whe_…` a `webhook_endpoint`.
pub fn kind_of(id: &str) -> Option<String> {
    let (prefix, _) = id.split_once('_')?;
    let (_, name) = TYPES.iter().find(|(known, _)| *known == prefix)?;
    let mut kind = String::new();
    for letter in name.trim_end_matches("Id").chars() {
        if letter.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('_');
        }
        kind.push(letter.to_ascii_lowercase());
    }
    Some(kind)
}

macro_rules! typed_ids {
    ($($(#[$meta:meta])* $ty:ident $prefix:literal,)+) => {
        /// Every prefix, for the test that holds them unique.
        pub const PREFIXES: &[&str] = &[$($prefix),+];

        /// Each prefix with the name of its type.
        const TYPES: &[(&str, &str)] = &[$(($prefix, stringify!($ty))),+];

        $(
            $(#[$meta])*
            #[derive(
                Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
                diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
            )]
            #[diesel(sql_type = diesel::sql_types::Uuid)]
            pub struct $ty(Uuid);

            impl $ty {
                /// The part before the underscore.
                pub const PREFIX: &'static str = $prefix;

                /// A new id, later than all made before it by the same clock (to the millisecond).
                pub fn generate(clock: &Clock) -> Self {
                    Self(clock.new_uuid())
                }

                /// The id as the database keeps it.
                pub const fn uuid(self) -> Uuid {
                    self.0
                }

                /// An id read from the database or derived from another id.
                pub const fn from_uuid(uuid: Uuid) -> Self {
                    Self(uuid)
                }
            }

            impl fmt::Display for $ty {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    write!(f, concat!($prefix, "_{}"), encode(self.0))
                }
            }

            impl fmt::Debug for $ty {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }

            impl FromStr for $ty {
                type Err = InvalidId;
                fn from_str(text: &str) -> Result<Self, InvalidId> {
                    text.strip_prefix(concat!($prefix, "_"))
                        .and_then(decode)
                        .map(Self)
                        .ok_or(InvalidId { expected_prefix: $prefix })
                }
            }

            impl serde::Serialize for $ty {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> serde::Deserialize<'de> for $ty {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                }
            }

            impl diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $ty {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
                ) -> diesel::serialize::Result {
                    <Uuid as diesel::serialize::ToSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::to_sql(&self.0, out)
                }
            }

            impl diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg> for $ty {
                fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                    <Uuid as diesel::deserialize::FromSql<diesel::sql_types::Uuid, diesel::pg::Pg>>::from_sql(bytes).map(Self)
                }
            }

            impl utoipa::PartialSchema for $ty {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    utoipa::openapi::schema::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::schema::Type::String)
                        .description(Some(concat!("Id with the prefix `", $prefix, "_`.")))
                        .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                        .examples([serde_json::Value::from(concat!($prefix, "_01jd5wq0zsfa2tq4n9v8kx3m7h"))])
                        .into()
                }
            }

            impl utoipa::ToSchema for $ty {}
        )+
    };
}

typed_ids! {
    /// An organization: tenant and billing boundary.
    OrganizationId "org",
    /// A person.
    UserId "usr",
    /// An API key.
    ApiKeyId "key",
    /// An invitation.
    InvitationId "inv",
    /// A sign-in: a family of refresh tokens.
    SignInId "sgn",
    /// An entry of the audit log.
    AuditEntryId "aud",
    /// A mail to a person.
    MailId "mal",
    /// A checkout: a storefront of an organization.
    CheckoutId "chk",
    /// A product.
    ProductId "prd",
    /// A variant of a product.
    VariantId "var",
    /// An offer.
    OfferId "off",
    /// An item of an offer.
    OfferItemId "itm",
    /// An extra sale that offers carry.
    AddOnId "add",
    /// A checkout link.
    LinkId "lnk",
    /// A discount code.
    DiscountCodeId "dsc",
    /// A use of a discount code by one session.
    HoldId "hld",
    /// A checkout session.
    SessionId "ses",
    /// A line of a session or an order.
    LineId "lin",
    /// A check of a buyer's VAT number.
    VatCheckId "vat",
    /// An order.
    OrderId "ord",
    /// A token that leads back to an order, or a request for one.
    OrderAccessId "oac",
    /// A buyer, one per checkout and e-mail.
    CustomerId "cus",
    /// A payment attempt.
    PaymentId "pay",
    /// Money that goes back.
    RefundId "ref",
    /// A post-purchase action: the configured one, and its run on an order.
    ActionId "act",
    /// A license that was given to a buyer.
    LicenseId "lic",
    /// A key in a pool of licenses.
    LicenseKeyId "lky",
    /// A webhook endpoint.
    WebhookEndpointId "whe",
    /// An event.
    EventId "evt",
    /// A delivery of an event to an endpoint.
    DeliveryId "dlv",
    /// A request to deliver events again.
    ReplayId "rpl",
    /// A background job.
    JobId "job",
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn prefixes_are_unique() {
        assert_eq!(PREFIXES.iter().collect::<HashSet<_>>().len(), PREFIXES.len());
    }

    #[test]
    fn kinds_have_their_names() {
        let clock = Clock::default();
        for (id, kind) in [
            (ProductId::generate(&clock).to_string(), Some("product")),
            (
                WebhookEndpointId::generate(&clock).to_string(),
                Some("webhook_endpoint"),
            ),
            ("nonsense".to_owned(), None),
            ("xyz_1".to_owned(), None),
        ] {
            assert_eq!(kind_of(&id).as_deref(), kind, "{id}");
        }
    }

    #[test]
    fn typeid_vector_of_the_specification() {
        // The example of the TypeID specification: the same UUID must give the same 26 characters.
        let uuid = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").expect("a UUID");
        assert_eq!(encode(uuid), "01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode("01h455vb4pex5vsknk084sn02q"), Some(uuid));
    }

    #[test]
    fn refuses_what_is_no_id_of_its_kind() {
        let id = ProductId::generate(&Clock::default());
        assert_eq!(id.to_string().parse::<ProductId>(), Ok(id));
        for wrong in [
            "",
            "prd_",
            "prd_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "prd_01h455vb4pex5vsknk084sn02",
            "prd_ÿ1h455vb4pex5vsknk084sn0",
        ] {
            assert!(wrong.parse::<ProductId>().is_err(), "{wrong}");
        }
        assert!(id.to_string().parse::<OfferId>().is_err());
        assert!(id.to_string().to_uppercase().parse::<ProductId>().is_err());
    }
}
