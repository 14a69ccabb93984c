//! Whole numbers as decimals, by shifting digits: slowly, and not the way that the program does it.

/// `value` times 10^-places, without needless zeros.
pub fn shifted(value: i128, places: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    match fraction {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

/// Quanta as wholes of the settlement asset.
pub fn money(quanta: i128) -> String {
    shifted(quanta, 12)
}

/// A price of a lot as one of a whole of the base, rounded down to eight places. `lots` make up a whole.
pub fn price(quanta: i128, lots: i128) -> String {
    shifted((quanta * lots).div_euclid(10_000), 8)
}

/// Lots as an amount of the base, `lots` of which make up a whole: a power of ten.
pub fn size(value: i128, lots: i128) -> String {
    shifted(value, lots.ilog10() as usize)
}

#[test]
fn shifted_should_set_the_point() {
    assert_eq!(shifted(1_500, 3), "1.5");
    assert_eq!(shifted(-5, 3), "-0.005");
    assert_eq!(shifted(0, 12), "0");
    assert_eq!(shifted(70, 0), "70");
    assert_eq!(price(6_000_050_000_000, 10_000), "60000.5");
}
