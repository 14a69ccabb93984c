//! Trend followers: they go where the mark went in the last blocks, with a stop and a target, and not for long.

use super::{
    desk::{side_of, Act, Bot, Desk, Seat},
    random::Random,
};
use caisson_primitives::{
    trading::{ClientOrderId, Direction, MarketId, OrderRequest, Side},
    BlockNumber,
};
use std::collections::BTreeMap;

/// How much worse than the mark its market orders may be filled, in parts per million.
const SLIPPAGE_PPM: u32 = 3_000;
/// The same for what a stop places: it must get out.
const STOP_SLIPPAGE_PPM: u32 = 20_000;
/// How far from the mark its resting entries are, in parts per million.
const ENTRY_PPM: i128 = 50;
/// How long they rest, in milliseconds.
const ENTRY_MS: u64 = 8_000;
/// How many blocks it waits for an exit before it tries again.
const EXIT_BLOCKS: BlockNumber = 4;

const STOP: ClientOrderId = 1;
const TARGET: ClientOrderId = 2;
const ENTRY: ClientOrderId = 3;

/// What it does in a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for a move, not before this block.
    Watching(BlockNumber),
    /// An order to enter is under way; given up at this block.
    Entering(BlockNumber),
    /// It holds, with a stop and a target, until this block.
    Holding(BlockNumber),
    /// An order to leave is under way; tried again at this block.
    Leaving(BlockNumber),
}

/// A trend follower.
#[derive(Debug)]
pub struct Follower {
    markets: Vec<MarketId>,
    stages: BTreeMap<MarketId, Stage>,
    /// Over how many blocks it looks.
    lookback: usize,
    /// What it calls a move, in parts per million.
    threshold: i128,
    random: Random,
}

impl Follower {
    /// A follower in these markets.
    pub fn new(markets: Vec<MarketId>, mut random: Random) -> Self {
        Self {
            markets,
            stages: BTreeMap::new(),
            lookback: usize::try_from(random.between(3, 10)).unwrap_or(4),
            threshold: random.between(2, 15).into(),
            random,
        }
    }

    fn act(&mut self, seat: &Seat<'_>, now: BlockNumber, time: u64) -> Vec<Act> {
        let market = seat.market.terms.market;
        let stage = self.stages.get(&market).copied();
        let stage = stage.unwrap_or(Stage::Watching(now));
        let is_flat = seat.lots() == 0;
        let (next, acts) = match stage {
            Stage::Watching(_) | Stage::Entering(_) if !is_flat => self.protect(seat, now),
            Stage::Watching(from) if now >= from => self.enter(seat, now, time),
            Stage::Entering(until) if now >= until => {
                // What still waits, in a long call, does so at a price of the past.
                let stale = (!seat.position.open.is_empty()).then(|| seat.cancel_all());
                (Stage::Watching(now + 1), stale.into_iter().collect())
            }
            Stage::Holding(_) | Stage::Leaving(_) if is_flat => {
                // The stop or the target was met: the other one must not stay.
                let pause = self.random.between(1, 4);
                let tidy = (seat.account.orders > 0).then(|| seat.cancel_all());
                (Stage::Watching(now + pause), tidy.into_iter().collect())
            }
            Stage::Holding(until) | Stage::Leaving(until) if now >= until => {
                let acts = [Some(seat.cancel_all()), seat.close(SLIPPAGE_PPM)];
                (
                    Stage::Leaving(now + EXIT_BLOCKS),
                    acts.into_iter().flatten().collect(),
                )
            }
            waiting => (waiting, Vec::new()),
        };
        self.stages.insert(market, next);
        acts
    }

    /// Goes with the last move, if there was one.
    fn enter(&mut self, seat: &Seat<'_>, now: BlockNumber, time: u64) -> (Stage, Vec<Act>) {
        let moved = seat.market.moved_ppm(self.lookback).unwrap_or(0);
        // An order for a long call waits in the book for its end.
        let is_free = seat.position.open.is_empty();
        if moved.abs() < self.threshold || !is_free || !seat.market.takes_risk() {
            return (Stage::Watching(now), Vec::new());
        }
        let side = side_of(if moved < 0 { -1 } else { 1 });
        // A bet of a twentieth to a fifth of what it has.
        let share = i128::from(self.random.between(5, 20));
        let lots = seat.market.lots_for(seat.equity * share / 100);
        if lots == 0 {
            return (Stage::Watching(now), Vec::new());
        }
        if self.random.percent(70) {
            let act = seat.market_order(side, lots, SLIPPAGE_PPM);
            return (Stage::Entering(now + 3), vec![act]);
        }
        let sign = if side == Side::Long { -1 } else { 1 };
        let limit = seat.market.ticks_from_mark(sign * ENTRY_PPM, side);
        let request = OrderRequest::limit(side, lots, limit)
            .good_till(time + ENTRY_MS)
            .named(ENTRY);
        (Stage::Entering(now + 10), vec![seat.place(request)])
    }

