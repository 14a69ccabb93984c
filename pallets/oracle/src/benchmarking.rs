//! Benchmarks at the worst case: every validator reports every feed, every report is new, disagrees, and
//! has an earlier one to be judged, so that every record is read, judged and written.

use alloc::{boxed::Box, format, vec, vec::Vec};
use caisson_primitives::oracle::{
    crypto::{AuthorityId, AuthoritySignature},
    AuthorityIndex, BlockTime, FeedId, FeedStatus, MAX_FEEDS,
};
use caisson_risk::twap::Checkpoint;
use frame_benchmarking::v2::*;
use frame_support::{
    pallet_prelude::TransactionSource,
    traits::{Authorize, EnsureOrigin, Get, KeyOwnerProofSystem, ValidatorSet},
    BoundedVec,
};
use frame_system::RawOrigin;
use sp_application_crypto::RuntimeAppPublic;

use crate::{
    closing, feeds, offences,
    pallet::{
        Aggregates, Authorities, Call, CheckpointsOf, Config, IdentificationOf, LatestReports,
        Pallet, Parameters, PendingOffences, Performances, Recent, Reporters, Traces, Waiting,
    },
    reporters, reporting,
    types::{
        Aggregate, Authority, EquivocationProof, FeedInfo, FeedParameters, FeedSet, LatestReport,
        Misconduct, Observation, PendingOffence, Performance, RecentPrice, Report, ReportedPrice,
        Reporter, Source, SourceTime, Sources, Suspect, TimeUnit, Trace, CHECKPOINTS,
        CHECKPOINT_SPACING_MS, MAX_POINTER, MAX_SOURCES, MAX_URL, RECENT_PRICES,
        VARIANCE_INTERVAL_MS,
    },
};

/// What the runtime does for these benchmarks.
pub trait BenchmarkHelper<AccountId> {
    /// The block is in this slot.
    fn set_slot(slot: u64);
    /// These are the validators of the session, all with stake in the active era, and these their oracle keys.
    fn seat(validators: &[(AccountId, AuthorityId)]);
}

const ONE: u128 = 1_000_000_000_000_000_000;
const PRICE: u128 = 60_000 * ONE;
/// Late enough for all of the past that is kept.
const SLOT: u64 = 2_000_000_000;
/// In `ppb^2` for an interval: about 2.4 parts per thousand a minute.
const VARIANCE: i128 = 1_000_000_000_000;

fn parameters() -> FeedParameters {
    FeedParameters {
        lowest: ONE,
        highest: 10_000_000 * ONE,
        deviation_ppm: 100,
        heartbeat_ms: 5_000,
        max_age_ms: 15_000,
        min_sources: 3,
        max_step_ppm: 50_000,
        max_confidence_ppm: 5_000,
        outlier_factor_ppm: 1_000_000,
        tolerance_floor_ppm: 100,
        variance_time_constant_ms: 900_000,
    }
}

/// As many sources as there can be, with URLs and pointers as long as they can be.
fn sources() -> Sources {
    let long = |start: &str, length: u32| {
        let mut text = start.as_bytes().to_vec();
        text.resize(length as usize, b'x');
        text
    };
    let source = Source {
        url: long("https://", MAX_URL)
            .try_into()
            .expect("as long as it can be"),
        pointer: long("/", MAX_POINTER)
            .try_into()
            .expect("as long as it can be"),
        inverted: true,
        weight: 1,
        time: Some(SourceTime {
            pointer: long("/", MAX_POINTER)
                .try_into()
                .expect("as long as it can be"),
            unit: TimeUnit::Iso8601,
            max_age_ms: 1,
        }),
    };
    vec![source; MAX_SOURCES as usize]
        .try_into()
        .expect("as many as there can be")
}

fn info(number: u32) -> FeedInfo {
    FeedInfo {
        symbol: format!("BENCHMARK{number}/USD")
            .into_bytes()
            .try_into()
            .expect("short enough"),
        decimals: 2,
    }
}

