//! One market as a venue sees it.

use rust_decimal::Decimal;

/// Significant digits of a served price: more than an exchange shows, enough for parts per million.
const SIGNIFICANT_DIGITS: u32 = 10;

/// A market's last price, and all else that tickers show.
///
/// Only the last price and the time come from the server's state. The rest is made up, so that a
/// reader finds every field: bid and ask 10 ppm around the price, a day that opened 1 % lower with a
/// range of 2 % either way, and constant amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The base, as asked for.
    pub base: String,
    /// The quote currency, as asked for.
    pub quote: String,
    /// The last price.
    pub last: Decimal,
    /// The wall-clock time of the price.
    pub at_ms: u64,
}

impl Quote {
    /// The last price, as text.
    pub fn last(&self) -> String {
        plain(self.last)
    }

    /// Best bid.
    pub fn bid(&self) -> String {
        self.times_ppm(999_990)
    }

    /// Best ask.
    pub fn ask(&self) -> String {
        self.times_ppm(1_000_010)
    }

    /// Price a day ago.
    pub fn open(&self) -> String {
        self.times_ppm(990_000)
    }

    /// Highest price of the day.
    pub fn high(&self) -> String {
        self.times_ppm(1_020_000)
    }

    /// Lowest price of the day.
    pub fn low(&self) -> String {
        self.times_ppm(980_000)
    }

    /// Average price of the day, weighted by volume.
    pub fn average(&self) -> String {
        self.times_ppm(995_000)
    }

    /// Change since a day ago.
    pub fn change(&self) -> String {
        self.times_ppm(10_000)
    }

    /// Change since a day ago, of one: 0.01 / 0.99.
    pub fn change_fraction(&self) -> &'static str {
        "0.0101"
    }

    /// Change since a day ago, in percent.
    pub fn change_percent(&self) -> &'static str {
        "1.01"
    }

    /// Amount of the last trade, and at the best bid and ask.
    pub fn size(&self) -> &'static str {
        "0.25"
    }

    /// Amount traded in a day, in the base.
    pub fn volume(&self) -> &'static str {
        "12345.678"
    }

    /// Amount traded in a day, in the quote currency.
    pub fn turnover(&self) -> String {
        plain(self.last * Decimal::new(12_345_678, 3))
    }

    /// A number that grows, for trades and sequences.
    pub fn serial(&self) -> u64 {
        self.at_ms
    }

    fn times_ppm(&self, ppm: i64) -> String {
        plain(self.last * Decimal::new(ppm, 6))
    }
}

/// The number without needless digits.
fn plain(number: Decimal) -> String {
    rounded(number).normalize().to_string()
}

/// The number as exchanges with a fixed number of decimals show it: at least eight.
pub fn with_eight_decimals(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, decimals)) => format!("{whole}.{decimals:0<8}"),
        None => format!("{number}.00000000"),
    }
}

/// The number in as many digits as are served.
pub fn rounded(number: Decimal) -> Decimal {
    number.round_sf(SIGNIFICANT_DIGITS).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(last: &str) -> Quote {
        Quote {
            base: "BTC".to_owned(),
            quote: "USD".to_owned(),
            last: last.parse().expect("a number"),
            at_ms: 7,
        }
    }

    #[test]
    fn quote_should_be_around_its_price() {
        let quote = quote("60000.00");
        assert_eq!(quote.last(), "60000");
        assert_eq!(
            (quote.bid(), quote.ask()),
            ("59999.4".into(), "60000.6".into())
        );
        assert_eq!(
            (quote.low(), quote.high()),
            ("58800".into(), "61200".into())
        );
        assert_eq!(quote.turnover(), "740740680");
    }

    #[test]
    fn quote_should_have_ten_digits_whatever_its_price() {
        for (last, shown) in [
            ("60000.123456789", "60000.12346"),
            ("0.00001234567891234", "0.00001234567891"),
            ("123456789012.5", "123456789000"),
            ("0", "0"),
            ("-42", "-42"),
        ] {
            assert_eq!(quote(last).last(), shown);
        }
    }

    #[test]
    fn eight_decimals_should_be_filled_with_zeros() {
        assert_eq!(with_eight_decimals("60000.5"), "60000.50000000");
        assert_eq!(with_eight_decimals("60000"), "60000.00000000");
        assert_eq!(with_eight_decimals("0.00001234567891"), "0.00001234567891");
    }
}
