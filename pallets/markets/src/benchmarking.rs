//! Benchmarks at the worst case: every list full, every market priced from scratch, on a call with everything.

use alloc::{boxed::Box, format, vec::Vec};
use caisson_primitives::{
    oracle::{BlockTime, FeedId, FeedStatus, OraclePrice},
    trading::{
        CompartmentId, CompartmentSource, Contract, ContractKind, FeeSplit, FeeTier, LotPrice,
        Lots, MarketId, MarketPrices, Phase, MAX_FEE_TIERS, MAX_TIERS,
    },
};
use caisson_risk::Cash;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{EnsureOrigin, Get},
    BoundedVec,
};

use crate::{
    block, index, listing, margins,
    pallet::{
        Call, Config, Contracts, FeedUsers, Live, MarketsBySymbol, NextMarket, Pallet, Parameters,
        Prices, Symbols, Traces,
    },
    settlement,
    types::{Fees, Limits, Proposal, RiskParameters, Symbol, Trace, PPM},
};

/// What the runtime does so that these benchmarks have something to read.
pub trait BenchmarkHelper {
    /// Makes a feed with a live price, and with a volatility; at the oracle's worst case if it can.
    fn make_feed(feed: FeedId, price: OraclePrice);
}

/// Nothing: for runtimes whose genesis has feed 0, with a price of about 50,000 or none.
impl BenchmarkHelper for () {
    fn make_feed(_feed: FeedId, _price: OraclePrice) {}
}

const ONE: u128 = 1_000_000_000_000_000_000;
const PRICE: OraclePrice = 50_000 * ONE;
const FEED: FeedId = 0;
const COMPARTMENT: CompartmentId = 0;

fn symbol(number: u32) -> Symbol {
    format!("BENCHMARK-MARKET-{number}")
        .into_bytes()
        .try_into()
        .expect("short enough")
}

fn tiers() -> BoundedVec<Lots, frame_support::traits::ConstU32<MAX_TIERS>> {
    let bounds = (1..=i64::from(MAX_TIERS)).map(|tier| Lots(tier << 24));
    BoundedVec::truncate_from(bounds.collect())
}

fn fees() -> Fees {
    let tier = |volume: u32| FeeTier {
        min_volume: Cash(i128::from(volume)),
        taker_ppm: 500,
        maker_ppm: -100,
    };
    Fees {
        tiers: BoundedVec::truncate_from((0..MAX_FEE_TIERS).map(tier).collect()),
        split: FeeSplit {
            insurance_ppm: 300_000,
            backers_ppm: 300_000,
        },
    }
}

fn risk() -> RiskParameters {
    RiskParameters::standard(MAX_TIERS, 1 << 24, 1 << 28)
}

fn limits() -> Limits {
    Limits {
        open_interest_cap: 1 << 40,
        max_order_lots: 1 << 24,
        min_notional: Cash(1),
        band_ppm: 50_000,
        call_blocks: 1,
    }
}

/// A lot is a thousandth, worth 50 at the price; a tick is a millionth of that, and a future goes on for ever.
fn proposal(number: u32) -> Proposal {
    Proposal {
        symbol: symbol(number),
        compartment: COMPARTMENT,
        kind: ContractKind::Perpetual,
        feed: FEED,
        lot_size: ONE / 1_000,
        tick: 1_000_000_000,
        tier_bounds: tiers(),
        limits: limits(),
        fees: fees(),
        risk: risk(),
    }
}

/// A market with prices, for other pallets' benchmarks.
pub(crate) fn make_market<T: Config>(
    market: MarketId,
    compartment: CompartmentId,
    mark: LotPrice,
    change: impl FnOnce(&mut Contract, &mut MarketPrices),
) {
    let now = T::Time::now_ms();
    let mut proposal = proposal(market.into());
    proposal.compartment = compartment;
    proposal.tick = u64::try_from(mark.0 / 50_000).unwrap_or(u64::MAX).max(1);
    let mut contract = proposal.contract(Phase::Trading);
    let ratios = margins::ratios(&proposal.risk, 0, &Default::default(), &0).expect("in range");
    let per_lot = margins::per_lot(&mark, &ratios, &proposal.risk, 0, PPM).expect("in range");
    let mut prices = MarketPrices {
        at: now,
        index: mark,
        mark,
        stable: mark,
        funding: LotPrice::ZERO,
        maintenance: per_lot.maintenance,
        initial: per_lot.initial,
        fee_reserve: margins::fee_reserve(&mark, &contract).expect("in range"),
        open_interest: 0,
        status: FeedStatus::Live,
    };
    change(&mut contract, &mut prices);
    let mut trace = Trace::opening(now, now, contract.kind);
    trace.stable = prices.stable;
    trace.funding.index = prices.funding;
    trace.maintenance = ratios;
    if !Contracts::<T>::contains_key(market) {
        FeedUsers::<T>::mutate(contract.feed, |users| *users = Some(users.unwrap_or(0) + 1));
    }
    NextMarket::<T>::mutate(|next| *next = (*next).max(market.saturating_add(1)));
    Symbols::<T>::insert(market, &proposal.symbol);
    MarketsBySymbol::<T>::insert(&proposal.symbol, market);
    Parameters::<T>::insert(market, proposal.risk);
    Contracts::<T>::insert(market, contract);
    Prices::<T>::insert(market, prices);
    Live::<T>::mutate(|live| {
        if let Err(place) = live.binary_search(&market) {
            let _ = live.try_insert(place, market);
        }
    });
    Traces::<T>::insert(market, trace);
}

