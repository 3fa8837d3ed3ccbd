//! A moment as clients send it: RFC 3339, kept in UTC.

use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};

use super::clock::Instant;

/// A moment between the years 2000 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Instant);

impl std::str::FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || "must be a time as in 2026-11-20T12:00:00.000Z".to_owned();
        let at = chrono::DateTime::parse_from_rfc3339(text)
            .map_err(|_| invalid())?
            .to_utc();
        let year = chrono::Datelike::year(&at);
        if (2000..=9999).contains(&year) {
            Ok(Self(at))
        } else {
            Err(invalid())
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A time in RFC 3339."))
            .max_length(Some(40))
            .examples([serde_json::Value::from("2027-11-20T12:00:00.000Z")])
            .into()
    }
}

impl utoipa::ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rfc_3339() {
        let utc: Moment = "2026-11-20T12:00:00Z".parse().expect("a moment");
        assert_eq!("2026-11-20T14:00:00+02:00".parse(), Ok(utc));
        for wrong in [
            "",
            "2026-11-20",
            "2026-11-20 12:00",
            "1999-12-31T23:59:59Z",
            "2026-13-01T00:00:00Z",
            "now",
        ] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}
