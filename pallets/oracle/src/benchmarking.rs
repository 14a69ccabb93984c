//! Benchmarks at the worst case: every validator reports every feed, every report is new, disagrees, and
//! has an earlier one to be judged, so that every record is read, judged and written.

use alloc::{format, vec, vec::Vec};
use caisson_primitives::oracle::{
    crypto::AuthorityId, AuthorityIndex, BlockTime, FeedId, MAX_FEEDS,
};
use frame_benchmarking::v2::*;
use frame_support::{
    pallet_prelude::TransactionSource,
    traits::{Authorize, EnsureOrigin, Get},
    BoundedVec,
};
use sp_application_crypto::RuntimeAppPublic;

use crate::{
    closing, feeds,
    pallet::{
        Aggregates, Authorities, Call, Config, LatestReports, Pallet, Parameters, Performances,
        Reporters, Traces, Waiting,
    },
    reporters, reporting,
    types::{
        Aggregate, Authority, FeedInfo, FeedParameters, FeedSet, LatestReport, Observation,
        Performance, Report, ReportedPrice, Reporter, Source, SourceTime, Sources, Suspect,
        TimeUnit, Trace, MAX_POINTER, MAX_SOURCES, MAX_URL,
    },
};

const ONE: u128 = 1_000_000_000_000_000_000;
const PRICE: u128 = 60_000 * ONE;

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

/// Registers feeds until there are that many, and gives each a price and a trace.
fn with_feeds<T: Config>(count: u32) {
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
            status: Default::default(),
        };
        let _ = aggregates.try_insert(feed, aggregate);
        let _ = traces.try_insert(
            feed,
            Trace {
                median: PRICE,
                sampled_price: PRICE,
                ..Default::default()
            },
        );
    }
    Aggregates::<T>::put(aggregates);
    Traces::<T>::put(traces);
}

/// Seats that many reporters with new keys.
fn with_reporters<T: Config>(count: u32) -> Vec<(T::AccountId, AuthorityId)> {
    let all: Vec<(T::AccountId, AuthorityId)> = (0..count)
        .map(|number| {
            (
                account("reporter", number, 0),
                AuthorityId::generate_pair(None),
            )
        })
        .collect();
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
                observation.suspect = Some(Suspect {
                    price,
                    since: slot.saturating_sub(9),
                    low: price,
                    high: price,
                });
            }
        }
        LatestReports::<T>::insert(validator, latest);
    }
}

fn report_call<T: Config>(count: u32, key: &AuthorityId) -> Call<T> {
    let prices: Vec<_> = (0..count as FeedId)
        .map(|feed| ReportedPrice {
            feed,
            price: PRICE + ONE,
            confidence: ONE,
        })
        .collect();
    let report = Report {
        session: Pallet::<T>::session_index(),
        authority: 0,
        round: T::Time::slot().saturating_add(1),
        prices: prices.try_into().expect("as many as there can be"),
    };
    let signature = key
        .sign(&reporting::payload::<T>(&report))
        .expect("the keystore has it");
    Call::report { report, signature }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn close_nothing() {
        with_feeds::<T>(MAX_FEEDS);
        with_reporters::<T>(T::MaxReporters::get());
        Waiting::<T>::kill();
        let now = T::Time::now_ms();
        Traces::<T>::mutate(|all| {
            for (_, trace) in all.iter_mut() {
                trace.closed_at = now;
            }
        });
        #[block]
        {
            closing::close::<T>();
        }
        assert_eq!(Performances::<T>::get()[0].expected, 0);
    }

    #[benchmark]
    fn close(v: Linear<1, 100>, f: Linear<1, 64>) {
        with_feeds::<T>(f);
        let validators = with_reporters::<T>(v);
        with_records::<T>(&validators, f);
        #[block]
        {
            closing::close::<T>();
        }
        assert_eq!(Performances::<T>::get()[0].expected, f);
    }

    #[benchmark]
    fn snapshot() {
        with_reporters::<T>(T::MaxReporters::get());
        Reporters::<T>::kill();
        #[block]
        {
            reporters::snapshot_at_start::<T>();
        }
        assert!(Reporters::<T>::exists());
    }

    #[benchmark]
    fn report(f: Linear<1, 64>) -> Result<(), BenchmarkError> {
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(T::MaxReporters::get());
        with_records::<T>(&validators, MAX_FEEDS);
        let Call::report { report: sent, .. } = report_call::<T>(f, &validators[0].1) else {
            return Err("it is a report".into());
        };
        let round = sent.round;
        #[block]
        {
            reporting::take_in::<T>(sent)?;
        }
        assert_eq!(
            LatestReports::<T>::get(&validators[0].0).map(|latest| latest.round),
            Some(round)
        );
        Ok(())
    }

    #[benchmark]
    fn authorize_report() -> Result<(), BenchmarkError> {
        with_feeds::<T>(MAX_FEEDS);
        let validators = with_reporters::<T>(T::MaxReporters::get());
        with_records::<T>(&validators, MAX_FEEDS);
        let call = report_call::<T>(MAX_FEEDS, &validators[0].1);
        #[block]
        {
            call.authorize(TransactionSource::InBlock)
                .ok_or("it authorizes itself")?
                .map_err(|_| "it is valid")?;
        }
        Ok(())
    }

    #[benchmark]
    fn register_feed() -> Result<(), BenchmarkError> {
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

    #[benchmark]
    fn set_parameters() -> Result<(), BenchmarkError> {
        with_feeds::<T>(MAX_FEEDS);
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let other = FeedParameters {
            heartbeat_ms: 2_000,
            ..parameters()
        };
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 63, other);
        assert_eq!(Parameters::<T>::get().get(&63), Some(&other));
        Ok(())
    }

    #[benchmark]
    fn set_sources() -> Result<(), BenchmarkError> {
        with_feeds::<T>(MAX_FEEDS);
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, 63, sources());
        Ok(())
    }

    #[benchmark]
    fn remove_feed() -> Result<(), BenchmarkError> {
        with_feeds::<T>(MAX_FEEDS);
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
