//! Market makers: ladders of quotes around the mark.
//!
//! A ladder is wider and thinner the more the mark moves, so that books are thick in quiet times and give way in a crash. It leans
//! against what its owner holds: a maker that is long quotes lower, buys less, and ends with nothing to buy at its limit. It is
//! replaced only when it is stale, and a dead-man switch takes it away when its owner is gone.

use super::{
    desk::{Act, Bot, Desk, Seat},
    market::{Market, PPM},
    random::Random,
};
use caisson_primitives::{
    trading::{MarketId, Side},
    BlockNumber, Moment,
};
use pallet_exchange::types::Quote;
use std::collections::BTreeMap;

/// Quotes of a side.
const LEVELS: i128 = 8;

/// What stands at the first price of a side in quiet times, in quanta: 5,000 of the settlement asset.
const FIRST_QUANTA: i128 = 5_000 * 1_000_000_000_000;

/// The volatility at which a ladder has half of its size, in parts per million a block.
const HALVING_PPM: i128 = 300;

/// The largest distance of a quote from the mark; limits must stay within the market's band.
const FURTHEST_PPM: i128 = 80_000;

/// After how many blocks a ladder that was traded into is filled up.
const REFILL_BLOCKS: BlockNumber = 3;

/// How long quotes stay without a sign of their owner, in milliseconds.
const DEAD_MAN_MS: Moment = 60_000;

/// What the ladder in a market was made for.
#[derive(Clone, Copy, Debug)]
struct Quoted {
    block: BlockNumber,
    mark: i128,
    half_spread: i128,
    lots: i64,
    buy: u64,
    sell: u64,
}

/// A market maker.
#[derive(Debug)]
pub struct Maker {
    markets: Vec<MarketId>,
    /// How far its first quotes are from the mark in quiet times, in parts per million.
    base_spread: i128,
    quoted: BTreeMap<MarketId, Quoted>,
}

impl Maker {
    /// A maker in these markets.
    pub fn new(markets: Vec<MarketId>, mut random: Random) -> Self {
        Self {
            markets,
            base_spread: random.between(150, 350).into(),
            quoted: BTreeMap::new(),
        }
    }

    fn half_spread(&self, market: &Market) -> i128 {
        self.base_spread + 2 * market.volatility_ppm()
    }

    /// The ladder that fits now.
    fn ladder(&self, seat: &Seat<'_>) -> Vec<Quote> {
        let market = seat.market;
        let half = self.half_spread(market);
        // The largest position is worth the account's equity: leverage one in each market.
        let held = market.value(seat.lots());
        let limit = seat.equity.max(1);
        let lean = (held.saturating_mul(PPM) / limit).clamp(-PPM, PPM);
        let centre = -lean * 2 * half / PPM;
        let size = FIRST_QUANTA * HALVING_PPM / (HALVING_PPM + market.volatility_ppm());
        let side = |side: Side| {
            let (sign, room) = match side {
                Side::Long => (-1, PPM - lean),
                Side::Short => (1, PPM + lean),
            };
            (0..LEVELS).filter_map(move |level| {
                let away = half + level * half / 2;
                let ppm = (centre + sign * away).clamp(-FURTHEST_PPM, FURTHEST_PPM);
                let worth = size * (2 + level) / 2 * room.min(PPM) / PPM;
                let is_enough = worth >= market.contract.min_notional.0.saturating_mul(2);
                is_enough.then(|| Quote {
                    side,
                    price: market.ticks_from_mark(ppm, side),
                    lots: market
                        .lots_for(worth)
                        .clamp(1, market.contract.max_order_lots),
                    client_id: None,
                })
            })
        };
        side(Side::Long).chain(side(Side::Short)).collect()
    }

