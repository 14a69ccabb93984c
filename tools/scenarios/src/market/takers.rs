//! Traders who take what the book has, up and down without a plan: the trade of an ordinary minute.

use caisson_primitives::trading::{MarketId, Side};

use crate::{
    calls,
    random::Random,
    stage::{Actor, Stage},
};

/// The most orders of a block.
const MOST: u64 = 3;

/// Those who take.
pub struct Takers {
    takers: Vec<Actor>,
    market: MarketId,
    most_lots: u64,
    random: Random,
}

impl Takers {
    /// So many takers with so many wholes each, whose orders are of up to so many lots.
    pub fn enter(
        stage: &mut Stage,
        market: MarketId,
        count: u32,
        wholes: u128,
        most_lots: u64,
        seed: u64,
    ) -> Self {
        let takers = (0..count)
            .map(|number| stage.trader(&format!("taker//{number}"), 0, wholes))
            .collect();
        Self {
            takers,
            market,
            most_lots,
            random: Random::new(seed ^ 0x74616b65),
        }
    }

    /// Their orders for the next block.
    pub fn trade(&mut self, stage: &mut Stage) {
        let count = self.random.between(0, MOST + 1);
        for _ in 0..count {
            let most = u64::try_from(self.takers.len()).unwrap_or_default();
            let Ok(place) = usize::try_from(self.random.between(0, most)) else {
                return;
            };
            let side = match self.random.between(0, 2) {
                0 => Side::Long,
                _ => Side::Short,
            };
            let lots = self.random.between(1, self.most_lots);
            let Some(taker) = self.takers.get(place).cloned() else {
                return;
            };
            let call = calls::market(&taker, self.market, side, lots, 5_000);
            stage.send(&taker, call);
        }
    }
}
