//! Markets, margin accounts and the exchange: who decides what, and how much of a block they may take.

use caisson_primitives::{trading::Cash, AccountId};
use frame_support::{
    parameter_types,
    traits::{ConstU16, ConstU32, ConstU8, EitherOf, Get},
    weights::Weight,
    PalletId,
};
use frame_system::EnsureRoot;
use sp_runtime::Perbill;

use crate::{
    configs::{oracle::SlotTime, system::MAXIMUM_BLOCK_WEIGHT, DbWeight, TreasuryAccount},
    governance::origins::{ListingAdmin, RiskAdmin},
    weights, Assets, CircuitBreaker, Exchange, Liquidation, Margin, Markets, Oracle, Runtime,
};

/// The most markets. Each costs a fixed amount of every block, live or quiet.
pub const MAX_MARKETS: u32 = 200;

/// The most compartments.
pub const MAX_COMPARTMENTS: u16 = 64;

/// The most orders of an account, in all markets together.
pub const MAX_OPEN_ORDERS: u16 = 500;

/// A whole of the settlement asset, in quanta.
const QUANTA: i128 = 1_000_000_000_000;

parameter_types! {
    /// From which the custody accounts of compartments are derived.
    pub const CustodyId: PalletId = PalletId(*b"csn/cstd");
    /// A twentieth of a block, 37.5 ms, for accounts that prices reached: as many as the engine can see to. What doesn't fit is
    /// first in the next block.
    pub MarginBudget: Weight = Perbill::from_percent(5) * MAXIMUM_BLOCK_WEIGHT;
    /// A sixth of a block, 125 ms, for clearings: what orders don't use is free for nobody else, or a full block could
    /// starve the clearing.
    pub ClearingBudget: Weight = Perbill::from_rational(1u32, 6) * MAXIMUM_BLOCK_WEIGHT;
    /// 10 ms for the prices at which long calls would clear.
    pub IndicativeBudget: Weight = Perbill::from_rational(1u32, 75) * MAXIMUM_BLOCK_WEIGHT;
    /// 25 ms for stops that fire, deadlines, and orders of markets that end.
    pub HousekeepingBudget: Weight = Perbill::from_rational(1u32, 30) * MAXIMUM_BLOCK_WEIGHT;
    /// Fifty of the settlement asset carry one more order.
    pub const EquityPerOrder: Cash = Cash(50 * QUANTA);
}

/// Lists markets, compartments and collateral.
type ListingOrigin = EitherOf<EnsureRoot<AccountId>, ListingAdmin>;
/// Sets their parameters.
type RiskOrigin = EitherOf<EnsureRoot<AccountId>, RiskAdmin>;

impl pallet_markets::Config for Runtime {
    type ListingOrigin = ListingOrigin;
    type RiskOrigin = RiskOrigin;
    type Feeds = Oracle;
    type Time = SlotTime;
    type Calls = Exchange;
    type OpenInterest = Margin;
    type Compartments = Margin;
    type Stress = CircuitBreaker;
    type MaxMarkets = ConstU32<MAX_MARKETS>;
    type WeightInfo = weights::pallet_markets::WeightInfo<DbWeight>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = crate::benchmarks::FullOracle;
}

impl pallet_margin::Config for Runtime {
    type ListingOrigin = ListingOrigin;
    type RiskOrigin = RiskOrigin;
    type Assets = Assets;
    type Markets = Markets;
    type Feeds = Oracle;
    type Time = SlotTime;
    type Orders = Exchange;
    type Gate = CircuitBreaker;
    type Observer = Liquidation;
    type Treasury = TreasuryAccount;
    type CustodyId = CustodyId;
    type MaxSubaccounts = ConstU8<32>;
    type MaxCompartments = ConstU16<MAX_COMPARTMENTS>;
    /// Over an hour of payments at one a second.
    type MaxQueued = ConstU32<5_000>;
    type MaxWatched = ConstU32<256>;
    /// A tenth of a thousandth of notional: well under what a price moves in a block.
    type WatchStepPpm = ConstU32<100>;
    #[cfg(not(feature = "side-by-side"))]
    type HookBudget = MarginBudget;
    #[cfg(feature = "side-by-side")]
    type HookBudget = caisson_finders::SweepBudget<Runtime, MarginBudget>;
    type WeightInfo = weights::pallet_margin::WeightInfo<DbWeight>;
}

/// This block's lottery, from the author's VRF output, which nobody can know before the slot and the author can't
/// choose.
///
/// Without one (no block is made so on this chain) the parent's hash stands in.
pub struct BlockLottery;

impl Get<[u8; 32]> for BlockLottery {
    fn get() -> [u8; 32] {
        use codec::Encode;

        let digest = pallet_babe::Initialized::<Runtime>::get().flatten();
        let signature = digest.as_ref().and_then(|digest| digest.vrf_signature());
        match signature {
            Some(signature) => signature
                .pre_output
                .using_encoded(sp_io::hashing::blake2_256),
            None => frame_system::Pallet::<Runtime>::parent_hash().into(),
        }
    }
}

impl pallet_exchange::Config for Runtime {
    type Markets = Markets;
    type Accounts = Margin;
    type Guard = CircuitBreaker;
    type Time = SlotTime;
    type Lottery = BlockLottery;
    type MaxMarkets = ConstU32<MAX_MARKETS>;
    type MaxOrdersPerMarket = ConstU32<100>;
    /// More than fit a block's weight.
    type MaxImmediates = ConstU32<2_048>;
    type BaseOpenOrders = ConstU16<20>;
    type EquityPerOrder = EquityPerOrder;
    type MaxOpenOrders = ConstU16<MAX_OPEN_ORDERS>;
    /// Two whole ladders.
    type MaxActsPerBlock = ConstU16<200>;
    type MaxSwept = ConstU32<50>;
    type ClearingBudget = ClearingBudget;
    type IndicativeBudget = IndicativeBudget;
    type HousekeepingBudget = HousekeepingBudget;
    type WeightInfo = weights::pallet_exchange::WeightInfo<DbWeight>;
}