    /// Places stop and target of a new position.
    fn protect(&mut self, seat: &Seat<'_>, now: BlockNumber) -> (Stage, Vec<Act>) {
        let target = i128::from(self.random.between(600, 2_500));
        let stop = i128::from(self.random.between(400, 1_500));
        let until = now + self.random.between(4, 16);
        let lots = seat.lots();
        let leave = side_of(-lots);
        let (sign, stops, targets) = match leave {
            Side::Short => (1, Direction::AtOrBelow, Direction::AtOrAbove),
            Side::Long => (-1, Direction::AtOrAbove, Direction::AtOrBelow),
        };
        let exit = |ppm: i128, direction: Direction, client_id: ClientOrderId| {
            let price = seat.market.ticks_from_mark(ppm, leave);
            let request = OrderRequest::market(leave, lots.unsigned_abs(), STOP_SLIPPAGE_PPM)
                .reduce_only()
                .triggered_at(direction, price)
                .named(client_id);
            seat.place(request)
        };
        // An entry that is filled in part still rests, and an earlier run may have left its exits.
        let tidy = (seat.account.orders > 0).then(|| seat.cancel_all());
        let exits = [
            exit(-sign * stop, stops, STOP),
            exit(sign * target, targets, TARGET),
        ];
        (
            Stage::Holding(until),
            tidy.into_iter().chain(exits).collect(),
        )
    }
}

impl Bot for Follower {
    fn decide(&mut self, desk: &Desk<'_>) -> Vec<Act> {
        let mut acts = Vec::new();
        for market in self.markets.clone() {
            if let Some(seat) = desk.seat(market) {
                acts.extend(self.act(&seat, desk.now(), desk.snapshot.time));
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

    fn follower() -> Follower {
        Follower::new(vec![0], Random::new(1, "follower"))
    }

    /// A market that rose or fell by a thousandth.
    fn moved(sign: i128) -> Scene {
        let mut scene = Scene::new(vec![market(0, MARK)], 10_000);
        scene.market(0).marks = vec![MARK - sign * MARK / 1_000; 30];
        scene.market(0).marks.push(MARK);
        scene
    }

    fn requests(acts: &[Act]) -> Vec<OrderRequest> {
        let placed = acts.iter().filter_map(|act| match act {
            Act::Place { request, .. } => Some(*request),
            _ => None,
        });
        placed.collect()
    }

    #[test]
    fn follower_should_go_with_the_move() {
        for (sign, side) in [(1, Side::Long), (-1, Side::Short)] {
            let placed = requests(&follower().decide(&moved(sign).desk()));
            assert_eq!(placed.len(), 1);
            assert_eq!(placed[0].side, side);
            // A twentieth of 10,000 at a lot of 6, or up to a fifth.
            assert!((83..=333).contains(&placed[0].lots), "{placed:?}");
        }
    }

    #[test]
    fn follower_should_wait_when_nothing_moved_or_nothing_may_be_risked() {
        let still = Scene::new(vec![market(0, MARK)], 10_000);
        assert_eq!(follower().decide(&still.desk()), []);
        let mut restricted = moved(1);
        restricted.market(0).level = caisson_primitives::trading::Level::ReduceOnly;
        assert_eq!(follower().decide(&restricted.desk()), []);
        let mut waiting = moved(1);
        waiting.position(0).open.buy = 1;
        assert_eq!(follower().decide(&waiting.desk()), []);
    }

    #[test]
    fn follower_should_take_its_entry_back_when_a_long_call_keeps_it_waiting() {
        let (mut follower, mut scene) = (follower(), moved(1));
        follower.decide(&scene.desk());
        scene.position(0).open.buy = 1;
        scene.pass(10);
        let acts = follower.decide(&scene.desk());
        assert!(matches!(acts[..], [Act::CancelAll { market: 0, .. }]));
    }

    #[test]
    fn follower_should_place_stop_and_target_once_when_it_holds() {
        let (mut follower, mut scene) = (follower(), moved(1));
        follower.decide(&scene.desk());
        scene.pass(1);
        scene.hold(0, 300);
        let placed = requests(&follower.decide(&scene.desk()));
        let directions: Vec<_> = placed
            .iter()
            .filter_map(|one| Some((one.trigger?.direction, one.reduce_only, one.side)))
            .collect();
        assert_eq!(
            directions,
            [
                (Direction::AtOrBelow, true, Side::Short),
                (Direction::AtOrAbove, true, Side::Short)
            ]
        );
        scene.pass(1);
        assert_eq!(follower.decide(&scene.desk()), []);
    }

    #[test]
    fn follower_should_close_when_it_held_long_enough_and_tidy_up_when_it_is_out() {
        let (mut follower, mut scene) = (follower(), moved(-1));
        follower.decide(&scene.desk());
        scene.hold(0, -300);
        follower.decide(&scene.desk());
        scene.pass(17);
        let acts = follower.decide(&scene.desk());
        let closing = requests(&acts);
        assert_eq!(closing.len(), 1);
        assert_eq!((closing[0].side, closing[0].lots), (Side::Long, 300));
        assert!(closing[0].reduce_only);
        scene.pass(1);
        scene.hold(0, 0);
        scene.account(0).orders = 1;
        let acts = follower.decide(&scene.desk());
        assert!(matches!(acts[..], [Act::CancelAll { market: 0, .. }]));
    }
}
