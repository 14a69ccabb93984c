//! Which level holds where. SPEC 2.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{CompartmentId, Level, MarketId, Markets, Scope},
    BlockNumber,
};
use frame_support::defensive;
use sp_runtime::SaturatedConversion;

use crate::{
    machine::{Clock, Machine},
    pallet::{Config, Levels},
    types::Restriction,
};

/// What holds for a market, a compartment or the chain: the strictest level and the latest hold of all that apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The level.
    pub level: Level,
    /// No call ends before this block.
    pub hold: BlockNumber,
}

impl Effective {
    fn with(self, restriction: &Restriction) -> Self {
        Self {
            level: self.level.max(restriction.level),
            hold: self.hold.max(restriction.hold),
        }
    }
}

/// The time and number of this block.
pub fn clock<T: Config>() -> Clock {
    Clock {
        now: T::Time::now_ms(),
        block: frame_system::Pallet::<T>::block_number().saturated_into(),
    }
}

/// What holds for a market. One read; one more, of its contract, only while some compartment is restricted.
pub fn of_market<T: Config>(market: MarketId) -> Effective {
    let restrictions = Levels::<T>::get();
    let some_compartment = restrictions
        .iter()
        .any(|one| matches!(one.scope, Scope::Compartment(_)));
    let compartment = some_compartment
        .then(|| T::Markets::contract(market))
        .flatten()
        .map(|contract| contract.compartment);
    restrictions
        .iter()
        .filter(|one| match one.scope {
            Scope::Market(other) => other == market,
            Scope::Compartment(other) => Some(other) == compartment,
            Scope::Chain => true,
        })
        .fold(Effective::default(), Effective::with)
}

/// What holds for a compartment's money: markets don't count.
pub fn of_compartment<T: Config>(compartment: CompartmentId) -> Effective {
    Levels::<T>::get()
        .iter()
        .filter(|one| {
            matches!(one.scope, Scope::Compartment(other) if other == compartment)
                || one.scope == Scope::Chain
        })
        .fold(Effective::default(), Effective::with)
}

/// Writes down what the trips of a scope say, if it is something else than before.
pub fn publish<T: Config>(scope: Scope, machine: &Machine) {
    let (level, hold) = (machine.level(), machine.hold());
    let mut all = Levels::<T>::get();
    let place = all.binary_search_by_key(&scope, |one| one.scope);
    let restriction = Restriction { scope, level, hold };
    match (place, level) {
        (Err(_), Level::Open) => return,
        (Ok(place), Level::Open) => {
            all.remove(place);
        }
        (Ok(place), _) => {
            let Some(one) = all.get_mut(place).filter(|one| **one != restriction) else {
                return;
            };
            *one = restriction;
        }
        (Err(place), _) => {
            if all.try_insert(place, restriction).is_err() {
                defensive!("circuit breaker: more scopes than markets and compartments");
                return;
            }
        }
    }
    // Nothing is restricted is no key: the state of a quiet chain is empty.
    if all.is_empty() {
        Levels::<T>::kill();
    } else {
        Levels::<T>::put(all);
    }
}
