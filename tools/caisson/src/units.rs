//! Between what people write and what the chain counts in.
//!
//! | people | chain |
//! |---|---|
//! | an amount of the base, `0.1` BTC | lots: `lot_size` in 10^-18 of the base each |
//! | a price of one whole of the base, `60000.5` | ticks: `tick` quanta for one lot each |
//! | money, `12.5` | quanta: 10^-12 of the settlement asset |
//! | an amount of an asset, `1000` | its smallest units: 10^-decimals of it |
//!
//! What people write is never rounded: what the chain can't count is refused with what comes nearest. What is shown is
//! exact for amounts and money, and rounded down to eight decimal places for prices.

use crate::error::{Error, Result};
use caisson_primitives::trading::{
    api::MarketView, Cash, CompartmentId, LotPrice, Lots, MarketId, Ticks,
};
use rust_decimal::Decimal;

/// Decimal places of money in accounts.
pub const CASH_DECIMALS: u32 = 12;
/// Decimal places in which the size of a lot is given.
const BASE_DECIMALS: u32 = 18;
/// Decimal places of the settlement asset of development networks.
pub const SETTLEMENT_DECIMALS: u32 = 6;
/// Decimal places to which a price is shown.
const PRICE_DECIMALS: u32 = 8;

/// What is needed to read and write sizes and prices of a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The market.
    pub market: MarketId,
    /// Its name, such as `BTC-PERP`.
    pub symbol: String,
    /// Its compartment.
    pub compartment: CompartmentId,
    /// The size of a lot, in 10^-18 of the base.
    pub lot_size: u128,
    /// The step of prices, in quanta for one lot.
    pub tick: u64,
}

impl Terms {
    /// The terms of a market.
    pub fn of(view: &MarketView) -> Self {
        Self {
            market: view.market,
            symbol: String::from_utf8_lossy(&view.symbol).into_owned(),
            compartment: view.contract.compartment,
            lot_size: view.contract.lot_size,
            tick: view.contract.tick,
        }
    }

    /// The name of the base, such as `BTC`.
    pub fn base(&self) -> &str {
        self.symbol.split('-').next().unwrap_or(&self.symbol)
    }

    /// An amount of the base in lots.
    pub fn lots(&self, amount: &str) -> Result<u64> {
        let size = scaled(amount, BASE_DECIMALS, "an amount")?;
        let lot = i128::try_from(self.lot_size).map_err(|_| too_large(amount))?;
        if size % lot != 0 {
            return Err(Error::new(format!(
                "{amount} isn't a whole number of lots: {} trades in steps of {} {}",
                self.symbol,
                decimal(lot, BASE_DECIMALS),
                self.base()
            )));
        }
        u64::try_from(size / lot).map_err(|_| too_large(amount))
    }

    /// A price of one whole of the base in ticks.
    pub fn ticks(&self, price: &str) -> Result<Ticks> {
        let per_lot = self.per_lot(price)?;
        let tick = i128::from(self.tick);
        let ticks = per_lot.div_euclid(tick);
        if per_lot % tick != 0 {
            return Err(Error::new(format!(
                "{price} isn't on a tick of {}; nearest are {} and {}",
                self.symbol,
                self.price(LotPrice(ticks * tick)),
                self.price(LotPrice((ticks + 1) * tick)),
            )));
        }
        Ticks::try_from(ticks).map_err(|_| too_large(price))
    }

    /// A price of one whole of the base in quanta for one lot.
    fn per_lot(&self, price: &str) -> Result<i128> {
        let price_scaled = scaled(price, CASH_DECIMALS, "a price")?;
        let lot = i128::try_from(self.lot_size).map_err(|_| too_large(price))?;
        let product = price_scaled
            .checked_mul(lot)
            .ok_or_else(|| too_large(price))?;
        let whole = 10i128.pow(BASE_DECIMALS);
        if product % whole != 0 {
            return Err(Error::new(format!(
                "{price} has too many decimal places for {}",
                self.symbol
            )));
        }
        Ok(product / whole)
    }

    /// Lots as an amount of the base.
    pub fn amount(&self, lots: u64) -> String {
        self.signed_amount(Lots(i64::try_from(lots).unwrap_or(i64::MAX)))
    }

    /// Lots as an amount of the base, negative for short.
    pub fn signed_amount(&self, lots: Lots) -> String {
        let lot = i128::try_from(self.lot_size).unwrap_or(i128::MAX);
        decimal(i128::from(lots.0).saturating_mul(lot), BASE_DECIMALS)
    }

    /// A price in quanta for one lot, as one of a whole of the base.
    pub fn price(&self, price: LotPrice) -> String {
        let lot = i128::try_from(self.lot_size).unwrap_or(i128::MAX).max(1);
        // 10^8 more digits than whole quanta per base; both factors stay far below 2^127 for prices the chain takes.
        let factor = 10i128.pow(BASE_DECIMALS + PRICE_DECIMALS - CASH_DECIMALS);
        let scaled = price.0.saturating_mul(factor).div_euclid(lot);
        decimal(scaled, PRICE_DECIMALS)
    }

