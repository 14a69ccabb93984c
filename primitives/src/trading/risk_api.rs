//! What anyone may ask about the safety of markets, compartments and the chain.

use alloc::vec::Vec;
use caisson_risk::{Cash, LotPrice, Lots, Side};
use codec::{Decode, Encode};
use scale_info::TypeInfo;

use super::{
    levels::Level,
    market::{CompartmentId, MarketId},
};
use crate::types::{BlockNumber, Moment};

/// Why a level is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LevelReason {
    /// The cause, by its name in the circuit breaker.
    pub cause: Vec<u8>,
    /// The level it asks for.
    pub level: Level,
    /// When it was raised.
    pub raised_at: Moment,
    /// The figure it was decided on, in the cause's unit.
    pub figure: i128,
    /// What the figure was compared with.
    pub limit: i128,
}

/// How long accounts of a market were unsafe, in blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LatencyView {
    /// How many accounts were restored.
    pub restored: u64,
    /// Half of them took no longer.
    pub p50: u32,
    /// 99 of 100 took no longer.
    pub p99: u32,
}

/// How much of a side is how near to liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct NearEdge {
    /// A move of the mark against the positions, in parts per million.
    pub move_ppm: u32,
    /// The notional of long positions that would be looked at after it.
    pub long: Cash,
    /// The notional of short positions.
    pub short: Cash,
}

/// The fund of a market.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FundView {
    /// The lots it took over and did not sell yet: positive is long.
    pub inventory: Lots,
    /// What they made at mark since.
    pub unrealised: Cash,
    /// What nobody covered yet.
    pub deficit: Cash,
    /// Whether the market was given up.
    pub given_up: bool,
    /// Accounts taken over since the market began.
    pub taken_over: u32,
    /// What they fell short of nothing together.
    pub losses: Cash,
    /// What insurance, backers and treasury paid.
    pub covered: Cash,
    /// Lots closed at mark against the other side.
    pub deleveraged: u64,
    /// Cut from profits.
    pub haircuts: Cash,
    /// What the insurance fund may still lose on this market in the running window.
    pub drawdown_left: Cash,
}

/// The safety of a market.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketRisk {
    /// The market.
    pub market: MarketId,
    /// Its compartment.
    pub compartment: CompartmentId,
    /// The level that holds.
    pub level: Level,
    /// Why: the trips of the market, its compartment and the chain.
    pub reasons: Vec<LevelReason>,
    /// The mark.
    pub mark: LotPrice,
    /// The lots held long, which equal those held short.
    pub open_interest: u64,
    /// Their value at mark.
    pub open_interest_notional: Cash,
    /// How much is how near to liquidation, for moves of 1, 2, 5, 10, 20 and 30 %.
    pub near_edge: Vec<NearEdge>,
    /// How long accounts were unsafe.
    pub latency: LatencyView,
    /// Its fund.
    pub fund: FundView,
}

/// The safety of a compartment.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CompartmentRisk {
    /// The compartment.
    pub compartment: CompartmentId,
    /// The level held for all of it.
    pub level: Level,
    /// Everything in custody.
    pub custody: Cash,
    /// Its insurance fund.
    pub insurance: Cash,
    /// What its backers stake.
    pub backers: Cash,
    /// Shares of backers.
    pub shares: i128,
    /// What the fund should hold.
    pub target: Cash,
    /// Fund over target, in parts per million; nothing without a target.
    pub coverage_ppm: Option<u64>,
    /// What may leave in the running hour without waiting.
    pub withdrawals_left_hour: Cash,
    /// What may leave in the running day without waiting.
    pub withdrawals_left_day: Cash,
    /// Withdrawals that wait.
    pub queued: Cash,
    /// The deficits of its markets that nobody covered yet.
    pub deficit: Cash,
}

/// The safety of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ChainRisk {
    /// The level held for all markets.
    pub level: Level,
    /// Why.
    pub reasons: Vec<LevelReason>,
    /// Accounts that are unsafe now.
    pub unsafe_accounts: u32,
    /// Those of them that the engine did not reach in the last block.
    pub backlog: u32,
    /// Whether the last block's budget ended before all accounts were looked at that prices had reached: then there may be
    /// more unsafe ones than are counted.
    pub sweep_incomplete: bool,
    /// Since which block there is a backlog.
    pub backlog_since: Option<BlockNumber>,
}

/// How many accounts are how well collateralised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct CollateralClass {
    /// Equity over maintenance margin is at least this, in parts per million, and below that of the next class.
    pub from_ppm: u64,
    /// Accounts.
    pub accounts: u32,
    /// Their notional.
    pub notional: Cash,
}

/// What the engine would do with an account now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LiquidationView {
    /// Since when it is unsafe.
    pub unsafe_since: Option<BlockNumber>,
    /// In how many blocks orders were entered for it.
    pub attempts: u8,
    /// The orders of the next visit: market, side, lots, limit.
    pub orders: Vec<(MarketId, Side, u64, LotPrice)>,
}

sp_api::decl_runtime_apis! {
    /// The safety of markets, compartments and the chain.
    pub trait RiskApi {
        /// All markets with prices.
        fn market_risks() -> Vec<MarketRisk>;
        /// One market.
        fn market_risk(market: MarketId) -> Option<MarketRisk>;
        /// All compartments.
        fn compartment_risks() -> Vec<CompartmentRisk>;
        /// The chain.
        fn chain_risk() -> ChainRisk;
        /// How well the accounts with positions in a compartment are collateralised: at most `limit` accounts are looked at,
        /// beginning with number `from`. With the number to go on from, if there are more. For many accounts: walks all of them.
        fn collateralisation(compartment: CompartmentId, from: u32, limit: u32) -> (Vec<CollateralClass>, Option<u32>);
        /// What the engine would do with an account now; nothing if it is not unsafe.
        fn liquidation(account: u32) -> Option<LiquidationView>;
    }
}
