//! Market makers: both sides of the book around the mark, replaced in every block.

use std::collections::VecDeque;

use caisson_primitives::trading::{MarketId, Side, Ticks};
use pallet_exchange::types::Quote;

use crate::{
    calls,
    stage::{Actor, Stage},
};

/// Over so many blocks they look back to see how fast the market is.
const MEMORY: usize = 10;

/// Those who quote.
pub struct Makers {
    makers: Vec<Actor>,
    market: MarketId,
    /// Quotes on each side.
    levels: u32,
    /// Lots of each quote.
    lots: u64,
    /// From the mark to the first quote in a quiet market, in parts per million.
    half_spread_ppm: u64,
    /// From one quote to the next.
    step_ppm: u64,
    /// No maker quotes a side on which it holds more lots than this.
    most_lots: i64,
    marks: VecDeque<Ticks>,
}

impl Makers {
    /// So many makers with so many wholes each, who show `depth` lots together on each side, within about one percent.
    pub fn enter(
        stage: &mut Stage,
        market: MarketId,
        count: u32,
        wholes: u128,
        depth: u64,
    ) -> Self {
        const LEVELS: u32 = 8;
        let makers = (0..count)
            .map(|number| stage.trader(&format!("maker//{number}"), 0, wholes))
            .collect();
        let lots = (depth / u64::from(count.max(1) * LEVELS)).max(1);
        Self {
            makers,
            market,
            levels: LEVELS,
            lots,
            half_spread_ppm: 500,
            step_ppm: 1_200,
            most_lots: i64::try_from(lots * u64::from(LEVELS) * 5).unwrap_or(i64::MAX),
            marks: VecDeque::new(),
        }
    }

    /// Their quotes for the next block. The faster the mark moved, the further away.
    pub fn quote(&mut self, stage: &mut Stage) {
        let mark = stage.mark_ticks(self.market);
        self.marks.push_back(mark);
        if self.marks.len() > MEMORY {
            self.marks.pop_front();
        }
        let past = self.marks.front().copied().unwrap_or(mark);
        let moved = u64::from(mark.abs_diff(past)) * 1_000_000 / u64::from(mark.max(1));
        let half_spread = self.half_spread_ppm + moved / 2;
        for maker in self.makers.clone() {
            let held = stage.lots(&maker, self.market);
            let quotes = self.ladder(mark, half_spread, held);
            let call = calls::quotes(&maker, self.market, quotes);
            stage.send(&maker, call);
        }
    }

    fn ladder(&self, mark: Ticks, half_spread_ppm: u64, held: i64) -> Vec<Quote> {
        let mut quotes = Vec::new();
        for level in 0..self.levels {
            let away_ppm = half_spread_ppm + u64::from(level) * self.step_ppm;
            let away = u64::from(mark) * away_ppm / 1_000_000;
            let away = Ticks::try_from(away).unwrap_or(Ticks::MAX);
            for (side, price, full) in [
                (
                    Side::Long,
                    mark.saturating_sub(away),
                    held >= self.most_lots,
                ),
                (
                    Side::Short,
                    mark.saturating_add(away),
                    held <= -self.most_lots,
                ),
            ] {
                if !full && price > 0 {
                    quotes.push(Quote {
                        side,
                        price,
                        lots: self.lots,
                        client_id: None,
                    });
                }
            }
        }
        quotes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn makers() -> Makers {
        Makers {
            makers: Vec::new(),
            market: 0,
            levels: 2,
            lots: 10,
            half_spread_ppm: 500,
            step_ppm: 1_000,
            most_lots: 100,
            marks: VecDeque::new(),
        }
    }

    #[test]
    fn ladder_should_lie_around_the_mark_when_nothing_is_held() {
        let prices: Vec<_> = makers()
            .ladder(600_000, 500, 0)
            .iter()
            .map(|quote| (quote.side, quote.price))
            .collect();
        assert_eq!(
            prices,
            [
                (Side::Long, 599_700),
                (Side::Short, 600_300),
                (Side::Long, 599_100),
                (Side::Short, 600_900)
            ]
        );
    }

    #[test]
    fn ladder_should_have_one_side_when_a_maker_holds_its_most() {
        let quotes = makers().ladder(600_000, 500, 100);
        assert!(quotes.iter().all(|quote| quote.side == Side::Short));
        assert_eq!(quotes.len(), 2);
    }
}
