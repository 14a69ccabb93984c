//! Arming accounts in the trigger index: SPEC 6.
//!
//! Every position with lots and every pledge has exactly one key. Its trigger lies in one of three bands:
//!
//! ```text
//! ordinary   T <= WATCHED - 1      the account is looked at when the coordinate falls below T
//! watched    T == WATCHED          looked at in every block: several legs and almost no slack
//! unsafe     T >  WATCHED          waits for the liquidation engine: slack is negative; higher is worse
//! ```
//!
//! No coordinate reaches [`WATCHED`], so watched accounts are always crossed.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    Account, AccountIndex, AccountRole, Armed, Cash, CompartmentFunds, Coordinate, LotPrice, Pot,
    Ppm, SafetyObserver,
};
use caisson_risk::{limits::MAX_CASH, margin, triggers, Res, RiskError};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{DispatchError, SaturatedConversion};

use crate::{
    health::{self, Assessment, Leg},
    inventory,
    pallet::{
        Accounts, BestTriggers, Collaterals, Config, Error, Event, Pallet, TriggerIndex,
        WatchedAccounts,
    },
    types::{bucket_place, Exposure, TriggerKey},
};

/// The trigger of watched accounts: above every coordinate, which is at most the highest price plus the highest
/// funding index, `2^60 + 2^62`.
pub const WATCHED: i64 = (1 << 62) + (1 << 61);

/// The trigger of an unsafe account whose deficit is nothing; the deficit in parts per million of notional is added.
pub const UNSAFE: i64 = WATCHED + 1;

/// The most urgency there is.
const MAX_URGENCY: i64 = 1 << 60;

/// A fresh trigger replaces a sound one that leaves less than this share of what it could.
const WASTEFUL: Ppm<i128> = Ppm(250_000);

/// Assesses an account, puts its triggers right and stores it. Everything that changes positions or money ends
/// here or in [`settle_liquidated`].
pub fn settle<T: Config>(
    index: AccountIndex,
    mut account: Account<T::AccountId>,
) -> Result<(), DispatchError> {
    if account.role == AccountRole::Fund {
        inventory::settle::<T>(index, account);
        return Ok(());
    }
    let sum = assess_and_drop::<T>(index, &mut account)?;
    rearm::<T>(index, &mut account, &sum)?;
    Accounts::<T>::insert(index, account);
    Ok(())
}

/// The same after fills of forced orders: takes the penalty first, at most what equity there is, into the insurance fund. An
/// account whose equity is in profits or other collateral owes the money for it. Returns what was paid.
///
/// Errors: the penalty is negative, or a number leaves its range.
pub fn settle_liquidated<T: Config>(
    index: AccountIndex,
    mut account: Account<T::AccountId>,
    due: Cash,
) -> Result<Cash, DispatchError> {
    ensure!(!due.is_negative(), Error::<T>::Arithmetic);
    if account.role == AccountRole::Fund {
        inventory::settle::<T>(index, account);
        return Ok(Cash(0));
    }
    let mut sum = assess_and_drop::<T>(index, &mut account)?;
    let paid = due.smaller(&sum.equity.positive_part());
    if paid.is_positive() {
        take(&mut account.collateral, &mut sum, &paid).map_err(Error::<T>::from)?;
        Pallet::<T>::credit(account.compartment, Pot::Insurance, paid)?;
    }
    if due.is_positive() {
        Pallet::<T>::deposit_event(Event::PenaltyPaid {
            account: index,
            paid,
            due,
        });
    }
    rearm::<T>(index, &mut account, &sum)?;
    Accounts::<T>::insert(index, account);
    Ok(paid)
}

/// Money that leaves: all that depends on it changes by as much, so the account need not be assessed again.
fn take(collateral: &mut Cash, sum: &mut Assessment, paid: &Cash) -> Res<()> {
    *collateral = collateral.sub(paid)?;
    if collateral.0.unsigned_abs() > MAX_CASH.unsigned_abs() {
        return Err(RiskError::OutOfRange);
    }
    sum.equity = sum.equity.sub(paid)?;
    sum.slack = sum.slack.sub(paid)?;
    sum.initial_health = sum.initial_health.sub(paid)?;
    Ok(())
}