/// Registers that many feeds instead of those there are, and gives each a price, a trace and a full history.
pub(crate) fn with_feeds<T: Config>(count: u32) {
    Parameters::<T>::kill();
    let _ = crate::pallet::Feeds::<T>::clear(MAX_FEEDS, None);
    for number in 0..count {
        feeds::register::<T>(info(number), parameters(), sources()).expect("there is room");
    }
    let now = T::Time::now_ms();
    let mut aggregates = Aggregates::<T>::get();
    let mut traces = Traces::<T>::get();
    for feed in 0..count as FeedId {
        let aggregate = Aggregate {
            price: PRICE,
            confidence: 0,
            observed_at: now,
            updated_at: now,
            held_back: false,
            status: FeedStatus::Live,
        };
        let _ = aggregates.try_insert(feed, aggregate);
        let trace = Trace {
            median: PRICE,
            variance: VARIANCE,
            samples: 1,
            sampled_price: PRICE,
            sampled_at: now.saturating_sub(VARIANCE_INTERVAL_MS),
            cumulative: Checkpoint {
                at_ms: now.saturating_sub(1_000).into(),
                accumulated: 0,
            },
            updates: RECENT_PRICES.into(),
            ..Default::default()
        };
        let _ = traces.try_insert(feed, trace);
    }
    Aggregates::<T>::put(aggregates);
    Traces::<T>::put(traces);
}

/// Gives a feed as many past prices as are kept, the last of them long enough ago that the next one counts in all.
fn with_history<T: Config>(feed: FeedId) {
    let now = i128::from(T::Time::now_ms());
    let spacing = i128::from(CHECKPOINT_SPACING_MS);
    CheckpointsOf::<T>::mutate(feed, |checkpoints| {
        for age in (1..=CHECKPOINTS as i128).rev() {
            let checkpoint = Checkpoint {
                at_ms: (now - age * spacing).max(0),
                accumulated: 0,
            };
            let _ = checkpoints.push(checkpoint, spacing);
        }
    });
    for place in 0..u16::from(RECENT_PRICES) {
        let past = RecentPrice {
            at: T::Time::now_ms(),
            price: PRICE,
            confidence: ONE,
        };
        Recent::<T>::insert(feed, place, past);
    }
}

/// Seats that many validators with new keys, which are reporters.
fn with_reporters<T: Config>(count: u32) -> Vec<(T::AccountId, AuthorityId)> {
    let all: Vec<(T::AccountId, AuthorityId)> = (0..count)
        .map(|number| {
            (
                account("reporter", number, 0),
                AuthorityId::generate_pair(None),
            )
        })
        .collect();
    T::BenchmarkHelper::seat(&all);
    let _ = Authorities::<T>::clear(T::MaxReporters::get(), None);
    let mut panel = Vec::new();
    for (place, (validator, key)) in (0..).zip(&all) {
        let place: AuthorityIndex = place;
        Authorities::<T>::insert(
            place,
            Authority {
                key: key.clone(),
                validator: validator.clone(),
            },
        );
        panel.push(Reporter {
            validator: validator.clone(),
            weight: 1_000 + u128::from(place),
        });
    }
    Performances::<T>::put(BoundedVec::truncate_from(vec![
        Performance::default();
        panel.len()
    ]));
    Reporters::<T>::put(BoundedVec::truncate_from(panel));
    all
}

/// Lets each reporter have a record of all feeds, new and with a suspect that is due.
fn with_records<T: Config>(validators: &[(T::AccountId, AuthorityId)], feeds: u32) {
    let slot = T::Time::slot();
    let mut waiting = FeedSet::default();
    (0..feeds as FeedId).for_each(|feed| waiting.insert(feed));
    Waiting::<T>::put(waiting);
    for (place, (validator, _)) in (0u128..).zip(validators) {
        let mut latest = LatestReport {
            round: slot,
            ..Default::default()
        };
        for feed in 0..feeds as FeedId {
            let price = PRICE + (place * 37 % 101) * ONE;
            latest.observe(Observation {
                feed,
                arrived: slot,
                price,
                confidence: ONE,
                round: slot,
                suspect: None,
            });
            if let Some(observation) = latest.of_mut(feed) {
                // It lied by as much as there is, and its grace is over.
                observation.suspect = Some(Suspect {
                    price: 2 * price,
                    since: slot.saturating_sub(9),
                    low: price,
                    high: price,
                });
            }
        }
        LatestReports::<T>::insert(validator, latest);
    }
}

