//! Signed addresses of custom links.
//!
//! The address carries the link's id, the moment it ends (Unix seconds, 0: never) and an HMAC over both; the token of the storefront
//! route is the three joined by dots. Nothing else opens a custom link, so that an address cannot be guessed, stretched or stripped.

use data_encoding::HEXLOWER;

use crate::kernel::clock::Instant;
use crate::kernel::ids::LinkId;
use crate::kernel::problem::Problem;
use crate::kernel::problem_codes::ProblemCode;
use crate::kernel::secret::Keyring;

const PURPOSE: &str = "checkout link";
const ID: usize = 16;
const PAYLOAD: usize = ID + 8;

/// What an address carries.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The link.
    pub id: LinkId,
    /// When the address ends: Unix seconds, 0 for never.
    pub expires: i64,
    /// Hexadecimal.
    pub signature: String,
}

impl Signed {
    /// The token of the storefront route.
    pub fn token(&self) -> String {
        format!("{}.{}.{}", self.id, self.expires, self.signature)
    }

    /// The address at a storefront.
    pub fn url(&self, storefront: &str) -> String {
        let base = storefront.trim_end_matches('/');
        format!(
            "{base}/c/{}?expires={}&signature={}",
            self.id, self.expires, self.signature
        )
    }
}

fn payload(id: LinkId, expires: i64) -> [u8; PAYLOAD] {
    let mut payload = [0; PAYLOAD];
    payload[..ID].copy_from_slice(id.uuid().as_bytes());
    payload[ID..].copy_from_slice(&expires.to_be_bytes());
    payload
}

/// Signs the address of a link.
pub fn sign(keys: &Keyring, id: LinkId, expires_at: Option<Instant>) -> Signed {
    let expires = expires_at.map_or(0, |at| at.timestamp().max(1));
    let mut token = keys.sign(PURPOSE, &payload(id, expires));
    // The key's id and the tag; the payload stands in the address already.
    token.drain(1..=PAYLOAD);
    Signed {
        id,
        expires,
        signature: HEXLOWER.encode(&token),
    }
}

/// The link a token opens, if we made it and its time is not over.
pub fn read(keys: &Keyring, token: &str, now: Instant) -> Result<LinkId, Problem> {
    let (id, expires) = verified(keys, token).ok_or_else(|| Problem::new(ProblemCode::LinkSignatureInvalid))?;
    if expires != 0 && expires <= now.timestamp() {
        return Err(Problem::new(ProblemCode::LinkExpired));
    }
    Ok(id)
}

fn verified(keys: &Keyring, token: &str) -> Option<(LinkId, i64)> {
    let mut parts = token.split('.');
    let (id, expires, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let id: LinkId = id.parse().ok()?;
    let number: i64 = expires.parse().ok()?;
    // One spelling per number, so that one token has one form.
    if parts.next().is_some() || number.to_string() != expires {
        return None;
    }
    let signature = HEXLOWER.decode(signature.as_bytes()).ok()?;
    let (key, tag) = signature.split_first()?;
    let mut signed = vec![*key];
    signed.extend_from_slice(&payload(id, number));
    signed.extend_from_slice(tag);
    keys.verify(PURPOSE, &signed).ok()?;
    Some((id, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::clock::Clock;
    use chrono::TimeDelta;

    fn keys(ids: &[u8]) -> Keyring {
        Keyring::new(ids.iter().map(|id| (*id, [*id; 32])).collect()).expect("keys")
    }

    #[test]
    fn only_the_whole_address_opens() {
        let clock = Clock::default();
        let (id, now) = (LinkId::generate(&clock), clock.now());
        let soon = now + TimeDelta::hours(1);
        let token = sign(&keys(&[1]), id, Some(soon)).token();
        let code = |token: &str, at| read(&keys(&[2, 1]), token, at).map_err(|problem| problem.code);
        assert_eq!(code(&token, now), Ok(id), "an older key still verifies");
        assert_eq!(code(&token, soon), Err(ProblemCode::LinkExpired));
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(code(&changed, now), Err(ProblemCode::LinkSignatureInvalid), "{changed}");
        }
        let parts: Vec<&str> = token.split('.').collect();
        for stripped in [
            parts[0].to_owned(),
            parts[..2].join("."),
            format!("{}.", parts[..2].join(".")),
            format!("{token}."),
            format!("{}.0.{}", parts[0], parts[2]),
            format!("{}.+{}.{}", parts[0], parts[1], parts[2]),
            String::new(),
        ] {
            assert_eq!(
                code(&stripped, now),
                Err(ProblemCode::LinkSignatureInvalid),
                "{stripped}"
            );
        }
        let never = sign(&keys(&[1]), id, None);
        assert_eq!(never.expires, 0);
        assert_eq!(code(&never.token(), now + TimeDelta::days(9999)), Ok(id));
        assert_eq!(
            code(&sign(&keys(&[3]), id, None).token(), now),
            Err(ProblemCode::LinkSignatureInvalid)
        );
    }
}
