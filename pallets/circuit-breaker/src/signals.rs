//! What the liquidation engine and the funds report. SPEC 4.6, 4.7, 7.4. None of it can fail.

use caisson_primitives::{
    oracle::BlockTime,
    trading::{Cash, CompartmentId, Level, MarketId, Markets, SafetySignals, Scope},
};

use crate::{
    deficits,
    machine::{Cause, Raise},
    pallet::{Config, Pallet},
    pressure, trips,
};

impl<T: Config> SafetySignals for Pallet<T> {
    /// Three reads, one write; three more of each if it trips.
    fn liquidated(market: MarketId, notional: Cash) {
        if !notional.is_positive() {
            return;
        }
        let terms = Self::terms();
        if let Some(raise) = pressure::add::<T>(market, &notional, &terms, T::Time::now_ms()) {
            raise_market::<T>(market, &raise);
        }
    }

    /// One read; three more and two writes if it trips.
    fn backlog(accounts: u32) {
        let limit = Self::terms().pressure.backlog;
        if accounts > limit {
            let raise = Raise::new(
                Cause::LiquidationPressure,
                Level::LongCalls,
                accounts.into(),
                limit.into(),
            );
            trips::raise::<T>(Scope::Chain, &raise);
        }
    }

    /// One read; three more and two writes if it trips.
    fn drawdown(_compartment: CompartmentId, market: MarketId, _paid: Cash, share_ppm: u32) {
        let limit = Self::terms().drawdown_ppm;
        if share_ppm >= limit {
            let raise = Raise::new(
                Cause::InsuranceDrawdown,
                Level::ReduceOnly,
                share_ppm.into(),
                limit.into(),
            );
            raise_market::<T>(market, &raise);
        }
    }

    /// One read; one more and two writes if a deficit opens, changes or is covered.
    fn deficit(compartment: CompartmentId, market: MarketId, open: Cash) {
        deficits::set::<T>(compartment, market, open);
    }
}

/// Only live markets are restricted: others have nothing to restrict, and nobody would lift it.
fn raise_market<T: Config>(market: MarketId, raise: &Raise) {
    let is_live = T::Markets::contract(market).is_some_and(|contract| contract.phase.is_live());
    if is_live {
        trips::raise::<T>(Scope::Market(market), raise);
    }
}