/// So many prices, the last of which is beyond the bounds.
fn a_report<T: Config>(count: u32, round: u64, authority: AuthorityIndex) -> Report {
    let prices: Vec<_> = (0..count as FeedId)
        .map(|feed| ReportedPrice {
            feed,
            price: if u32::from(feed) + 1 < count {
                PRICE + ONE
            } else {
                ONE / 2
            },
            confidence: ONE,
        })
        .collect();
    Report {
        session: Pallet::<T>::session_index(),
        authority,
        round,
        prices: prices.try_into().expect("as many as there can be"),
    }
}

fn sign<T: Config>(report: &Report, key: &AuthorityId) -> AuthoritySignature {
    key.sign(&reporting::payload::<T>(report))
        .expect("the keystore has it")
}

/// Lets so many offences of the first validator wait.
fn with_offences<T: Config>(count: u32) -> Result<(), BenchmarkError> {
    use frame_support::traits::ValidatorSetWithIdentification;
    use sp_runtime::traits::Convert;

    let id = T::ValidatorSet::validators()
        .into_iter()
        .next()
        .ok_or("somebody is seated")?;
    let full = <T::ValidatorSet as ValidatorSetWithIdentification<_>>::IdentificationOf::convert(
        id.clone(),
    )
    .ok_or("the staking system knows whoever is seated")?;
    let offender: IdentificationOf<T> = (id, full);
    let offence = PendingOffence {
        offender,
        kind: Misconduct::Deviation,
        session: Pallet::<T>::session_index(),
        validators: T::MaxReporters::get(),
        time_slot: 1,
        slash: T::DeviationSlash::get(),
        reporter: None,
    };
    PendingOffences::<T>::put(BoundedVec::truncate_from(vec![offence; count as usize]));
    Ok(())
}

/// How many offences there is room for.
fn most_offences<T: Config>() -> u32 {
    crate::pallet::OffenceQueue::<T>::get()
}

