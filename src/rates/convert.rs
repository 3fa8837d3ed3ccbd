//! Conversion: exact decimals in between, whole minor units out, half away from zero.

use rust_decimal::Decimal;

use crate::kernel::money::{AmountTooLarge, Currency, round};

/// What `amount` minor units of one currency are in minor units of another, at `rate` units of `to` for one unit of `from`.
pub fn convert(amount: i64, from: Currency, to: Currency, rate: Decimal) -> Result<i64, AmountTooLarge> {
    // Ten to the difference of the exponents, without a float: yen have none, dinars three.
    let (up, down) = (
        to.exponent().saturating_sub(from.exponent()),
        from.exponent().saturating_sub(to.exponent()),
    );
    let exact = Decimal::from(amount)
        .checked_mul(rate)
        .and_then(|product| product.checked_mul(Decimal::from(10_i64.pow(up))))
        .and_then(|product| product.checked_div(Decimal::from(10_i64.pow(down))))
        .ok_or(AmountTooLarge)?;
    round(exact)
}

/// The totals of a quote or an order in the reporting currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usd {
    /// Before discounts.
    pub subtotal: i64,
    /// What was taken off.
    pub discount_total: i64,
    /// The tax.
    pub tax: i64,
    /// From the three above by the same identity as the total itself; never converted, or a cent could go missing.
    pub total: i64,
}

/// Converts `[subtotal, discount_total, tax]` at `rate` and computes the total from the parts.
pub fn in_usd(
    parts: [i64; 3],
    currency: Currency,
    usd: Currency,
    rate: Decimal,
    prices_include_tax: bool,
) -> Result<Usd, AmountTooLarge> {
    let [subtotal, discount_total, tax] = parts;
    let part = |amount| convert(amount, currency, usd, rate);
    let (subtotal, discount_total, tax) = (part(subtotal)?, part(discount_total)?, part(tax)?);
    let on_top = if prices_include_tax { 0 } else { tax };
    Ok(Usd {
        subtotal,
        discount_total,
        tax,
        total: crate::kernel::money::within_bounds(subtotal - discount_total + on_top)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn told(amount: i64, from: &str, to: &str, rate: &str) -> Result<i64, AmountTooLarge> {
        convert(amount, currency(from), currency(to), rate.parse().expect("a decimal"))
    }

    #[test]
    fn exponents_and_halves() {
        for (amount, from, to, rate, converted) in [
            (4900, "EUR", "USD", "1.1523", 5646),
            (4900, "EUR", "EUR", "1", 4900),
            (4900, "EUR", "JPY", "178.5", 8747),
            (8747, "JPY", "EUR", "0.0056022409", 4900),
            (1000, "KWD", "USD", "3.25", 325),
            (325, "USD", "KWD", "0.3076923077", 1000),
            (7, "JPY", "KWD", "0.0017", 12),
            (1, "EUR", "USD", "1.5", 2),
            (-1, "EUR", "USD", "1.5", -2),
            (3, "EUR", "USD", "0.5", 2),
            (0, "EUR", "JPY", "178.5", 0),
        ] {
            assert_eq!(
                told(amount, from, to, rate),
                Ok(converted),
                "{amount} {from} in {to} at {rate}"
            );
        }
        assert_eq!(told(99_999_999_999, "EUR", "IDR", "19000"), Err(AmountTooLarge));
        assert_eq!(
            told(99_999_999_999, "EUR", "USD", "79228162514264337593543950335"),
            Err(AmountTooLarge)
        );
    }

    #[test]
    fn the_total_follows_from_the_parts() {
        let rate = "1.1111".parse().expect("a decimal");
        let (eur, usd) = (currency("EUR"), currency("USD"));
        // Each part is rounded; the total converted by itself would be 2.22.
        let told = in_usd([300, 101, 25], eur, usd, rate, true).expect("bounded");
        assert_eq!(
            (told.subtotal, told.discount_total, told.tax, told.total),
            (333, 112, 28, 221)
        );
        assert_eq!(convert(199, eur, usd, rate), Ok(221));
        let told = in_usd([105, 50, 5], eur, usd, rate, false).expect("bounded");
        assert_eq!(
            (told.subtotal, told.discount_total, told.tax, told.total),
            (117, 56, 6, 67)
        );
    }
}