    /// Whether the ladder in the book should be another.
    fn is_stale(&self, seat: &Seat<'_>, now: BlockNumber) -> bool {
        let Some(quoted) = self.quoted.get(&seat.market.terms.market) else {
            return true;
        };
        let half = self.half_spread(seat.market);
        let drift = (seat.market.mark() - quoted.mark).abs() * PPM / quoted.mark.max(1);
        let respread = (half - quoted.half_spread).abs() * 4 > quoted.half_spread;
        let traded = seat.market.value(seat.lots() - quoted.lots).abs() * 20 > seat.equity;
        let open = seat.position.open;
        let thin = open.buy < quoted.buy / 10 * 7 || open.sell < quoted.sell / 10 * 7;
        let refill = thin && now >= quoted.block + REFILL_BLOCKS;
        drift * 2 > half || respread || traded || refill
    }

    fn quote(&mut self, seat: &Seat<'_>, now: BlockNumber) -> Option<Act> {
        let market = seat.market.terms.market;
        if !seat.market.takes_risk() {
            // Nobody quotes around a price that can't be trusted; and a ladder that may not be moved must not stay where
            // the mark was: its old prices would hold up the call.
            let is_left = self.quoted.get(&market).is_none_or(|quoted| {
                let drift = (seat.market.mark() - quoted.mark).abs() * PPM / quoted.mark.max(1);
                drift > quoted.half_spread * 2
            });
            let has_orders = !seat.position.open.is_empty();
            return (has_orders && (is_left || !seat.market.is_trusted()))
                .then(|| seat.cancel_all());
        }
        if !self.is_stale(seat, now) {
            return None;
        }
        let quotes = self.ladder(seat);
        let sum = |side: Side| {
            let lots = quotes.iter().filter(|quote| quote.side == side);
            lots.map(|quote| quote.lots).sum::<u64>()
        };
        let quoted = Quoted {
            block: now,
            mark: seat.market.mark(),
            half_spread: self.half_spread(seat.market),
            lots: seat.lots(),
            buy: sum(Side::Long),
            sell: sum(Side::Short),
        };
        self.quoted.insert(market, quoted);
        Some(Act::Replace {
            account: seat.index,
            market,
            quotes,
        })
    }
}