/// The next slot that is late enough.
fn begin<T: Config>() {
    T::BenchmarkHelper::set_slot(SLOT);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// All prices grow old at once.
    #[benchmark]
    fn close_nothing() {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        with_reporters::<T>(T::MaxReporters::get());
        Waiting::<T>::kill();
        let now = T::Time::now_ms();
        Traces::<T>::mutate(|all| {
            for (_, trace) in all.iter_mut() {
                trace.closed_at = now;
            }
        });
        Aggregates::<T>::mutate(|all| {
            for (_, aggregate) in all.iter_mut() {
                aggregate.observed_at = 0;
            }
        });
        #[block]
        {
            closing::close::<T>();
        }
        assert_eq!(Performances::<T>::get()[0].expected, 0);
        assert!(Aggregates::<T>::get()
            .values()
            .all(|aggregate| aggregate.status == FeedStatus::Down));
    }

    #[benchmark]
    fn snapshot(v: Linear<1, 100>) {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        with_reporters::<T>(v);
        Reporters::<T>::kill();
        #[block]
        {
            reporters::snapshot_at_start::<T>();
        }
        assert!(Reporters::<T>::get().iter().all(|one| one.weight > 0));
        assert_eq!(Reporters::<T>::decode_len(), Some(v as usize));
    }

    #[benchmark]
    fn panel(v: Linear<1, 100>) {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(v);
        with_records::<T>(&validators, MAX_FEEDS);
        let round = closing::Round::now::<T>();
        #[block]
        {
            let mut panelists = closing::read_panel::<T>();
            panelists.iter_mut().for_each(|one| one.changed = true);
            closing::write::<T>(panelists, &round);
        }
        assert_eq!(Performances::<T>::decode_len(), Some(v as usize));
    }

    #[benchmark]
    fn close_feed(v: Linear<1, 100>) {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        with_history::<T>(0);
        let validators = with_reporters::<T>(v);
        with_records::<T>(&validators, MAX_FEEDS);
        let mut panelists = closing::read_panel::<T>();
        let mut round = closing::Round::now::<T>();
        let parameters = parameters();
        #[block]
        {
            closing::close_feed::<T>(0, &parameters, &mut panelists, &mut round);
        }
        assert!(panelists
            .iter()
            .all(|one| one.changed && one.performance.outliers == 1));
    }

    #[benchmark]
    fn queue_offence() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(1);
        with_reporters::<T>(T::MaxReporters::get());
        with_offences::<T>(most_offences::<T>() - 1)?;
        let mut panelist = closing::read_panel::<T>().remove(0);
        panelist.performance.outliers = u32::MAX;
        let queued;
        #[block]
        {
            queued = offences::note_deviation::<T>(&mut panelist);
        }
        assert!(queued);
        assert_eq!(
            PendingOffences::<T>::decode_len(),
            Some(most_offences::<T>() as usize)
        );
        Ok(())
    }

    /// What the staking system does is a weight of its own: here the offender has no backers.
    #[benchmark]
    fn hand_over_offence() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_reporters::<T>(T::MaxReporters::get());
        with_offences::<T>(most_offences::<T>())?;
        #[block]
        {
            offences::hand_over_one::<T>();
        }
        assert_eq!(
            PendingOffences::<T>::decode_len(),
            Some(most_offences::<T>() as usize - 1)
        );
        Ok(())
    }

    #[benchmark]
    fn report(f: Linear<1, 64>) -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(T::MaxReporters::get());
        with_records::<T>(&validators, MAX_FEEDS);
        let round = SLOT + 1;
        let sent = a_report::<T>(f, round, 0);
        #[block]
        {
            reporting::take_in::<T>(sent)?;
        }
        assert_eq!(
            LatestReports::<T>::get(&validators[0].0).map(|latest| latest.round),
            Some(round)
        );
        assert_eq!(Performances::<T>::get()[0].outliers, 1);
        Ok(())
    }

    #[benchmark]
    fn authorize_report() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(T::MaxReporters::get());
        with_records::<T>(&validators, MAX_FEEDS);
        let said = a_report::<T>(MAX_FEEDS, SLOT + 1, 0);
        let signature = sign::<T>(&said, &validators[0].1);
        let call = Call::<T>::report {
            report: said,
            signature,
        };
        #[block]
        {
            call.authorize(TransactionSource::InBlock)
                .ok_or("it authorizes itself")?
                .map_err(|_| "it is valid")?;
        }
        Ok(())
    }

    /// The proof is of the session that goes on: all its validators' keys are read to check it.
    #[benchmark]
    fn report_equivocation(v: Linear<1, 100>) -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(v);
        with_offences::<T>(most_offences::<T>() - 1)?;
        let place = (v - 1) as AuthorityIndex;
        let key = validators[v as usize - 1].1.clone();
        let first = a_report::<T>(MAX_FEEDS, SLOT, place);
        let second = a_report::<T>(MAX_FEEDS - 1, SLOT, place);
        let proof = EquivocationProof {
            key: key.clone(),
            first_signature: sign::<T>(&first, &key),
            second_signature: sign::<T>(&second, &key),
            first,
            second,
        };
        let ownership = T::KeyOwnerProofSystem::prove((caisson_primitives::oracle::KEY_TYPE, key))
            .ok_or("the key is a validator's")?;
        #[extrinsic_call]
        _(
            RawOrigin::Signed(whitelisted_caller()),
            Box::new(proof),
            ownership,
        );
        assert_eq!(
            PendingOffences::<T>::decode_len(),
            Some(most_offences::<T>() as usize)
        );
        Ok(())
    }

    #[benchmark]
    fn register_feed() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS - 1);
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(
            origin as T::RuntimeOrigin,
            info(MAX_FEEDS),
            parameters(),
            sources(),
        );
        assert_eq!(Parameters::<T>::get().len(), MAX_FEEDS as usize);
        Ok(())
    }

    /// The new parameters change the status.
    #[benchmark]
    fn set_parameters() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        Aggregates::<T>::mutate(|all| {
            for (_, aggregate) in all.iter_mut() {
                aggregate.status = FeedStatus::Stale;
            }
        });
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let other = FeedParameters {
            heartbeat_ms: 2_000,
            ..parameters()
        };
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 63, other);
        assert_eq!(Parameters::<T>::get().get(&63), Some(&other));
        assert_eq!(Aggregates::<T>::get()[&63].status, FeedStatus::Live);
        Ok(())
    }

    #[benchmark]
    fn set_sources() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 63, sources());
        Ok(())
    }

    #[benchmark]
    fn remove_feed() -> Result<(), BenchmarkError> {
        begin::<T>();
        with_feeds::<T>(MAX_FEEDS);
        with_history::<T>(63);
        let validators = with_reporters::<T>(T::MaxReporters::get());
        with_records::<T>(&validators, MAX_FEEDS);
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 63);
        assert_eq!(Parameters::<T>::get().len(), MAX_FEEDS as usize - 1);
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::chain_with_keystore(),
        crate::mock::Test
    );
}
