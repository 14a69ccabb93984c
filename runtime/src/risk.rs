//! The figures of risk that clients and metrics ask for: one view over the pallets of the safety core.
//!
//! For queries, never for blocks: several of these walk the trigger index.

use alloc::{format, vec::Vec};

use caisson_primitives::trading::{
    risk_api::{
        ChainRisk, CompartmentRisk, FundView, LatencyView, LevelReason, LiquidationView, MarketRisk,
    },
    AccountIndex, Cash, CompartmentFunds, CompartmentId, InsuranceFunds, Level,
    LiquidationAccounts, Lots, MarketId, Markets as _, OpenInterestSource, Scope, TradingAccounts,
};
use pallet_circuit_breaker::machine::Trip;
use pallet_liquidation::types::Latencies;

use crate::{CircuitBreaker, Insurance, Margin, Markets, Runtime};

/// The moves of the mark for which the notional near the edge is given, in parts per million.
const EDGES: [u32; 6] = [10_000, 20_000, 50_000, 100_000, 200_000, 300_000];
/// The median and the tail of latencies, in parts per million.
const MEDIAN: u32 = 500_000;
const TAIL: u32 = 990_000;

/// All markets with prices.
pub fn markets() -> Vec<MarketRisk> {
    Markets::live().into_iter().filter_map(market).collect()
}

/// One market, while it has prices.
pub fn market(market: MarketId) -> Option<MarketRisk> {
    let contract = Markets::contract(market)?;
    let mark = Markets::prices(market)?.mark;
    let open_interest = Margin::open_interest(market);
    let (_, _, latencies) = pallet_liquidation::api::market::<Runtime>(market);
    Some(MarketRisk {
        market,
        compartment: contract.compartment,
        level: CircuitBreaker::level(market),
        reasons: [
            Scope::Market(market),
            Scope::Compartment(contract.compartment),
            Scope::Chain,
        ]
        .into_iter()
        .flat_map(reasons)
        .collect(),
        mark,
        open_interest,
        open_interest_notional: mark
            .times(&caisson_risk::Lots(i128::from(open_interest)))
            .unwrap_or_default(),
        near_edge: Margin::near_edge(market, &EDGES),
        latency: latency(&latencies),
        fund: fund(contract.compartment, market),
    })
}

/// Why a scope is restricted.
fn reasons(scope: Scope) -> Vec<LevelReason> {
    let reason = |trip: Trip| LevelReason {
        cause: format!("{:?}", trip.cause).into_bytes(),
        level: trip.level,
        raised_at: trip.raised_at,
        figure: trip.figure,
        limit: trip.limit,
    };
    CircuitBreaker::trips(scope)
        .into_iter()
        .map(reason)
        .collect()
}

fn latency(latencies: &Latencies) -> LatencyView {
    LatencyView {
        restored: latencies.total(),
        p50: latencies.quantile(MEDIAN).unwrap_or_default(),
        p99: latencies.quantile(TAIL).unwrap_or_default(),
    }
}

fn fund(compartment: CompartmentId, market: MarketId) -> FundView {
    let (work, totals, _) = pallet_liquidation::api::market::<Runtime>(market);
    let inventory = pallet_margin::Inventories::<Runtime>::get(market)
        .and_then(<Margin as TradingAccounts<_>>::load);
    let standing = inventory
        .as_ref()
        .and_then(|account| Margin::standing(account).ok());
    let leg = standing
        .as_ref()
        .and_then(|standing| standing.legs.iter().find(|leg| leg.market == market));
    FundView {
        inventory: leg.map_or(Lots(0), |leg| leg.lots),
        unrealised: leg.map_or(Cash::ZERO, |leg| leg.profit),
        deficit: work.as_ref().map_or(Cash::ZERO, |work| work.deficit),
        given_up: work.is_some_and(|work| work.given_up),
        taken_over: totals.taken_over,
        losses: totals.losses,
        covered: totals.covered,
        deleveraged: totals.deleveraged,
        haircuts: totals.haircuts,
        drawdown_left: Insurance::capacity(compartment, market, Cash::ZERO).drawdown_left,
    }
}

/// All compartments.
pub fn compartments() -> Vec<CompartmentRisk> {
    let mut ids: Vec<CompartmentId> = pallet_margin::Compartments::<Runtime>::iter_keys().collect();
    ids.sort_unstable();
    ids.into_iter().map(compartment).collect()
}

fn compartment(compartment: CompartmentId) -> CompartmentRisk {
    let pots = Margin::pots(compartment);
    let ledger = pallet_margin::Ledgers::<Runtime>::get(compartment);
    let series = pallet_insurance::Series::<Runtime>::get(compartment);
    let coverage = pallet_insurance::Coverages::<Runtime>::get(compartment);
    let left = CircuitBreaker::withdrawals_left(compartment);
    let deficit = pallet_circuit_breaker::Deficits::<Runtime>::get()
        .iter()
        .filter(|one| one.compartment == compartment)
        .fold(0i128, |sum, one| sum.saturating_add(one.open.0));
    let chain = scope_level(Scope::Chain);
    CompartmentRisk {
        compartment,
        level: scope_level(Scope::Compartment(compartment)).max(chain),
        custody: pots.custody,
        insurance: pots.insurance,
        backers: pots.backers,
        shares: series.shares,
        target: coverage.as_ref().map_or(Cash::ZERO, |one| one.target),
        coverage_ppm: coverage.and_then(|one| one.coverage_ppm).map(u64::from),
        withdrawals_left_hour: left.hour,
        withdrawals_left_day: left.day,
        queued: ledger.queued,
        deficit: Cash(deficit),
    }
}

fn scope_level(scope: Scope) -> Level {
    pallet_circuit_breaker::Levels::<Runtime>::get()
        .iter()
        .find(|one| one.scope == scope)
        .map_or(Level::Open, |one| one.level)
}

/// The chain.
pub fn chain() -> ChainRisk {
    let (unsafe_accounts, backlog) = pallet_liquidation::api::backlog::<Runtime>();
    ChainRisk {
        level: scope_level(Scope::Chain),
        reasons: reasons(Scope::Chain),
        unsafe_accounts,
        backlog: backlog.accounts,
        sweep_incomplete: pallet_margin::SweepIncomplete::<Runtime>::get(),
        backlog_since: backlog.since,
    }
}

/// What the engine would do with an account now.
pub fn liquidation(account: AccountIndex) -> Option<LiquidationView> {
    let stored = <Margin as TradingAccounts<_>>::load(account)?;
    let (attempts, orders) = pallet_liquidation::api::next_orders::<Runtime>(account)?;
    Some(LiquidationView {
        unsafe_since: stored.unsafe_since,
        attempts,
        orders: orders
            .into_iter()
            .map(|one| (one.market, one.side, one.lots, one.limit))
            .collect(),
    })
}
