//! Losses that nobody covered yet: while there is one, nothing leaves the compartment. SPEC 7.4.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentId, MarketId},
    Moment,
};
use frame_support::{defensive, BoundedVec};

use crate::{
    pallet::{Config, Deficits, Event, Outflows, Pallet},
    types::Deficit,
};

/// The deficit of a market is this now; zero or less is none.
pub fn set<T: Config>(compartment: CompartmentId, market: MarketId, open: Cash) {
    let mut all = Deficits::<T>::get();
    let key = (compartment, market);
    let place = all.binary_search_by_key(&key, |one| (one.compartment, one.market));
    match (place, open.is_positive()) {
        (Err(_), false) => {}
        (Ok(place), false) => {
            let before = all.remove(place);
            put::<T>(all);
            covered::<T>(&before);
        }
        (Ok(place), true) => {
            if let Some(one) = all.get_mut(place).filter(|one| one.open != open) {
                one.open = open;
                put::<T>(all);
            }
        }
        (Err(place), true) => {
            let deficit = Deficit {
                compartment,
                market,
                open,
            };
            if all.try_insert(place, deficit).is_err() {
                defensive!("circuit breaker: more deficits than markets");
                return;
            }
            put::<T>(all);
            Pallet::<T>::deposit_event(Event::DeficitOpened {
                compartment,
                market,
                open,
            });
        }
    }
}

fn put<T: Config>(all: BoundedVec<Deficit, T::MaxMarkets>) {
    // None is no key: the state of a quiet chain is empty.
    if all.is_empty() {
        Deficits::<T>::kill();
    } else {
        Deficits::<T>::put(all);
    }
}

/// If it was the last of its compartment, the cool-down of withdrawals begins.
fn covered<T: Config>(before: &Deficit) {
    let compartment = before.compartment;
    let mut reopens_at = None;
    if !is_open::<T>(compartment) {
        let now = T::Time::now_ms();
        Outflows::<T>::mutate(compartment, |outflow| outflow.covered_at = Some(now));
        reopens_at = Some(reopening::<T>(now));
    }
    Pallet::<T>::deposit_event(Event::DeficitCovered {
        compartment,
        market: before.market,
        before: before.open,
        reopens_at,
    });
}

/// Whether a compartment has an open deficit. One read.
pub fn is_open<T: Config>(compartment: CompartmentId) -> bool {
    Deficits::<T>::get()
        .iter()
        .any(|one| one.compartment == compartment)
}

/// When withdrawals go on after the last deficit was covered.
pub fn reopening<T: Config>(covered_at: Moment) -> Moment {
    covered_at.saturating_add(Pallet::<T>::terms().withdrawals.gate_ms)
}
