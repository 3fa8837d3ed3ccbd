//! The tax in a refund.

/// The tax contained in a refund of `amount` gross minor units of a line: round(line tax × refunded so far and now ÷ line gross)
/// less the tax already refunded.
///
/// Whatever the steps, the one that refunds the last of the line lands exactly on the line's tax. A refund that failed gives its
/// amount and its tax back, which can leave the rest a unit ahead of the rule; the next refund then contains no tax rather than a
/// negative one. Half is away from zero, as everywhere.
pub fn refund_tax(
    line_tax: i64,
    line_gross: i64,
    refunded_before_gross: i64,
    refunded_before_tax: i64,
    amount: i64,
) -> i64 {
    if line_gross <= 0 {
        return 0;
    }
    let cumulative = i128::from(refunded_before_gross) + i128::from(amount);
    let (tax, gross) = (i128::from(line_tax), i128::from(line_gross));
    // floor(x + ½) on whole numbers; nothing here is negative.
    let due = (2 * tax * cumulative + gross) / (2 * gross);
    i64::try_from(due - i128::from(refunded_before_tax))
        .unwrap_or_default()
        .max(0)
}
