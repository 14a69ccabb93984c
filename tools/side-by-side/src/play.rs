//! One crash with one finder.

use std::time::Duration;

use caisson_chain_harness::{
    crash::{self, BEFORE, BLOCKS},
    timing::least,
    trading::BTC_PERP,
};
use caisson_primitives::oracle::FeedStatus;
use caisson_runtime::{configs::MAXIMUM_BLOCK_WEIGHT, Runtime, System};

use crate::{finder::Finder, watch::Watch, worker::Worker};

/// How many quiet blocks are timed before the crash; the least counts.
const QUIET: u32 = 15;

/// After so many blocks the crash is given up.
const MOST_BLOCKS: u128 = 1_500;

/// A quantum of the settlement asset is so small a part of it.
const QUANTA: i128 = 1_000_000_000_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// A block before the crash, in which nothing happens.
    pub quiet: Duration,
    /// The blocks of the crash, until it was over.
    pub times: Vec<Duration>,
    /// The most weight of a block, in parts per thousand of the limit.
    pub worst_weight: u64,
    /// How many blocks each account waited until the engine acted on it.
    pub latencies: Vec<u32>,
    /// Accounts that became safe again before anyone acted.
    pub recovered: u32,
    /// What liquidated accounts fell short of nothing, in wholes of the settlement asset.
    pub losses: i128,
    /// What of it was cut from others' profits.
    pub haircuts: i128,
    /// Whether everything was settled in the end.
    pub is_over: bool,
}

/// Plays the crash with so many accounts.
pub fn play(finder: Finder, accounts: u32, wasm: &[u8]) -> Outcome {
    let mut chain = crash::prepare(accounts);
    finder.take_over(&mut chain, wasm);
    let quiet = (0..QUIET).map(|_| {
        crash::set(&mut chain, BEFORE, FeedStatus::Live);
        chain.timed_block(&[])
    });
    let mut outcome = Outcome {
        quiet: least(quiet),
        ..Outcome::default()
    };
    let mut worker = finder.worker(accounts);
    let mut watch = Watch::default();
    for step in 1..=MOST_BLOCKS {
        crash::set(&mut chain, crash::price_in(step), FeedStatus::Live);
        watch.before(&mut chain);
        let transactions = worker
            .as_mut()
            .map_or_else(Vec::new, |worker| worker.transactions(&mut chain));
        let (time, results) = chain.timed_full_block(&transactions);
        outcome.times.push(time);
        watch.after(&mut chain);
        if let Some(worker) = &mut worker {
            worker.included(&mut chain, results.len());
            worker.read(&mut chain);
        }
        let weight = chain.query(|| System::block_weight().total()).ref_time();
        let share = weight * 1_000 / MAXIMUM_BLOCK_WEIGHT.ref_time();
        outcome.worst_weight = outcome.worst_weight.max(share);
        outcome.is_over = step > BLOCKS
            && watch.is_clear()
            && worker.as_ref().is_none_or(Worker::is_idle)
            && crash::is_settled(&mut chain);
        if outcome.is_over {
            break;
        }
    }
    chain.check();
    let totals = chain.query(|| pallet_liquidation::TotalsOf::<Runtime>::get(BTC_PERP));
    Outcome {
        latencies: watch.latencies,
        recovered: watch.recovered,
        losses: totals.losses.0 / QUANTA,
        haircuts: totals.haircuts.0 / QUANTA,
        ..outcome
    }
}
