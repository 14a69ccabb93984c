//! What other pallets and clients ask. SPEC 9.

use alloc::vec::Vec;
use caisson_primitives::trading::{
    api::MarketView, CallSource, Contract, LotPrice, MarketId, MarketPrices, Markets,
    OpenInterestSource,
};
use frame_support::{pallet_prelude::DispatchResult, storage::with_storage_layer};

use crate::{
    pallet::{Config, Contracts, Live, Pallet, Prices, Settling, Symbols, Traces},
    settlement,
};

impl<T: Config> Markets for Pallet<T> {
    fn contract(market: MarketId) -> Option<Contract> {
        Contracts::<T>::get(market)
    }

    fn prices(market: MarketId) -> Option<MarketPrices> {
        Prices::<T>::get(market)
    }

    fn live() -> Vec<MarketId> {
        Live::<T>::get().into_inner()
    }

    fn settling() -> Vec<(MarketId, LotPrice)> {
        Settling::<T>::get().into_inner()
    }

    fn settled(market: MarketId) {
        settlement::settled::<T>(market);
    }

    fn end_at_mark(market: MarketId) -> DispatchResult {
        // A failure leaves nothing behind, whoever calls.
        with_storage_layer(|| settlement::end_at_mark::<T>(market))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: caisson_primitives::trading::CompartmentId,
        mark: LotPrice,
        change: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        crate::benchmarking::make_market::<T>(market, compartment, mark, change);
    }
}

impl<T: Config> Pallet<T> {
    /// A market as clients see it.
    pub fn market_view(market: MarketId) -> Option<MarketView> {
        Some(MarketView {
            market,
            symbol: Symbols::<T>::get(market)?.into_inner(),
            contract: Contracts::<T>::get(market)?,
            prices: Prices::<T>::get(market),
            call: T::Calls::call(market),
            open_interest: T::OpenInterest::open_interest(market),
            funding_rate_ppb: Traces::<T>::get(market).map_or(0, |trace| trace.rate_ppb),
        })
    }

    /// All markets, in the order of their identifiers, settled ones too; for clients, not for blocks.
    pub fn market_views() -> Vec<MarketView> {
        let mut markets: Vec<_> = Contracts::<T>::iter_keys().collect();
        markets.sort_unstable();
        markets.into_iter().filter_map(Self::market_view).collect()
    }
}
