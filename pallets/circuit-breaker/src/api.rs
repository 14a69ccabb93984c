//! What clients may ask. For the runtime API `BreakerApi`, which calls these one to one. SPEC 9.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentId, Level, LotPrice, MarginStress, MarketId, Markets, Scope},
    BlockNumber, Moment,
};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

use crate::{
    levels,
    machine::Trip,
    pallet::{Config, Pallet, Watches},
    prices, trips,
    types::Extension,
    withdrawals,
};

/// What may leave a compartment. All in quanta.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct WithdrawalsLeft {
    /// Whether anything may leave: nothing is halted, and no deficit is open or was covered just now.
    pub open: bool,
    /// What the hour's bucket has room for.
    pub hour: Cash,
    /// What the day's bucket has room for.
    pub day: Cash,
    /// What the bucket of small withdrawals, which don't wait, has room for.
    pub small: Cash,
    /// What the hour's bucket holds.
    pub hour_capacity: Cash,
    /// What the day's bucket holds.
    pub day_capacity: Cash,
    /// What the bucket of small withdrawals holds.
    pub small_capacity: Cash,
    /// Whether a loss is not covered.
    pub deficit_open: bool,
    /// When withdrawals go on, or went on, after the last deficit was covered.
    pub gated_until: Option<Moment>,
}

/// A past mark that prices are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Reference {
    /// The horizon.
    pub horizon_ms: Moment,
    /// The oldest mark inside it, if there is one yet.
    pub mark: Option<LotPrice>,
    /// How far a price may be from it at the volatility of now, in parts per million.
    pub band_ppm: u32,
}

/// How strict the chain is with a market, and why.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketSafety {
    /// Which.
    pub market: MarketId,
    /// The level it stands under.
    pub level: Level,
    /// No call of it ends before this block; zero for none.
    pub hold: BlockNumber,
    /// The trips of the market itself.
    pub market_trips: Vec<Trip>,
    /// Those of its compartment.
    pub compartment_trips: Vec<Trip>,
    /// Those of the chain.
    pub chain_trips: Vec<Trip>,
    /// By how much initial margin is raised, in parts per million; one million is not at all.
    pub initial_margin_ppm: u32,
    /// What prices are held against.
    pub references: Vec<Reference>,
    /// Since when its index is not live, if it isn't.
    pub untrusted_since: Option<Moment>,
    /// The extension of its call that goes on, or was the last.
    pub extension: Option<Extension>,
}

impl<T: Config> Pallet<T> {
    /// How strict the chain is with a market, and why; nothing if there is no such market.
    pub fn market_safety(market: MarketId) -> Option<MarketSafety> {
        let contract = T::Markets::contract(market)?;
        let effective = levels::of_market::<T>(market);
        let trips = |scope| trips::load::<T>(scope).trips().to_vec();
        let watch = Watches::<T>::get(market);
        Some(MarketSafety {
            market,
            level: effective.level,
            hold: effective.hold,
            market_trips: trips(Scope::Market(market)),
            compartment_trips: trips(Scope::Compartment(contract.compartment)),
            chain_trips: trips(Scope::Chain),
            initial_margin_ppm: <Self as MarginStress>::initial_margin_ppm(market),
            references: Self::references(market),
            untrusted_since: watch.untrusted_since,
            extension: watch.extension,
        })
    }

    /// The same for all live markets.
    pub fn all_markets_safety() -> Vec<MarketSafety> {
        T::Markets::live()
            .into_iter()
            .filter_map(Self::market_safety)
            .collect()
    }

    /// What prices of a market are held against; nothing if there is no such market.
    pub fn references(market: MarketId) -> Vec<Reference> {
        let Some(contract) = T::Markets::contract(market) else {
            return Vec::new();
        };
        let now = T::Time::now_ms();
        let watch = Watches::<T>::get(market);
        let terms = Self::terms();
        terms
            .bands
            .iter()
            .zip(&watch.marks)
            .map(|(band, ring)| {
                let mark = ring.oldest(now, band.horizon_ms);
                let width = prices::width::<T>(band, contract.feed);
                Reference {
                    horizon_ms: band.horizon_ms,
                    mark: mark.map(|value| LotPrice(i128::from(value))),
                    band_ppm: width
                        .ok()
                        .and_then(|width| u32::try_from(width.0).ok())
                        .unwrap_or(band.band_ppm),
                }
            })
            .collect()
    }

    /// What may leave each of some compartments.
    pub fn withdrawals_left_of(compartments: &[CompartmentId]) -> Vec<WithdrawalsLeft> {
        compartments
            .iter()
            .map(|compartment| withdrawals::left::<T>(*compartment))
            .collect()
    }
}
