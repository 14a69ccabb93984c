//! What the oracle costs in the compiled runtime, against what it says it costs.
//!
//! Times are of this machine, so they are compared with a transfer of the same run, which the weights call
//! `TRANSFER`; the bounds are generous for machines under load. Run with `--nocapture` to see the
//! figures that `docs/performance.md` records.

use std::time::{Duration, Instant};

use caisson_primitives::{
    currency::UNIT,
    oracle::{crypto::AuthorityId, FeedId, MAX_FEEDS},
    AccountId,
};
use caisson_runtime::{
    configs::{OffenceWeight, MAXIMUM_BLOCK_WEIGHT, MAX_VALIDATORS},
    Runtime, RuntimeCall, System,
};
use frame_support::dispatch::GetDispatchInfo;
use pallet_price_oracle::{
    types::{
        FeedInfo, LatestReport, Misconduct, Observation, PendingOffence, Performance, Reporter,
        Suspect,
    },
    weights::{MeasuredWeight, WeightInfo},
};
use sp_core::crypto::UncheckedFrom;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::Perbill;

use crate::{
    chain::Chain,
    oracle::{signed_report, stash, BTC, ONE},
};

type Weights = MeasuredWeight<Runtime>;

/// How often each thing is timed; the median counts.
const RUNS: usize = 9;

fn account(number: u32) -> AccountId {
    let mut id = [7; 32];
    id[..4].copy_from_slice(&number.to_le_bytes());
    AccountId::new(id)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The time of one transfer, signature and all, inside a block.
fn transfer(chain: &mut Chain) -> Duration {
    let call = || {
        RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: Bob.to_account_id().into(),
            value: UNIT,
        })
    };
    let times = (0..RUNS).map(|_| {
        const MANY: u32 = 50;
        let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
        let all: Vec<_> = (0..MANY)
            .map(|n| chain.sign_with_nonce(Alice, nonce + n, call()))
            .collect();
        chain.begin_block();
        assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
        let started = Instant::now();
        for transaction in all {
            assert_eq!(chain.apply(transaction), Ok(Ok(())));
        }
        let took = started.elapsed() / MANY;
        chain.end_block();
        took
    });
    median(times.collect())
}

/// What the weights say a transfer costs.
fn transfer_weight() -> u64 {
    let call = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Bob.to_account_id().into(),
        value: UNIT,
    });
    let base = frame_support::weights::constants::ExtrinsicBaseWeight::get().ref_time();
    call.get_dispatch_info().call_weight.ref_time() + base
}

/// Gives the chain that many feeds, each like the first.
fn with_feeds(chain: &mut Chain, feeds: u32) {
    chain.query(|| {
        let parameters = pallet_price_oracle::Parameters::<Runtime>::get()[&BTC];
        let sources = pallet_price_oracle::Sources::<Runtime>::get(BTC);
        for number in 2..feeds {
            let symbol = format!("T{number}/USD")
                .into_bytes()
                .try_into()
                .expect("short");
            let info = FeedInfo {
                symbol,
                decimals: 2,
            };
            pallet_price_oracle::feeds::register::<Runtime>(info, parameters, sources.clone())
                .expect("there is room");
        }
    });
}

/// Seats that many reporters, and lets each report all feeds just now: every price is new, disagrees
/// a little, and the earlier one still waits to be judged, so that every record is written.
fn with_reports(chain: &mut Chain, reporters: u32, feeds: u32, round: u64) {
    chain.query(|| {
        use pallet_price_oracle as oracle;
        let panel: Vec<_> = (0..reporters)
            .map(|n| Reporter {
                validator: account(n),
                weight: 1_000,
            })
            .collect();
        for (place, reporter) in (0u16..).zip(&panel) {
            let key: AuthorityId =
                UncheckedFrom::unchecked_from(*AsRef::<[u8; 32]>::as_ref(&reporter.validator));
            let authority = oracle::types::Authority {
                key,
                validator: reporter.validator.clone(),
            };
            oracle::Authorities::<Runtime>::insert(place, authority);
            let mut latest = LatestReport {
                round,
                ..Default::default()
            };
            for feed in 0..feeds as FeedId {
                let price = (60_000 + u128::from((place * 37) % 101)) * ONE;
                latest.observe(Observation {
                    feed,
                    is_new: true,
                    price,
                    confidence: price / 10_000,
                    round: round - u64::from(place % 3),
                    suspect: None,
                });
                // The reports of some are far off and due for judgement.
                latest.of_mut(feed).expect("just observed").suspect = Some(Suspect {
                    price,
                    since: round - 3,
                    low: price,
                    high: price,
                });
            }
            oracle::LatestReports::<Runtime>::insert(&reporter.validator, latest);
        }
        let performances = vec![Performance::default(); panel.len()];
        oracle::Performances::<Runtime>::put(frame_support::BoundedVec::truncate_from(
            performances,
        ));
        oracle::Reporters::<Runtime>::put(frame_support::BoundedVec::truncate_from(panel));
        let mut waiting = oracle::types::FeedSet::default();
        (0..feeds as FeedId).for_each(|feed| waiting.insert(feed));
        oracle::Waiting::<Runtime>::put(waiting);
    });
}

