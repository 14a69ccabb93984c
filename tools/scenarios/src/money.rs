//! Figures as people read them. Everything stays a whole number until it is text.

/// Quanta of a whole of the settlement asset.
pub const QUANTA: i128 = 1_000_000_000_000;
/// Smallest units of a whole of the settlement asset.
pub const UNITS: u128 = 1_000_000;
/// One unit of an oracle price.
pub const ONE: u128 = 1_000_000_000_000_000_000;

/// A whole number with commas between thousands.
pub fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

/// Quanta as wholes of the settlement asset, to the nearest; below a thousand with cents.
pub fn wholes(quanta: i128) -> String {
    if quanta.abs() >= 1_000 * QUANTA {
        return grouped(rounded(quanta, QUANTA));
    }
    hundredths(rounded(quanta, QUANTA / 100))
}

/// A number of hundredths with its two decimals.
pub fn hundredths(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.abs();
    format!("{sign}{}.{:02}", grouped(size / 100), size % 100)
}

/// Parts per million as a percentage with two decimals, to the nearest.
pub fn percent(ppm: i128) -> String {
    format!("{} %", hundredths(rounded(ppm, 100)))
}

/// What part of `whole` a part is, in parts per million, rounded down; nothing of nothing.
pub fn ppm(part: i128, whole: i128) -> i128 {
    if whole == 0 {
        return 0;
    }
    part.saturating_mul(1_000_000).div_euclid(whole)
}

/// The price of a whole of the base in hundredths, from that of a lot in quanta; to the nearest. `lot_size` is in 10^-18 of
/// the base.
pub fn price_of_whole(per_lot: i128, lot_size: u128) -> i128 {
    let lot_size = i128::try_from(lot_size).unwrap_or(i128::MAX).max(1);
    rounded(per_lot.saturating_mul(100_000_000), lot_size)
}

/// `number / by` to the nearest, halves away from zero.
fn rounded(number: i128, by: i128) -> i128 {
    let half = by / 2;
    if number < 0 {
        (number - half) / by
    } else {
        (number + half) / by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_should_have_commas_when_they_are_large() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn money_should_have_cents_when_it_is_little() {
        assert_eq!(wholes(12_345_678_900_000), "12.35");
        assert_eq!(wholes(-500_000_000_000), "-0.50");
        assert_eq!(wholes(1_234_567 * QUANTA + QUANTA / 2), "1,234,568");
    }

    #[test]
    fn price_should_be_that_of_a_whole_when_a_lot_is_a_part() {
        // A ten-thousandth of a bitcoin for 6.00123 is 60,012.30.
        let price = price_of_whole(6_001_230_000_000, 100_000_000_000_000);
        assert_eq!(hundredths(price), "60,012.30");
    }

    #[test]
    fn percentages_should_be_rounded_to_the_nearest() {
        assert_eq!(percent(12_345), "1.23 %");
        assert_eq!(percent(-300_000), "-30.00 %");
        assert_eq!(ppm(-1, 3), -333_334);
        assert_eq!(ppm(5, 0), 0);
    }
}
