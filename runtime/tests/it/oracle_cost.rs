//! What the oracle costs in the compiled runtime, against what it says it costs.
//!
//! Blocks are executed in one piece, as an importing node does. Times are compared with a transfer of the same
//! run. Run with `--nocapture` to see the figures that `docs/performance.md` records.

use std::time::Duration;

use caisson_chain_harness::timing::{self, least};
use caisson_primitives::{
    currency::UNIT,
    oracle::{crypto::AuthorityId, FeedId, MAX_FEEDS},
    AccountId,
};
use caisson_runtime::{
    configs::{self, OffenceWeight, MAXIMUM_BLOCK_WEIGHT, MAX_VALIDATORS},
    weights::{self, extrinsic::ExtrinsicBaseWeight},
    Runtime,
};
use frame_support::dispatch::GetDispatchInfo;
use pallet_price_oracle::{
    closing,
    types::{
        FeedInfo, LatestReport, Misconduct, Observation, PendingOffence, Performance, Reporter,
        Suspect,
    },
};
use sp_core::crypto::UncheckedFrom;
use sp_runtime::Perbill;

use crate::{
    chain::Chain,
    oracle::{signed_report, stash, BTC, ONE, VALIDATORS},
};

/// How often each thing is timed. The least time counts: other tests run beside this one, and what they take of
/// the processor only ever adds.
const RUNS: usize = 15;

fn account(number: u32) -> AccountId {
    let mut id = [7; 32];
    id[..4].copy_from_slice(&number.to_le_bytes());
    AccountId::new(id)
}

/// The time of one transfer, signature and all, as part of a block that is executed in one piece.
pub fn time_of_transfer(chain: &mut Chain) -> Duration {
    timing::time_of_transfer(chain, (RUNS, 300), |_| ())
}

/// What the weights say of that, without the database, which is memory here.
pub fn weight_of_transfer() -> u64 {
    use pallet_balances::WeightInfo as _;

    let call = weights::pallet_balances::WeightInfo::<()>::transfer_keep_alive();
    (ExtrinsicBaseWeight::get() + call).ref_time()
}

/// A chain without markets and collateral: what they do with new prices is not the oracle's cost.
pub fn quiet_chain() -> Chain {
    Chain::from_preset_with("local_testnet", |genesis| {
        genesis["markets"]["markets"] = serde_json::json!([]);
        genesis["margin"]["collaterals"] = serde_json::json!([]);
    })
}

