//! What a token says, read and judged. Pure; nothing here is proved before the signature is.
//!
//! Rules of OpenID Connect Core 1.0, section 3.1.3.7, and RFC 8725. A member that comes twice, or is of another type than it must
//! be, makes the whole token unreadable.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Identity;
use crate::kernel::clock::Instant;

/// How far clocks may differ, in seconds.
const LEEWAY: i64 = 60;
/// The longest a token may hold, in seconds.
const LONGEST: i64 = 24 * 60 * 60;
const LONGEST_NAME: usize = 255;
/// The end of the year 9999: what lies beyond is no time.
const LAST: i64 = 253_402_300_799;

/// The header. Where it says keys are to be had (`jku`, `jwk`, `x5u`, `x5c`) is not even read.
#[derive(Debug, Deserialize)]
pub(super) struct Head {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
    b64: Option<IgnoredAny>,
    zip: Option<IgnoredAny>,
    enc: Option<IgnoredAny>,
}

impl Head {
    /// The pinned algorithm, if the token is of a kind that is accepted at all.
    pub fn algorithm(&self) -> Option<Algorithm> {
        let typed = self.typ.as_deref().is_none_or(|typ| {
            let typ = typ.to_ascii_lowercase();
            matches!(typ.strip_prefix("application/").unwrap_or(&typ), "jwt" | "at+jwt")
        });
        // Extensions that must be understood, and are not.
        let plain = self.crit.is_none() && self.b64.is_none() && self.zip.is_none() && self.enc.is_none();
        match self.alg.as_str() {
            _ if !(typed && plain) => None,
            "RS256" => Some(Algorithm::RS256),
            "PS256" => Some(Algorithm::PS256),
            "ES256" => Some(Algorithm::ES256),
            "EdDSA" => Some(Algorithm::EdDSA),
            _ => None,
        }
    }

    /// The id of the key; required, for guessing keys is for who has time.
    pub fn kid(&self) -> Option<&str> {
        self.kid
            .as_deref()
            .filter(|kid| (1..=LONGEST_NAME).contains(&kid.len()))
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Some issuers write booleans as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Truth {
    Boolean(bool),
    Text(String),
}

/// The claims that matter.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    email: Option<String>,
    email_verified: Option<Truth>,
    name: Option<String>,
}

impl Claims {
    /// Whether they are for this audience and in time.
    pub fn hold(&self, audience: &str, now: Instant) -> bool {
        let now = now.timestamp();
        let begun = |at: Option<i64>| at.is_none_or(|at| (0..=now + LEEWAY).contains(&at));
        let in_time = (now - LEEWAY + 1..=LAST).contains(&self.exp) && begun(self.iat) && begun(self.nbf);
        // Without a beginning it has begun just now.
        let short = self.exp.saturating_sub(self.iat.unwrap_or(now)) <= LONGEST;
        let named = (1..=LONGEST_NAME).contains(&self.sub.chars().count()) && !self.sub.chars().any(char::is_control);
        in_time && short && named && self.are_for(audience)
    }

    fn are_for(&self, audience: &str) -> bool {
        match &self.aud {
            Audience::One(one) => one == audience,
            Audience::Several(several) => {
                let for_us = several.iter().any(|one| one == audience);
                // Meant for several: then it must be us it was issued to, if it says to whom.
                let to_us = several.len() == 1 || self.azp.as_deref().is_none_or(|azp| azp == audience);
                for_us && to_us
            }
        }
    }

