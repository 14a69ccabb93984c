//! What several scenarios need.

use caisson_primitives::{
    trading::{Level, MarketId, Markets as _, Phase},
    Moment,
};
use caisson_runtime::{Markets, RuntimeOrigin};

use crate::{
    money::{percent, wholes, ONE},
    progress::Progress,
    report::Claim,
    stage::Stage,
    tape::{level_words, Tape},
};

/// The books are checked every so many blocks.
pub const CHECKS_EVERY: u32 = 10;

/// What the window of an insurance fund's drawdown lasts, in milliseconds.
const WINDOW_MS: i128 = 6 * 3_600_000;

/// A stage with bitcoin at 50,000 and ether at 2,500.
pub fn open(market: MarketId, progress: Progress) -> Stage {
    Stage::open(market, 50_000 * ONE, 2_500 * ONE, CHECKS_EVERY, progress)
}

/// What must hold in every scenario.
pub fn common_claims(tape: &Tape) -> Vec<Claim> {
    let last = tape.samples.last().map(|sample| sample.state);
    let is_safe = last.is_some_and(|state| state.unsafe_accounts == 0 && state.deficit == 0);
    vec![
        Claim::new(
            tape.checks >= 2,
            format!(
                "All accounts, funds and pots together may claim what is in custody, to the quantum: checked {} times",
                tape.checks
            ),
        ),
        Claim::new(
            tape.totals.haircuts.0 <= tape.uncovered,
            format!(
                "Cuts on profits are no more than what funds left uncovered: {} of {} USDD",
                wholes(tape.totals.haircuts.0),
                wholes(tape.uncovered)
            ),
        ),
        Claim::new(
            is_safe,
            "When it ends nobody is short of margin, and no deficit is open",
        ),
    ]
}

/// The most that the insurance fund may have paid for a market of the first compartment: the largest allowance of a window that
/// there was, and as much again for each window that passes, since it is a leaky bucket.
pub struct Allowance {
    market: MarketId,
    since: Moment,
    largest: i128,
}

impl Allowance {
    /// Begins to watch.
    pub fn new(stage: &mut Stage, market: MarketId) -> Self {
        let largest = stage.allowance(0, market);
        Self {
            market,
            since: stage.next_time(),
            largest,
        }
    }

    /// After each block: income of the block may have raised it.
    pub fn note(&mut self, stage: &mut Stage) {
        self.largest = self.largest.max(stage.allowance(0, self.market));
    }

    /// The most until now, in quanta.
    pub fn most(&self, stage: &Stage) -> i128 {
        let passed = i128::from(stage.next_time() - self.since);
        self.largest + self.largest * passed / WINDOW_MS
    }

    /// That the fund paid no more.
    pub fn claim(&self, stage: &Stage) -> Claim {
        let (paid, most) = (stage.tape.paid[0], self.most(stage));
        Claim::new(
            paid <= most,
            format!(
                "The insurance fund pays no more than its allowance for one market: {} of {} USDD",
                wholes(paid),
                wholes(most)
            ),
        )
    }
}

/// That a market was not given up.
pub fn is_not_given_up(stage: &mut Stage) -> Claim {
    let market = stage.market();
    let phase = stage.state(|| Markets::contract(market).map(|contract| contract.phase));
    Claim::new(
        phase == Some(Phase::Trading) && !stage.tape.given_up,
        "The market goes on: it is not given up",
    )
}

/// That the mark was never further from the index than so many parts per million.
pub fn mark_stays_near(tape: &Tape, most_ppm: i128) -> Claim {
    let furthest = tape
        .samples
        .iter()
        .map(|sample| {
            let state = &sample.state;
            (state.mark - state.index).abs() * 1_000_000 / state.index.max(1)
        })
        .max()
        .unwrap_or_default();
    Claim::new(
        furthest <= most_ppm,
        format!(
            "The mark stays within {} of the index: {} at most",
            percent(most_ppm),
            percent(furthest)
        ),
    )
}

/// The strictest level of a tape, in words.
pub fn strictest(tape: &Tape) -> &'static str {
    let level = tape
        .samples
        .iter()
        .map(|sample| sample.state.level)
        .max()
        .unwrap_or(Level::Open);
    level_words(level)
}

/// Open interest may grow to `cap` lots; from `lower` on initial margin rises, to all of the notional at the cap.
pub fn limit_open_interest(stage: &mut Stage, market: MarketId, lower: u64, cap: u64) {
    stage.state(|| {
        let contract = Markets::contract(market).expect("a market of the preset");
        let mut limits = pallet_markets::types::Limits::of(&contract);
        limits.open_interest_cap = cap;
        let risk =
            pallet_markets::Parameters::<caisson_runtime::Runtime>::get(market).expect("it has");
        let risk = pallet_markets::types::RiskParameters {
            open_interest_lower: lower,
            open_interest_upper: cap,
            ..risk
        };
        let root = RuntimeOrigin::root;
        Markets::set_limits(root(), market, limits).expect("the limits are in bounds");
        Markets::set_risk_parameters(root(), market, Box::new(risk))
            .expect("the parameters are in bounds");
    });
    stage.blocks(1);
}
