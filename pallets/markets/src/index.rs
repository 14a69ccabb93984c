//! From the oracle's prices to prices of one lot. SPEC 5.1.

use caisson_primitives::{oracle::OraclePrice, trading::LotPrice};
use caisson_risk::{limits::MAX_LOT_PRICE, Num};

/// What divides `price * lot size`: both are in 10^-18, the quotient is in quanta of 10^-12.
pub const QUANTUM_DIVISOR: i128 = 1_000_000_000_000_000_000_000_000;

/// The price of one lot, rounded down; the quote counts as the settlement asset. Nothing if it is not in
/// `1 ..= 2^60 - 1`, the range in which the arithmetic is proved.
pub fn lot_price(price: OraclePrice, lot_size: u128) -> Option<LotPrice> {
    let price = i128::try_from(price).ok()?;
    let lot_size = i128::try_from(lot_size).ok()?;
    let quanta = price.mul_div_floor(&lot_size, &QUANTUM_DIVISOR).ok()?;
    is_usable(&LotPrice(quanta)).then_some(LotPrice(quanta))
}

/// Whether a price of one lot is positive and in range.
pub fn is_usable(price: &LotPrice) -> bool {
    (1..=MAX_LOT_PRICE).contains(&price.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: u128 = 1_000_000_000_000_000_000;

    #[test]
    fn lot_price_should_be_in_quanta_and_rounded_down() {
        // 60,000 for one, a lot of a thousandth: 60 = 60 * 10^12 quanta.
        let price = lot_price(60_000 * ONE, ONE / 1_000);
        assert_eq!(price, Some(LotPrice(60_000_000_000_000)));
        assert_eq!(lot_price(1_999_999, ONE), Some(LotPrice(1)));
        assert_eq!(lot_price(999_999, ONE), None, "less than a quantum");
        assert_eq!(lot_price(0, ONE), None);
    }

    #[test]
    fn lot_price_should_be_nothing_beyond_the_proved_range() {
        let most = (1u128 << 60) - 1;
        assert_eq!(
            lot_price(most * 1_000_000, ONE),
            Some(LotPrice(MAX_LOT_PRICE))
        );
        assert_eq!(lot_price((most + 1) * 1_000_000, ONE), None);
        assert_eq!(lot_price(u128::MAX, 1), None);
        assert_eq!(lot_price(1, u128::MAX), None);
        assert_eq!(lot_price(1 << 126, 1 << 126), None);
    }
}
