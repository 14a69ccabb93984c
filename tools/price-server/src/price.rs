//! Prices as text: what is accepted from a file or a client.

use crate::error::{Error, Result};
use rust_decimal::Decimal;

/// Most decimals that a price may have.
const MAX_DECIMALS: u32 = 12;

/// The largest price. With it no product in this crate (a lie, a turnover) can overflow a decimal.
const MAX_PRICE: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// Reads a positive decimal such as `60000.25`: digits and at most one point. No sign, no exponent,
/// no float on the way.
pub fn parse(text: &str) -> Result<Decimal> {
    let plain = !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_digit() || letter == '.');
    let price = match Decimal::from_str_exact(text) {
        Ok(price) if plain && !price.is_zero() => price,
        _ => {
            return Err(Error::new(format!(
                "`{text}` isn't a positive decimal number; write a price like 60000.25"
            )))
        }
    };
    if price.scale() > MAX_DECIMALS || price > MAX_PRICE {
        return Err(Error::new(format!(
            "the price {text} is out of range; at most {MAX_DECIMALS} decimals and at most \
             {MAX_PRICE} are possible"
        )));
    }
    Ok(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_price_should_be_a_trillion() {
        assert_eq!(MAX_PRICE, Decimal::from(1_000_000_000_000_u64));
    }

    #[test]
    fn parse_should_keep_the_text_when_it_is_a_price() {
        for text in ["60000.25", "60000.10", "1", "0.000000000001"] {
            assert_eq!(
                parse(text).map(|price| price.to_string()).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn parse_should_fail_when_it_is_no_price() {
        for text in [
            "",
            "0",
            "0.000",
            "-1",
            "+1",
            "1e5",
            "1_000",
            "1.2.3",
            "abc",
            ".",
            "NaN",
            "1,5",
            " 1",
            "0.0000000000001",
            "1000000000001",
            "99999999999999999999999999999999999999",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
