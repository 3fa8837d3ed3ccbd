//! What single settings of a checkout may be.

use validator::ValidationError;

use crate::kernel::patch::Patch;
use crate::kernel::places::each;
use crate::kernel::text::web_address;

fn refused(code: &'static str, detail: &'static str) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

/// `scheme://host[:port]`, as a browser sends it: the text that the origin of the address is written as. Other spellings of it (a
/// port that goes without saying, letters that travel as punycode) would never be equal to what comes in `Origin`, and neither would a
/// pattern.
fn is_origin(text: &str) -> bool {
    let written = reqwest::Url::parse(text).map(|address| address.origin().ascii_serialization());
    web_address(text).is_ok() && written.is_ok_and(|written| written == text) && !text.contains('*')
}

/// Each is an origin.
pub(super) fn origins(list: &[String]) -> Result<(), ValidationError> {
    each(list, |origin| {
        if is_origin(origin) {
            return Ok(());
        }
        Err(refused(
            "origin",
            "must be an origin as browsers send it: https://app.example.com, without the port 443 (http on localhost)",
        ))
    })
}

/// Each is an origin, or `*` stands alone.
pub(super) fn origins_or_any(list: &[String]) -> Result<(), ValidationError> {
    if list == ["*"] { Ok(()) } else { origins(list) }
}

/// A name in the domain name system, as people read it.
pub(super) fn patched_domain(patch: &Patch<String>) -> Result<(), ValidationError> {
    let Patch::Value(domain) = patch else {
        return Ok(());
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label) {
        Ok(())
    } else {
        Err(refused("domain", "must be a domain name as in shop.example.com"))
    }
}

/// Fewer than five would refuse honest buyers who share an address.
pub(super) fn holds_per_address(patch: &Patch<i32>) -> Result<(), ValidationError> {
    match patch {
        Patch::Value(limit) if !(5..=100_000).contains(limit) => Err(refused("range", "must be 5 to 100000")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for (text, good) in [
            ("https://shop.example.com", true),
            ("https://shop.example.com:8443", true),
            ("http://localhost:3000", true),
            ("http://shop.example.com", false),
            ("https://shop.example.com/", false),
            ("https://Shop.example.com", false),
            ("https://user@shop.example.com", false),
            ("https://shop.example.com:443", false),
            ("http://localhost:80", false),
            ("https://*.shop.example.com", false),
            ("https://ä.fi", false),
            ("https://xn--4ca.fi", true),
            ("https://shop.example.com?a", false),
            ("https://shop.example.com:", false),
            ("*", false),
            ("null", false),
        ] {
            assert_eq!(is_origin(text), good, "{text}");
        }
        assert!(origins_or_any(&["*".to_owned()]).is_ok());
        assert!(origins_or_any(&["*".to_owned(), "https://a.example".to_owned()]).is_err());
    }
}
