//! The off-chain worker of a validator: observes prices and reports them. SPEC 4.
//!
//! It runs after each new best block, outside consensus: nothing here can stop the node or change the
//! state, except through the one transaction it submits, which every node checks.
//!
//! - [`source`]: a source's URL, and the price in its answer;
//! - [`fetch`]: all sources at once, with a deadline;
//! - [`json`], [`decimal`], [`time`]: how an answer is read;
//! - [`observe`]: from many sources to one observation, and whether it is due;
//! - [`backoff`]: how long a failing source is left alone.

pub mod backoff;
pub mod decimal;
pub mod fetch;
pub mod json;
pub mod observe;
pub mod source;
pub mod time;

use alloc::{string::String, vec::Vec};
use caisson_primitives::oracle::{crypto::AuthorityId, AuthorityIndex, BlockTime, FeedId, Round};
use codec::Encode;
use frame_system::offchain::SubmitTransaction;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::offchain::{Duration, Timestamp};
use sp_runtime::offchain::{
    storage::{MutateStorageError, StorageRetrievalError, StorageValueRef},
    storage_lock::{StorageLock, Time},
};

use crate::{
    pallet::{Call, Config, Feeds, Pallet, Sources as SourcesOf},
    types::{FeedParameters, LatestReport, LocalSources, Report, ReportedPrice, Source},
    LOG_TARGET,
};
use backoff::Failures;

/// Where the node puts what its operator's file says of sources.
pub const LOCAL_SOURCES_KEY: &[u8] = b"caisson/oracle/sources";
/// Held while a worker runs: a slow one must not overlap the next.
const LOCK_KEY: &[u8] = b"caisson/oracle/lock";
/// The last round this node signed a report for.
const SIGNED_KEY: &[u8] = b"caisson/oracle/signed";
/// After this time no source is waited for. It is under a slot, so that the next run finds the lock
/// free.
const FETCH_MS: u64 = 800;
/// A worker that has not let go of the lock after this time has died.
const LOCK_MS: u64 = 3_000;

/// Why a source gave no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceError {
    /// The URL can't be opened.
    BadUrl,
    /// No connection, or one that broke.
    Unreachable,
    /// No complete answer before the deadline.
    TooSlow,
    /// An answer of this HTTP status; redirects are not followed.
    Status(u16),
    /// More than [`fetch::MAX_BODY`] bytes.
    TooLarge,
    /// Not one JSON value in UTF-8.
    NotJson,
    /// The pointer leads nowhere.
    NoSuchValue,
    /// The pointer leads to something that is no number.
    NotANumber,
    /// Zero or below.
    NotPositive,
    /// Beyond what a price can be.
    OutOfRange,
    /// The time is not of the stated unit.
    NoTime,
    /// Older than the source's `max_age`.
    TooOld,
    /// Ahead of this node's clock: one of the two is wrong.
    FromTheFuture,
}

/// A feed with all that observing it takes.
struct Feed {
    id: FeedId,
    parameters: FeedParameters,
    sources: Vec<(Source, String)>,
}

/// Observes and reports, if this node is a validator of the session and has its oracle key.
pub fn run<T: Config>() {
    let Some((authority, key, last)) = own_authority::<T>() else {
        return;
    };
    let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
    let Ok(_guard) = lock.try_lock() else {
        log::debug!(target: LOG_TARGET, "the last observation is still under way");
        return;
    };
    let now = sp_io::offchain::timestamp();
    let prices = observe_due::<T>(now, &last);
    if prices.is_empty() {
        return;
    }
    let round = now
        .unix_millis()
        .checked_div(T::Time::slot_millis())
        .unwrap_or_default();
    let Ok(prices) = prices.try_into() else {
        return;
    };
    let report = Report {
        session: Pallet::<T>::session_index(),
        authority,
        round,
        prices,
    };
    submit::<T>(report, &key);
}

/// The place and key of this node in the session's set, and what it last reported.
fn own_authority<T: Config>() -> Option<(AuthorityIndex, AuthorityId, LatestReport)> {
    let own = AuthorityId::all();
    if own.is_empty() {
        return None;
    }
    let (index, authority) = crate::pallet::Authorities::<T>::iter()
        .find(|(_, authority)| own.contains(&authority.key))?;
    let last = crate::pallet::LatestReports::<T>::get(&authority.validator).unwrap_or_default();
    Some((index, authority.key, last))
}

