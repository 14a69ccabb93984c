//! The native token: its symbol, its units, and the price of storage.

use crate::types::Balance;

/// The symbol that wallets show.
pub const SYMBOL: &str = "CSN";

/// The number of decimal places of one [`UNIT`].
pub const DECIMALS: u8 = 12;

/// One CSN.
pub const UNIT: Balance = 1_000_000_000_000;

/// A thousandth of one CSN.
pub const MILLI: Balance = UNIT / 1_000;

/// A millionth of one CSN.
pub const MICRO: Balance = MILLI / 1_000;

/// The least an account may hold; below it the account is removed and its state freed.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

/// The deposit that holds `items` entries of `bytes` bytes together in storage.
///
/// Two hundredths of a CSN for an entry and a ten-thousandth for a byte: filling a gigabyte of
/// state locks about a hundred thousand CSN, until it is freed.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
    items as Balance * 20 * MILLI + bytes as Balance * 100 * MICRO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposit_should_lock_a_hundred_thousand_csn_per_gigabyte() {
        assert_eq!(deposit(0, 1_000_000_000), 100_000 * UNIT);
        assert_eq!(deposit(1, 0), UNIT / 50);
    }
}