/// Assesses; takes keys of legs that are gone out of the index, and what is left empty out of the account.
fn assess_and_drop<T: Config>(
    index: AccountIndex,
    account: &mut Account<T::AccountId>,
) -> Result<Assessment, DispatchError> {
    let mut gone = false;
    for position in account.positions.iter_mut() {
        if position.lots.0 == 0 {
            if let Some(armed) = position.armed.take() {
                remove_watching::<T>(index, Exposure::market(position.market), armed);
            }
            gone |= position.is_empty();
        }
    }
    if gone {
        account.positions.retain(|position| !position.is_empty());
    }
    health::assess::<T>(account, None)
}

/// Writes the keys that differ, and notes when the account became unsafe or safe again.
pub fn rearm<T: Config>(
    index: AccountIndex,
    account: &mut Account<T::AccountId>,
    sum: &Assessment,
) -> Result<(), DispatchError> {
    keep_debt::<T>(index, account.unsafe_since.is_some(), sum);
    note_safety::<T>(index, account, sum);
    let was_watched = sum.legs.iter().any(is_watched);
    let may_watch = was_watched || WatchedAccounts::<T>::get() < T::MaxWatched::get();
    let step = health::step::<T>(sum).map_err(Error::<T>::from)?;
    let wanted = wanted(sum, &step, may_watch).map_err(Error::<T>::from)?;

    for (leg, &trigger) in sum.legs.iter().zip(&wanted) {
        let new = Armed {
            bucket: leg.bucket,
            trigger,
        };
        if leg.armed == Some(new) {
            continue;
        }
        if let Some(old) = leg.armed {
            remove::<T>(index, leg.exposure, old);
        }
        insert::<T>(index, leg.exposure, new);
        set_armed(account, leg.exposure, new, sum);
    }
    count_watched::<T>(was_watched, wanted.contains(&WATCHED));
    Ok(())
}

/// Where an account that owes money and has nothing else waits for the engine.
pub const DEBT: Armed = Armed {
    bucket: 0,
    trigger: UNSAFE + MAX_URGENCY,
};

/// Puts in or takes out the key of an account that has only a debt, which no leg could hold. The bound of no bucket depends on it.
fn keep_debt<T: Config>(index: AccountIndex, was_unsafe: bool, sum: &Assessment) {
    let key = TriggerKey {
        exposure: Exposure::DEBT,
        bucket: DEBT.bucket,
        trigger: DEBT.trigger,
        account: index,
    };
    if sum.legs.is_empty() && sum.slack.is_negative() {
        TriggerIndex::<T>::insert(key, ());
    } else if was_unsafe && sum.legs.iter().all(|leg| leg.armed.is_none()) {
        // No leg held its key, so this one may have been there.
        TriggerIndex::<T>::remove(key);
    }
}

fn is_watched(leg: &Leg) -> bool {
    leg.armed.is_some_and(|armed| armed.trigger == WATCHED)
}

/// The trigger that each leg should have.
fn wanted(sum: &Assessment, step: &Cash, may_watch: bool) -> Res<Vec<i64>> {
    let legs: Vec<_> = sum.legs.iter().map(|leg| leg.leg).collect();
    let largest = largest(&legs);
    let only_largest = |trigger: i64| {
        (0..legs.len())
            .map(|place| match Some(place) == largest {
                true => trigger,
                false => i64::MIN,
            })
            .collect()
    };
    if legs.is_empty() {
        return Ok(Vec::new());
    }
    if sum.slack.is_negative() {
        return Ok(only_largest(urgency(sum)));
    }
    // With one leg the trigger is exact, so there is nothing to watch.
    if legs.len() > 1 && may_watch && sum.slack.is_lt(step) {
        return Ok(only_largest(WATCHED));
    }
    let mut fresh = alloc::vec![Coordinate(0); legs.len()];
    match &legs[..] {
        [leg] => fresh = alloc::vec![triggers::safe_until(leg, &sum.slack)?],
        _ => triggers::arm(&legs, &sum.slack, &mut fresh)?,
    }
    match kept(sum, &legs, &fresh)? {
        Some(kept) => Ok(kept),
        None => Ok(fresh.into_iter().map(ordinary).collect()),
    }
}

