//! What single settings of a checkout may be.

use validator::ValidationError;

use crate::kernel::patch::Patch;
use crate::kernel::text::web_address;

fn refused(code: &'static str, detail: &'static str) -> ValidationError {
    ValidationError::new(code).with_message(detail.into())
}

/// `scheme://host[:port]`, as a browser sends it.
fn is_origin(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    web_address(text).is_ok() && !after_scheme.contains(['/', '?', '#', '@']) && text == text.to_lowercase()
}

/// Each is an origin.
pub(super) fn origins(list: &[String]) -> Result<(), ValidationError> {
    if list.iter().all(|origin| is_origin(origin)) {
        Ok(())
    } else {
        Err(refused(
            "origin",
            "each must be an origin as in https://app.example.com (http on localhost)",
        ))
    }
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
            ("*", false),
            ("null", false),
        ] {
            assert_eq!(is_origin(text), good, "{text}");
        }
        assert!(origins_or_any(&["*".to_owned()]).is_ok());
        assert!(origins_or_any(&["*".to_owned(), "https://a.example".to_owned()]).is_err());
    }
}