fn surroundings<T: Config>() {
    T::BenchmarkHelper::make_feed(FEED, PRICE);
    T::Compartments::benchmark_compartment(COMPARTMENT);
}

fn proposed<T: Config>() -> MarketId {
    surroundings::<T>();
    listing::propose::<T>(proposal(0)).expect("it is right")
}

fn opened<T: Config>() -> MarketId {
    let market = proposed::<T>();
    listing::open::<T>(market, 1).expect("it is right");
    market
}

/// So many live markets and no others.
fn live<T: Config>(count: u32) -> Vec<MarketId> {
    surroundings::<T>();
    Live::<T>::kill();
    let index = index::lot_price(PRICE, ONE / 1_000).expect("in range");
    let markets: Vec<_> = (0..count.min(T::MaxMarkets::get()) as MarketId).collect();
    for market in &markets {
        make_market::<T>(*market, COMPARTMENT, index, |_, _| {});
    }
    markets
}

/// The next block is in its settlement window: besides its prices it needs the average that the index leads to.
fn end_soon<T: Config>(market: MarketId) {
    Traces::<T>::mutate(market, |trace| {
        if let Some(trace) = trace {
            trace.ends_at = Some(T::Time::now_ms() + 1_000);
        }
    });
}

/// Lets the next block find its settlement price: patience is over.
fn end_now<T: Config>(market: MarketId) {
    Parameters::<T>::mutate(market, |risk| {
        if let Some(risk) = risk {
            risk.settlement_patience_ms = 0;
        }
    });
    Traces::<T>::mutate(market, |trace| {
        if let Some(trace) = trace {
            trace.ends_at = Some(0);
        }
    });
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// The markets that go on are in their settlement window, those that change end and settle: that writes contract and
    /// settlement price besides.
    #[benchmark]
    fn on_initialize(l: Linear<1, 100>, c: Linear<0, 100>) {
        let markets = live::<T>(l + c);
        let (on, ending) = markets.split_at(l as usize);
        for market in on {
            end_soon::<T>(*market);
        }
        for market in ending {
            end_now::<T>(*market);
        }
        #[block]
        {
            block::begin::<T>();
        }
        let is_in_window =
            |trace: &Trace| !trace.is_final && trace.freeze.is_none() && trace.window.is_some();
        let traces: Vec<_> = markets.iter().filter_map(Traces::<T>::get).collect();
        assert_eq!(
            traces.iter().filter(|one| is_in_window(one)).count() as u32,
            l
        );
        assert_eq!(traces.iter().filter(|one| one.is_final).count() as u32, c);
    }

    #[benchmark]
    fn propose() -> Result<(), BenchmarkError> {
        surroundings::<T>();
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Box::new(proposal(7)));
        assert!(MarketsBySymbol::<T>::contains_key(symbol(7)));
        Ok(())
    }

    #[benchmark]
    fn withdraw_proposal() -> Result<(), BenchmarkError> {
        let market = proposed::<T>();
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market);
        assert!(!Contracts::<T>::contains_key(market));
        Ok(())
    }

    #[benchmark]
    fn open() -> Result<(), BenchmarkError> {
        let market = proposed::<T>();
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, 60);
        assert!(Traces::<T>::contains_key(market));
        Ok(())
    }

    #[benchmark]
    fn delist() -> Result<(), BenchmarkError> {
        let market = opened::<T>();
        let at = T::Time::now_ms() + 10_000_000;
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, at);
        assert_eq!(
            Traces::<T>::get(market).and_then(|trace| trace.ends_at),
            Some(at)
        );
        Ok(())
    }

    #[benchmark]
    fn remove() -> Result<(), BenchmarkError> {
        let market = opened::<T>();
        end_now::<T>(market);
        block::begin::<T>();
        settlement::settled::<T>(market);
        let origin =
            T::ListingOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market);
        assert!(!Contracts::<T>::contains_key(market));
        Ok(())
    }

    #[benchmark]
    fn set_risk_parameters() -> Result<(), BenchmarkError> {
        let market = opened::<T>();
        let mut other = risk();
        other.floor_ppm += 1;
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, Box::new(other.clone()));
        assert_eq!(Parameters::<T>::get(market), Some(other));
        Ok(())
    }

    #[benchmark]
    fn set_fees() -> Result<(), BenchmarkError> {
        let market = opened::<T>();
        let mut other = fees();
        other.split.backers_ppm += 1;
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, Box::new(other.clone()));
        assert_eq!(
            Contracts::<T>::get(market).map(|one| Fees::of(&one)),
            Some(other)
        );
        Ok(())
    }

    #[benchmark]
    fn set_limits() -> Result<(), BenchmarkError> {
        let market = opened::<T>();
        let mut other = limits();
        other.call_blocks += 1;
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, other);
        assert_eq!(
            Contracts::<T>::get(market).map(|one| Limits::of(&one)),
            Some(other)
        );
        Ok(())
    }

    #[benchmark]
    fn set_tiers() -> Result<(), BenchmarkError> {
        let market = proposed::<T>();
        let add_ons = risk().tier_add_ons_ppm;
        let mut other = tiers();
        other[0] = Lots(1);
        let origin =
            T::RiskOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, market, other.clone(), add_ons);
        assert_eq!(
            Contracts::<T>::get(market).map(|one| one.tier_bounds),
            Some(other)
        );
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::new_chain(Vec::new()),
        crate::mock::Test
    );
}