/// The triggers that stand, if they are sound for the account as it is now and none would fire for nothing.
fn kept(sum: &Assessment, legs: &[triggers::Leg], fresh: &[Coordinate]) -> Res<Option<Vec<i64>>> {
    let mut stored = Vec::with_capacity(legs.len());
    for leg in &sum.legs {
        match leg.armed {
            Some(armed) if armed.bucket == leg.bucket && armed.trigger < WATCHED => {
                stored.push(armed.trigger);
            }
            _ => return Ok(None),
        }
    }
    let as_coordinates: Vec<_> = stored
        .iter()
        .map(|trigger| Coordinate(i128::from(*trigger)))
        .collect();
    if !triggers::still_sound(legs, &as_coordinates, &sum.slack)? {
        return Ok(None);
    }
    for ((leg, stored), fresh) in legs.iter().zip(&as_coordinates).zip(fresh) {
        if triggers::wasteful(leg, stored, fresh, &WASTEFUL)? {
            return Ok(None);
        }
    }
    Ok(Some(stored))
}

/// The leg with the most margin: where an account that is always looked at stands.
fn largest(legs: &[triggers::Leg]) -> Option<usize> {
    let weight = |leg: &triggers::Leg| leg.risk_per_lot.times(&leg.size).unwrap_or(Cash::ZERO);
    legs.iter()
        .enumerate()
        // The last of equals, by `max_by_key`; any rule does, as long as it is one.
        .max_by_key(|(_, leg)| weight(leg))
        .map(|(place, _)| place)
}

/// A trigger as it is stored. Raising one that is too low to store only makes it fire early.
fn ordinary(trigger: Coordinate) -> i64 {
    let highest = i128::from(WATCHED) - 1;
    let clamped = trigger.0.clamp(i128::from(i64::MIN), highest);
    i64::try_from(clamped).unwrap_or(i64::MIN)
}

/// The trigger of an unsafe account: the larger its deficit for its size, the earlier it is served.
fn urgency(sum: &Assessment) -> i64 {
    let deficit = Cash(sum.slack.0.saturating_neg());
    let notional = sum.notional.larger(&Cash(1));
    // Beyond 64 bits is most urgent too.
    let urgency = margin::margin_ratio(&deficit, &notional).map_or(MAX_URGENCY, |ratio| {
        i64::try_from(ratio.0).unwrap_or(MAX_URGENCY)
    });
    UNSAFE.saturating_add(urgency.clamp(0, MAX_URGENCY))
}

/// Keeps `unsafe_since`, with an event when it changes.
fn note_safety<T: Config>(
    index: AccountIndex,
    account: &mut Account<T::AccountId>,
    sum: &Assessment,
) {
    match (account.unsafe_since, sum.slack.is_negative()) {
        (None, true) => {
            let now: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
            account.unsafe_since = Some(now.saturated_into());
            T::Observer::became_unsafe(index);
            Pallet::<T>::deposit_event(Event::BecameUnsafe {
                account: index,
                equity: sum.equity,
                slack: sum.slack,
            });
        }
        (Some(since), false) => {
            account.unsafe_since = None;
            T::Observer::became_safe(index, since);
            Pallet::<T>::deposit_event(Event::BecameSafe {
                account: index,
                slack: sum.slack,
                since,
            });
        }
        _ => {}
    }
}