/// Initialises the next block and returns how long that took. The first pass compiles and warms up.
fn initialise(chain: &mut Chain) -> Duration {
    let started = Instant::now();
    chain.begin_block();
    let took = started.elapsed();
    assert_eq!(chain.apply_timestamp(), Ok(Ok(())));
    chain.end_block();
    took
}

/// The time of `on_initialize` with reports of all feeds by all reporters, beyond that of a block without.
fn closing(reporters: u32, feeds: u32) -> (Duration, Duration) {
    let mut chain = Chain::from_preset("local_testnet");
    with_feeds(&mut chain, feeds);
    let slot =
        |chain: &mut Chain| chain.query(|| u64::from(pallet_babe::CurrentSlot::<Runtime>::get()));
    let mut quiet = Vec::new();
    let mut busy = Vec::new();
    for _ in 0..RUNS {
        let round = slot(&mut chain);
        with_reports(&mut chain, reporters, feeds, round);
        busy.push(initialise(&mut chain));
        quiet.push(initialise(&mut chain));
    }
    (median(quiet), median(busy))
}

/// One test, so that nothing else of this file runs beside the timing.
#[test]
fn oracle_should_cost_no_more_than_it_says() {
    let mut chain = Chain::from_preset("local_testnet");
    let transfer_took = transfer(&mut chain);
    let unit = transfer_took.as_nanos() as f64 / transfer_weight() as f64;
    println!("a transfer took {transfer_took:?}, {unit:.4} ns for a picosecond of weight");

    let block = MAXIMUM_BLOCK_WEIGHT.ref_time() as f64;
    for (reporters, feeds) in [(4, 2), (100, 16), (MAX_VALIDATORS, MAX_FEEDS)] {
        let (quiet, busy) = closing(reporters, feeds);
        let weight = Weights::close(reporters, feeds) + Weights::close_nothing();
        let claimed = weight.ref_time() as f64;
        println!(
            "{reporters} reporters x {feeds} feeds: quiet {quiet:?}, closing {busy:?}; weight {:.1} % of a block, \
             time {:.1} % of one; in transfers {:.1} claimed, {:.1} measured",
            100.0 * claimed / block,
            100.0 * busy.as_secs_f64() / 0.5,
            claimed / transfer_weight() as f64,
            busy.as_secs_f64() / transfer_took.as_secs_f64(),
        );
        if (reporters, feeds) == (100, 16) {
            assert!(
                claimed < 0.03 * block,
                "closing 100 x 16 claims {claimed} of {block}"
            );
        }
    }

    let report = signed_report(&mut chain, "Alice", &[(BTC, 60_000 * ONE)]);
    let info = report.get_dispatch_info();
    println!("a report of one price weighs {}", info.total_weight());

    offence();
}

/// The offence of a validator with as many backers as it can have.
fn offence() {
    let mut chain = Chain::from_preset_with("local_testnet", |genesis| {
        let dave = stash("Dave");
        for number in 0..490u32 {
            let backer = account(number);
            crate::election_size::push(genesis, "/balances/balances", (&backer, 10_000 * UNIT));
            let status = sp_staking::StakerStatus::Nominator(vec![dave.clone()]);
            let staker = (&backer, &backer, 1_000 * UNIT + u128::from(number), status);
            crate::election_size::push(genesis, "/staking/stakers", staker);
        }
    });
    chain.next_block();
    let backers = chain.query(|| {
        let era = pallet_staking::ActiveEra::<Runtime>::get().map_or(0, |era| era.index);
        pallet_staking::ErasStakersOverview::<Runtime>::get(era, stash("Dave"))
            .map_or(0, |it| it.nominator_count)
    });
    assert!(backers >= 480, "only {backers} back the offender");
    let quiet = initialise(&mut chain);
    chain.query(|| {
        let offence = PendingOffence {
            offender: (stash("Dave"), ()),
            kind: Misconduct::Deviation,
            session: caisson_runtime::Session::current_index(),
            validators: 4,
            time_slot: 0,
            reporter: None,
            slash: Perbill::from_percent(1),
        };
        pallet_price_oracle::PendingOffences::<Runtime>::try_append(offence).expect("room");
    });
    let busy = initialise(&mut chain);
    let claimed: frame_support::weights::Weight = OffenceWeight::get();
    println!("an offence of one with {backers} backers took {busy:?} (a block without {quiet:?}), claimed {claimed}");
    let reported = chain.query(|| {
        pallet_staking::UnappliedSlashes::<Runtime>::iter()
            .flat_map(|(_, all)| all)
            .count()
    });
    assert_eq!(reported, 1);
}
