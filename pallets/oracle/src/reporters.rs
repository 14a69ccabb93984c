//! Who reports in this session, with which key, and what its word weighs. SPEC 5.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{crypto::AuthorityId, AuthorityIndex},
    StakeSource,
};
use caisson_risk::{limits::MAX_STAKE, oracle::weight_cap, Ppm};
use frame_support::{defensive, traits::Get, BoundedVec};

use crate::{
    pallet::{
        Authorities, Config, LatestReports, Pallet, Parameters, Performances, Reporters,
        SilentSessions, Waiting,
    },
    types::{Authority, FeedSet, Performance, Reporter},
};

/// One whole, in parts per million.
const PPM: u32 = 1_000_000;

/// Takes over the validators of a session with their keys; what they did in the last one is forgotten.
/// Validators that stay keep their latest reports, so that prices go on across the change.
pub fn new_session<T: Config>(validators: Vec<(T::AccountId, AuthorityId)>) {
    drop(Authorities::<T>::clear(T::MaxReporters::get(), None));
    for (place, (validator, key)) in (0..).zip(&validators) {
        let authority = Authority {
            key: key.clone(),
            validator: validator.clone(),
        };
        let place: AuthorityIndex = place;
        Authorities::<T>::insert(place, authority);
    }
    let stakes = T::Stakes::active_stakes();
    let stake_of = |validator: &T::AccountId| {
        let found = stakes.iter().find(|(staked, _)| staked == validator);
        found.map_or(0, |(_, stake)| *stake)
    };
    let staked = validators
        .into_iter()
        .map(|(validator, _)| (stake_of(&validator), validator))
        .collect();
    take_snapshot::<T>(staked);
}

/// The weights of the first session, whose handler runs before there are stakes. Says how many reporters there are.
pub fn snapshot_at_start<T: Config>() -> u32 {
    let stakes = T::Stakes::active_stakes();
    let mut authorities: Vec<_> = Authorities::<T>::iter().collect();
    authorities.sort_unstable_by_key(|(place, _)| *place);
    let count = u32::try_from(authorities.len()).unwrap_or(u32::MAX);
    let staked = authorities
        .into_iter()
        .map(|(_, authority)| {
            let found = stakes
                .iter()
                .find(|(staked, _)| *staked == authority.validator);
            (found.map_or(0, |(_, stake)| *stake), authority.validator)
        })
        .collect();
    take_snapshot::<T>(staked);
    count
}

fn take_snapshot<T: Config>(staked: Vec<(u128, T::AccountId)>) {
    let stakes: Vec<_> = staked.iter().map(|(stake, _)| *stake).collect();
    let weights = capped(&stakes, T::MaxWeightPpm::get());
    let reporters: Vec<_> = staked
        .into_iter()
        .zip(weights)
        .map(|((_, validator), weight)| Reporter { validator, weight })
        .collect();
    for left in Reporters::<T>::get() {
        if !reporters
            .iter()
            .any(|stays| stays.validator == left.validator)
        {
            LatestReports::<T>::remove(&left.validator);
            SilentSessions::<T>::remove(&left.validator);
        }
    }
    let performances = alloc::vec![Performance::default(); reporters.len()];
    Performances::<T>::put(BoundedVec::truncate_from(performances));
    Reporters::<T>::put(BoundedVec::truncate_from(reporters));
    // A new weighing of the same reports may give another median.
    let mut all = FeedSet::default();
    Parameters::<T>::get()
        .keys()
        .for_each(|feed| all.insert(*feed));
    Waiting::<T>::put(all);
}

