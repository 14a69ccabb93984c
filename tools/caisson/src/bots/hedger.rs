//! Hedgers: a position in a market, and the opposite one in another that follows the same feed in another compartment.
//!
//! What one leg loses the other wins, but in other custody. So a hedger also moves money from the leg that has too much to the one
//! that has too little.

use super::{
    desk::{side_of, Act, Bot, Desk, Seat},
    random::Random,
};
use caisson_primitives::{trading::MarketId, BlockNumber};

/// How much worse than the mark its orders may be filled, in parts per million.
const SLIPPAGE_PPM: u32 = 3_000;
/// What a leg differs by before it is traded, as a part of the target.
const TOLERANCE: u64 = 50;
/// How many blocks a leg's order is waited for.
const PATIENCE: BlockNumber = 4;

/// A hedger.
#[derive(Debug)]
pub struct Hedger {
    legs: [MarketId; 2],
    /// The size it wants in the first market and, with the other sign, in the second; percent of what a leg is worth.
    target: i64,
    /// When it wants another one.
    until: BlockNumber,
    /// When each leg may be traded again.
    free: [BlockNumber; 2],
    /// When money may be moved again.
    money_from: BlockNumber,
    random: Random,
}

impl Hedger {
    /// A hedger between two markets.
    pub fn new(legs: [MarketId; 2], random: Random) -> Self {
        Self {
            legs,
            target: 0,
            until: 0,
            free: [0; 2],
            money_from: 0,
            random,
        }
    }

    /// How many lots each leg should have: what the poorer one can carry well.
    fn wanted(&self, seats: &[Seat<'_>; 2]) -> i64 {
        let poorer = seats[0].equity.min(seats[1].equity).max(0);
        let lots = seats[0].market.lots_for(poorer);
        i64::try_from(lots).unwrap_or(0) / 100 * self.target
    }

    /// Brings a leg to its size.
    fn adjust(
        &mut self,
        leg: usize,
        seat: &Seat<'_>,
        wanted: i64,
        now: BlockNumber,
    ) -> Option<Act> {
        let missing = wanted.saturating_sub(seat.lots());
        let is_close = missing.unsigned_abs() <= wanted.unsigned_abs() / TOLERANCE;
        let is_busy = now < self.free[leg] || !seat.position.open.is_empty();
        if is_close || is_busy || seat.market.call.long_call || !seat.market.takes_risk() {
            return None;
        }
        self.free[leg] = now + PATIENCE;
        let lots = missing.unsigned_abs();
        Some(seat.market_order(side_of(missing), lots, SLIPPAGE_PPM))
    }

    /// Moves money to the leg that has too little.
    fn balance(&mut self, desk: &Desk<'_>, seats: &[Seat<'_>; 2]) -> Option<Act> {
        let (poor, rich) = match seats {
            [first, second] if first.equity < second.equity => (first, second),
            [first, second] => (second, first),
        };
        if desk.now() < self.money_from {
            return None;
        }
        // What it holds outside of accounts has just left one of them.
        let least = u128::try_from(rich.equity / desk.scale / 20).unwrap_or(0);
        if desk.cash > least {
            self.money_from = desk.now() + PATIENCE;
            return Some(Act::Deposit {
                account: poor.index,
                units: desk.cash,
            });
        }
        if rich.equity <= poor.equity * 2 {
            return None;
        }
        self.money_from = desk.now() + 20;
        // Only money can leave, and a tenth of the position must stay: half of it is well within.
        let spare = (rich.equity - poor.equity) / 2;
        let spare = spare.min(rich.account.collateral.0 / 2);
        let units = u128::try_from(spare / desk.scale).unwrap_or(0);
        (units > 0).then_some(Act::Withdraw {
            account: rich.index,
            units,
        })
    }
}

impl Bot for Hedger {
    fn decide(&mut self, desk: &Desk<'_>) -> Vec<Act> {
        let [Some(first), Some(second)] = self.legs.map(|leg| desk.seat(leg)) else {
            return Vec::new();
        };
        let seats = [first, second];
        let now = desk.now();
        if now >= self.until {
            let size = i64::from(self.random.between(80, 200));
            self.target = if self.random.percent(50) { size } else { -size };
            self.until = now + self.random.between(60, 180);
        }
        let wanted = self.wanted(&seats);
        let acts = [
            self.adjust(0, &seats[0], wanted, now),
            self.adjust(1, &seats[1], -wanted, now),
            self.balance(desk, &seats),
        ];
        acts.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{market, Scene, WHOLE};
    use super::*;
    use caisson_primitives::trading::Side;

    const MARK: i128 = 3 * WHOLE;

    fn hedger() -> Hedger {
        Hedger::new([1, 2], Random::new(1, "hedger"))
    }

    fn scene() -> Scene {
        Scene::new(vec![market(1, MARK), market(2, MARK)], 30_000)
    }

    fn orders(acts: &[Act]) -> Vec<(MarketId, Side, u64)> {
        let placed = acts.iter().filter_map(|act| match act {
            Act::Place {
                market, request, ..
            } => Some((*market, request.side, request.lots)),
            _ => None,
        });
        placed.collect()
    }

    #[test]
    fn hedger_should_take_opposite_sides_of_two_markets() {
        let placed = orders(&hedger().decide(&scene().desk()));
        let [(1, first, lots), (2, second, same)] = placed[..] else {
            panic!("two legs, not {placed:?}");
        };
        assert_eq!(first, second.opposite());
        assert_eq!(lots, same);
        assert!((8_000..=20_000).contains(&lots), "{lots}");
    }

    #[test]
    fn hedger_should_trade_only_the_leg_that_is_off_its_size() {
        let (mut hedger, mut scene) = (hedger(), scene());
        let placed = orders(&hedger.decide(&scene.desk()));
        let size = i64::try_from(placed[0].2).expect("small");
        let sign = if placed[0].1 == Side::Long { 1 } else { -1 };
        scene.pass(PATIENCE);
        scene.hold(1, sign * size);
        scene.hold(2, -sign * size / 2);
        let placed = orders(&hedger.decide(&scene.desk()));
        assert_eq!(placed.len(), 1);
        assert_eq!(placed[0].0, 2);
        scene.hold(2, -sign * size);
        scene.pass(PATIENCE);
        assert_eq!(orders(&hedger.decide(&scene.desk())), []);
    }

    #[test]
    fn hedger_should_move_money_to_the_leg_that_lost() {
        let (mut hedger, mut scene) = (hedger(), scene());
        scene.account(0).collateral.0 = 10_000 * WHOLE;
        let acts = hedger.decide(&scene.desk());
        assert!(
            acts.contains(&Act::Withdraw {
                account: 1,
                units: 10_000_000_000
            }),
            "{acts:?}"
        );
        scene.account(1).collateral.0 = 20_000 * WHOLE;
        scene.cash = 10_000_000_000;
        scene.pass(20);
        let acts = hedger.decide(&scene.desk());
        assert!(
            acts.contains(&Act::Deposit {
                account: 0,
                units: 10_000_000_000
            }),
            "{acts:?}"
        );
    }
}
