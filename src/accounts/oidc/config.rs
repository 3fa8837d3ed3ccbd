//! An issuer as the operator names it: `issuer|audience` or `issuer|audience|jwks-url`.

use std::str::FromStr;

use reqwest::Url;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerConfig {
    issuer: String,
    audience: String,
    jwks_url: Option<String>,
}

/// Not of that form.
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidIssuer;

impl IssuerConfig {
    /// What `iss` must be, byte for byte.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What `aud` must contain.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Where its keys are, if the operator says so; else the issuer's discovery document does.
    pub fn jwks_url(&self) -> Option<&str> {
        self.jwks_url.as_deref()
    }

    /// Every address in it.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.issuer()).chain(self.jwks_url())
    }

    /// Where the issuer describes itself (OpenID Connect Discovery 1.0, section 4).
    pub fn discovery_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }
}

impl FromStr for IssuerConfig {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        let mut parts = text.split('|');
        let (issuer, audience, jwks_url) = (parts.next(), parts.next(), parts.next());
        let (Some(issuer), Some(audience), None) = (issuer, audience, parts.next()) else {
            return Err(InvalidIssuer);
        };
        let no_query = |url: &str| !url.contains('?');
        if !(is_address(issuer) && no_query(issuer) && jwks_url.is_none_or(is_address)) || audience.is_empty() {
            return Err(InvalidIssuer);
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            jwks_url: jwks_url.map(str::to_owned),
        })
    }
}

/// Whether keys may be asked for there: https, or http on this very machine. Without user and fragment.
pub(super) fn is_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let host = url.host_str().unwrap_or_default();
    let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    bare && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_read_as_written() {
        let read: IssuerConfig = "https://id.example.com/|kassa".parse().expect("an issuer");
        assert_eq!((read.issuer(), read.audience()), ("https://id.example.com/", "kassa"));
        assert_eq!(
            read.discovery_url(),
            "https://id.example.com/.well-known/openid-configuration"
        );
        let read: IssuerConfig = "http://[::1]:4000/realms/x|web|http://localhost/keys?v=1"
            .parse()
            .expect("an issuer");
        assert_eq!(read.jwks_url(), Some("http://localhost/keys?v=1"));
        assert_eq!(
            read.discovery_url(),
            "http://[::1]:4000/realms/x/.well-known/openid-configuration"
        );
        for wrong in [
            "",
            "https://id.example.com",
            "https://id.example.com|",
            "https://id.example.com|a|",
            "https://id.example.com|a|https://id.example.com/keys|b",
            "https://id.example.com/?a|b",
            "https://id.example.com/#a|b",
            "https://user@id.example.com|a",
            "http://id.example.com|a",
            "http://localhost.example.com|a",
            "https://id.example.com|a|http://id.example.com/keys",
            "id.example.com|a",
            "ftp://id.example.com|a",
        ] {
            assert_eq!(wrong.parse::<IssuerConfig>(), Err(InvalidIssuer), "{wrong}");
        }
    }
}