/// The prices of all feeds that are due.
fn observe_due<T: Config>(now: Timestamp, last: &LatestReport) -> Vec<ReportedPrice> {
    let mut failures = Failures::load();
    let feeds = feeds::<T>();
    let may_ask = |url: &String| failures.may_ask(url, now.unix_millis());
    let urls: Vec<String> = feeds
        .iter()
        .flat_map(|feed| feed.sources.iter().map(|(_, url)| url.clone()))
        .filter(may_ask)
        .collect();
    let deadline = now.add(Duration::from_millis(FETCH_MS));
    let answers = fetch::all(&urls, deadline);
    // Times are compared with the moment of the answers, not with that of the questions.
    let answered_at = sp_io::offchain::timestamp().unix_millis();
    let mut answers = urls.into_iter().zip(answers).peekable();

    let mut due = Vec::new();
    for feed in &feeds {
        let mut prices = Vec::new();
        for (source, url) in &feed.sources {
            // A source that rests was not asked.
            let Some((_, answer)) = answers.next_if(|(asked, _)| asked == url) else {
                continue;
            };
            let price = answer.and_then(|answer| source::price(source, &answer, answered_at));
            failures.note(url, price.is_ok(), now.unix_millis());
            match price {
                Ok(price) => prices.push((price, source.weight)),
                Err(error) => {
                    log::debug!(target: LOG_TARGET, "feed {}: {url}: {error:?}", feed.id);
                }
            }
        }
        let Some(observed) = observe::aggregate(feed.id, &feed.parameters, &prices) else {
            log::debug!(
                target: LOG_TARGET,
                "feed {}: {} of {} sources answered, {} are needed: no report",
                feed.id, prices.len(), feed.sources.len(), feed.parameters.min_sources,
            );
            continue;
        };
        let before = last.of(feed.id);
        let before_ms = before.map_or(0, |observation| {
            observation.round.saturating_mul(T::Time::slot_millis())
        });
        if observe::is_due(
            &feed.parameters,
            before,
            before_ms,
            &observed,
            now.unix_millis(),
        ) {
            due.push(observed);
        }
    }
    failures.store();
    due
}

/// All feeds with their sources, ascending.
fn feeds<T: Config>() -> Vec<Feed> {
    let local = StorageValueRef::persistent(LOCAL_SOURCES_KEY)
        .get::<Vec<LocalSources>>()
        .ok()
        .flatten()
        .unwrap_or_default();
    crate::pallet::Parameters::<T>::get()
        .into_iter()
        .filter_map(|(id, parameters)| {
            let symbol = Feeds::<T>::get(id)?.symbol;
            let own = local.iter().find(|sources| sources.symbol == *symbol);
            let (own, replace) =
                own.map_or((&[][..], false), |own| (&own.sources[..], own.replace));
            let sources = source::merged(&SourcesOf::<T>::get(id), own, replace)
                .into_iter()
                .filter_map(|source| {
                    let url = source::url(&source, &symbol).ok()?;
                    Some((source, url))
                })
                .collect();
            Some(Feed {
                id,
                parameters,
                sources,
            })
        })
        .collect()
}

/// Signs a report and hands it to the pool, at most one for each round.
fn submit<T: Config>(report: Report, key: &AuthorityId) {
    let round = report.round;
    if !claim(round) {
        log::debug!(target: LOG_TARGET, "round {round} is signed already");
        return;
    }
    let Some(signature) = key.sign(&crate::reporting::payload::<T>(&report)) else {
        log::warn!(target: LOG_TARGET, "the keystore did not sign with oracle key {key:?}");
        return;
    };
    let feeds = report.prices.len();
    let call = Call::<T>::report { report, signature };
    let transaction = T::create_authorized_transaction(call.into());
    let length = transaction.encoded_size();
    match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
        Ok(()) => log::debug!(
            target: LOG_TARGET, "reported {feeds} feeds for round {round}, {length} bytes",
        ),
        Err(()) => log::warn!(
            target: LOG_TARGET, "the pool refused the report for round {round}; the next follows",
        ),
    }
}

/// Claims a round for signing; no if it, or a later one, was signed before.
///
/// Two different reports for one round are an offence. The worker can run twice within a slot, when
/// the best block changes to another of the same height, so the database remembers.
fn claim(round: Round) -> bool {
    let claimed = StorageValueRef::persistent(SIGNED_KEY).mutate(
        |last: Result<Option<Round>, StorageRetrievalError>| match last {
            Ok(Some(last)) if last >= round => Err(()),
            _ => Ok(round),
        },
    );
    match claimed {
        Ok(_) => true,
        Err(MutateStorageError::ValueFunctionFailed(())) => false,
        Err(MutateStorageError::ConcurrentModification(_)) => false,
    }
}
