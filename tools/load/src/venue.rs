//! The markets that are traded, and their marks as they move.

use caisson::{
    chain::Chain,
    error::{Error, Result},
};
use caisson_primitives::{
    oracle::FeedStatus,
    trading::{api::MarketView, CompartmentId, LotPrice, MarketId, Side, Ticks},
    AssetId,
};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

/// How long prices may take to come.
const TIME_TO_PRICES: Duration = Duration::from_secs(90);
/// The whole of a ratio in parts per million.
const PPM: i128 = 1_000_000;

/// A market.
#[derive(Debug)]
pub struct Market {
    /// Its number.
    pub market: MarketId,
    /// Its name.
    pub symbol: String,
    /// Its compartment.
    pub compartment: CompartmentId,
    /// One tick, in quanta for one lot.
    tick: i128,
    /// The fewest lots that are worth twice the least value of an order, so that a falling mark doesn't make them too few.
    pub unit_lots: u64,
    /// The mark, in quanta for one lot.
    mark: AtomicI64,
}

impl Market {
    fn of(view: &MarketView, mark: LotPrice) -> Self {
        let worth = view.contract.min_notional.0.max(1) * 2;
        let lots = (worth + mark.0 - 1) / mark.0.max(1);
        Self {
            market: view.market,
            symbol: String::from_utf8_lossy(&view.symbol).into_owned(),
            compartment: view.contract.compartment,
            tick: i128::from(view.contract.tick).max(1),
            unit_lots: u64::try_from(lots).unwrap_or(1).max(1),
            mark: AtomicI64::new(small(mark)),
        }
    }

    /// The tick so many parts per million away from the mark, on the side where a quote waits: below for a buy, above for a sale.
    pub fn ticks_away(&self, side: Side, ppm: u32, more_ticks: u32) -> Ticks {
        let mark = i128::from(self.mark.load(Ordering::Relaxed));
        let away = mark * i128::from(ppm) / PPM + i128::from(more_ticks) * self.tick;
        let ticks = match side {
            Side::Long => (mark - away).div_euclid(self.tick),
            Side::Short => (mark + away + self.tick - 1).div_euclid(self.tick),
        };
        Ticks::try_from(ticks.max(1)).unwrap_or(Ticks::MAX)
    }
}

/// A market of made-up terms, for tests of what is sent to it.
#[cfg(test)]
pub fn bitcoin() -> Market {
    Market {
        market: 0,
        symbol: "BTC-PERP".into(),
        compartment: 0,
        tick: 10_000_000,
        unit_lots: 1,
        mark: AtomicI64::new(6_000_000_000_000),
    }
}

/// All markets.
#[derive(Debug)]
pub struct Venue {
    /// Those that trade, in the order of their numbers.
    pub markets: Vec<Market>,
    /// In what they settle.
    pub asset: AssetId,
}

impl Venue {
    /// Waits until the prices of all markets can be trusted.
    pub async fn open(chain: &Chain) -> Result<Self> {
        let started = Instant::now();
        loop {
            match Self::look(chain).await? {
                Some(venue) => return Ok(venue),
                None if started.elapsed() > TIME_TO_PRICES => {
                    return Err(Error::new(format!(
                        "after {} s there is a market whose price is not live; see the log of the node for its oracle, and \
                         give it price sources with --oracle-sources",
                        TIME_TO_PRICES.as_secs()
                    )))
                }
                None => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }

    async fn look(chain: &Chain) -> Result<Option<Self>> {
        let state = chain.now().await?;
        let views = state.markets().await?;
        let open = views
            .iter()
            .filter(|view| view.contract.phase.takes_orders());
        let mut markets = Vec::new();
        for view in open {
            match &view.prices {
                Some(prices) if prices.status == FeedStatus::Live => {
                    markets.push(Market::of(view, prices.mark));
                }
                _ => return Ok(None),
            }
        }
        let Some(first) = markets.first() else {
            return Err(Error::new(
                "the chain has no market that takes orders; use a development chain, or one of `caisson-load spec`",
            ));
        };
        let compartment = state.compartment(first.compartment).await?;
        let terms =
            compartment.ok_or_else(|| Error::new("the first market's compartment is gone"))?;
        Ok(Some(Self {
            asset: terms.settlement_asset,
            markets,
        }))
    }

    /// Follows the marks.
    pub async fn follow(&self, chain: &Chain) -> Result<()> {
        let views = chain.now().await?.markets().await?;
        for view in views {
            let market = self.markets.iter().find(|one| one.market == view.market);
            if let (Some(market), Some(prices)) = (market, view.prices) {
                market.mark.store(small(prices.mark), Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

/// A price as it is kept here: a lot is worth far less than nine million of the settlement asset.
fn small(price: LotPrice) -> i64 {
    i64::try_from(price.0).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_should_lie_on_the_waiting_side_of_the_mark() {
        let btc = bitcoin();
        assert_eq!(btc.ticks_away(Side::Long, 1_000, 0), 599_400);
        assert_eq!(btc.ticks_away(Side::Short, 1_000, 0), 600_600);
        assert_eq!(btc.ticks_away(Side::Short, 1_000, 3), 600_603);
        btc.mark.store(6_000_000_000_001, Ordering::Relaxed);
        assert_eq!(btc.ticks_away(Side::Long, 0, 0), 600_000);
        assert_eq!(btc.ticks_away(Side::Short, 0, 0), 600_001);
    }
}
