//! What always holds between two blocks. SPEC 10.

use alloc::{collections::BTreeMap, collections::BTreeSet, vec::Vec};
use caisson_primitives::{
    oracle::{BlockTime, FeedId, FeedStatus},
    trading::{
        CompartmentSource, Contract, LotPrice, MarketId, MarketPrices, OpenInterestSource, Phase,
    },
};
use caisson_risk::{
    limits::{MAX_FUNDING_INDEX, PPB, PPM},
    margin,
};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

use crate::{
    index, margins,
    pallet::{
        Config, Contracts, FeedUsers, Live, MarketsBySymbol, NextMarket, Parameters, Prices,
        SettlementPrices, Settling, Symbols, Traces,
    },
    types::{Trace, FUNDING_PERIOD_MS},
    validation,
};

/// Checks all invariants.
pub fn check<T: Config>() -> Result<(), TryRuntimeError> {
    let contracts: BTreeMap<_, _> = Contracts::<T>::iter().collect();
    records::<T>(&contracts)?;
    terms::<T>(&contracts)?;
    live::<T>(&contracts)?;
    settlement::<T>(&contracts)?;
    feeds::<T>(&contracts)
}

type AllContracts = BTreeMap<MarketId, Contract>;

fn in_phase(contracts: &AllContracts, is_in: impl Fn(Phase) -> bool) -> BTreeSet<MarketId> {
    contracts
        .iter()
        .filter(|(_, contract)| is_in(contract.phase))
        .map(|(market, _)| *market)
        .collect()
}

/// SPEC 10.1: every market has a contract, a name of its own, and parameters until it is settled; identifiers
/// were given.
fn records<T: Config>(contracts: &AllContracts) -> Result<(), TryRuntimeError> {
    let known: BTreeSet<_> = contracts.keys().copied().collect();
    let named: BTreeSet<_> = Symbols::<T>::iter_keys().collect();
    ensure!(known == named, "10.1: markets are those with names");
    let by_symbol: BTreeMap<_, _> = MarketsBySymbol::<T>::iter()
        .map(|(symbol, market)| (market, symbol))
        .collect();
    let symbols: BTreeMap<_, _> = Symbols::<T>::iter().collect();
    ensure!(by_symbol == symbols, "10.1: symbols are unique");
    let with_parameters: BTreeSet<_> = Parameters::<T>::iter_keys().collect();
    ensure!(
        with_parameters == in_phase(contracts, |phase| phase != Phase::Settled),
        "10.1: markets have parameters until they are settled"
    );
    let next = NextMarket::<T>::get();
    ensure!(
        contracts.keys().all(|market| *market < next),
        "10.1: identifiers are counted up"
    );
    let count = u32::try_from(contracts.len()).unwrap_or(u32::MAX);
    ensure!(
        Contracts::<T>::count() == count && count <= T::MaxMarkets::get(),
        "10.1: markets are counted, and not too many"
    );
    Ok(())
}

/// SPEC 10.2: terms and parameters are such as can be set; compartments exist.
fn terms<T: Config>(contracts: &AllContracts) -> Result<(), TryRuntimeError> {
    for (market, parameters) in Parameters::<T>::iter() {
        let contract = contracts
            .get(&market)
            .ok_or("10.2: parameters are of a market")?;
        ensure!(
            validation::check_stored::<T>(contract, &parameters).is_ok(),
            "10.2: terms and parameters are valid"
        );
        ensure!(
            T::Compartments::exists(contract.compartment),
            "10.2: compartments exist"
        );
    }
    Ok(())
}

