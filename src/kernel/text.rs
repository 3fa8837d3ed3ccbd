//! Texts with rules: names, slugs, e-mail addresses, metadata. Each trims, checks and refuses in one place.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, DeserializeSeed, MapAccess, Visitor};

use super::vat_number::VatNumber;

/// Why a text was refused, said so that a person can mend it.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidText(String);

impl InvalidText {
    /// A refusal with what would be right.
    pub fn new(rule: &str) -> Self {
        Self(rule.to_owned())
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidText {}

/// Control characters would reach mail headers, logs and CSV files; line breaks and tabs are for multi-line texts only.
fn has_control(text: &str, multi_line: bool) -> bool {
    text.chars()
        .any(|c| c.is_control() && !(multi_line && matches!(c, '\n' | '\r' | '\t')))
}

macro_rules! text_newtypes {
    ($($(#[$meta:meta])* $ty:ident($min:literal..=$max:literal, multi_line = $multi:literal, example = $example:literal),)+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $ty(String);

        impl $ty {
            /// The text, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $ty {
            type Err = InvalidText;
            fn from_str(text: &str) -> Result<Self, InvalidText> {
                let text = text.trim();
                let length = text.chars().count();
                if !($min..=$max).contains(&length) {
                    return Err(InvalidText(format!("must have {} to {} characters, has {length}", $min, $max)));
                }
                if has_control(text, $multi) {
                    return Err(InvalidText("must not contain control characters".to_owned()));
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl serde::Serialize for $ty {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $ty {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $ty {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                <String as diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg>>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $ty {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                // Not parsed again: erasure may leave texts that a client could not send.
                <String as diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg>>::from_sql(bytes).map(Self)
            }
        }

        impl utoipa::PartialSchema for $ty {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!("Trimmed text of ", $min, " to ", $max, " characters, without control characters.")))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .examples([serde_json::Value::from($example)])
                    .into()
            }
        }

        impl utoipa::ToSchema for $ty {}
    )+};
}

text_newtypes! {
    /// A name a person reads, on one line.
    Name(1..=255, multi_line = false, example = "Course platform"),
    /// A longer text; line breaks are allowed.
    Description(1..=10_000, multi_line = true, example = "Six weeks, twelve lessons."),
    /// A short free word a merchant chooses: a source or a tag.
    Label(1..=100, multi_line = false, example = "newsletter"),
}

impl From<&VatNumber> for Label {
    fn from(number: &VatNumber) -> Self {
        Self(number.as_str().to_owned())
    }
}

/// The part of an address a person types: lower-case letters, digits and single hyphens, 1–63 characters.
#[derive(
    Clone, PartialEq, Eq, Hash, PartialOrd, Ord, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Slug(String);

impl Slug {
    /// The slug itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let shaped = (1..=63).contains(&text.len())
            && text
                .split('-')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText(
                "must be 1 to 63 lower-case letters, digits and single hyphens between them".to_owned(),
            ))
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::text_value!(
    Slug,
    description = "1 to 63 lower-case letters, digits and single hyphens between them.",
    pattern = "^[a-z0-9]+(-[a-z0-9]+)*$",
    example = "spring-course"
);

/// An e-mail address, kept as typed and compared by [`Email::folded`].
#[derive(Clone, PartialEq, Eq, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Email(String);

impl Email {
    /// The address as typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Trimmed and case-folded: two spellings of one buyer are one buyer.
    pub fn folded(&self) -> String {
        folded_address(&self.0)
    }
}

/// A part of a request that may be an address, as [`Email::folded`] would have it: what columns named `email_folded` are compared with.
/// Other columns are compared by the database's `kassa_fold` of both sides.
pub fn folded_address(text: &str) -> String {
    text.trim().to_lowercase()
}

impl FromStr for Email {
    type Err = InvalidText;
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        use validator::ValidateEmail;
        let text = text.trim();
        if text.len() <= 254 && !has_control(text, false) && text.validate_email() {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText(
                "must be an e-mail address of at most 254 characters".to_owned(),
            ))
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Personal data: shown in the API, kept out of logs.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

crate::text_value!(
    Email,
    description =
        "E-mail address, at most 254 characters. Addresses that differ only in letter case belong to one buyer.",
    pattern = "^[^@\\s]+@[^@\\s]+$",
    example = "buyer@example.com"
);

/// Up to 50 pairs of strings that a merchant keeps on a resource (key ≤ 40 characters, value ≤ 500).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(value_type = BTreeMap<String, String>, example = json!({"campaign": "spring"}))]
pub struct Metadata(pub BTreeMap<String, String>);

impl<'de> serde::Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs)
    }
}

/// Reads pairs one by one, so that what is wrong with one is told where it is.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Metadata, A::Error> {
        let mut pairs = BTreeMap::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(ValueOf(&key))?;
            pairs.insert(key, value);
        }
        if pairs.len() > 50 {
            return Err(de::Error::custom("must have at most 50 pairs"));
        }
        Ok(Metadata(pairs))
    }
}

/// The value of a key, both held against their limits.
struct ValueOf<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for ValueOf<'_> {
    type Value = String;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let value = <String as serde::Deserialize>::deserialize(deserializer)?;
        let refused = if !(1..=40).contains(&self.0.chars().count()) {
            "a key has 1 to 40 characters"
        } else if value.chars().count() > 500 {
            "a value has at most 500 characters"
        } else if has_control(self.0, true) || has_control(&value, true) {
            "must not contain control characters"
        } else {
            return Ok(value);
        };
        Err(de::Error::custom(refused))
    }
}

