//! What validators earn, and what silence costs them. SPEC 8.

use alloc::vec::Vec;
use caisson_primitives::oracle::AuthorityIndex;
use frame_support::traits::{
    fungible::{Inspect, Mutate},
    tokens::{Fortitude, Preservation},
    Get,
};
use sp_runtime::{
    helpers_128bit::multiply_by_rational_with_rounding, Perbill, Rounding, SaturatedConversion,
};

use crate::{
    offences,
    pallet::{BalanceOf, Config, Event, Pallet, Performances, Reporters, SilentSessions},
    types::{Misconduct, Performance, Reporter},
};

/// A session in which fewer prices were expected judges nobody for silence.
pub const LEAST_EXPECTED: u32 = 60;

/// One whole, in parts per 10^9: the precision of a weight's share.
const SHARE: u128 = 1_000_000_000;

/// Counts prices that could not enter as outliers; the next closing finds out if they are too many.
pub fn note_insane<T: Config>(authority: AuthorityIndex, prices: u32) {
    Performances::<T>::mutate(|performances| {
        if let Some(performance) = performances.get_mut(usize::from(authority)) {
            performance.outliers = performance.outliers.saturating_add(prices);
        }
    });
}

/// The end of a session: pays for what agreed, and counts the silent. SPEC 8.1, 8.2.
pub fn end_session<T: Config>() {
    let reporters = Reporters::<T>::get();
    let performances = Performances::<T>::get();
    pay::<T>(&reporters, &performances);
    count_silence::<T>(&reporters, &performances);
}

/// What each reporter would be paid if the session ended now.
pub fn rewards<T: Config>(
    reporters: &[Reporter<T::AccountId>],
    performances: &[Performance],
) -> Vec<BalanceOf<T>> {
    let pot = Pallet::<T>::pot();
    let free = T::Currency::reducible_balance(&pot, Preservation::Preserve, Fortitude::Polite);
    let budget: u128 = (T::RewardShare::get() * free).saturated_into();
    shares(reporters, performances, budget)
        .into_iter()
        .map(SaturatedConversion::saturated_into)
        .collect()
}

/// Splits a budget by weight times accurate prices, each part rounded down.
fn shares<A>(reporters: &[Reporter<A>], performances: &[Performance], budget: u128) -> Vec<u128> {
    let all: u128 = reporters.iter().map(|reporter| reporter.weight).sum();
    let points: Vec<u128> = reporters
        .iter()
        .zip(performances)
        .map(|(reporter, performance)| {
            let share =
                multiply_by_rational_with_rounding(SHARE, reporter.weight, all, Rounding::Down);
            let accurate = u128::from(performance.accurate);
            share.unwrap_or_default().saturating_mul(accurate)
        })
        .collect();
    let total: u128 = points.iter().sum();
    let part = |point| multiply_by_rational_with_rounding(budget, point, total, Rounding::Down);
    points
        .into_iter()
        .map(|point| part(point).unwrap_or_default())
        .collect()
}

fn pay<T: Config>(reporters: &[Reporter<T::AccountId>], performances: &[Performance]) {
    let pot = Pallet::<T>::pot();
    let mut paid: BalanceOf<T> = 0u32.into();
    for (reporter, reward) in reporters.iter().zip(rewards::<T>(reporters, performances)) {
        if reward == 0u32.into() {
            continue;
        }
        // A validator whose account can't take its reward leaves it in the pot.
        let transfer =
            T::Currency::transfer(&pot, &reporter.validator, reward, Preservation::Preserve);
        if let Ok(reward) = transfer {
            paid += reward;
            Pallet::<T>::deposit_event(Event::Rewarded {
                validator: reporter.validator.clone(),
                amount: reward,
            });
        }
    }
    log::debug!(target: crate::LOG_TARGET, "paid {paid:?} for this session's prices");
}

/// Whether a validator had too few fresh reports.
fn is_silent(performance: &Performance, least: Perbill) -> bool {
    performance.expected >= LEAST_EXPECTED && performance.fresh < least * performance.expected
}

/// Silence costs nothing the first time, and more in each further session in a row.
///
/// When more than two thirds are silent the world is, not they: exchanges or the network were out of
/// reach for all. Then nobody is punished, and no row is begun or ended.
fn count_silence<T: Config>(reporters: &[Reporter<T::AccountId>], performances: &[Performance]) {
    let least = T::MinParticipation::get();
    let silent = performances
        .iter()
        .filter(|one| is_silent(one, least))
        .count();
    let systemic = silent.saturating_mul(3) > performances.len().saturating_mul(2);
    for (reporter, performance) in reporters.iter().zip(performances) {
        let validator = &reporter.validator;
        if !is_silent(performance, least) {
            if performance.expected >= LEAST_EXPECTED {
                SilentSessions::<T>::remove(validator);
            }
            continue;
        }
        let before = SilentSessions::<T>::get(validator);
        let sessions = if systemic {
            before
        } else {
            before.saturating_add(1)
        };
        SilentSessions::<T>::insert(validator, sessions);
        Pallet::<T>::deposit_event(Event::Silent {
            validator: validator.clone(),
            expected: performance.expected,
            fresh: performance.fresh,
            sessions,
        });
        let slash = silence_slash(sessions, T::SilenceSlash::get(), T::MaxSilenceSlash::get());
        if !systemic && !slash.is_zero() {
            offences::queue::<T>(validator.clone(), Misconduct::Silence, slash);
        }
    }
}

/// The slash for the `sessions`-th silent session in a row: nothing, once, twice the step, up to the most.
fn silence_slash(sessions: u32, step: Perbill, most: Perbill) -> Perbill {
    let steps = sessions.saturating_sub(1);
    Perbill::from_parts(step.deconstruct().saturating_mul(steps)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn reporter(weight: u128) -> Reporter<u64> {
        Reporter {
            validator: 1,
            weight,
        }
    }

    fn accurate(accurate: u32) -> Performance {
        Performance {
            accurate,
            ..Default::default()
        }
    }

    #[test]
    fn rewards_should_follow_weight_and_accuracy() {
        let reporters = [reporter(1), reporter(1), reporter(2)];
        let done = [accurate(10), accurate(0), accurate(10)];
        assert_eq!(shares(&reporters, &done, 300), vec![100, 0, 200]);
        assert_eq!(shares(&reporters, &[accurate(0); 3], 300), vec![0, 0, 0]);
        assert_eq!(shares::<u64>(&[], &[], 300), Vec::<u128>::new());
    }

    #[test]
    fn silence_should_cost_nothing_at_first_and_then_more_and_more() {
        let slash = |n| silence_slash(n, Perbill::from_percent(1), Perbill::from_percent(3));
        let slashes: Vec<_> = [0, 1, 2, 3, 4, 5, u32::MAX].map(slash).to_vec();
        let percent = [0, 0, 1, 2, 3, 3, 3].map(Perbill::from_percent);
        assert_eq!(slashes, percent);
    }

    proptest! {
        #[test]
        fn rewards_should_never_exceed_the_budget(
            all in proptest::collection::vec((0u128..1 << 90, 0u32..), 1..100), budget in 0u128..1 << 100,
        ) {
            let reporters: Vec<_> = all.iter().map(|(weight, _)| reporter(*weight)).collect();
            let done: Vec<_> = all.iter().map(|(_, count)| accurate(*count)).collect();
            prop_assert!(shares(&reporters, &done, budget).iter().sum::<u128>() <= budget);
        }
    }
}
