//! Whether a webhook was signed with the endpoint's secret, by the rules of Stripe's own libraries; where they look the other way
//! (a signature of the future), stricter.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;

use crate::kernel::secret::constant_time_eq;

/// How old a signature may be, in seconds: what Stripe's libraries allow.
pub const TOLERANCE: i64 = 300;
/// How far Stripe's clock may be ahead of ours, in seconds.
pub const SKEW: i64 = 300;

/// Whether this header signs this body with this secret, about now (seconds since 1970).
///
/// Any signature of the scheme `v1` may fit: there are two while a secret is being replaced. A blank secret fits nothing, or anyone
/// could sign for a checkout that has none.
pub fn fits(header: &str, body: &[u8], secret: &str, now: i64) -> bool {
    let parts: Vec<(&str, &str)> = header.split(',').filter_map(|part| part.split_once('=')).collect();
    let mut times = parts.iter().filter(|(name, _)| *name == "t");
    let (Some((_, time)), None) = (times.next(), times.next()) else {
        return false;
    };
    if secret.trim().is_empty() || !is_recent(time, now) {
        return false;
    }
    // The secret is the key as it is written, its prefix included.
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut signing = hmac::Context::with_key(&key);
    signing.update(time.as_bytes());
    signing.update(b".");
    signing.update(body);
    let tag = HEXLOWER.encode(signing.sign().as_ref());
    let candidates = parts.iter().filter(|(name, _)| *name == "v1");
    candidates.fold(false, |fits, (_, candidate)| {
        fits | constant_time_eq(candidate.as_bytes(), tag.as_bytes())
    })
}

fn is_recent(time: &str, now: i64) -> bool {
    let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let Some(at) = digits.then(|| time.parse::<i64>().ok()).flatten() else {
        return false;
    };
    (-SKEW..=TOLERANCE).contains(&now.saturating_sub(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test_secret";
    const BODY: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;
    const AT: i64 = 1_614_265_330;
    /// Made by Stripe's libraries for Python and Node.
    const GOOD: &str = "3c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff";
    const BAD: &str = "4c5817089d739023dd6190f70a3757e04f7a2fd8b5dab12c2e000f51970dccff";

    fn at(header: &str, now: i64) -> bool {
        fits(header, BODY, SECRET, now)
    }

    #[test]
    fn the_rules_of_stripes_libraries() {
        let upper = GOOD.to_uppercase();
        for (header, fits) in [
            (format!("t={AT},v1={GOOD}"), true),
            (format!("v1={GOOD},t={AT}"), true),
            (format!("t={AT},v1={BAD},v1={GOOD}"), true),
            (format!("t={AT},v1={GOOD},v1={BAD},v0={BAD}"), true),
            (format!("t={AT},v1={BAD}"), false),
            (format!("t={AT},v0={GOOD}"), false),
            (format!("t={AT},v1={upper}"), false),
            (format!("t={AT}, v1={GOOD}"), false),
            (format!("t={AT},v1={GOOD} "), false),
            (format!("t={AT},v1="), false),
            (format!("t={AT},v1"), false),
            (format!("t={AT}"), false),
            (format!("v1={GOOD}"), false),
            (format!("t=,v1={GOOD}"), false),
            (format!("t=x,v1={GOOD}"), false),
            (format!("t=+{AT},v1={GOOD}"), false),
            (format!("t=-{AT},v1={GOOD}"), false),
            (format!("t={AT}000000000000000000000,v1={GOOD}"), false),
            // Which of two times was signed must not be a question.
            (format!("t={AT},t={AT},v1={GOOD}"), false),
            (format!("T={AT},V1={GOOD}"), false),
            (GOOD.to_owned(), false),
            (String::new(), false),
            (",,,=,=".to_owned(), false),
        ] {
            assert_eq!(at(&header, AT), fits, "{header}");
        }
    }

    #[test]
    fn neither_old_nor_far_ahead() {
        let header = format!("t={AT},v1={GOOD}");
        for (age, fits) in [
            (0, true),
            (299, true),
            (300, true),
            (301, false),
            (302, false),
            (-300, true),
            (-301, false),
            (-1000, false),
            (i64::MAX, false),
            (-AT, false),
        ] {
            assert_eq!(at(&header, AT.saturating_add(age)), fits, "{age}");
        }
    }

    #[test]
    fn every_byte_counts() {
        let header = format!("t={AT},v1={GOOD}");
        for body in [
            [BODY, b" "].concat(),
            [b" ", BODY].concat(),
            BODY[1..].to_vec(),
            Vec::new(),
        ] {
            assert!(!fits(&header, &body, SECRET, AT));
        }
        for secret in ["", "test_secret", "whsec_test_secre", "whsec_test_secret "] {
            assert!(!fits(&header, BODY, secret, AT), "{secret}");
        }
        let mut changed = GOOD.to_owned();
        changed.replace_range(63..64, "e");
        assert!(!at(&format!("t={AT},v1={changed}"), AT));
        assert!(!at(&format!("t={},v1={GOOD}", AT + 1), AT));
    }

    #[test]
    fn no_secret_signs_nothing() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"");
        let tag = HEXLOWER.encode(hmac::sign(&key, &[b"1614265330.", BODY].concat()).as_ref());
        assert!(!fits(&format!("t={AT},v1={tag}"), BODY, "", AT));
    }
}