impl Bot for Maker {
    fn decide(&mut self, desk: &Desk<'_>) -> Vec<Act> {
        let mut acts = Vec::new();
        for market in self.markets.clone() {
            if let Some(seat) = desk.seat(market) {
                acts.extend(self.quote(&seat, desk.now()));
            }
        }
        let time = desk.snapshot.time;
        for (index, account) in desk
            .accounts
            .iter()
            .filter_map(|(_, index)| Some((*index, desk.snapshot.accounts.get(index)?)))
        {
            let left = account.cancel_at.unwrap_or(0).saturating_sub(time);
            let quotes_now = acts
                .iter()
                .any(|act| matches!(act, Act::Replace { account, .. } if *account == index));
            if left < DEAD_MAN_MS / 2 && (account.orders > 0 || quotes_now) {
                acts.push(Act::CancelAt {
                    account: index,
                    at: time + DEAD_MAN_MS,
                });
            }
        }
        acts
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{market, Scene, WHOLE};
    use super::*;

    const MARK: i128 = 6 * WHOLE;

    fn maker() -> Maker {
        Maker::new(vec![0], Random::new(1, "maker"))
    }

    fn scene() -> Scene {
        Scene::new(vec![market(0, MARK)], 100_000)
    }

    fn ladder(acts: &[Act]) -> Vec<Quote> {
        let found = acts.iter().find_map(|act| match act {
            Act::Replace { quotes, .. } => Some(quotes.clone()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    fn worth(quotes: &[Quote], side: Side) -> u64 {
        let lots = quotes.iter().filter(|quote| quote.side == side);
        lots.map(|quote| quote.lots).sum()
    }

    fn best(quotes: &[Quote], side: Side) -> u32 {
        let mut prices = quotes.iter().filter(|quote| quote.side == side);
        prices.next().map_or(0, |quote| quote.price)
    }

    /// What the book has of a ladder just quoted.
    fn rest(scene: &mut Scene, quotes: &[Quote]) {
        let open = &mut scene.position(0).open;
        open.buy = worth(quotes, Side::Long);
        open.sell = worth(quotes, Side::Short);
    }

    #[test]
    fn maker_should_quote_both_sides_around_the_mark_and_set_its_dead_man_switch() {
        let acts = maker().decide(&scene().desk());
        let quotes = ladder(&acts);
        assert_eq!(quotes.len(), 16);
        assert!(best(&quotes, Side::Long) < 600_000 && best(&quotes, Side::Short) > 600_000);
        assert!(acts
            .iter()
            .any(|act| matches!(act, Act::CancelAt { account: 0, .. })));
    }

    #[test]
    fn maker_should_leave_its_quotes_alone_when_nothing_changed() {
        let (mut maker, mut scene) = (maker(), scene());
        let quotes = ladder(&maker.decide(&scene.desk()));
        rest(&mut scene, &quotes);
        scene.account(0).cancel_at = Some(scene.snapshot.time + DEAD_MAN_MS);
        scene.pass(5);
        assert_eq!(maker.decide(&scene.desk()), []);
        scene.position(0).open.buy /= 2;
        assert_eq!(ladder(&maker.decide(&scene.desk())).len(), 16);
    }

    #[test]
    fn maker_should_quote_again_when_the_mark_moved() {
        let (mut maker, mut scene) = (maker(), scene());
        let before = ladder(&maker.decide(&scene.desk()));
        rest(&mut scene, &before);
        scene.pass(1);
        scene.market(0).prices.mark.0 = MARK * 1_001 / 1_000;
        let after = ladder(&maker.decide(&scene.desk()));
        assert!(best(&after, Side::Long) > best(&before, Side::Long));
    }

    #[test]
    fn maker_should_quote_lower_and_buy_less_when_it_is_long() {
        let flat = ladder(&maker().decide(&scene().desk()));
        let mut scene = scene();
        // Half of its limit.
        scene.hold(0, 8_333);
        let long = ladder(&maker().decide(&scene.desk()));
        assert!(best(&long, Side::Long) < best(&flat, Side::Long));
        assert!(best(&long, Side::Short) < best(&flat, Side::Short));
        assert!(worth(&long, Side::Long) < worth(&flat, Side::Long) * 6 / 10);
        scene.hold(0, 20_000);
        let full = ladder(&maker().decide(&scene.desk()));
        assert_eq!(worth(&full, Side::Long), 0);
        assert!(worth(&full, Side::Short) > 0);
    }

    #[test]
    fn maker_should_quote_wider_and_thinner_when_the_mark_moves_fast() {
        let calm = ladder(&maker().decide(&scene().desk()));
        let mut scene = scene();
        scene.market(0).marks = (0..21)
            .map(|step| MARK + (20 - step) * MARK * 3 / 1_000)
            .collect();
        let fast = ladder(&maker().decide(&scene.desk()));
        assert!(best(&fast, Side::Long) < best(&calm, Side::Long) - 2_000);
        assert!(worth(&fast, Side::Long) * 5 < worth(&calm, Side::Long));
    }

    #[test]
    fn maker_should_take_its_quotes_away_when_it_may_not_move_them_and_the_mark_left() {
        let (mut maker, mut scene) = (maker(), scene());
        let quotes = ladder(&maker.decide(&scene.desk()));
        rest(&mut scene, &quotes);
        scene.account(0).cancel_at = Some(scene.snapshot.time + DEAD_MAN_MS);
        scene.market(0).level = caisson_primitives::trading::Level::ReduceOnly;
        assert_eq!(maker.decide(&scene.desk()), []);
        scene.market(0).prices.mark.0 = MARK * 99 / 100;
        let acts = maker.decide(&scene.desk());
        assert!(
            matches!(acts[..], [Act::CancelAll { market: 0, .. }]),
            "{acts:?}"
        );
    }

    #[test]
    fn maker_should_take_its_quotes_away_when_the_price_is_not_trusted() {
        let mut scene = scene();
        scene.market(0).prices.status = caisson_primitives::oracle::FeedStatus::Uncertain;
        assert_eq!(maker().decide(&scene.desk()), []);
        scene.position(0).open.buy = 1;
        let acts = maker().decide(&scene.desk());
        assert!(acts.contains(&Act::CancelAll {
            account: 0,
            market: 0
        }));
    }
}