/// Gives the chain that many feeds, each like the first.
pub fn with_feeds(chain: &mut Chain, feeds: u32) {
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
pub fn with_reports(chain: &mut Chain, reporters: u32, feeds: u32, round: u64) {
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
                    arrived: round,
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

/// The time of a block in which all reports are closed, beyond that of one in which nothing is due.
fn time_of_closing(reporters: u32, feeds: u32) -> (Duration, Duration) {
    let mut chain = quiet_chain();
    with_feeds(&mut chain, feeds);
    let mut quiet = Vec::new();
    let mut busy = Vec::new();
    for _ in 0..RUNS {
        let round = chain.query(|| u64::from(pallet_babe::CurrentSlot::<Runtime>::get()));
        with_reports(&mut chain, reporters, feeds, round);
        busy.push(chain.timed_block(&[]));
        quiet.push(chain.timed_block(&[]));
    }
    let quiet = least(quiet);
    (least(busy).saturating_sub(quiet), quiet)
}

/// The time of one report of that many prices, from its check to its storage, as part of a block.
fn time_of_report(feeds: u32) -> (Duration, u64) {
    let mut chain = quiet_chain();
    with_feeds(&mut chain, feeds);
    let mut empty = Vec::new();
    let mut full = Vec::new();
    let mut weight = 0;
    for run in 0..RUNS {
        let prices: Vec<_> = (0..feeds as FeedId)
            .map(|feed| (feed, (60_000 + run as u128) * ONE))
            .collect();
        let reports: Vec<_> = VALIDATORS
            .iter()
            .map(|one| signed_report(&mut chain, one, &prices))
            .collect();
        weight =
            (reports[0].get_dispatch_info().total_weight() + configs::transaction()).ref_time();
        full.push(chain.timed_block(&reports));
        // The next block closes them; the one after is empty.
        chain.next_block();
        empty.push(chain.timed_block(&[]));
    }
    let took = least(full).saturating_sub(least(empty)) / VALIDATORS.len() as u32;
    (took, weight)
}

/// One test, so that nothing else of this file runs beside the timing.
///
/// What the oracle claims is compared with what it takes, both in transfers: a machine that is slow or
/// busy is so for both.
#[test]
fn oracle_should_cost_no_more_than_it_says() {
    let _alone = crate::chain::alone();
    let mut chain = quiet_chain();
    let transfer = time_of_transfer(&mut chain);
    let of_transfer = weight_of_transfer() as f64;
    println!("a transfer took {transfer:?}; its weight without database {of_transfer} ps");
    let in_transfers = |time: Duration| time.as_secs_f64() / transfer.as_secs_f64();
    let block = MAXIMUM_BLOCK_WEIGHT.ref_time() as f64;

    for (reporters, feeds) in [(4, 2), (100, 16), (MAX_VALIDATORS, MAX_FEEDS)] {
        let (took, quiet) = time_of_closing(reporters, feeds);
        let with_database = closing::cost::<Runtime>(reporters, feeds).ref_time() as f64;
        let claimed = without_database(reporters, feeds);
        println!(
            "closing {reporters} reports x {feeds} feeds: {took:?} ({:.1} transfers; {:.1} claimed), a quiet block \
             {quiet:?}; with database it claims {:.2} % of a block",
            in_transfers(took),
            claimed / of_transfer,
            100.0 * with_database / block,
        );
        assert!(
            in_transfers(took) <= claimed / of_transfer,
            "closing costs more than it says"
        );
        if (reporters, feeds) == (100, 16) {
            assert!(with_database < 0.03 * block, "{with_database} of {block}");
        }
    }
    for feeds in [2, MAX_FEEDS] {
        let (took, weight) = time_of_report(feeds);
        let claimed = weight as f64 / of_transfer;
        println!(
            "a report of {feeds} prices: {took:?} ({:.2} transfers; {claimed:.2} claimed)",
            in_transfers(took)
        );
        assert!(
            in_transfers(took) <= claimed,
            "a report costs more than it says"
        );
    }
    let (took, backers) = time_of_offence();
    let weight: frame_support::weights::Weight = OffenceWeight::get();
    let claimed = weight.ref_time() as f64 / of_transfer;
    println!(
        "an offence of one with {backers} backers: {took:?} ({:.1} transfers; {claimed:.1} claimed)",
        in_transfers(took)
    );
    assert!(
        in_transfers(took) <= claimed,
        "an offence costs more than it says"
    );
}

/// What closing claims for the processor alone.
fn without_database(reporters: u32, feeds: u32) -> f64 {
    let database = pallet_price_oracle::weights::close_database::<Runtime>(reporters, feeds);
    closing::cost::<Runtime>(reporters, feeds)
        .saturating_sub(database)
        .ref_time() as f64
}

/// The offence of a validator with as many backers as it can have: its time, and how many they are.
fn time_of_offence() -> (Duration, u32) {
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
    let quiet = chain.timed_block(&[]);
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
    // Unless the offender is its author, the next block hands it over, else the one after.
    let waits = || pallet_price_oracle::PendingOffences::<Runtime>::decode_len().unwrap_or(0) > 0;
    let mut busy = chain.timed_block(&[]);
    if chain.query(waits) {
        busy = chain.timed_block(&[]);
    }
    let reported = chain.query(|| {
        pallet_staking::UnappliedSlashes::<Runtime>::iter()
            .flat_map(|(_, all)| all)
            .count()
    });
    assert_eq!(reported, 1);
    (busy.saturating_sub(quiet), backers)
}