/// The weights of these stakes: none above the cap's share of the sum of all weights. SPEC 5.2.
///
/// Where there are too few validators for the cap, it is what an equal share is.
pub fn capped(stakes: &[u128], max_weight_ppm: u32) -> Vec<u128> {
    let count = u32::try_from(stakes.len()).unwrap_or(u32::MAX).max(1);
    let cap = max_weight_ppm.max(PPM.div_ceil(count));
    // Keeps the sum within the range for which the formulas are proved.
    let most = MAX_STAKE.checked_div(count.into()).unwrap_or(MAX_STAKE);
    let mut sorted: Vec<i128> = stakes
        .iter()
        .map(|stake| i128::try_from(*stake).map_or(most, |stake| stake.min(most)))
        .collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let level = match weight_cap(&sorted, &Ppm(i128::from(cap))) {
        Ok(level) => u128::try_from(level).unwrap_or_default(),
        // Only when no one, or too few, have any stake: then no price, rather than one of few.
        Err(_) => 0,
    };
    stakes.iter().map(|stake| (*stake).min(level)).collect()
}

impl<T: Config> sp_runtime::BoundToRuntimeAppPublic for Pallet<T> {
    type Public = AuthorityId;
}

impl<T: Config> frame_support::traits::OneSessionHandler<T::AccountId> for Pallet<T> {
    type Key = AuthorityId;

    fn on_genesis_session<'a, I>(validators: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
    {
        for (place, (validator, key)) in (0..).zip(validators) {
            let place: AuthorityIndex = place;
            Authorities::<T>::insert(
                place,
                Authority {
                    key,
                    validator: validator.clone(),
                },
            );
        }
    }

    fn on_new_session<'a, I>(_changed: bool, validators: I, _queued: I)
    where
        I: Iterator<Item = (&'a T::AccountId, AuthorityId)> + 'a,
    {
        let mut validators: Vec<_> = validators
            .map(|(validator, key)| (validator.clone(), key))
            .collect();
        let most = usize::try_from(T::MaxReporters::get()).unwrap_or(usize::MAX);
        if validators.len() > most {
            defensive!("oracle: more validators than reporters");
            validators.truncate(most);
        }
        new_session::<T>(validators);
    }

    fn on_before_session_ending() {
        crate::performance::end_session::<T>();
    }

    fn on_disabled(_validator_index: u32) {
        // Its reports go on to count: they can't move the median out of the honest range, and their weight
        // is part of the whole that the quorum is measured by.
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_should_be_the_stakes_when_nobody_has_too_much() {
        assert_eq!(capped(&[30, 20, 30, 20], 400_000), [30, 20, 30, 20]);
    }

    #[test]
    fn whale_should_weigh_no_more_than_the_cap() {
        assert_eq!(capped(&[1, 1_000, 1, 1, 1], 250_000), [1, 1, 1, 1, 1]);
        assert_eq!(
            capped(&[60, 1_000, 60, 60, 60], 400_000),
            [60, 160, 60, 60, 60]
        );
    }

    #[test]
    fn few_validators_should_weigh_the_same_when_the_cap_is_below_an_equal_share() {
        assert_eq!(capped(&[7], 200_000), [7]);
        assert_eq!(capped(&[5, 9, 7, 8], 200_000), [5, 5, 5, 5]);
        assert_eq!(capped(&[5, 9, 7], 200_000), [5, 5, 5]);
    }

    #[test]
    fn nobody_should_weigh_anything_when_nobody_has_stake() {
        assert_eq!(capped(&[0, 0], 200_000), [0, 0]);
        assert_eq!(capped(&[], 200_000), Vec::<u128>::new());
    }

    proptest! {
        #[test]
        fn nobody_should_exceed_the_cap(
            stakes in proptest::collection::vec(0u128.., 1..100), cap in 10_000u32..1_000_000,
        ) {
            let weights = capped(&stakes, cap);
            let all: u128 = weights.iter().sum();
            let share = u128::from(cap.max(PPM.div_ceil(stakes.len() as u32)));
            for (weight, stake) in weights.iter().zip(&stakes) {
                prop_assert!(weight <= stake);
                prop_assert!(weight * 1_000_000 <= all * share, "{} of {}", weight, all);
            }
            prop_assert!(i128::try_from(all).is_ok_and(|all| all <= MAX_STAKE));
        }
    }
}
