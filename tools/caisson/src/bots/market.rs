//! A market in a block, as bots look at it.

use crate::units::Terms;
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{CallState, Contract, Level, LotPrice, MarketPrices, Side, Ticks},
};

/// The whole of a ratio in parts per million.
pub const PPM: i128 = 1_000_000;

/// How many blocks a market is remembered.
pub const MEMORY: usize = 64;

/// Over how many blocks volatility is measured.
const VOLATILITY_BLOCKS: usize = 20;

/// A market with prices, in a block.
#[derive(Clone, Debug)]
pub struct Market {
    /// How its sizes and prices are read.
    pub terms: Terms,
    /// What it is.
    pub contract: Contract,
    /// Its prices.
    pub prices: MarketPrices,
    /// Its call.
    pub call: CallState,
    /// How strictly it is restricted.
    pub level: Level,
    /// Its marks, in quanta for one lot, up to that of this block.
    pub marks: Vec<i128>,
}

impl Market {
    /// What a lot is worth, in quanta; at least one.
    pub fn mark(&self) -> i128 {
        self.prices.mark.0.max(1)
    }

    /// Whether orders that may add risk are taken.
    pub fn takes_risk(&self) -> bool {
        self.is_trusted()
            && self.contract.phase.takes_orders()
            && matches!(self.level, Level::Open | Level::LongCalls)
    }

    /// Whether its index can be trusted.
    pub fn is_trusted(&self) -> bool {
        self.prices.status == FeedStatus::Live
    }

    /// By how much the mark moved in so many blocks, in parts per million; nothing before they are over.
    pub fn moved_ppm(&self, blocks: usize) -> Option<i128> {
        let last = self.marks.len().checked_sub(1)?;
        let before = *self.marks.get(last.checked_sub(blocks)?)?;
        Some((self.mark() - before) * PPM / before.max(1))
    }

    /// How far the mark moves in a block on average, in parts per million.
    pub fn volatility_ppm(&self) -> i128 {
        let from = self.marks.len().saturating_sub(VOLATILITY_BLOCKS + 1);
        let recent = self.marks.get(from..).unwrap_or_default();
        let moves = recent.windows(2).map(|pair| match pair {
            [before, after] => (after - before).abs() * PPM / (*before).max(1),
            _ => 0,
        });
        let count = i128::try_from(recent.len().saturating_sub(1)).unwrap_or(0);
        moves.sum::<i128>() / count.max(1)
    }

    /// The lots that so much money buys at mark, rounded down.
    pub fn lots_for(&self, quanta: i128) -> u64 {
        u64::try_from(quanta / self.mark()).unwrap_or(0)
    }

    /// What lots are worth at mark, in quanta.
    pub fn value(&self, lots: i64) -> i128 {
        i128::from(lots).saturating_mul(self.mark())
    }

    /// A price so many parts per million above the mark (below, if negative), on the tick that is further from it for a quote of
    /// that side.
    pub fn ticks_from_mark(&self, ppm: i128, side: Side) -> Ticks {
        self.ticks(self.mark() + self.mark() * ppm / PPM, side)
    }

    /// A price in quanta for one lot, on the next tick below for a buy, above for a sell; at least one tick.
    pub fn ticks(&self, price: i128, side: Side) -> Ticks {
        let tick = i128::from(self.contract.tick).max(1);
        let below = price.div_euclid(tick);
        let above = i128::from(price.rem_euclid(tick) != 0);
        let ticks = match side {
            Side::Long => below,
            Side::Short => below + above,
        };
        Ticks::try_from(ticks.max(1)).unwrap_or(Ticks::MAX)
    }

    /// The initial margin of a lot in the smallest tier, in quanta.
    pub fn initial_of_lot(&self) -> i128 {
        self.prices.initial.first().map_or(self.mark(), |lot| lot.0)
    }

    /// The funding that a position owes, in quanta.
    pub fn funding_owed(&self, lots: i64, checkpoint: LotPrice) -> i128 {
        i128::from(lots).saturating_mul(self.prices.funding.0 - checkpoint.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::market;
    use super::*;

    #[test]
    fn market_should_measure_moves_and_volatility_in_parts_per_million() {
        let mut btc = market(0, 6_000_000_000_000);
        btc.marks = vec![6_060_000_000_000, 6_000_000_000_000, 6_000_000_000_000];
        assert_eq!(btc.moved_ppm(2), Some(-9_900));
        assert_eq!(btc.moved_ppm(1), Some(0));
        assert_eq!(btc.moved_ppm(3), None);
        assert_eq!(btc.volatility_ppm(), 4_950);
    }

    #[test]
    fn market_should_round_quotes_away_from_the_mark() {
        let btc = market(0, 6_000_000_000_000);
        assert_eq!(btc.ticks_from_mark(-1, Side::Long), 599_999);
        assert_eq!(btc.ticks_from_mark(1, Side::Short), 600_001);
        assert_eq!(btc.ticks(0, Side::Long), 1);
    }

    #[test]
    fn market_should_take_no_risk_when_its_feed_or_level_forbids_it() {
        let mut btc = market(0, 6_000_000_000_000);
        assert!(btc.takes_risk());
        btc.level = Level::ReduceOnly;
        assert!(!btc.takes_risk());
        btc.level = Level::LongCalls;
        btc.prices.status = FeedStatus::Stale;
        assert!(!btc.takes_risk());
    }
}