    /// A price in ticks, as one of a whole of the base.
    pub fn price_of_ticks(&self, ticks: Ticks) -> String {
        self.price(LotPrice(i128::from(ticks) * i128::from(self.tick)))
    }
}

/// Money in quanta as wholes of the settlement asset.
pub fn money(cash: Cash) -> String {
    decimal(cash.0, CASH_DECIMALS)
}

/// Money in quanta as wholes with two decimal places, rounded down: for tables.
pub fn money_short(cash: Cash) -> String {
    let cents = cash.0.div_euclid(10i128.pow(CASH_DECIMALS - 2));
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// An amount that people wrote as smallest units of an asset.
pub fn units(amount: &str, decimals: u32) -> Result<u128> {
    let value = scaled(amount, decimals, "an amount")?;
    u128::try_from(value).map_err(|_| Error::new(format!("`{amount}` must not be negative")))
}

/// Parts per million as percent.
pub fn percent(ppm: i128) -> String {
    decimal(ppm, 4)
}

/// A whole number of 10^-places as a decimal, without needless zeros.
pub fn decimal(value: i128, places: u32) -> String {
    match Decimal::try_from_i128_with_scale(value, places) {
        Ok(decimal) => decimal.normalize().to_string(),
        // Beyond 28 digits: too large for the library, and for any real amount.
        Err(_) => format!("{value}e-{places}"),
    }
}

/// A positive decimal that people wrote, as a whole number of 10^-places, without rounding.
fn scaled(text: &str, places: u32, what: &str) -> Result<i128> {
    let value = Decimal::from_str_exact(&text.replace(['_', ','], "")).map_err(|_| {
        Error::new(format!(
            "`{text}` isn't {what}; write a decimal such as 0.25"
        ))
    })?;
    if value.is_sign_negative() || value.is_zero() {
        return Err(Error::new(format!("`{text}` must be more than zero")));
    }
    let value = value.normalize();
    let missing = places
        .checked_sub(value.scale())
        .ok_or_else(|| Error::new(format!("`{text}` has more than {places} decimal places")))?;
    10i128
        .checked_pow(missing)
        .and_then(|factor| value.mantissa().checked_mul(factor))
        .ok_or_else(|| too_large(text))
}

fn too_large(text: &str) -> Error {
    Error::new(format!("`{text}` is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terms of bitcoin on a development network.
    fn btc() -> Terms {
        Terms {
            market: 0,
            symbol: "BTC-PERP".into(),
            compartment: 0,
            lot_size: 100_000_000_000_000,
            tick: 10_000_000,
        }
    }

    #[test]
    fn terms_should_translate_sizes_and_prices_exactly() {
        let btc = btc();
        assert_eq!(btc.lots("0.1"), Ok(1_000));
        assert_eq!(btc.ticks("60000"), Ok(600_000));
        assert_eq!(btc.ticks("60,000.1"), Ok(600_001));
        assert_eq!(btc.amount(1_000), "0.1");
        assert_eq!(btc.signed_amount(Lots(-5)), "-0.0005");
        assert_eq!(btc.price_of_ticks(600_001), "60000.1");
        assert_eq!(btc.price(LotPrice(6_000_123_456_789)), "60001.23456789");
        assert_eq!(btc.base(), "BTC");
    }

    #[test]
    fn terms_should_say_what_is_nearest_when_a_price_is_between_ticks() {
        let error = btc().ticks("60000.05").unwrap_err().to_string();
        assert!(error.contains("60000 and 60000.1"), "{error}");
    }

    #[test]
    fn terms_should_refuse_when_a_size_is_not_whole_lots() {
        let error = btc().lots("0.00015").unwrap_err().to_string();
        assert!(error.contains("steps of 0.0001 BTC"), "{error}");
        for bad in ["0", "-1", "one", "", "1e3", "99999999999999999999999999999"] {
            assert!(btc().lots(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn money_should_be_shown_exactly_and_rounded_down_when_short() {
        assert_eq!(money(Cash(1_000_299_850_000_000)), "1000.29985");
        assert_eq!(money_short(Cash(1_009_999_999_999)), "1.00");
        assert_eq!(money_short(Cash(-1)), "-0.01");
        assert_eq!(money(Cash(0)), "0");
    }

    #[test]
    fn units_should_refuse_when_there_are_too_many_places() {
        assert_eq!(units("1000.5", 6), Ok(1_000_500_000));
        assert!(units("0.0000001", 6).is_err());
    }

    #[test]
    fn percent_should_come_from_parts_per_million() {
        assert_eq!(percent(500), "0.05");
        assert_eq!(percent(1_250_000), "125");
    }
}
