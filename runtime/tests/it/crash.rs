//! A crash on the compiled runtime: thousands of leveraged accounts, bids for a fraction of them, and a price that falls by
//! 30 % in ten blocks.
//!
//! `CAISSON_SCALE=5` plays it with a hundred thousand accounts. Every run prints what it measured: time and weight of
//! blocks, liquidation latency, what the funds paid, what was deleveraged and cut.

use std::time::Duration;

use caisson_chain_harness::crash::{self, BLOCKS};
use caisson_primitives::oracle::FeedStatus;
use caisson_runtime::{configs::MAXIMUM_BLOCK_WEIGHT, Runtime, RuntimeEvent, System};
use pallet_liquidation::{
    types::{Latencies, Totals},
    Event as Liquidated,
};

use crate::{chain::Chain, native, trading::BTC_PERP};

/// After it, the chain has so many blocks to be through with it.
const AFTERMATH: u32 = 400;

/// What happens in the middle of a crash besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    None,
    /// No validator reports for half a minute.
    OracleDies,
    /// No block for ten minutes.
    ChainStops,
    /// The runtime is replaced.
    Upgrade,
}

/// What a crash came to.
#[derive(Debug)]
struct Outcome {
    blocks: u32,
    worst_time: Duration,
    /// The most weight of a block, in parts per thousand of the limit.
    worst_weight: u64,
    worst_backlog: u32,
    /// In how many blocks not all accounts that the price had reached were looked at: so long the last of them waited to be
    /// found, which latency does not count.
    sweeping: u32,
    latencies: Latencies,
    totals: Totals,
    insurance_before: i128,
    insurance_after: i128,
    /// All that the deficit grew by, from block to block and within each.
    deficits: i128,
    deficit: i128,
}

fn scale() -> u32 {
    let power = std::env::var("CAISSON_SCALE")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    10u32.pow(power)
}

/// Plays it. Every block's weight is held against the limit, and the invariants are checked every twenty blocks and at the
/// end.
fn play(accounts: u32, mishap: Mishap) -> Outcome {
    let mut chain = crash::prepare(accounts);
    let insurance_before = insurance(&mut chain);
    let mut outcome = Outcome {
        blocks: 0,
        worst_time: Duration::ZERO,
        worst_weight: 0,
        worst_backlog: 0,
        sweeping: 0,
        latencies: Latencies::default(),
        totals: Totals::default(),
        insurance_before,
        insurance_after: 0,
        deficits: 0,
        deficit: 0,
    };
    let (mut status, mut revived_at) = (FeedStatus::Live, 0);
    for step in 1..=u128::from(AFTERMATH) {
        if step == BLOCKS / 2 {
            match mishap {
                Mishap::None => {}
                Mishap::OracleDies => {
                    status = FeedStatus::Stale;
                    revived_at = step + 30;
                }
                Mishap::ChainStops => chain.skip_slots(600),
                Mishap::Upgrade => upgrade(&mut chain),
            }
        }
        if step == revived_at {
            status = FeedStatus::Live;
        }
        crash::set(&mut chain, crash::price_in(step), status);
        let time = chain.timed_block(&[]);
        outcome.blocks += 1;
        if std::env::var_os("CAISSON_TRACE").is_some() {
            trace(&mut chain, step, time);
        }
        outcome.worst_time = outcome.worst_time.max(time);
        observe(&mut chain, &mut outcome, step % 20 == 0);
        if step >= BLOCKS && status == FeedStatus::Live && is_over(&mut chain) {
            break;
        }
    }
    assert!(
        is_over(&mut chain),
        "not over after {} blocks: {outcome:?}",
        outcome.blocks
    );
    let number = chain.number();
    chain.query(|| native::check(number));
    outcome.latencies = chain.query(|| pallet_liquidation::LatenciesOf::<Runtime>::get(BTC_PERP));
    outcome.totals = chain.query(|| pallet_liquidation::TotalsOf::<Runtime>::get(BTC_PERP));
    outcome.insurance_after = insurance(&mut chain);
    outcome.deficit = chain.query(|| {
        pallet_liquidation::Work::<Runtime>::get(BTC_PERP).map_or(0, |work| work.deficit.0)
    });
    outcome
}

/// One line for each block, with `CAISSON_TRACE`.
fn trace(chain: &mut Chain, step: u128, time: Duration) {
    let events = chain.events();
    let count = |name: &str| {
        events
            .iter()
            .filter(|event| format!("{event:?}").contains(name))
            .count()
    };
    let counts: Vec<_> = [
        "BecameUnsafe",
        "OrderEntered",
        "Bought",
        "TakenOver",
        "Restored",
        "Deleveraged",
        "ProfitCut",
        "Filled",
    ]
    .map(|name| format!("{name} {}", count(&format!("Event::{name} "))))
    .into();
    let (unsafe_accounts, incomplete, level, weight) = chain.query(|| {
        (
            pallet_liquidation::UnsafeAccounts::<Runtime>::get(),
            pallet_margin::SweepIncomplete::<Runtime>::get(),
            caisson_runtime::CircuitBreaker::level(BTC_PERP),
            System::block_weight().total(),
        )
    });
    println!(
        "{step}: {:.1} ms, {} ms of weight, unsafe {unsafe_accounts}, sweep incomplete {incomplete}, {level:?}; {}",
        time.as_secs_f64() * 1e3,
        weight.ref_time() / 1_000_000_000,
        counts.join(", ")
    );
}

