//! Decimal text to integers of 10^-18, without floats.

use caisson_primitives::oracle::OraclePrice;
use caisson_risk::limits::MAX_ORACLE_PRICE;

use super::SourceError;

/// Decimal places of a price.
const DECIMALS: i32 = 18;

/// The longest number that is read, in bytes: longer ones are nonsense or an attack.
const LONGEST: usize = 80;

/// `10^36`: inverting a price of 10^-18 gives another one.
const ONE_SQUARED: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;

/// A positive decimal number as JSON writes them, in units of 10^-18.
///
/// Digits past the eighteenth decimal place are dropped. Errors: [`SourceError::NotANumber`],
/// [`SourceError::NotPositive`] for zero and below, [`SourceError::OutOfRange`] beyond the largest price
/// or below the smallest unit.
pub fn price(text: &str) -> Result<OraclePrice, SourceError> {
    scaled(text, DECIMALS)
}

/// A positive decimal number in units of `10^-places`. See [`price`].
pub fn scaled(text: &str, places: i32) -> Result<u128, SourceError> {
    if text.len() > LONGEST {
        return Err(SourceError::OutOfRange);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, written)) => (mantissa, exponent(written)?),
        None => (digits, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
        Some(_) => return Err(SourceError::NotANumber),
        None => (mantissa, ""),
    };
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(SourceError::NotANumber);
    }
    // How many of the digits, counted from the first, stand left of the unit.
    let kept = i32::try_from(whole.len())
        .ok()
        .and_then(|whole| whole.checked_add(exponent)?.checked_add(places))
        .ok_or(SourceError::OutOfRange)?;
    let value = integer(whole.bytes().chain(fraction.bytes()), kept)?;
    if value == 0 || text.starts_with('-') {
        return Err(SourceError::NotPositive);
    }
    if i128::try_from(value).map_or(true, |value| value > MAX_ORACLE_PRICE) {
        return Err(SourceError::OutOfRange);
    }
    Ok(value)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn exponent(text: &str) -> Result<i32, SourceError> {
    if !is_digits(text.strip_prefix(['+', '-']).unwrap_or(text)) {
        return Err(SourceError::NotANumber);
    }
    text.parse().map_err(|_| SourceError::OutOfRange)
}

/// The first `kept` digits as an integer; zeros follow the last digit.
fn integer(digits: impl Iterator<Item = u8>, kept: i32) -> Result<u128, SourceError> {
    let mut value: u128 = 0;
    let mut place: i32 = 0;
    let mut significant = false;
    for digit in digits.map(|byte| byte.saturating_sub(b'0')) {
        significant |= digit != 0;
        if place < kept {
            value = value
                .checked_mul(10)
                .and_then(|value| value.checked_add(digit.into()))
                .ok_or(SourceError::OutOfRange)?;
        }
        place = place.saturating_add(1);
    }
    while place < kept && value != 0 {
        value = value.checked_mul(10).ok_or(SourceError::OutOfRange)?;
        place = place.saturating_add(1);
    }
    // Something that is not zero but too small for a single unit.
    if value == 0 && significant {
        return Err(SourceError::OutOfRange);
    }
    Ok(value)
}

/// One over a price, rounded to the nearest, half up.
pub fn inverse(price: OraclePrice) -> Result<OraclePrice, SourceError> {
    let half = price.checked_div(2).unwrap_or(0);
    let value = ONE_SQUARED
        .checked_add(half)
        .and_then(|numerator| numerator.checked_div(price))
        .ok_or(SourceError::NotPositive)?;
    match value {
        0 => Err(SourceError::OutOfRange),
        value if i128::try_from(value).map_or(true, |value| value > MAX_ORACLE_PRICE) => {
            Err(SourceError::OutOfRange)
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: u128 = 1_000_000_000_000_000_000;

    #[test]
    fn price_should_be_exact_when_it_fits_eighteen_places() {
        for (text, expected) in [
            ("1", ONE),
            ("60123.10000", 60_123_100_000 * ONE / 1_000_000),
            ("0.000000000000000001", 1),
            ("2.5", 25 * ONE / 10),
            ("6.1e4", 61_000 * ONE),
            ("6.1E+4", 61_000 * ONE),
            ("1E-7", ONE / 10_000_000),
            ("0e5000001", 0),
        ] {
            let result = price(text);
            if expected == 0 {
                assert_eq!(result, Err(SourceError::NotPositive), "{text}");
            } else {
                assert_eq!(result, Ok(expected), "{text}");
            }
        }
    }

    #[test]
    fn price_should_drop_what_is_below_the_last_place() {
        assert_eq!(price("1.0000000000000000009"), Ok(ONE));
        assert_eq!(price("0.0000000000000000019"), Ok(1));
        assert_eq!(price("0.0000000000000000009"), Err(SourceError::OutOfRange));
    }

    #[test]
    fn price_should_be_refused_when_it_is_no_positive_number() {
        for text in [
            "", "-", "+", ".", "NaN", "inf", "1,000", "0x10", "1e", "1e+", "1.2.3", "1 2", "٣",
            "+1", ".5", "5.", "012", " 7",
        ] {
            assert_eq!(price(text), Err(SourceError::NotANumber), "{text:?}");
        }
        for text in ["0", "-0", "0.000", "-1", "-1e3"] {
            assert_eq!(price(text), Err(SourceError::NotPositive), "{text:?}");
        }
        let long = "9".repeat(200);
        for text in [
            "1e400",
            "1e99999999999",
            "20000000",
            "1e-400",
            long.as_str(),
        ] {
            assert_eq!(price(text), Err(SourceError::OutOfRange), "{text:?}");
        }
    }

    #[test]
    fn inverse_should_round_to_the_nearest() {
        assert_eq!(inverse(2 * ONE), Ok(ONE / 2));
        assert_eq!(inverse(3 * ONE), Ok(333_333_333_333_333_333));
        assert_eq!(inverse(ONE * 2 / 3), Ok(1_500_000_000_000_000_002));
        assert_eq!(inverse(0), Err(SourceError::NotPositive));
        assert_eq!(inverse(1), Err(SourceError::OutOfRange));
    }

    proptest! {
        #[test]
        fn price_should_be_what_was_written(value in 1u128..MAX_ORACLE_PRICE as u128) {
            let text = alloc::format!("{}.{:018}", value / ONE, value % ONE);
            prop_assert_eq!(price(&text), Ok(value));
            let shifted = alloc::format!("{value}e-18");
            prop_assert_eq!(price(&shifted), Ok(value));
        }

        #[test]
        fn price_should_never_panic(text in "\\PC{0,90}") {
            let _ = price(&text);
        }

        #[test]
        fn price_should_never_panic_on_numbers(text in "[-+]?[0-9]{0,40}\\.?[0-9]{0,40}([eE][-+]?[0-9]{0,12})?") {
            let _ = price(&text);
        }
    }
}
