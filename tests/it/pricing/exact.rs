//! A slow exact reference for quotes, written on its own: integers and fractions, no decimals, and another way to spread a discount.

/// One line: unit amount, quantity, thousandths of a percent, and whether the discount applies.
pub type Line = (i64, i32, u32, bool);

/// The discount in whole numbers: hundredths of a percent, or minor units.
#[derive(Clone, Copy, Debug)]
pub enum Off {
    Nothing,
    Hundredths(u32),
    Amount(i64),
}

/// `numerator / denominator`, half away from zero; nothing is negative here.
pub fn rounded(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    whole + i128::from(2 * rest >= denominator)
}

/// What each line should be: (subtotal, discount, tax, total).
pub fn reference(lines: &[Line], off: Off, inclusive: bool) -> Vec<[i128; 4]> {
    let subtotals: Vec<i128> = lines
        .iter()
        .map(|line| i128::from(line.0) * i128::from(line.1))
        .collect();
    let weight = |line: usize| if lines[line].3 { subtotals[line] } else { 0 };
    let eligible: i128 = (0..lines.len()).map(weight).sum();
    let discount = match off {
        Off::Nothing => 0,
        Off::Hundredths(hundredths) => rounded(eligible * i128::from(hundredths), 10_000),
        Off::Amount(amount) => i128::from(amount).min(eligible),
    };
    // One unit at a time goes to the line that is furthest below its exact share, the earliest of equals: the same result as by
    // largest remainder, once everyone has the whole part.
    let mut shares: Vec<i128> = (0..lines.len())
        .map(|line| (discount * weight(line)).checked_div(eligible).unwrap_or(0))
        .collect();
    while shares.iter().sum::<i128>() < discount {
        let lacks = |line: usize| discount * weight(line) - shares[line] * eligible;
        let mut neediest = 0;
        for line in 1..lines.len() {
            if lacks(line) > lacks(neediest) {
                neediest = line;
            }
        }
        shares[neediest] += 1;
    }
    let each = lines.iter().zip(subtotals).zip(shares);
    each.map(|((line, subtotal), share)| {
        let (payable, rate) = (subtotal - share, i128::from(line.2));
        let tax = rounded(payable * rate, if inclusive { 100_000 + rate } else { 100_000 });
        [subtotal, share, tax, if inclusive { payable } else { payable + tax }]
    })
    .collect()
}
