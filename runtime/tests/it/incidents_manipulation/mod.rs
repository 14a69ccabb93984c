//! What broke other venues when somebody traded against the rules of the house: pumped spot, split bets, profit taken out,
//! a short left to the house, swept and spoofed books. Each test is one incident, on the real runtime.

mod inherited_short;
mod profit_taken_out;
mod pulled_wall;
mod pumped_spot;
mod split_bet;
mod swept_book;

use std::cell::{Cell, RefCell};

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{
        Cash, ForcedOrders as _, InsuranceFunds as _, Level, MarketId, Markets as _, OrderRequest,
        Scope, Side, Ticks, TradingAccounts as _,
    },
    Moment,
};
use caisson_runtime::{Exchange, Insurance, Margin, Markets, Runtime, RuntimeEvent};
use frame_support::assert_ok;
use pallet_circuit_breaker::{machine::Cause, Event as Breaker};
use pallet_exchange::Event as Exchanged;
use pallet_insurance::Event as Insured;
use pallet_liquidation::Event as Liquidated;
use pallet_margin::Event as Booked;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
    native,
    stage::{
        cancel_all, deposit, order, place, withdraw_units, withdrawable, Actor, Stage, Worth,
        BTC_PERP, ETH, ETH_PERP, ETH_PERP_B, QUANTA, UNITS,
    },
};

/// Runs a block in which bystanders do nothing, and checks that what they are worth changed by what prices did to their
/// positions and by cuts that an event names: not by a quantum more. Returns the cuts.
fn watched(stage: &mut Stage, bystanders: &[&Actor], acts: impl FnOnce()) -> i128 {
    let load = |actor: &&Actor| Margin::load(actor.account).expect("an account");
    let records: Vec<_> = stage.chain.run(|| bystanders.iter().map(load).collect());
    stage.block(acts);
    let events = stage.chain.events();
    stage.chain.run(|| {
        let mut cuts = 0;
        for (actor, record) in bystanders.iter().zip(records) {
            let cut: i128 =
                events
                    .iter()
                    .map(|event| match event {
                        RuntimeEvent::Liquidation(Liquidated::ProfitCut {
                            account, cut, ..
                        }) if *account == actor.account => cut.0,
                        _ => 0,
                    })
                    .sum();
            let (then, now) = (Worth::of(&record), Worth::of(&load(actor)));
            assert_eq!(now.equity, then.equity - cut, "{actor:?}");
            cuts += cut;
        }
        cuts
    })
}

/// The most that the insurance fund may have paid for a market of the first compartment: the largest allowance of a window that
/// there was, and as much again for each window that passes, since it is a leaky bucket.
struct Allowance {
    market: MarketId,
    since: Moment,
    largest: Cell<i128>,
}

impl Allowance {
    fn new(stage: &mut Stage, market: MarketId) -> Self {
        let since = stage.chain.next_time();
        let largest = Cell::new(stage.allowance(0, market));
        Self {
            market,
            since,
            largest,
        }
    }

    /// After each block: income of the block may have raised it.
    fn note(&self, stage: &mut Stage) {
        self.largest
            .set(self.largest.get().max(stage.allowance(0, self.market)));
    }

    fn most(&self, stage: &Stage) -> i128 {
        let window = i128::from(stage.chain.next_time() - self.since);
        self.largest.get() + self.largest.get() * window / (6 * 3_600_000)
    }
}

/// What the insurance fund itself paid for a market, apart from its backers and the treasury.
fn paid_by_fund(events: &[RuntimeEvent], wanted: MarketId) -> i128 {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Insurance(Insured::LossCovered {
            market, insurance, ..
        }) if *market == wanted => Some(insurance.0),
        _ => None,
    };
    events.iter().filter_map(pick).sum()
}

/// Blocks until nobody is unsafe and no deficit is open in a market. Says how many.
fn settle_down(stage: &mut Stage, market: MarketId, mut block: impl FnMut(&mut Stage)) -> u32 {
    for blocks in 0..300 {
        if stage.unsafe_accounts() == 0 && stage.deficit(market) == 0 {
            return blocks;
        }
        block(stage);
    }
    panic!("it does not end");
}

/// Quanta in wholes, for reading.
fn wholes(quanta: i128) -> f64 {
    quanta as f64 / QUANTA as f64
}

/// That a call was refused for a reason.
fn assert_refused(result: DispatchResult, error: impl Into<DispatchError>) {
    assert_eq!(
        result.map_err(DispatchError::stripped),
        Err(error.into().stripped())
    );
}

/// Accounts of `market` that a block of events took over, with the equity of each.
fn taken_over(events: &[RuntimeEvent]) -> Vec<(u64, i128)> {
    let pick = |event: &RuntimeEvent| match event {
        RuntimeEvent::Liquidation(Liquidated::TakenOver {
            account, equity, ..
        }) => Some((u64::from(*account), equity.0)),
        _ => None,
    };
    events.iter().filter_map(pick).collect()
}
