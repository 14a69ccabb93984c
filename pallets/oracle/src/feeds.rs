//! What governance sets: feeds, their parameters and their sources. SPEC 2, 3.

use alloc::{string::String, vec::Vec};
use caisson_primitives::oracle::{FeedId, MAX_FEEDS};
use caisson_risk::limits::MAX_ORACLE_PRICE;
use frame_support::{defensive, ensure, pallet_prelude::DispatchResult, traits::Contains};
use serde::{Deserialize, Serialize};
use sp_runtime::DispatchError;

use crate::{
    pallet::{
        Aggregates, CheckpointsOf, Config, Error, Event, Feeds, LatestReports, Pallet, Parameters,
        Recent, Reporters, Sources as SourcesOf, Traces, Waiting,
    },
    status,
    types::{FeedInfo, FeedParameters, Source, SourceTime, Sources, TimeUnit, RECENT_PRICES},
    worker::{json, source},
};

/// One whole, in parts per million.
const PPM: u32 = 1_000_000;

/// A feed in a chain specification.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenesisFeed {
    /// Base and quote, such as `BTC/USD`.
    pub symbol: String,
    /// How many decimal places clients show.
    pub decimals: u8,
    /// How it is reported, aggregated and judged.
    pub parameters: FeedParameters,
    /// Where it is quoted.
    pub sources: Vec<SourceText>,
}

/// A source as people write it, in chain specifications and in files of operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceText {
    /// The URL, in which `{base}`, `{quote}`, `{BASE}` and `{QUOTE}` are filled in.
    pub url: String,
    /// The JSON pointer to the price.
    pub pointer: String,
    /// The source quotes base per quote.
    #[serde(default)]
    pub inverted: bool,
    /// Its weight in the median of sources.
    #[serde(default = "one")]
    pub weight: u32,
    /// The JSON pointer to the time, if there is one.
    #[serde(default)]
    pub time_pointer: Option<String>,
    /// The unit of that time.
    #[serde(default = "milliseconds")]
    pub time_unit: TimeUnit,
    /// How old an answer may be that states its time, in milliseconds.
    #[serde(default = "ten_seconds")]
    pub max_age_ms: u32,
}

fn one() -> u32 {
    1
}

fn milliseconds() -> TimeUnit {
    TimeUnit::Milliseconds
}

fn ten_seconds() -> u32 {
    10_000
}

/// Why a source in a file can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSource {
    /// The URL is too long, or none the worker may open.
    Url,
    /// A pointer is too long, or no JSON pointer.
    Pointer,
    /// The weight, or the age of answers, is zero.
    Zero,
}

impl SourceText {
    /// The source, checked. With `allow_http` its URL may be plain `http`.
    pub fn checked(&self, allow_http: bool) -> Result<Source, BadSource> {
        let time = match &self.time_pointer {
            None => None,
            Some(pointer) => Some(SourceTime {
                pointer: bytes(pointer).ok_or(BadSource::Pointer)?,
                unit: self.time_unit,
                max_age_ms: self.max_age_ms,
            }),
        };
        let source = Source {
            url: bytes(&self.url).ok_or(BadSource::Url)?,
            pointer: bytes(&self.pointer).ok_or(BadSource::Pointer)?,
            inverted: self.inverted,
            weight: self.weight,
            time,
        };
        check_source(&source, allow_http)?;
        Ok(source)
    }
}

fn bytes<const MOST: u32>(
    text: &str,
) -> Option<frame_support::BoundedVec<u8, frame_support::traits::ConstU32<MOST>>> {
    text.as_bytes().to_vec().try_into().ok()
}

fn check_source(source: &Source, allow_http: bool) -> Result<(), BadSource> {
    let is_pointer = |pointer: &[u8]| {
        let text = core::str::from_utf8(pointer).ok();
        text.and_then(json::tokens).is_some()
    };
    if !source::is_url(&source.url, allow_http) {
        return Err(BadSource::Url);
    }
    let time = source.time.as_ref();
    if !is_pointer(&source.pointer) || time.is_some_and(|time| !is_pointer(&time.pointer)) {
        return Err(BadSource::Pointer);
    }
    if source.weight == 0 || time.is_some_and(|time| time.max_age_ms == 0) {
        return Err(BadSource::Zero);
    }
    Ok(())
}

/// Checks sources as they may be on chain. SPEC 3.1.
fn check_sources<T: Config>(
    sources: &[Source],
    parameters: &FeedParameters,
) -> Result<(), Error<T>> {
    ensure!(
        sources.len() >= usize::from(parameters.min_sources),
        Error::<T>::BadSourceCount
    );
    for source in sources {
        check_source(source, false).map_err(|error| match error {
            BadSource::Url => Error::<T>::BadUrl,
            BadSource::Pointer => Error::<T>::BadPointer,
            BadSource::Zero => Error::<T>::BadSource,
        })?;
    }
    Ok(())
}

/// Checks parameters. SPEC 2.2.
fn check_parameters<T: Config>(parameters: &FeedParameters) -> Result<(), Error<T>> {
    let FeedParameters {
        lowest,
        highest,
        deviation_ppm,
        heartbeat_ms,
        max_age_ms,
        min_sources,
        max_step_ppm,
        max_confidence_ppm,
        outlier_factor_ppm,
        tolerance_floor_ppm,
        variance_time_constant_ms,
    } = *parameters;
    let step = lowest.saturating_mul(u128::from(max_step_ppm));
    ensure!(
        lowest > 0
            && lowest <= highest
            && i128::try_from(highest).is_ok_and(|highest| highest <= MAX_ORACLE_PRICE)
            && step >= u128::from(PPM),
        Error::<T>::BadBounds
    );
    ensure!(
        heartbeat_ms >= 1_000 && heartbeat_ms < max_age_ms,
        Error::<T>::BadTimes
    );
    ensure!(
        deviation_ppm < PPM
            && (1..PPM).contains(&max_step_ppm)
            && (1..PPM).contains(&max_confidence_ppm),
        Error::<T>::BadShares
    );
    ensure!(
        outlier_factor_ppm >= PPM && (deviation_ppm..PPM).contains(&tolerance_floor_ppm),
        Error::<T>::BadTolerance
    );
    ensure!(min_sources > 0, Error::<T>::BadSourceCount);
    ensure!(variance_time_constant_ms > 0, Error::<T>::BadTimeConstant);
    Ok(())
}

