//! The MAC: SHA-512 of the parts and the key, joined by `&`, as lower-case hex.

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};

use crate::kernel::secret::constant_time_eq;

/// The MAC of these parts. No part may contain `&`, or two lists of parts have one MAC.
pub fn mac(parts: &[&str], key: &SecretString) -> String {
    let mut context = digest::Context::new(&digest::SHA512);
    for part in parts {
        context.update(part.as_bytes());
        context.update(b"&");
    }
    context.update(key.expose_secret().as_bytes());
    HEXLOWER.encode(context.finish().as_ref())
}

/// Whether this is their MAC, compared in constant time.
pub fn is_of(parts: &[&str], key: &SecretString, given: &str) -> bool {
    let plain = parts.iter().all(|part| !part.contains('&'));
    plain && constant_time_eq(mac(parts, key).as_bytes(), given.as_bytes())
}
