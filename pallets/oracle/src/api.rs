//! What the runtime API `OracleApi` answers.

use alloc::vec::Vec;
use caisson_primitives::oracle::{
    api::{FeedView, Participation},
    crypto::AuthorityId,
    AuthorityIndex, BlockTime, FeedStatus, KEY_TYPE,
};
use codec::Encode;
use frame_support::traits::KeyOwnerProofSystem;
use sp_runtime::helpers_128bit::multiply_by_rational_with_rounding;
use sp_runtime::Rounding;

use crate::{
    pallet::{
        Aggregates, Authorities, BalanceOf, Config, Feeds, Pallet, Parameters, Performances,
        Reporters, SilentSessions,
    },
    performance,
};

impl<T: Config> Pallet<T> {
    /// All feeds, ascending.
    pub fn feed_views() -> Vec<FeedView> {
        let aggregates = Aggregates::<T>::get();
        let now = T::Time::now_ms();
        Parameters::<T>::get()
            .into_iter()
            .filter_map(|(feed, _)| {
                let info = Feeds::<T>::get(feed)?;
                let aggregate = aggregates.get(&feed);
                let observed_at = aggregate.map_or(0, |one| one.observed_at);
                Some(FeedView {
                    feed,
                    symbol: info.symbol.into_inner(),
                    decimals: info.decimals,
                    status: aggregate.map_or(FeedStatus::Down, |one| one.status),
                    price: aggregate.map(|one| one.price),
                    confidence: aggregate.map_or(0, |one| one.confidence),
                    observed_at,
                    age_ms: now.saturating_sub(observed_at),
                    updated_at: aggregate.map_or(0, |one| one.updated_at),
                })
            })
            .collect()
    }

    /// What each reporter has done in this session, in the order of the validator set.
    pub fn participation() -> Vec<Participation<T::AccountId, BalanceOf<T>>> {
        let reporters = Reporters::<T>::get();
        let performances = Performances::<T>::get();
        let rewards = performance::rewards::<T>(&reporters, &performances);
        let all: u128 = reporters.iter().map(|reporter| reporter.weight).sum();
        (0..)
            .zip(reporters)
            .zip(performances)
            .zip(rewards)
            .filter_map(|(((place, reporter), done), reward)| {
                let place: AuthorityIndex = place;
                let share = multiply_by_rational_with_rounding(
                    1_000_000,
                    reporter.weight,
                    all,
                    Rounding::Down,
                );
                Some(Participation {
                    key: Authorities::<T>::get(place)?.key,
                    silent_sessions: SilentSessions::<T>::get(&reporter.validator),
                    validator: reporter.validator,
                    weight_ppm: share
                        .and_then(|ppm| u32::try_from(ppm).ok())
                        .unwrap_or_default(),
                    expected: done.expected,
                    fresh: done.fresh,
                    accurate: done.accurate,
                    outliers: done.outliers,
                    reward,
                })
            })
            .collect()
    }

    /// Proves that a key is a validator's in this session, SCALE-encoded.
    pub fn key_ownership_proof(key: AuthorityId) -> Option<Vec<u8>> {
        T::KeyOwnerProofSystem::prove((KEY_TYPE, key)).map(|proof| proof.encode())
    }
}