/// Registers a feed under the lowest free identifier.
pub fn register<T: Config>(
    info: FeedInfo,
    parameters: FeedParameters,
    sources: Sources,
) -> Result<FeedId, DispatchError> {
    ensure!(source::parts(&info.symbol).is_some(), Error::<T>::BadSymbol);
    check_parameters::<T>(&parameters)?;
    check_sources::<T>(&sources, &parameters)?;
    let taken = Feeds::<T>::iter_values().any(|other| other.symbol == info.symbol);
    ensure!(!taken, Error::<T>::SymbolTaken);
    let mut all = Parameters::<T>::get();
    let feed = (0..=FeedId::MAX)
        .take(usize::try_from(MAX_FEEDS).unwrap_or(usize::MAX))
        .find(|feed: &FeedId| !all.contains_key(feed))
        .ok_or(Error::<T>::TooManyFeeds)?;
    all.try_insert(feed, parameters)
        .map_err(|_| Error::<T>::TooManyFeeds)?;
    Parameters::<T>::put(all);
    SourcesOf::<T>::insert(feed, sources);
    Pallet::<T>::deposit_event(Event::FeedRegistered {
        feed,
        symbol: info.symbol.clone(),
    });
    Feeds::<T>::insert(feed, info);
    Ok(feed)
}

/// Registers a feed of the chain specification; one that can't be is a mistake in it, which ends the
/// build of the genesis state.
pub fn register_at_genesis<T: Config>(feed: &GenesisFeed) {
    let symbol = bytes(&feed.symbol).expect("the symbol of a feed is at most 24 bytes long");
    let sources: Result<Vec<_>, _> = feed.sources.iter().map(|one| one.checked(false)).collect();
    let sources = sources
        .unwrap_or_else(|error| panic!("feed {}: a source is wrong: {error:?}", feed.symbol))
        .try_into()
        .expect("a feed has at most 16 sources");
    let info = FeedInfo {
        symbol,
        decimals: feed.decimals,
    };
    register::<T>(info, feed.parameters, sources)
        .unwrap_or_else(|error| panic!("feed {} can't be registered: {error:?}", feed.symbol));
}

/// Sets the parameters of a feed; its price, if it has one, stays, and has its new status at once.
pub fn set_parameters<T: Config>(feed: FeedId, new: FeedParameters) -> DispatchResult {
    check_parameters::<T>(&new)?;
    let mut all = Parameters::<T>::get();
    let parameters = all.get_mut(&feed).ok_or(Error::<T>::NoSuchFeed)?;
    let sources = SourcesOf::<T>::decode_len(feed).unwrap_or_default();
    ensure!(
        sources >= usize::from(new.min_sources),
        Error::<T>::BadSourceCount
    );
    Pallet::<T>::deposit_event(Event::ParametersSet {
        feed,
        before: *parameters,
        after: new,
    });
    *parameters = new;
    Parameters::<T>::put(all);
    Aggregates::<T>::mutate(|all| {
        if let Some(aggregate) = all.get_mut(&feed) {
            status::refresh::<T>(feed, aggregate, &new);
        }
    });
    Ok(())
}

/// Sets the sources of a feed.
pub fn set_sources<T: Config>(feed: FeedId, sources: Sources) -> DispatchResult {
    let parameters = Parameters::<T>::get()
        .get(&feed)
        .copied()
        .ok_or(Error::<T>::NoSuchFeed)?;
    check_sources::<T>(&sources, &parameters)?;
    Pallet::<T>::deposit_event(Event::SourcesSet {
        feed,
        sources: u32::try_from(sources.len()).unwrap_or(u32::MAX),
    });
    SourcesOf::<T>::insert(feed, sources);
    Ok(())
}

/// Removes a feed and all that was known of it, so that its identifier can be given to another.
pub fn remove<T: Config>(feed: FeedId) -> DispatchResult {
    ensure!(!T::FeedsInUse::contains(&feed), Error::<T>::FeedInUse);
    let info = Feeds::<T>::take(feed).ok_or(Error::<T>::NoSuchFeed)?;
    SourcesOf::<T>::remove(feed);
    Parameters::<T>::mutate(|all| all.remove(&feed));
    Aggregates::<T>::mutate(|all| all.remove(&feed));
    Traces::<T>::mutate(|all| all.remove(&feed));
    Waiting::<T>::mutate(|waiting| waiting.remove(feed));
    CheckpointsOf::<T>::remove(feed);
    let cleared = Recent::<T>::clear_prefix(feed, RECENT_PRICES.into(), None);
    if cleared.maybe_cursor.is_some() {
        defensive!("oracle: more recent prices than there can be");
    }
    for reporter in Reporters::<T>::get() {
        LatestReports::<T>::mutate_extant(&reporter.validator, |latest| latest.forget(feed));
    }
    Pallet::<T>::deposit_event(Event::FeedRemoved {
        feed,
        symbol: info.symbol,
    });
    Ok(())
}
