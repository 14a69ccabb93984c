//! Ranges inside which every formula is proved not to overflow.
//!
//! The pallets enforce these at their edges (market parameters, order sizes, price sanity), and the
//! proofs assume exactly these, so a change here changes both.

/// One whole, in parts per million.
pub const PPM: i128 = 1_000_000;
/// One whole, in parts per 10^9: returns, volatility and funding rates.
pub const PPB: i128 = 1_000_000_000;
/// Largest absolute position or order size, in lots: 2^48 - 1.
pub const MAX_LOTS: i128 = (1 << 48) - 1;
/// Largest price of one lot, in quanta: 2^60 - 1.
pub const MAX_LOT_PRICE: i128 = (1 << 60) - 1;
/// Largest absolute funding index, in quanta per lot: 2^62.
pub const MAX_FUNDING_INDEX: i128 = 1 << 62;
/// Largest absolute cash balance, cost or equity of one account, in quanta: 2^115. Thirty-two
/// positions of `MAX_LOTS * MAX_LOT_PRICE < 2^108` need `2^113`.
pub const MAX_CASH: i128 = 1 << 115;
/// Largest oracle price, in 10^-18 of the quote per base unit: 2^84 - 1, that is 19.3 million.
pub const MAX_ORACLE_PRICE: i128 = (1 << 84) - 1;
/// Largest time, in milliseconds: 2^42 - 1, that is 139 years.
pub const MAX_TIME_MS: i128 = (1 << 42) - 1;
/// Largest number of markets one account holds positions in.
pub const MAX_POSITIONS: usize = 32;
/// Largest total stake of the oracle's reporters, in any unit: 2^96.
pub const MAX_STAKE: i128 = 1 << 96;
/// Largest relative price change between two samples, in parts per 10^9: a thousandfold.
pub const MAX_RETURN_PPB: i128 = 1_000 * PPB;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_should_be_their_documented_numbers() {
        assert_eq!(MAX_LOTS, 281_474_976_710_655);
        assert_eq!(MAX_LOT_PRICE, 1_152_921_504_606_846_975);
        assert_eq!(MAX_FUNDING_INDEX, 4_611_686_018_427_387_904);
        assert_eq!(MAX_CASH, 41_538_374_868_278_621_028_243_970_633_760_768);
        assert_eq!(MAX_ORACLE_PRICE, 19_342_813_113_834_066_795_298_815);
        assert_eq!(MAX_TIME_MS, 4_398_046_511_103);
        assert_eq!(MAX_STAKE, 79_228_162_514_264_337_593_543_950_336);
        assert_eq!(MAX_RETURN_PPB, 1_000_000_000_000);
    }
}
