//! The price outside, block by block.

use caisson_price_server::History;
use caisson_primitives::oracle::OraclePrice;
use rust_decimal::Decimal;

use crate::{
    error::{Error, Result},
    money::ONE,
};

/// The most blocks that a history is played in, unless its speed is given.
pub const MOST_BLOCKS: u64 = 1_500;

/// Bitcoin and ether in one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Bitcoin, in 10^-18.
    pub btc: OraclePrice,
    /// Ether, in 10^-18.
    pub eth: OraclePrice,
}

/// The prices of a scenario, a block being a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    points: Vec<Point>,
    /// How many milliseconds of the history a block is.
    pub step_ms: u64,
}

impl Path {
    /// Plays a history: a block for each second of it, or as many seconds a block as `speed` says. Without a speed a long one
    /// is played so fast that it takes [`MOST_BLOCKS`].
    ///
    /// Errors: it has no bitcoin, or a speed of nothing.
    pub fn of_history(history: &History, speed: Option<u64>) -> Result<Self> {
        let btc = column(history, "BTC").ok_or_else(|| {
            let names: Vec<_> = history.symbols().iter().map(ToString::to_string).collect();
            Error::new(format!(
                "the history has no bitcoin price, only {}; name one of its columns BTC/USD (a path of \
                 another asset can be played under that name)",
                names.join(", ")
            ))
        })?;
        let eth = column(history, "ETH");
        let speed = speed.unwrap_or_else(|| {
            let seconds = history.duration_ms() / 1_000;
            round_speed(seconds.div_ceil(MOST_BLOCKS))
        });
        if speed == 0 {
            return Err(Error::new("a speed of 0 never ends; write 1 or more"));
        }
        let step_ms = speed.saturating_mul(1_000);
        let blocks = history.duration_ms() / step_ms + 1;
        let points = (0..blocks)
            .map(|block| {
                let row = history.prices(history.row_at(block * step_ms));
                let price = |column: usize| oracle_price(row.get(column).copied());
                let btc = price(btc)?;
                let eth = eth.map_or(Ok(btc / 20), price)?;
                Ok(Point { btc, eth })
            })
            .collect::<Result<_>>()?;
        Ok(Self { points, step_ms })
    }

    /// A path of these bitcoin prices in wholes, one for each block; ether at a twentieth.
    pub fn of_wholes(prices: impl IntoIterator<Item = u128>) -> Self {
        let points = prices
            .into_iter()
            .map(|price| Point {
                btc: price * ONE,
                eth: price * ONE / 20,
            })
            .collect();
        Self {
            points,
            step_ms: 1_000,
        }
    }

    /// The prices, block by block.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// How many times faster than it happened it is played.
    pub const fn speed(&self) -> u64 {
        self.step_ms / 1_000
    }
}

/// Speeds that people know: seconds, a minute, an hour as a block.
fn round_speed(least: u64) -> u64 {
    const NICE: [u64; 10] = [1, 2, 5, 10, 15, 20, 30, 60, 300, 900];
    NICE.into_iter()
        .find(|speed| *speed >= least)
        .unwrap_or_else(|| least.div_ceil(3_600) * 3_600)
}

/// The column of an asset in dollars or in what stands for them.
fn column(history: &History, base: &str) -> Option<usize> {
    ["USD", "USDT", "USDC"]
        .iter()
        .find_map(|quote| history.index_of(&format!("{base}/{quote}")))
}

/// A decimal in the oracle's unit.
fn oracle_price(price: Option<Decimal>) -> Result<OraclePrice> {
    let refuse = || Error::new("a price of the history is beyond what the chain can hold");
    let price = price.ok_or_else(refuse)?.normalize();
    let digits = 18u32.checked_sub(price.scale()).ok_or_else(refuse)?;
    let mantissa = u128::try_from(price.mantissa()).map_err(|_| refuse())?;
    mantissa
        .checked_mul(10u128.pow(digits))
        .filter(|price| *price > 0)
        .ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(text: &str) -> History {
        History::parse("test", text).expect("a good history")
    }

    #[test]
    fn path_should_have_a_block_for_each_second_when_no_speed_is_given() {
        let path = Path::of_history(
            &history("time_ms,BTC/USD,ETH/USD\n0,60000.25,3000\n3000,59000,2900\n"),
            None,
        )
        .expect("a path");
        let btc: Vec<_> = path.points().iter().map(|point| point.btc).collect();
        let quarter = 60_000 * ONE + ONE / 4;
        assert_eq!(btc, [quarter, quarter, quarter, 59_000 * ONE]);
        assert_eq!(path.points()[3].eth, 2_900 * ONE);
        assert_eq!(path.speed(), 1);
    }

    #[test]
    fn path_should_be_faster_when_the_history_is_a_day() {
        let text: String = (0..1_440u64)
            .map(|minute| format!("{},{}\n", minute * 60_000, 50_000 + minute))
            .collect();
        let path =
            Path::of_history(&history(&format!("time_ms,BTC/USDT\n{text}")), None).expect("a path");
        assert_eq!((path.speed(), path.points().len()), (60, 1_440));
        assert_eq!(path.points()[7].btc, 50_007 * ONE);
        assert_eq!(path.points()[7].eth, 50_007 * ONE / 20);
    }

    #[test]
    fn path_should_say_what_is_missing_when_there_is_no_bitcoin() {
        let error = Path::of_history(&history("time_ms,SOL/USD\n0,1\n"), None).expect_err("none");
        assert!(error.to_string().contains("only SOL/USD"), "{error}");
        let text = history("time_ms,BTC/USD\n0,1\n");
        assert!(Path::of_history(&text, Some(0)).is_err());
    }
}
