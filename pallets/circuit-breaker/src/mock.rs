//! A chain with nothing but the breaker, over markets, feeds, funds and a clock that tests write.

use std::{cell::RefCell, collections::BTreeMap};

use caisson_primitives::{
    oracle::{
        Act, BlockTime, FeedId, FeedStatus, OraclePrice, Price, PriceFeeds, PriceUnavailable,
    },
    trading::{
        Cash, CompartmentFunds, CompartmentId, Contract, ContractKind, FeeTier, LotPrice, Lots,
        MarketId, MarketPrices, Markets, Phase, Pot, Pots, Scope,
    },
    AssetId, Balance, Moment,
};
use frame_support::{
    derive_impl,
    traits::{ConstU16, ConstU32, ConstU64, Hooks},
    weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

use crate as pallet_circuit_breaker;

pub type AccountId = u64;
/// The one that signs for the guardians.
pub const GUARDIAN: AccountId = 7;
pub const MARKET: MarketId = 3;
pub const OTHER: MarketId = 9;
/// In another compartment.
pub const FAR: MarketId = 20;
/// The compartment of the first two markets.
pub const HOME: CompartmentId = 0;
/// That of the third.
pub const AWAY: CompartmentId = 1;
/// One whole of the settlement asset, in quanta.
pub const ONE: i128 = 1_000_000_000_000;
/// The mark of all markets.
pub const MARK: i128 = 100 * ONE;
pub const SECOND: Moment = 1_000;
pub const MINUTE: Moment = 60 * SECOND;
pub const HOUR: Moment = 60 * MINUTE;
/// How long guardians' trips hold here.
pub const TRIP_MS: Moment = 2 * HOUR;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Breaker = pallet_circuit_breaker;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

/// What the world around the breaker is like.
#[derive(Clone, Debug)]
pub struct World {
    pub slot: u64,
    pub markets: BTreeMap<MarketId, (Contract, MarketPrices)>,
    pub pots: BTreeMap<CompartmentId, Pots>,
    /// Of a minute.
    pub volatility_ppm: Option<u32>,
    /// How often the volatility was asked for.
    pub asked: u32,
}

impl Default for World {
    fn default() -> Self {
        let pots = Pots {
            insurance: Cash(1_000_000 * ONE),
            backers: Cash(0),
            custody: Cash(100_000_000 * ONE),
        };
        Self {
            slot: 1_000_000,
            markets: [(MARKET, HOME), (OTHER, HOME), (FAR, AWAY)]
                .map(|(market, compartment)| (market, market_in(compartment)))
                .into(),
            pots: [(HOME, pots), (AWAY, pots)].into(),
            volatility_ppm: None,
            asked: 0,
        }
    }
}

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(change)
}

impl BlockTime for World {
    fn slot() -> u64 {
        world(|world| world.slot)
    }
    fn slot_millis() -> Moment {
        SECOND
    }
}

fn market_in(compartment: CompartmentId) -> (Contract, MarketPrices) {
    let contract = Contract {
        compartment,
        kind: ContractKind::Perpetual,
        phase: Phase::Trading,
        feed: 0,
        lot_size: 1,
        tick: 10_000_000_000,
        min_notional: Cash(ONE),
        max_order_lots: 1_000_000,
        tier_bounds: vec![Lots(1_000_000)].try_into().unwrap(),
        open_interest_cap: 10_000_000,
        band_ppm: 100_000,
        fees: vec![FeeTier {
            min_volume: Cash(0),
            taker_ppm: 500,
            maker_ppm: -100,
        }]
        .try_into()
        .unwrap(),
        fee_split: Default::default(),
        call_blocks: 1,
        liquidation_penalty_ppm: 10_000,
    };
    let price = LotPrice(MARK);
    let prices = MarketPrices {
        at: 0,
        index: price,
        mark: price,
        stable: price,
        funding: LotPrice(0),
        maintenance: vec![LotPrice(MARK / 20)].try_into().unwrap(),
        initial: vec![LotPrice(MARK / 10)].try_into().unwrap(),
        fee_reserve: LotPrice(MARK / 1_000),
        open_interest: 100_000,
        status: FeedStatus::Live,
    };
    (contract, prices)
}

impl Markets for World {
    fn contract(market: MarketId) -> Option<Contract> {
        world(|world| Some(world.markets.get(&market)?.0.clone()))
    }
    fn prices(market: MarketId) -> Option<MarketPrices> {
        world(|world| {
            let (contract, prices) = world.markets.get(&market)?;
            contract.phase.is_live().then(|| prices.clone())
        })
    }
    fn live() -> Vec<MarketId> {
        world(|world| {
            let all = world.markets.iter();
            all.filter(|(_, (contract, _))| contract.phase.is_live())
                .map(|(market, _)| *market)
                .collect()
        })
    }
    fn settling() -> Vec<(MarketId, LotPrice)> {
        Vec::new()
    }
    fn settled(market: MarketId) {
        change(market, |contract, _| contract.phase = Phase::Settled);
    }
    fn end_at_mark(market: MarketId) -> DispatchResult {
        change(market, |contract, _| contract.phase = Phase::Settling);
        Ok(())
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: CompartmentId,
        mark: LotPrice,
        edit: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        let (mut contract, mut prices) = market_in(compartment);
        (prices.mark, prices.index, prices.stable) = (mark, mark, mark);
        edit(&mut contract, &mut prices);
        world(|world| {
            let pots = *world.pots.get(&HOME).unwrap();
            world.pots.entry(compartment).or_insert(pots);
            world.markets.insert(market, (contract, prices))
        });
    }
}

