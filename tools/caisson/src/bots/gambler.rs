//! Gamblers: all they have at nearly the most leverage, mostly long, until they are liquidated.
//!
//! One that wins bets its winnings too, so the end is only a matter of time. After a pause it brings in its next stake.

use super::{
    desk::{Act, Bot, Desk, Seat},
    market::PPM,
    random::Random,
};
use caisson_primitives::{
    trading::{MarketId, Side},
    Balance, BlockNumber,
};

/// How much worse than the mark its orders may be filled, in parts per million.
const SLIPPAGE_PPM: u32 = 2_000;
/// Which part of what margin allows it takes, in percent.
const EAGERNESS: i128 = 96;
/// It bets more when it could hold so much more than it does, in percent.
const ADD_FROM: i128 = 140;
/// The game is over when less than this share of the stake is left, in percent.
const LOST: i128 = 35;

/// A gambler.
#[derive(Debug)]
pub struct Gambler {
    market: MarketId,
    /// What it brings in at a time, in units.
    stake: Balance,
    /// It does nothing before this block.
    from: BlockNumber,
    random: Random,
}

impl Gambler {
    /// A gambler in a market, with stakes of so many units.
    pub fn new(market: MarketId, stake: Balance, random: Random) -> Self {
        Self {
            market,
            stake,
            from: 0,
            random,
        }
    }

    /// The most lots that what it has can open, less a little.
    fn reach(seat: &Seat<'_>) -> u64 {
        let market = seat.market;
        let slippage = market.mark() * i128::from(SLIPPAGE_PPM) / PPM;
        let distance = (market.mark() - market.prices.stable.0).abs();
        let lot = market.initial_of_lot() + slippage + distance + market.prices.fee_reserve.0;
        u64::try_from(seat.equity * EAGERNESS / 100 / lot.max(1)).unwrap_or(0)
    }

    /// Bets all it has. Short one time in seven.
    fn bet(&mut self, seat: &Seat<'_>, now: BlockNumber) -> Vec<Act> {
        let lots = Self::reach(seat);
        let side = if self.random.percent(14) {
            Side::Short
        } else {
            Side::Long
        };
        self.from = now + 5;
        match lots {
            0 => Vec::new(),
            _ => vec![seat.market_order(side, lots, SLIPPAGE_PPM)],
        }
    }

    /// Holds on, and bets what it won.
    fn hold(&mut self, seat: &Seat<'_>, now: BlockNumber) -> Vec<Act> {
        let held = seat.lots().unsigned_abs();
        let reach = Self::reach(seat);
        if i128::from(reach) * 100 < i128::from(held) * ADD_FROM {
            return Vec::new();
        }
        self.from = now + 10;
        let side = super::desk::side_of(seat.lots());
        vec![seat.market_order(side, reach - held, SLIPPAGE_PPM)]
    }
}

impl Bot for Gambler {
    fn decide(&mut self, desk: &Desk<'_>) -> Vec<Act> {
        let now = desk.now();
        let Some(seat) = desk.seat(self.market) else {
            return Vec::new();
        };
        if now < self.from || seat.account.unsafe_since.is_some() {
            return Vec::new();
        }
        if !seat.position.open.is_empty() {
            // A long call keeps the order waiting, at a price of the past.
            self.from = now + 5;
            return vec![seat.cancel_all()];
        }
        if !seat.market.takes_risk() || seat.market.call.long_call {
            return Vec::new();
        }
        let stake = i128::try_from(self.stake).unwrap_or(i128::MAX);
        let lost = stake.saturating_mul(desk.scale) * LOST / 100;
        if seat.equity >= lost {
            return match seat.lots() {
                0 => self.bet(&seat, now),
                _ => self.hold(&seat, now),
            };
        }
        // What is left of a position that is worth next to nothing is closed; then comes the next stake, after a pause.
        if let Some(close) = seat.close(SLIPPAGE_PPM) {
            self.from = now + 5;
            return vec![close];
        }
        if desk.cash < self.stake {
            return Vec::new();
        }
        self.from = now + self.random.between(20, 90);
        vec![Act::Deposit {
            account: seat.index,
            units: self.stake,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::{market, Scene, WHOLE};
    use super::*;
    use caisson_primitives::trading::{OrderKind, OrderRequest};

    const MARK: i128 = 6 * WHOLE;
    /// 3,000 of an asset with six decimal places.
    const STAKE: Balance = 3_000_000_000;

    fn gambler() -> Gambler {
        Gambler::new(0, STAKE, Random::new(1, "gambler"))
    }

    fn bet(acts: &[Act]) -> OrderRequest {
        match acts {
            [Act::Place { request, .. }] => *request,
            other => panic!("one order, not {other:?}"),
        }
    }

    #[test]
    fn gambler_should_bet_nearly_all_that_margin_allows() {
        let scene = Scene::new(vec![market(0, MARK)], 3_000);
        let order = bet(&gambler().decide(&scene.desk()));
        assert!(matches!(order.kind, OrderKind::Market { .. }));
        // 3,000 at initial margin of 0.288 for a lot, with 0.0033 for fees and 0.012 for slippage, would take 9,891.
        assert!((9_400..=9_891).contains(&order.lots), "{order:?}");
    }

    #[test]
    fn gambler_should_hold_when_it_is_losing_and_add_when_it_is_winning() {
        let mut scene = Scene::new(vec![market(0, MARK)], 3_000);
        scene.hold(0, 9_400);
        scene.market(0).prices.mark.0 = MARK * 985 / 1_000;
        assert_eq!(gambler().decide(&scene.desk()), []);
        scene.market(0).prices.mark.0 = MARK * 1_030 / 1_000;
        scene.market(0).prices.stable.0 = MARK * 1_030 / 1_000;
        let order = bet(&gambler().decide(&scene.desk()));
        assert_eq!(order.side, Side::Long);
        assert!(order.lots > 3_000, "{order:?}");
    }

    #[test]
    fn gambler_should_bring_its_next_stake_when_the_last_is_lost() {
        let mut scene = Scene::new(vec![market(0, MARK)], 0);
        let mut gambler = gambler();
        assert_eq!(gambler.decide(&scene.desk()), []);
        scene.cash = 9_000_000_000;
        let acts = gambler.decide(&scene.desk());
        assert_eq!(
            acts,
            [Act::Deposit {
                account: 0,
                units: STAKE
            }]
        );
        scene.account(0).collateral.0 = 3_000 * WHOLE;
        scene.pass(1);
        assert_eq!(gambler.decide(&scene.desk()), []);
        scene.pass(90);
        assert!(bet(&gambler.decide(&scene.desk())).lots > 9_000);
    }

    #[test]
    fn gambler_should_take_its_bet_back_when_a_long_call_keeps_it_waiting() {
        let (mut gambler, mut scene) = (gambler(), Scene::new(vec![market(0, MARK)], 3_000));
        gambler.decide(&scene.desk());
        scene.position(0).open.buy = 9_400;
        scene.pass(1);
        assert_eq!(gambler.decide(&scene.desk()), []);
        scene.pass(5);
        let acts = gambler.decide(&scene.desk());
        assert!(matches!(acts[..], [Act::CancelAll { market: 0, .. }]));
    }

    #[test]
    fn gambler_should_do_nothing_when_it_is_being_liquidated() {
        let mut scene = Scene::new(vec![market(0, MARK)], 100);
        scene.hold(0, 2_000);
        scene.cash = 9_000_000_000;
        scene.account(0).unsafe_since = Some(99);
        assert_eq!(gambler().decide(&scene.desk()), []);
    }
}