impl validator::Validate for Metadata {
    /// What was read holds its limits.
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

impl Metadata {
    /// As the database keeps it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }

    /// From the database's form; anything unexpected reads as empty rather than failing a whole page.
    pub fn from_json(value: serde_json::Value) -> Self {
        Self(serde_json::from_value(value).unwrap_or_default())
    }
}

/// An address a browser may be sent to: https, or http on this very machine. Anything else (`javascript:` above all) is refused.
pub fn web_address(text: &str) -> Result<(), validator::ValidationError> {
    use validator::ValidateUrl;
    let host = text
        .strip_prefix("http://")
        .map(|rest| rest.split(['/', ':', '?', '#']).next().unwrap_or_default());
    let secure = text.starts_with("https://") || host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1"));
    if secure && text.len() <= 2048 && !has_control(text, false) && text.validate_url() {
        Ok(())
    } else {
        let detail = "must be an https address of at most 2048 characters (http on localhost)";
        Err(validator::ValidationError::new("web_address").with_message(detail.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(
            " Kurssi ".parse::<Name>().map(|n| n.to_string()),
            Ok("Kurssi".to_owned())
        );
        assert!("ä".repeat(255).parse::<Name>().is_ok(), "characters, not bytes");
        for wrong in ["", "   ", "a\u{0}b", "a\nb", &"a".repeat(256)] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong:?}");
        }
        assert!("two\nlines".parse::<Description>().is_ok());
    }

    #[test]
    fn slugs_and_addresses() {
        for (text, good) in [
            ("a", true),
            ("spring-2026", true),
            ("-a", false),
            ("a--b", false),
            ("A", false),
            ("ä", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Slug>().is_ok(), good, "{text}");
        }
        let typed: Email = " Buyer@Example.COM ".parse().expect("an address");
        assert_eq!(typed.as_str(), "Buyer@Example.COM");
        assert_eq!(typed.folded(), "buyer@example.com");
        for wrong in ["", "a", "a@", "@b", "a b@c.fi", "a@b\r\nBcc: x@y.fi"] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn browsers_are_sent_to_the_web_only() {
        for good in [
            "https://shop.example.com/thanks?a=b",
            "http://localhost:3000/x",
            "http://127.0.0.1/",
        ] {
            assert!(web_address(good).is_ok(), "{good}");
        }
        for wrong in [
            "javascript:alert(1)",
            "http://shop.example.com",
            "http://localhost.evil.example",
            "https://",
            "//x",
            "data:text/html,x",
        ] {
            assert!(web_address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn metadata_limits() {
        let read = |json: &str| serde_json::from_str::<Metadata>(json);
        assert!(read(r#"{"a":"b"}"#).is_ok());
        assert!(read(r#"{"":"b"}"#).is_err());
        assert!(read(r#"{"a":1}"#).is_err());
        let many: BTreeMap<_, _> = (0..51).map(|n| (n.to_string(), "x")).collect();
        assert!(read(&serde_json::to_string(&many).expect("json")).is_err());
    }
}