    /// The identity of claims that were proved.
    pub fn identity(self) -> Option<Identity> {
        let verified = match &self.email_verified {
            Some(Truth::Boolean(verified)) => *verified,
            Some(Truth::Text(text)) => text == "true",
            None => false,
        };
        Some(Identity {
            email: self.email.filter(|_| verified).and_then(|email| email.parse().ok()),
            name: self.name.and_then(|name| name.parse().ok()),
            issuer: self.iss,
            subject: self.sub,
        })
    }
}

/// What a token says of itself.
pub(super) fn peek(token: &str) -> Option<(Head, Claims)> {
    let mut parts = token.split('.');
    let (head, claims, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some((read(head)?, read(claims)?))
}

fn read<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn now() -> Instant {
        Instant::from_timestamp(1_800_000_000, 0).expect("a moment")
    }

    fn claims(change: &[(&str, Value)]) -> Option<Claims> {
        let now = now().timestamp();
        let mut all = json!({"iss": "https://id.example.com", "sub": "1", "aud": "kassa", "exp": now + 300, "iat": now,
            "email": "a@example.com", "email_verified": true, "name": "Aino"});
        for (name, value) in change {
            all[*name] = value.clone();
        }
        serde_json::from_value(all).ok()
    }

    fn hold(change: &[(&str, Value)]) -> bool {
        claims(change).is_some_and(|claims| claims.hold("kassa", now()))
    }

    #[test]
    fn time_is_judged() {
        let now = now().timestamp();
        for (name, value, good) in [
            ("exp", json!(now + 1), true),
            ("exp", json!(now - 59), true),
            ("exp", json!(now - 60), false),
            ("exp", json!(now + 24 * 3600), true),
            ("exp", json!(now + 24 * 3600 + 1), false),
            ("exp", json!(null), false),
            ("exp", json!((now + 300).to_string()), false),
            ("exp", json!(1_800_000_300.5), false),
            ("exp", json!(-1), false),
            ("exp", json!(1e20), false),
            ("exp", json!(i64::MAX), false),
            ("iat", json!(null), true),
            ("iat", json!(now + 60), true),
            ("iat", json!(now + 61), false),
            ("iat", json!(now - 24 * 3600), false),
            ("iat", json!(i64::MIN), false),
            ("nbf", json!(now + 60), true),
            ("nbf", json!(now + 61), false),
            ("nbf", json!("soon"), false),
        ] {
            assert_eq!(hold(&[(name, value.clone())]), good, "{name} {value}");
        }
        assert!(!hold(&[("iat", json!(null)), ("exp", json!(now + 24 * 3600 + 1))]));
    }

    #[test]
    fn audience_and_subject_are_judged() {
        for (change, good) in [
            (vec![("aud", json!(["kassa"]))], true),
            (vec![("aud", json!(["other", "kassa"]))], true),
            (vec![("aud", json!(["other", "kassa"])), ("azp", json!("kassa"))], true),
            (vec![("aud", json!(["other", "kassa"])), ("azp", json!("other"))], false),
            (vec![("aud", json!(["kassa"])), ("azp", json!("app"))], true),
            (vec![("aud", json!("Kassa"))], false),
            (vec![("aud", json!([]))], false),
            (vec![("aud", json!(null))], false),
            (vec![("aud", json!("other"))], false),
            (vec![("aud", json!("other kassa"))], false),
            (vec![("sub", json!(""))], false),
            (vec![("sub", json!(null))], false),
            (vec![("sub", json!(1))], false),
            (vec![("sub", json!("a\nb"))], false),
            (vec![("sub", json!("x".repeat(255)))], true),
            (vec![("sub", json!("x".repeat(256)))], false),
        ] {
            assert_eq!(hold(&change), good, "{change:?}");
        }
    }

    #[test]
    fn only_verified_addresses_count() {
        let email = |verified: Value| {
            let claims = claims(&[("email_verified", verified)]).expect("claims");
            claims.identity().expect("an identity").email.is_some()
        };
        assert!(email(json!(true)) && email(json!("true")));
        assert!(!email(json!(false)) && !email(json!("false")) && !email(json!(null)) && !email(json!("TRUE")));
        assert!(claims(&[("email_verified", json!(1))]).is_none());
        let odd = claims(&[("email", json!("nobody")), ("name", json!(" "))]).and_then(Claims::identity);
        assert_eq!(odd.map(|odd| (odd.email, odd.name)), Some((None, None)));
    }

    #[test]
    fn heads_are_plain_and_pinned() {
        let algorithm = |head: &str| {
            serde_json::from_str::<Head>(head)
                .ok()
                .and_then(|head| head.algorithm())
        };
        assert_eq!(algorithm(r#"{"alg":"RS256"}"#), Some(Algorithm::RS256));
        assert_eq!(algorithm(r#"{"alg":"ES256","typ":"JWT"}"#), Some(Algorithm::ES256));
        assert_eq!(
            algorithm(r#"{"alg":"EdDSA","typ":"application/at+jwt"}"#),
            Some(Algorithm::EdDSA)
        );
        for refused in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None"}"#,
            r#"{"alg":""}"#,
            r#"{}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":"RS512"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"RS256","alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"dpop+jwt"}"#,
            r#"{"alg":"RS256","crit":["exp"]}"#,
            r#"{"alg":"RS256","b64":false}"#,
            r#"{"alg":"RS256","zip":"DEF"}"#,
            r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#,
        ] {
            assert_eq!(algorithm(refused), None, "{refused}");
        }
    }
}