/// SPEC 10.3 to 10.5: live markets are listed in order and have a trace; only they have prices.
fn live<T: Config>(contracts: &AllContracts) -> Result<(), TryRuntimeError> {
    let expected: Vec<_> = in_phase(contracts, Phase::is_live).into_iter().collect();
    ensure!(
        Live::<T>::get().into_inner() == expected,
        "10.3: live markets are listed, ascending"
    );
    let traced: BTreeSet<_> = Traces::<T>::iter_keys().collect();
    ensure!(
        traced.into_iter().eq(expected.iter().copied()),
        "10.3: live markets, and only they, have traces"
    );
    ensure!(
        Prices::<T>::iter_keys().all(|market| expected.contains(&market)),
        "10.3: only live markets have prices"
    );
    for market in expected {
        let contract = contracts.get(&market).ok_or("10.3: a market is known")?;
        let trace = Traces::<T>::get(market).ok_or("10.3: a live market has a trace")?;
        trace_is_sound::<T>(contract, &trace)?;
        let prices = Prices::<T>::get(market);
        ensure!(
            prices.is_some() == trace.is_priced(),
            "10.4: there are prices once there was one"
        );
        if let Some(prices) = prices {
            prices_are_sound(contract, &trace, &prices)?;
            prices_are_ordered(&prices)?;
        }
    }
    Ok(())
}

/// SPEC 10.4: what is remembered is within its bounds.
fn trace_is_sound<T: Config>(contract: &Contract, trace: &Trace) -> Result<(), TryRuntimeError> {
    ensure!(
        trace.at <= T::Time::now_ms(),
        "10.4: traces are not from the future"
    );
    let tiers = trace.maintenance.len();
    ensure!(
        tiers
            == if trace.is_priced() {
                contract.tier_bounds.len()
            } else {
                0
            },
        "10.4: every size tier has a ratio"
    );
    ensure!(
        trace
            .maintenance
            .iter()
            .zip(trace.maintenance.iter().skip(1))
            .all(|(smaller, larger)| smaller <= larger),
        "10.4: ratios don't fall with size"
    );
    let whole = u64::try_from(PPM.saturating_mul(margins::FINE)).unwrap_or(u64::MAX);
    ensure!(
        trace.maintenance.iter().all(|ratio| *ratio <= whole),
        "10.4: ratios are at most one"
    );
    let one_quantum = PPB.saturating_mul(FUNDING_PERIOD_MS.into());
    ensure!(
        (0..one_quantum).contains(&trace.funding.remainder),
        "10.4: the remainder of funding is below one quantum"
    );
    ensure!(
        trace.funding.index.0.unsigned_abs() <= MAX_FUNDING_INDEX.unsigned_abs(),
        "10.4: the funding index is in range"
    );
    ensure!(
        trace.premium.elapsed_ms >= 0
            && trace.premium.weighted.unsigned_abs()
                <= trace.premium.elapsed_ms.saturating_mul(PPB).unsigned_abs(),
        "10.4: the average premium is at most one"
    );
    if let Some(window) = trace.window {
        let length = window.sum.at_ms.saturating_sub(window.start.at_ms);
        ensure!(
            trace.ends_at.is_some() && (0..=length).contains(&window.fresh_ms),
            "10.4: a settlement window is of an end, and no longer seen than it lasts"
        );
        ensure!(
            index::is_usable(&window.last) && window.sum.at_ms <= i128::from(trace.at),
            "10.4: a settlement window has an index and isn't from the future"
        );
    }
    ensure!(
        !trace.is_final || contract.phase == Phase::Settling,
        "10.4: prices are final only while a market settles"
    );
    Ok(())
}

/// SPEC 10.5: prices are in range, and those that follow from the trace do.
fn prices_are_sound(
    contract: &Contract,
    trace: &Trace,
    prices: &MarketPrices,
) -> Result<(), TryRuntimeError> {
    ensure!(
        prices.at == trace.at,
        "10.5: prices are those of the last visit"
    );
    let all = [prices.index, prices.mark, prices.stable];
    ensure!(
        all.iter().all(index::is_usable),
        "10.5: prices are positive and in range"
    );
    ensure!(
        prices.mark.0 < prices.index.0.saturating_mul(2),
        "10.5: the mark is within the widest band"
    );
    ensure!(
        prices.stable == trace.stable && prices.funding == trace.funding.index,
        "10.5: prices are those of the trace"
    );
    let expected = trace.maintenance.iter().map(|ratio| {
        let ratio = margins::coarse(*ratio).ok()?;
        margin::per_lot(&prices.mark, &ratio).ok()
    });
    let stored = prices.maintenance.iter().map(|price| Some(*price));
    ensure!(
        stored.eq(expected),
        "10.5: maintenance margin is mark times ratio"
    );
    ensure!(
        prices.maintenance.len() == contract.tier_bounds.len()
            && prices.initial.len() == contract.tier_bounds.len(),
        "10.5: every size tier has margins"
    );
    let is_fresh = !matches!(prices.status, FeedStatus::Stale | FeedStatus::Down);
    ensure!(
        is_fresh == trace.freeze.is_none(),
        "10.5: prices that stand still say so"
    );
    Ok(())
}