fn set_armed<AccountId>(
    account: &mut Account<AccountId>,
    exposure: Exposure,
    new: Armed,
    sum: &Assessment,
) {
    if exposure.as_collateral().is_none() {
        if let Some(position) = account.position_mut(exposure.0) {
            position.armed = Some(new);
        }
        return;
    }
    // Legs of pledges come last, in the order of the account.
    let first = sum
        .legs
        .iter()
        .position(|leg| leg.exposure.as_collateral().is_some());
    let this = sum.legs.iter().position(|leg| leg.exposure == exposure);
    if let (Some(first), Some(this)) = (first, this) {
        if let Some(pledge) = account.pledges.get_mut(this.saturating_sub(first)) {
            pledge.armed = Some(new);
        }
    }
}

/// Takes a key out. The bound of its bucket stays: it may be too high, never too low.
pub fn remove<T: Config>(account: AccountIndex, exposure: Exposure, armed: Armed) {
    TriggerIndex::<T>::remove(TriggerKey {
        exposure,
        bucket: armed.bucket,
        trigger: armed.trigger,
        account,
    });
}

/// The same for a leg that is gone from its account: the account is no longer watched by it.
pub fn remove_watching<T: Config>(account: AccountIndex, exposure: Exposure, armed: Armed) {
    remove::<T>(account, exposure, armed);
    count_watched::<T>(armed.trigger == WATCHED, false);
}

/// Puts a key in, and raises the bound of its bucket if it must.
pub fn insert<T: Config>(account: AccountIndex, exposure: Exposure, armed: Armed) {
    let key = TriggerKey {
        exposure,
        bucket: armed.bucket,
        trigger: armed.trigger,
        account,
    };
    TriggerIndex::<T>::insert(key, ());
    let mut bests = BestTriggers::<T>::get(exposure);
    if let Some(best) = bests.0.get_mut(bucket_place(armed.bucket)) {
        if *best < armed.trigger {
            *best = armed.trigger;
            BestTriggers::<T>::insert(exposure, bests);
        }
    }
}

fn count_watched<T: Config>(before: bool, after: bool) {
    match (before, after) {
        (false, true) => WatchedAccounts::<T>::mutate(|count| *count = count.saturating_add(1)),
        (true, false) => WatchedAccounts::<T>::mutate(|count| *count = count.saturating_sub(1)),
        _ => {}
    }
}

/// Takes all keys of an account out.
pub fn disarm<T: Config>(index: AccountIndex, account: &mut Account<T::AccountId>) {
    let mut watched = false;
    for position in account.positions.iter_mut() {
        if let Some(armed) = position.armed.take() {
            watched |= armed.trigger == WATCHED;
            remove::<T>(index, Exposure::market(position.market), armed);
        }
    }
    let list = Collaterals::<T>::get();
    for pledge in account.pledges.iter_mut() {
        let place = list
            .iter()
            .position(|one| one.compartment == account.compartment && one.asset == pledge.asset);
        if let (Some(armed), Some(place)) = (pledge.armed.take(), place) {
            watched |= armed.trigger == WATCHED;
            let exposure = Exposure::collateral(u8::try_from(place).unwrap_or(u8::MAX));
            remove::<T>(index, exposure, armed);
        }
    }
    count_watched::<T>(watched, false);
}

/// The coordinates of a market, by tier: of longs and of shorts.
pub fn coordinates(
    mark: &LotPrice,
    maintenance: &[LotPrice],
    funding: &LotPrice,
) -> Res<(Vec<Coordinate>, Vec<Coordinate>)> {
    use caisson_primitives::trading::Side;
    let of = |side| {
        maintenance
            .iter()
            .map(|margin| triggers::coordinate(side, mark, margin, funding))
            .collect::<Res<Vec<_>>>()
    };
    Ok((of(Side::Long)?, of(Side::Short)?))
}

impl<T: Config> From<RiskError> for Error<T> {
    fn from(error: RiskError) -> Self {
        match error {
            // The only list that can be empty or too full is that of markets or tiers.
            RiskError::Empty => Self::TooManyMarkets,
            RiskError::OutOfRange => Self::TooLarge,
            _ => Self::Arithmetic,
        }
    }
}
