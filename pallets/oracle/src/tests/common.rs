//! What the tests share.

use alloc::vec::Vec;
use caisson_primitives::oracle::{FeedId, OraclePrice};
use frame_support::{assert_ok, BoundedVec};
use sp_runtime::{
    traits::{Dispatchable, TransactionExtension, TxBaseImplication},
    transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
};

use crate::{
    aggregation::Panelist,
    mock::{self, AccountId, RuntimeCall, RuntimeOrigin, Test},
    types::{
        Aggregate, FeedInfo, FeedParameters, LatestReport, Observation, Performance, Report,
        ReportedPrice, Reporter, Source, SourceTime, Sources, TimeUnit,
    },
};

pub const ONE: OraclePrice = 1_000_000_000_000_000_000;

/// Parameters with round figures.
pub fn parameters() -> FeedParameters {
    FeedParameters {
        lowest: ONE,
        highest: 1_000_000 * ONE,
        deviation_ppm: 100,
        heartbeat_ms: 5_000,
        max_age_ms: 15_000,
        min_sources: 1,
        max_step_ppm: 900_000,
        max_confidence_ppm: 900_000,
        outlier_factor_ppm: 3_000_000,
        tolerance_floor_ppm: 1_000,
        variance_time_constant_ms: 600_000,
    }
}

pub fn text<const MOST: u32>(text: &str) -> BoundedVec<u8, frame_support::traits::ConstU32<MOST>> {
    text.as_bytes().to_vec().try_into().expect("short enough")
}

pub fn source(url: &str) -> Source {
    Source {
        url: text(url),
        pointer: text("/price"),
        inverted: false,
        weight: 1,
        time: Some(SourceTime {
            pointer: text("/at"),
            unit: TimeUnit::Milliseconds,
            max_age_ms: 5_000,
        }),
    }
}

pub fn sources() -> Sources {
    alloc::vec![
        source("https://one.example/{BASE}{QUOTE}"),
        source("https://two.example/{base}-{quote}")
    ]
    .try_into()
    .expect("few enough")
}

pub fn info(symbol: &str) -> FeedInfo {
    FeedInfo {
        symbol: text(symbol),
        decimals: 2,
    }
}

/// Registers a feed with these parameters and returns its identifier.
pub fn register(symbol: &str, parameters: FeedParameters) -> FeedId {
    crate::feeds::register::<Test>(info(symbol), parameters, sources()).expect("it is right")
}

/// A panelist with one observation.
pub fn panelist(weight: u128, feed: FeedId, price: OraclePrice, round: u64) -> Panelist<AccountId> {
    let mut latest = LatestReport {
        round,
        ..Default::default()
    };
    latest.observe(Observation {
        feed,
        arrived: round,
        price,
        confidence: 0,
        round,
        suspect: None,
    });
    Panelist {
        reporter: Reporter {
            validator: 1,
            weight,
        },
        latest,
        changed: false,
        performance: Performance::default(),
    }
}

/// A report of a validator for the present slot.
pub fn report(validator: AccountId, prices: &[(FeedId, OraclePrice)]) -> Report {
    let (session, round) = mock::world(|world| (world.session, world.slot));
    report_for(session, round, validator, prices)
}

pub fn report_for(
    session: u32,
    round: u64,
    validator: AccountId,
    prices: &[(FeedId, OraclePrice)],
) -> Report {
    let place = mock::world(|world| world.stakes.iter().position(|(one, _)| *one == validator));
    let prices: Vec<_> = prices
        .iter()
        .map(|&(feed, price)| ReportedPrice {
            feed,
            price,
            confidence: 0,
        })
        .collect();
    Report {
        session,
        authority: place.unwrap_or(99) as u16,
        round,
        prices: prices.try_into().expect("few enough"),
    }
}

/// What the pool, or a block, says of a call.
pub fn validate(
    call: &RuntimeCall,
    source: TransactionSource,
) -> Result<ValidTransaction, TransactionValidityError> {
    use frame_support::dispatch::GetDispatchInfo;
    let info = call.get_dispatch_info();
    frame_system::AuthorizeCall::<Test>::new()
        .validate(
            RuntimeOrigin::none(),
            call,
            &info,
            0,
            (),
            &TxBaseImplication(()),
            source,
        )
        .map(|(valid, _, _)| valid)
}

/// A signed report as a call.
pub fn call(validator: AccountId, report: Report) -> RuntimeCall {
    let signature = mock::sign(validator, &report);
    crate::Call::report { report, signature }.into()
}

/// Submits a validator's report, which must be valid.
pub fn submit(validator: AccountId, prices: &[(FeedId, OraclePrice)]) {
    let call = call(validator, report(validator, prices));
    assert_ok!(validate(&call, TransactionSource::InBlock));
    assert_ok!(call.dispatch(frame_system::RawOrigin::Authorized.into()));
}

pub fn aggregate(feed: FeedId) -> Option<Aggregate> {
    crate::Aggregates::<Test>::get().get(&feed).copied()
}

pub fn price(feed: FeedId) -> Option<OraclePrice> {
    aggregate(feed).map(|aggregate| aggregate.price)
}
