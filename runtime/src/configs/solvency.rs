//! The circuit breaker, the liquidation engine and the insurance funds: who decides what, and how much of a block they may
//! take.

use caisson_primitives::{AccountId, Moment};
use frame_support::{
    parameter_types,
    traits::{ConstU16, ConstU32, EitherOf},
    weights::Weight,
    PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::Perbill;

use crate::{
    configs::{
        oracle::SlotTime, safety::Guardians, system::MAXIMUM_BLOCK_WEIGHT,
        trading::MAX_OPEN_ORDERS, DbWeight, MAX_COMPARTMENTS, MAX_MARKETS,
    },
    governance::origins::{InsuranceSpender, RiskAdmin},
    weights, Assets, CircuitBreaker, Exchange, Insurance, Margin, Markets, Oracle, Runtime,
};

parameter_types! {
    /// From which the account is derived that the treasury's backstop is paid from.
    pub const BackstopId: PalletId = PalletId(*b"csn/bkst");
    /// Two fifteenths of a block, 100 ms, for unsafe accounts: as many as the sweep finds in one. What doesn't fit is first in
    /// the next block.
    pub AccountBudget: Weight = Perbill::from_rational(2u32, 15) * MAXIMUM_BLOCK_WEIGHT;
    /// A twenty-fifth of a block, 30 ms, for what funds took over.
    pub FundBudget: Weight = Perbill::from_percent(4) * MAXIMUM_BLOCK_WEIGHT;
    /// How long a level that guardians raised holds, unless they renew it or a referendum ratifies it.
    pub const GuardianTripMs: Moment = 6 * 3_600_000;
}

/// Loosens, and sets terms: the risk track of referenda.
type LoosenOrigin = EitherOf<EnsureRoot<AccountId>, RiskAdmin>;

impl pallet_circuit_breaker::Config for Runtime {
    type GuardianOrigin = Guardians;
    type LoosenOrigin = LoosenOrigin;
    type Markets = Markets;
    type Feeds = Oracle;
    type Funds = Margin;
    type Time = SlotTime;
    type MaxMarkets = ConstU32<MAX_MARKETS>;
    type MaxCompartments = ConstU16<MAX_COMPARTMENTS>;
    type GuardianTripMs = GuardianTripMs;
    type WeightInfo = weights::pallet_circuit_breaker::WeightInfo<DbWeight>;
}

impl pallet_liquidation::Config for Runtime {
    type RiskOrigin = LoosenOrigin;
    type Markets = Markets;
    type Accounts = Margin;
    type Orders = Exchange;
    type Calls = Exchange;
    type Funds = Insurance;
    type Signals = CircuitBreaker;
    type Time = SlotTime;
    type MaxMarkets = ConstU32<MAX_MARKETS>;
    type MaxOrders = ConstU32<{ MAX_OPEN_ORDERS as u32 }>;
    type AccountBudget = AccountBudget;
    type FundBudget = FundBudget;
    type WeightInfo = weights::pallet_liquidation::WeightInfo<DbWeight>;
}

impl pallet_insurance::Config for Runtime {
    type RiskOrigin = LoosenOrigin;
    type SpendOrigin = EitherOf<EnsureRoot<AccountId>, InsuranceSpender>;
    type Funds = Margin;
    type Signals = CircuitBreaker;
    type Gate = CircuitBreaker;
    type Assets = Assets;
    type Markets = Markets;
    type OpenInterest = Margin;
    type Time = SlotTime;
    type BackstopId = BackstopId;
    type WeightInfo = weights::pallet_insurance::WeightInfo<DbWeight>;
}
