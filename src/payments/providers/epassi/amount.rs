//! Amounts as Epassi writes them: `24.80`.

/// Cents with a point and two decimals.
pub fn written(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Cents, exactly: at most two decimals, no sign, no separator but the point.
pub fn read(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "00"));
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 9) || !digits(decimals, 2) {
        return None;
    }
    let cents: i64 = decimals.parse().ok()?;
    let cents = if decimals.len() == 1 { cents * 10 } else { cents };
    Some(whole.parse::<i64>().ok()? * 100 + cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_are_exact() {
        for (text, cents) in [
            ("24.80", 2480),
            ("0.01", 1),
            ("24.8", 2480),
            ("24", 2400),
            ("999999999.99", 99_999_999_999),
        ] {
            assert_eq!(read(text), Some(cents), "{text}");
        }
        for wrong in [
            "",
            ".",
            "24.",
            ".80",
            "24.800",
            "24,80",
            "+24.80",
            "-1.00",
            "1e2",
            " 24.80",
            "24.8 ",
            "1000000000.00",
            "1.0.0",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!([1, 10, 2480, 100].map(written), ["0.01", "0.10", "24.80", "1.00"]);
        assert!((0..20_000).all(|cents| read(&written(cents)) == Some(cents)));
    }
}
