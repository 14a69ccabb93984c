//! The step of each block, after the markets have their prices and before anybody uses them. SPEC 4, 3.4.

use alloc::{collections::BTreeSet, vec::Vec};
use caisson_primitives::trading::{Contract, MarketId, MarketPrices, Markets, Phase, Scope};
use frame_support::{defensive, weights::Weight, BoundedVec};

use crate::{
    gaps, interest, levels,
    machine::{Cause, Clock, Raise},
    pallet::{Config, Flows, Levels, Pallet, Pressures, Watched, Watches},
    pressure, prices,
    terms::Terms,
    trips,
    types::Watch,
    weights::{self, WeightInfo},
};

/// What a look at a market did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Something was remembered.
    pub wrote: bool,
    /// Its trips were looked at, because there are some or something demanded one.
    pub examined: bool,
}

impl Looked {
    /// What it cost.
    fn cost<T: Config>(self) -> Weight {
        match (self.examined, self.wrote) {
            (true, _) => weights::each(T::WeightInfo::look_examined),
            (false, true) => weights::each(T::WeightInfo::look_written),
            (false, false) => weights::each(T::WeightInfo::look_quiet),
        }
    }
}

/// What is the same for all looks of a block.
pub(crate) struct Round {
    clock: Clock,
    terms: Terms,
    live: Vec<MarketId>,
    restricted: BTreeSet<Scope>,
    /// How many markets ended.
    forgotten: u32,
}

/// Raises and recovers what is due; returns what it cost.
pub fn begin<T: Config>() -> Weight {
    let round = prepare::<T>(levels::clock::<T>());
    let forgotten = T::WeightInfo::forget().saturating_mul(round.forgotten.into());
    let shared = T::WeightInfo::look_examined(0);
    let mut weight = T::WeightInfo::begin()
        .saturating_add(shared)
        .saturating_add(forgotten);
    for market in &round.live {
        let is_restricted = round.restricted.contains(&Scope::Market(*market));
        let looked = look::<T>(*market, is_restricted, &round.terms, round.clock);
        weight = weight.saturating_add(looked.cost::<T>());
    }
    for scope in &round.restricted {
        if !matches!(scope, Scope::Market(_)) {
            // Their causes happen or expire; none has a condition that is measured here.
            trips::examine::<T>(*scope, &[], &round.terms, round.clock);
            weight = weight.saturating_add(T::WeightInfo::examine_scope());
        }
    }
    weight
}

/// Sees to the gap since the last block and to markets that ended, and reads what all looks need.
pub(crate) fn prepare<T: Config>(clock: Clock) -> Round {
    let terms = Pallet::<T>::terms();
    gaps::beat::<T>(&terms, clock);
    let live = T::Markets::live();
    let forgotten = forget_ended::<T>(&live);
    let restricted = Levels::<T>::get().iter().map(|one| one.scope).collect();
    Round {
        clock,
        terms,
        live,
        restricted,
        forgotten,
    }
}

/// SPEC 7.6: nothing is kept of markets that are not live any more. Says how many there were.
fn forget_ended<T: Config>(live: &[MarketId]) -> u32 {
    let watched = Watched::<T>::get();
    let restricted = Levels::<T>::get();
    let mut ended: BTreeSet<MarketId> = watched
        .iter()
        .filter(|market| live.binary_search(market).is_err())
        .copied()
        .collect();
    ended.extend(restricted.iter().filter_map(|one| match one.scope {
        Scope::Market(market) => live.binary_search(&market).is_err().then_some(market),
        Scope::Compartment(_) | Scope::Chain => None,
    }));
    for market in &ended {
        forget::<T>(*market);
    }
    if watched.as_slice() != live {
        match BoundedVec::try_from(live.to_vec()) {
            Ok(list) => Watched::<T>::put(list),
            Err(_) => {
                defensive!("circuit breaker: more live markets than there can be");
            }
        }
    }
    u32::try_from(ended.len()).unwrap_or(u32::MAX)
}

/// Drops all records of a market but its deficit: what is owed is owed after its end too.
pub fn forget<T: Config>(market: MarketId) {
    trips::forget::<T>(market);
    Watches::<T>::remove(market);
    Flows::<T>::remove(market);
    Pressures::<T>::remove(market);
}

/// Looks at one live market.
pub fn look<T: Config>(
    market: MarketId,
    is_restricted: bool,
    terms: &Terms,
    clock: Clock,
) -> Looked {
    let (contract, prices) = (T::Markets::contract(market), T::Markets::prices(market));
    let mut found = Vec::new();
    let mut wrote = false;
    if let (Some(contract), Some(prices)) = (&contract, &prices) {
        // In a market that settles nothing trades, and its prices jump to the settlement price.
        if contract.phase != Phase::Settling {
            (found, wrote) = watch::<T>(market, contract, prices, terms, clock);
            if is_restricted && has_pressure::<T>(market) {
                found.push(pressure::demand::<T>(market, prices, terms, clock.now));
            }
        }
    }
    let examined = is_restricted || found.iter().any(|raise| raise.level > Default::default());
    if examined {
        trips::examine::<T>(Scope::Market(market), &found, terms, clock);
    }
    Looked { wrote, examined }
}

fn has_pressure<T: Config>(market: MarketId) -> bool {
    trips::load::<T>(Scope::Market(market))
        .trip(Cause::LiquidationPressure)
        .is_some()
}

/// What prices and open interest demand; then they are remembered. Says whether anything was written.
fn watch<T: Config>(
    market: MarketId,
    contract: &Contract,
    prices: &MarketPrices,
    terms: &Terms,
    clock: Clock,
) -> (Vec<Raise>, bool) {
    let now = clock.now;
    let mut watch: Watch = Watches::<T>::get(market);
    let untrusted_before = watch.untrusted_since;
    let breach = prices::breach::<T>(&watch, contract.feed, terms, &prices.mark, now);
    let found = alloc::vec![
        breach.map_or(Raise::clear(Cause::PriceBand), |breach| breach.raise()),
        prices::health(prices, &mut watch, terms, now),
        interest::demand::<T>(&watch, contract.compartment, prices, terms, now),
    ];
    let sampled_mark = prices::sample(&mut watch, terms, &prices.mark, now);
    let sampled_interest = interest::sample(&mut watch, terms, prices.open_interest, now);
    let wrote = sampled_mark || sampled_interest || watch.untrusted_since != untrusted_before;
    if wrote {
        Watches::<T>::insert(market, watch);
    }
    (found, wrote)
}