impl PriceFeeds for World {
    fn price_for(_feed: FeedId, _act: Act) -> Result<Price, PriceUnavailable> {
        Err(PriceUnavailable::NoPriceYet)
    }
    fn status(_feed: FeedId) -> FeedStatus {
        FeedStatus::Live
    }
    fn twap(_feed: FeedId, _window_ms: Moment) -> Option<OraclePrice> {
        None
    }
    fn volatility_ppm(_feed: FeedId, horizon_ms: Moment) -> Option<u32> {
        world(|world| {
            world.asked += 1;
            // It grows with the root of the horizon.
            let root_ppt = (horizon_ms * 1_000_000 / MINUTE).isqrt();
            let of_a_minute = u64::from(world.volatility_ppm?);
            u32::try_from(of_a_minute * root_ppt / 1_000).ok()
        })
    }
}

impl CompartmentFunds<AccountId> for World {
    fn pots(compartment: CompartmentId) -> Pots {
        world(|world| world.pots.get(&compartment).copied().unwrap_or_default())
    }
    fn settlement_asset(compartment: CompartmentId) -> Option<(AssetId, i128)> {
        world(|world| world.pots.get(&compartment).map(|_| (1, 1_000_000)))
    }
    fn credit(_: CompartmentId, _: Pot, _: Cash) -> DispatchResult {
        Ok(())
    }
    fn debit(_: CompartmentId, _: Pot, _: Cash) -> DispatchResult {
        Ok(())
    }
    fn receive(_: CompartmentId, _: Pot, _: &AccountId, _: Balance) -> Result<Cash, DispatchError> {
        Ok(Cash(0))
    }
    fn pay_out(
        _: CompartmentId,
        _: Pot,
        _: &AccountId,
        _: Cash,
    ) -> Result<(Balance, Cash), DispatchError> {
        Ok((0, Cash(0)))
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_funds(compartment: CompartmentId, insurance: Cash, backers: Cash) {
        let pots = Pots {
            insurance,
            backers,
            custody: Cash(100_000_000 * ONE),
        };
        world(|world| world.pots.insert(compartment, pots));
    }
}

frame_support::ord_parameter_types! {
    pub const Guardian: AccountId = GUARDIAN;
}

impl crate::Config for Test {
    type GuardianOrigin = EnsureSignedBy<Guardian, AccountId>;
    type LoosenOrigin = EnsureRoot<AccountId>;
    type Markets = World;
    type Feeds = World;
    type Funds = World;
    type Time = World;
    type MaxMarkets = ConstU32<8>;
    type MaxCompartments = ConstU16<4>;
    type GuardianTripMs = ConstU64<TRIP_MS>;
    type WeightInfo = ();
}

/// Storage of a chain that has made no block.
pub fn externalities() -> sp_io::TestExternalities {
    world(|world| *world = World::default());
    let storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .unwrap();
    let mut ext = sp_io::TestExternalities::from(storage);
    ext.execute_with(|| System::set_block_number(100));
    ext
}

/// Runs a test in a chain that has made a block; all invariants hold at its end.
pub fn new_test<R>(test: impl FnOnce() -> R) -> R {
    externalities().execute_with(|| {
        next_block();
        let result = test();
        check();
        result
    })
}

pub fn check() {
    crate::try_state::check::<Test>().unwrap_or_else(|error| panic!("{error:?}"));
}

/// The next block, so long after this one. All invariants hold between the two.
pub fn next_block_after(ms: Moment) -> Weight {
    check();
    System::set_block_number(System::block_number() + 1);
    world(|world| world.slot += ms / SECOND);
    let weight = Breaker::on_initialize(System::block_number());
    check();
    weight
}

pub fn next_block() -> Weight {
    next_block_after(SECOND)
}

/// Blocks without a gap for so long.
pub fn run_for(ms: Moment) {
    for _ in 0..ms / SECOND {
        next_block();
    }
}

pub fn now() -> Moment {
    <World as BlockTime>::now_ms()
}

/// Changes a market.
pub fn change(market: MarketId, edit: impl FnOnce(&mut Contract, &mut MarketPrices)) {
    world(|world| {
        let (contract, prices) = world.markets.get_mut(&market).unwrap();
        edit(contract, prices);
    });
}

/// The mark of a market, in parts per million of what it was at first.
pub fn set_mark(market: MarketId, ppm: i128) {
    change(market, |_, prices| prices.mark = price(ppm));
}

pub fn price(ppm: i128) -> LotPrice {
    LotPrice(MARK * ppm / 1_000_000)
}

pub fn set_status(market: MarketId, status: FeedStatus) {
    change(market, |_, prices| prices.status = status);
}

pub fn scope() -> Scope {
    Scope::Market(MARKET)
}

/// What the pallet said since this was asked last.
pub fn events() -> Vec<crate::Event<Test>> {
    let events = System::events();
    System::reset_events();
    events
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Breaker(event) => Some(event),
            _ => None,
        })
        .collect()
}