/// SPEC 10.6: maintenance <= initial <= mark, and neither falls with size.
fn prices_are_ordered(prices: &MarketPrices) -> Result<(), TryRuntimeError> {
    let both = prices.maintenance.iter().zip(prices.initial.iter());
    ensure!(
        both.clone().all(|(maintenance, initial)| {
            maintenance.is_positive() && maintenance <= initial && *initial <= prices.mark
        }),
        "10.6: maintenance margin <= initial margin <= mark"
    );
    let rises = |margins: &[LotPrice]| {
        margins
            .iter()
            .zip(margins.iter().skip(1))
            .all(|(smaller, larger)| smaller <= larger)
    };
    ensure!(
        rises(&prices.maintenance) && rises(&prices.initial),
        "10.6: margins don't fall with size"
    );
    ensure!(
        !prices.fee_reserve.is_negative(),
        "10.6: fees reserve something or nothing"
    );
    Ok(())
}

/// SPEC 10.7: settlement prices are of markets that end; all that such a market shows is that price.
fn settlement<T: Config>(contracts: &AllContracts) -> Result<(), TryRuntimeError> {
    let priced: BTreeMap<_, _> = SettlementPrices::<T>::iter().collect();
    let is_final = |market: &MarketId| Traces::<T>::get(market).is_some_and(|one| one.is_final);
    let settling: BTreeMap<_, _> = Settling::<T>::get().into_iter().collect();
    ensure!(
        Settling::<T>::decode_len().unwrap_or_default() == settling.len(),
        "10.7: a market settles once"
    );
    let expected: BTreeMap<_, _> = priced
        .iter()
        .filter(|(market, _)| is_final(market))
        .map(|(market, price)| (*market, *price))
        .collect();
    ensure!(
        settling == expected,
        "10.7: markets that settle have a settlement price"
    );
    for (market, price) in settling {
        let Some(prices) = Prices::<T>::get(market) else {
            continue;
        };
        ensure!(
            [prices.index, prices.mark, prices.stable] == [price; 3],
            "10.7: all prices are the settlement price"
        );
    }
    let settled = in_phase(contracts, |phase| phase == Phase::Settled);
    let finals: BTreeSet<_> = expected.into_keys().collect();
    let ended: BTreeSet<_> = settled.union(&finals).copied().collect();
    ensure!(
        priced.into_keys().collect::<BTreeSet<_>>() == ended,
        "10.7: settled markets keep their settlement price, others have none"
    );
    ensure!(
        settled
            .iter()
            .all(|market| T::OpenInterest::open_interest(*market) == 0),
        "10.7: nothing is open in a settled market"
    );
    Ok(())
}

/// SPEC 10.8: feeds in use are those of markets that aren't settled.
fn feeds<T: Config>(contracts: &AllContracts) -> Result<(), TryRuntimeError> {
    let mut expected: BTreeMap<FeedId, u32> = BTreeMap::new();
    for contract in contracts.values() {
        if contract.phase != Phase::Settled {
            let users = expected.entry(contract.feed).or_default();
            *users = users.saturating_add(1);
        }
    }
    let counted: BTreeMap<_, _> = FeedUsers::<T>::iter().collect();
    ensure!(counted == expected, "10.8: users of feeds are counted");
    Ok(())
}