fn insurance(chain: &mut Chain) -> i128 {
    chain.query(|| pallet_margin::Ledgers::<Runtime>::get(0).insurance.0)
}

/// Whether nobody is unsafe, nobody waits, and no deficit is open.
fn is_over(chain: &mut Chain) -> bool {
    crash::is_settled(chain) && !chain.query(pallet_margin::SweepIncomplete::<Runtime>::get)
}

fn observe(chain: &mut Chain, outcome: &mut Outcome, check: bool) {
    let number = chain.number();
    let (weight, backlog, sweeping) = chain.query(|| {
        if check {
            native::check(number);
        }
        (
            System::block_weight().total(),
            pallet_liquidation::BacklogState::<Runtime>::get().accounts,
            pallet_margin::SweepIncomplete::<Runtime>::get(),
        )
    });
    outcome.sweeping += u32::from(sweeping);
    let share = weight.ref_time() * 1_000 / MAXIMUM_BLOCK_WEIGHT.ref_time();
    outcome.worst_weight = outcome.worst_weight.max(share);
    outcome.worst_backlog = outcome.worst_backlog.max(backlog);
    outcome.deficits += chain.events().iter().map(opened).sum::<i128>();
}

/// What a deficit grew by. It is said before profits are cut for it, and again after.
fn opened(event: &RuntimeEvent) -> i128 {
    match event {
        RuntimeEvent::Liquidation(Liquidated::DeficitChanged { before, after, .. }) => {
            (after.0 - before.0).max(0)
        }
        _ => 0,
    }
}

/// Replaces the code by that of the upgrade drill, whose migration takes some blocks; without it (this test run by itself)
/// by the same code, which is an upgrade all the same for whoever watches versions.
fn upgrade(chain: &mut Chain) {
    let path = std::env::var("CAISSON_UPGRADE_WASM");
    chain.query(|| {
        if let Ok(path) = path {
            let code = std::fs::read(&path).expect("the drill's wasm");
            sp_io::storage::set(sp_core::storage::well_known_keys::CODE, &code);
        } else {
            // As after an upgrade: the version of the last block is another one.
            frame_system::LastRuntimeUpgrade::<Runtime>::kill();
        }
    });
    chain.commit();
}

fn report(name: &str, accounts: u32, outcome: &Outcome) {
    let wholes = |quanta: i128| quanta / 1_000_000_000_000;
    println!(
        "{name}, {accounts} accounts: over after {} blocks; worst block {:.0} ms, {} per mille of weight; worst backlog {}, sweeping for {} blocks",
        outcome.blocks,
        outcome.worst_time.as_secs_f64() * 1e3,
        outcome.worst_weight,
        outcome.worst_backlog,
        outcome.sweeping,
    );
    println!(
        "  restored {}, latency p50 {:?} p99 {:?} blocks {:?}",
        outcome.latencies.total(),
        outcome.latencies.quantile(500_000),
        outcome.latencies.quantile(990_000),
        outcome.latencies.0,
    );
    println!(
        "  taken over {}, losses {}, covered {}, deleveraged {} lots, deficits {}, haircuts {}, fund {} -> {}",
        outcome.totals.taken_over,
        wholes(outcome.totals.losses.0),
        wholes(outcome.totals.covered.0),
        outcome.totals.deleveraged,
        wholes(outcome.deficits),
        wholes(outcome.totals.haircuts.0),
        wholes(outcome.insurance_before),
        wholes(outcome.insurance_after),
    );
}

/// What must hold however it went.
fn judge(outcome: &Outcome) {
    assert!(
        outcome.worst_weight <= 1_000,
        "a block too heavy: {outcome:?}"
    );
    assert!(
        outcome.worst_time < Duration::from_millis(1_000),
        "a block took a slot: {outcome:?}"
    );
    assert!(outcome.latencies.total() > 0, "nobody was liquidated");
    assert!(
        outcome.totals.haircuts.0 <= outcome.deficits,
        "more was cut than was missing: {outcome:?}"
    );
    assert_eq!(outcome.deficit, 0);
}

#[test]
fn crash_should_end_with_everyone_safe_and_the_books_balanced() {
    let accounts = scale();
    let outcome = play(accounts, Mishap::None);
    report("crash", accounts, &outcome);
    judge(&outcome);
    let tail = outcome.latencies.quantile(990_000);
    assert!(
        tail.is_some_and(|blocks| blocks <= 3),
        "99 of 100 are restored within three blocks of being found: {outcome:?}"
    );
}

#[test]
fn crash_should_end_well_though_the_oracle_dies_in_the_middle() {
    let accounts = scale();
    let outcome = play(accounts, Mishap::OracleDies);
    report("oracle dies", accounts, &outcome);
    judge(&outcome);
}

#[test]
fn crash_should_end_well_though_the_chain_stops_in_the_middle() {
    let accounts = scale();
    let outcome = play(accounts, Mishap::ChainStops);
    report("chain stops", accounts, &outcome);
    judge(&outcome);
}

#[test]
fn crash_should_end_well_though_the_runtime_is_upgraded_in_the_middle() {
    let accounts = scale();
    let outcome = play(accounts, Mishap::Upgrade);
    report("upgrade", accounts, &outcome);
    judge(&outcome);
}
