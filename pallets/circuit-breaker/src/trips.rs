//! The level machines in storage: what raises, what lowers, and who is told. SPEC 3, 6.
//!
//! [`raise`] and [`guardians_raise`] end in [`Machine::raise_to`], which only takes maxima. Levels come down in [`examine`], by the
//! rules of recovery, and in [`lower`], behind the referendum's origin. Nothing else writes trips but [`forget`], for markets
//! that ended.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{CompartmentFunds, Level, MarketId, Markets, Scope},
};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};

use crate::{
    levels,
    machine::{Cause, Change, Clock, Machine, Raise, Recovery},
    pallet::{Config, Error, Event, Levels, Pallet, Trips},
    terms::Terms,
    types::Reason,
};

/// The trips of a scope.
pub fn load<T: Config>(scope: Scope) -> Machine {
    Trips::<T>::get(scope).unwrap_or_default()
}

/// Stores them, and what they say.
fn store<T: Config>(scope: Scope, machine: &Machine) {
    if machine.trips().is_empty() {
        Trips::<T>::remove(scope);
    } else {
        Trips::<T>::insert(scope, machine);
    }
    levels::publish::<T>(scope, machine);
}

/// A trigger found something, or nothing if the level is open. Constant cost; one event if the trip's level or hold changed.
pub fn raise<T: Config>(scope: Scope, raise: &Raise) {
    if raise.level == Level::Open {
        return;
    }
    let before = load::<T>(scope);
    let mut machine = before.clone();
    let change = machine.raise_to(raise, T::Time::now_ms());
    if machine != before {
        store::<T>(scope, &machine);
    }
    if let Some(change) = change {
        say::<T>(scope, &machine, raise, change);
    }
}

/// Looks at all causes of a scope: those in `found` demand what they say, all others nothing. Says whether the trips
/// changed, be it only in time.
pub fn examine<T: Config>(scope: Scope, found: &[Raise], terms: &Terms, clock: Clock) -> bool {
    let before = load::<T>(scope);
    let mut machine = before.clone();
    for cause in Cause::ALL {
        let demand = found.iter().find(|raise| raise.cause == cause);
        let demand = demand.copied().unwrap_or(Raise::clear(cause));
        let recovery = Recovery {
            cool_down_ms: terms.cool_down_ms(cause),
            reopen_blocks: terms.long_call_blocks,
        };
        if let Some(change) = machine.observe(&demand, clock, recovery) {
            say::<T>(scope, &machine, &demand, change);
        }
    }
    let has_changed = machine != before;
    if has_changed {
        store::<T>(scope, &machine);
    }
    has_changed
}

/// SPEC 8: one event for what changed.
fn say<T: Config>(scope: Scope, machine: &Machine, demand: &Raise, change: Change) {
    let Change { before, after } = change;
    let level = machine.level();
    let event = if after < before {
        Event::Recovered {
            scope,
            cause: demand.cause,
            before,
            after,
            level,
        }
    } else {
        Event::Raised {
            scope,
            cause: demand.cause,
            before,
            after,
            level,
            figure: demand.figure,
            limit: demand.limit,
            hold: machine.trip(demand.cause).map_or(0, |trip| trip.hold),
        }
    };
    Pallet::<T>::deposit_event(event);
}

/// Whether a scope can be raised.
fn exists<T: Config>(scope: Scope) -> bool {
    match scope {
        Scope::Market(market) => {
            T::Markets::contract(market).is_some_and(|contract| contract.phase.is_live())
        }
        Scope::Compartment(compartment) => T::Funds::settlement_asset(compartment).is_some(),
        Scope::Chain => true,
    }
}

/// SPEC 6.1: guardians raise, or renew.
pub fn guardians_raise<T: Config>(scope: Scope, level: Level, reason: Reason) -> DispatchResult {
    ensure!(exists::<T>(scope), Error::<T>::NoSuchScope);
    let now = T::Time::now_ms();
    let mut machine = load::<T>(scope);
    let before = machine
        .trip(Cause::Guardian)
        .map_or(Level::Open, |trip| trip.level);
    ensure!(
        level > Level::Open && level >= before,
        Error::<T>::GuardiansOnlyRaise
    );
    let expires_at = now.saturating_add(T::GuardianTripMs::get());
    let raise = Raise {
        expires_at: Some(expires_at),
        ..Raise::new(Cause::Guardian, level, 0, 0)
    };
    machine.raise_to(&raise, now);
    store::<T>(scope, &machine);
    Pallet::<T>::deposit_event(Event::GuardiansRaised {
        scope,
        before,
        after: level,
        level: machine.level(),
        expires_at,
        reason,
    });
    Ok(())
}

/// SPEC 6.3: what guardians raised stays. For the referendum's origin.
pub fn ratify<T: Config>(scope: Scope) -> DispatchResult {
    let mut machine = load::<T>(scope);
    let change = machine.ratify(T::Time::now_ms());
    let Change { before, after } = change.ok_or(Error::<T>::NothingToRatify)?;
    store::<T>(scope, &machine);
    Pallet::<T>::deposit_event(Event::Ratified {
        scope,
        before,
        after,
    });
    Ok(())
}

/// SPEC 6.4: all trips of a scope are lowered now. For the referendum's origin.
pub fn lower<T: Config>(scope: Scope, level: Level) -> DispatchResult {
    let mut machine = load::<T>(scope);
    let before = machine.level();
    let reopen_blocks = Pallet::<T>::terms().long_call_blocks;
    ensure!(
        machine.lower(level, levels::clock::<T>(), reopen_blocks),
        Error::<T>::NothingToLower
    );
    store::<T>(scope, &machine);
    Pallet::<T>::deposit_event(Event::Lowered {
        scope,
        before,
        after: machine.level(),
    });
    Ok(())
}

/// SPEC 7.6: a market that ended is not restricted any more.
pub fn forget<T: Config>(market: MarketId) {
    let scope = Scope::Market(market);
    let before = Levels::<T>::get()
        .iter()
        .find(|one| one.scope == scope)
        .map_or(Level::Open, |one| one.level);
    store::<T>(scope, &Machine::default());
    if before > Level::Open {
        Pallet::<T>::deposit_event(Event::Forgotten { market, before });
    }
}
