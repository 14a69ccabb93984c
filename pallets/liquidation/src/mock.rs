//! A small chain with the real pallets around the engine: margin, exchange, insurance, circuit breaker. Only the markets are
//! a stand-in, whose prices tests set; they are in storage, so that a test can try something and roll it back.

use caisson_primitives::{
    oracle::{
        Act, BlockTime, FeedId, FeedStatus, OraclePrice, Price, PriceFeeds, PriceUnavailable,
    },
    trading::{
        AccountIndex, Cash, CompartmentId, Contract, ContractKind, FeeSplit, FeeTier, LotPrice,
        Lots, MarketId, MarketPrices, Markets, OrderRequest, Phase, Side, Ticks,
    },
    AssetId, Balance, Moment,
};
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{AsEnsureOriginWithArg, ConstU16, ConstU32, ConstU64, ConstU8, Hooks},
    weights::Weight,
    PalletId, Twox64Concat,
};
use frame_system::{EnsureRoot, EnsureSigned, EnsureSignedBy};
use pallet_margin::types::{CollateralTerms, CompartmentTerms};
use sp_runtime::{
    traits::IdentityLookup, AccountId32, BuildStorage, DispatchError, DispatchResult,
};

use crate as pallet_liquidation;

/// As long as the chain's: shorter ones would make one account of all custody accounts.
pub type AccountId = AccountId32;
/// Users are numbered.
pub type User = u64;

/// The account of a user.
pub const fn id(user: User) -> AccountId {
    let mut bytes = [0u8; 32];
    bytes[31] = user as u8;
    AccountId32::new(bytes)
}

/// Signed by a user.
pub fn signed(user: User) -> RuntimeOrigin {
    RuntimeOrigin::signed(id(user))
}

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
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(3)]
    pub type CircuitBreaker = pallet_circuit_breaker;
    #[runtime::pallet_index(4)]
    pub type Margin = pallet_margin;
    #[runtime::pallet_index(5)]
    pub type Liquidation = pallet_liquidation;
    #[runtime::pallet_index(6)]
    pub type Insurance = pallet_insurance;
    #[runtime::pallet_index(7)]
    pub type Exchange = pallet_exchange;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId;
    type Lookup = IdentityLookup<AccountId>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type Balance = Balance;
    type AssetId = AssetId;
    type AssetIdParameter = codec::Compact<AssetId>;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type Freezer = ();
    type Holder = ();
}

/// The markets, in storage.
#[storage_alias]
type MarketsOf = StorageMap<Prefix, Twox64Concat, MarketId, (Contract, MarketPrices)>;
/// Those that settle, with their price.
#[storage_alias]
type SettlingOf = StorageValue<Prefix, Vec<(MarketId, LotPrice)>>;
/// The slot.
#[storage_alias]
type Slot = StorageValue<Prefix, u64>;

/// The stand-in for the markets.
pub struct TestMarkets;

impl Markets for TestMarkets {
    fn contract(market: MarketId) -> Option<Contract> {
        MarketsOf::get(market).map(|one| one.0)
    }
    fn prices(market: MarketId) -> Option<MarketPrices> {
        MarketsOf::get(market)
            .filter(|one| one.0.phase.is_live())
            .map(|one| one.1)
    }
    fn live() -> Vec<MarketId> {
        let mut live: Vec<_> = MarketsOf::iter()
            .filter(|(_, (contract, _))| contract.phase.is_live())
            .map(|(market, _)| market)
            .collect();
        live.sort_unstable();
        live
    }
    fn settling() -> Vec<(MarketId, LotPrice)> {
        SettlingOf::get().unwrap_or_default()
    }
    fn settled(market: MarketId) {
        SettlingOf::mutate(|all| {
            all.get_or_insert_default()
                .retain(|(other, _)| *other != market);
        });
        set(market, |contract, _| contract.phase = Phase::Settled);
    }
    fn end_at_mark(market: MarketId) -> DispatchResult {
        let prices = Self::prices(market).ok_or(DispatchError::Other("no price"))?;
        if Self::settling().iter().any(|(other, _)| *other == market) {
            return Err(DispatchError::Other("settles already"));
        }
        SettlingOf::mutate(|all| all.get_or_insert_default().push((market, prices.mark)));
        set(market, |contract, _| contract.phase = Phase::Settling);
        Ok(())
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: CompartmentId,
        mark: LotPrice,
        change: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        let (mut contract, mut prices) = market_at(mark.0);
        contract.compartment = compartment;
        change(&mut contract, &mut prices);
        MarketsOf::insert(market, (contract, prices));
    }
}

/// Changes a market.
pub fn set(market: MarketId, change: impl FnOnce(&mut Contract, &mut MarketPrices)) {
    MarketsOf::mutate(market, |one| {
        if let Some((contract, prices)) = one {
            change(contract, prices);
        }
    });
}

/// Feeds that are never asked for a price: there is no other collateral here unless a test lists some.
pub struct TestFeeds;

impl PriceFeeds for TestFeeds {
    fn price_for(_feed: FeedId, _act: Act) -> Result<Price, PriceUnavailable> {
        Ok(Price {
            price: 1_000_000_000_000_000_000,
            confidence: 0,
            observed_at: TestTime::now_ms(),
            status: FeedStatus::Live,
        })
    }
    fn status(_feed: FeedId) -> FeedStatus {
        FeedStatus::Live
    }
    fn twap(_feed: FeedId, _window_ms: Moment) -> Option<OraclePrice> {
        None
    }
    fn volatility_ppm(_feed: FeedId, _horizon_ms: Moment) -> Option<u32> {
        None
    }
}

/// The time, in storage.
pub struct TestTime;

impl BlockTime for TestTime {
    fn slot() -> u64 {
        Slot::get().unwrap_or_default()
    }
    fn slot_millis() -> Moment {
        1_000
    }
}

parameter_types! {
    pub const CustodyId: PalletId = PalletId(*b"csn/cstd");
    pub const BackstopId: PalletId = PalletId(*b"csn/bkst");
    pub const TreasuryAccount: AccountId = id(TREASURY);
    pub const EquityPerOrder: Cash = Cash(ONE);
    pub static Budget: Weight = Weight::from_parts(u64::MAX / 8, u64::MAX);
    pub static AccountBudget: Weight = Weight::from_parts(u64::MAX / 8, u64::MAX);
    pub static FundBudget: Weight = Weight::from_parts(u64::MAX / 8, u64::MAX);
    pub static Lottery: [u8; 32] = [7; 32];
}

frame_support::ord_parameter_types! {
    pub const Guardian: AccountId = id(GUARDIAN);
}

impl pallet_circuit_breaker::Config for Test {
    type MaxCompartments = ConstU16<3>;
    type GuardianOrigin = EnsureSignedBy<Guardian, AccountId>;
    type LoosenOrigin = EnsureRoot<AccountId>;
    type Markets = TestMarkets;
    type Feeds = TestFeeds;
    type Funds = Margin;
    type Time = TestTime;
    type MaxMarkets = ConstU32<40>;
    type GuardianTripMs = ConstU64<60_000>;
    type WeightInfo = ();
}

impl pallet_margin::Config for Test {
    type ListingOrigin = EnsureRoot<AccountId>;
    type RiskOrigin = EnsureRoot<AccountId>;
    type Assets = Assets;
    type Markets = TestMarkets;
    type Feeds = TestFeeds;
    type Time = TestTime;
    type Orders = Exchange;
    type Gate = CircuitBreaker;
    type Observer = Liquidation;
    type Treasury = TreasuryAccount;
    type CustodyId = CustodyId;
    type MaxSubaccounts = ConstU8<4>;
    type MaxCompartments = ConstU16<3>;
    type MaxQueued = ConstU32<8>;
    type MaxWatched = ConstU32<2>;
    type WatchStepPpm = ConstU32<100>;
    type HookBudget = Budget;
    type WeightInfo = ();
}

impl pallet_liquidation::Config for Test {
    type RiskOrigin = EnsureRoot<AccountId>;
    type Markets = TestMarkets;
    type Accounts = Margin;
    type Orders = Exchange;
    type Calls = Exchange;
    type Funds = Insurance;
    type Signals = CircuitBreaker;
    type Time = TestTime;
    type MaxMarkets = ConstU32<40>;
    type MaxOrders = ConstU32<20>;
    type AccountBudget = AccountBudget;
    type FundBudget = FundBudget;
    type WeightInfo = ();
}

impl pallet_insurance::Config for Test {
    type SpendOrigin = EnsureRoot<AccountId>;
    type RiskOrigin = EnsureRoot<AccountId>;
    type Funds = Margin;
    type Signals = CircuitBreaker;
    type Gate = CircuitBreaker;
    type Assets = Assets;
    type Markets = TestMarkets;
    type OpenInterest = Margin;
    type Time = TestTime;
    type BackstopId = BackstopId;
    type WeightInfo = ();
}

impl pallet_exchange::Config for Test {
    type Markets = TestMarkets;
    type Accounts = Margin;
    type Guard = CircuitBreaker;
    type Time = TestTime;
    type Lottery = Lottery;
    type MaxMarkets = ConstU32<40>;
    type MaxOrdersPerMarket = ConstU32<10>;
    type MaxImmediates = ConstU32<64>;
    type BaseOpenOrders = ConstU16<5>;
    type EquityPerOrder = EquityPerOrder;
    type MaxOpenOrders = ConstU16<20>;
    type MaxActsPerBlock = ConstU16<50>;
    type MaxSwept = ConstU32<10>;
    type ClearingBudget = Budget;
    type IndicativeBudget = Budget;
    type HousekeepingBudget = Budget;
    type WeightInfo = ();
}

/// The settlement asset, six decimals.
pub const USD: AssetId = 1;
/// Another asset, eight decimals, listed as collateral in compartment 0 at one whole for a lot, haircut a tenth.
pub const COIN: AssetId = 2;
/// Quanta of one whole settlement unit.
pub const ONE: i128 = 1_000_000_000_000;
/// Smallest units of one whole.
pub const UNITS: Balance = 1_000_000;
/// Quanta of one tick: a hundredth.
pub const TICK: i128 = ONE / 100;
pub const TREASURY: User = 99;
pub const GUARDIAN: User = 98;
/// The market of compartment 0, and that of compartment 1.
pub const MARKET: MarketId = 7;
pub const ELSEWHERE: MarketId = 9;

/// A perpetual at that mark, in quanta: maintenance 3 %, initial 6 %, penalty 1 %, no fees.
pub fn market_at(mark: i128) -> (Contract, MarketPrices) {
    let contract = Contract {
        compartment: 0,
        kind: ContractKind::Perpetual,
        phase: Phase::Trading,
        feed: 0,
        lot_size: 1,
        tick: TICK as u64,
        min_notional: Cash(1),
        max_order_lots: 1_000_000,
        tier_bounds: vec![Lots(1_000_000)].try_into().unwrap(),
        open_interest_cap: 10_000_000,
        band_ppm: 100_000,
        fees: vec![FeeTier {
            min_volume: Cash(0),
            taker_ppm: 0,
            maker_ppm: 0,
        }]
        .try_into()
        .unwrap(),
        fee_split: FeeSplit::default(),
        call_blocks: 1,
        liquidation_penalty_ppm: 10_000,
    };
    (contract, prices_at(mark))
}

fn prices_at(mark: i128) -> MarketPrices {
    let share = |ppm: i128| vec![LotPrice(mark * ppm / 1_000_000)].try_into().unwrap();
    MarketPrices {
        at: TestTime::now_ms(),
        index: LotPrice(mark),
        mark: LotPrice(mark),
        stable: LotPrice(mark),
        funding: LotPrice(0),
        maintenance: share(30_000),
        initial: share(60_000),
        fee_reserve: LotPrice(0),
        open_interest: 0,
        status: FeedStatus::Live,
    }
}

/// Two compartments with a market each, at a mark of 100. Account 1, 2, 3, ... of the chain has a million wholes.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let users: Vec<AccountId> = (1..=20).chain([GUARDIAN, TREASURY]).map(id).collect();
    let terms = CompartmentTerms {
        min_deposit: UNITS,
        dust: UNITS,
        transfer_margin_ppm: 100_000,
    };
    let collateral = CollateralTerms {
        haircut_ppm: 100_000,
        slope_ppm: 0,
        share_cap_ppm: 1_000_000,
        confidence_ppm: 0,
        cap: 1_000_000_000,
    };
    let mut storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: users.iter().map(|user| (user.clone(), 1_000_000)).collect(),
            ..Default::default()
        },
        assets: pallet_assets::GenesisConfig {
            assets: vec![(USD, id(1), true, 1), (COIN, id(1), true, 1)],
            metadata: vec![
                (USD, b"USD".to_vec(), b"USD".to_vec(), 6),
                (COIN, b"COIN".to_vec(), b"COIN".to_vec(), 8),
            ],
            accounts: users
                .iter()
                .flat_map(|user| {
                    [
                        (USD, user.clone(), 1_000_000 * UNITS),
                        (COIN, user.clone(), 1_000_000 * 100_000_000),
                    ]
                })
                .collect(),
            ..Default::default()
        },
        margin: pallet_margin::GenesisConfig {
            compartments: vec![(USD, terms), (USD, terms)],
            collaterals: vec![(0, COIN, 0, 100_000_000, collateral)],
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("genesis");
    storage.children_default.clear();
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| {
        Slot::put(1_000);
        for (market, compartment) in [(MARKET, 0), (ELSEWHERE, 1)] {
            let (mut contract, prices) = market_at(100 * ONE);
            contract.compartment = compartment;
            MarketsOf::insert(market, (contract, prices));
        }
        System::set_block_number(1);
        begin_block();
        end_block();
    });
    ext
}

/// The mark of a market from the next block on, in wholes.
pub fn set_mark(market: MarketId, wholes: i128) {
    set_mark_to(market, wholes * ONE);
}

/// The same, in quanta.
pub fn set_mark_to(market: MarketId, mark: i128) {
    let (contract, prices) = MarketsOf::get(market).expect("a market");
    if contract.phase != Phase::Settling {
        let moved = MarketPrices {
            status: prices.status,
            ..prices_at(mark)
        };
        MarketsOf::insert(market, (contract, moved));
    }
}

/// A market's phase and mark, the mark in quanta.
pub fn state_of(market: MarketId) -> (Phase, i128) {
    let (contract, prices) = MarketsOf::get(market).expect("a market");
    (contract.phase, prices.mark.0)
}

/// How far its price can be trusted.
pub fn status_of(market: MarketId) -> FeedStatus {
    MarketsOf::get(market).expect("a market").1.status
}

/// One more market, at a mark of 100.
pub fn add_market(market: MarketId, compartment: CompartmentId) {
    let (mut contract, prices) = market_at(100 * ONE);
    contract.compartment = compartment;
    MarketsOf::insert(market, (contract, prices));
}

/// Lets so much time pass without a block, in slots.
pub fn skip(slots: u64) {
    Slot::mutate(|slot| *slot = Some(slot.unwrap_or_default() + slots));
}

/// How far the price of a market can be trusted.
pub fn set_status(market: MarketId, status: FeedStatus) {
    set(market, |_, prices| prices.status = status);
}

/// The first half of a block: the hooks of its beginning, in the order of the runtime.
pub fn begin_block() -> Weight {
    begin_block_seen(|| (), || ())
}

/// The same, with a look at the state right before and right after the step of this pallet.
pub fn begin_block_seen(before: impl FnOnce(), after: impl FnOnce()) -> Weight {
    Slot::mutate(|slot| *slot = Some(slot.unwrap_or_default() + 1));
    System::set_block_number(System::block_number() + 1);
    System::reset_events();
    let now = System::block_number();
    let first = CircuitBreaker::on_initialize(now).saturating_add(Margin::on_initialize(now));
    before();
    let step = Liquidation::on_initialize(now);
    after();
    first
        .saturating_add(step)
        .saturating_add(Insurance::on_initialize(now))
        .saturating_add(Exchange::on_initialize(now))
}

/// The second half: calls clear.
pub fn end_block() {
    Exchange::on_finalize(System::block_number());
}

/// A whole block.
pub fn block() {
    begin_block();
    end_block();
}

/// So many blocks.
pub fn blocks(count: u32) {
    for _ in 0..count {
        block();
    }
}

/// Opens an account of a user in a compartment, with so many wholes.
pub fn open(user: User, compartment: CompartmentId, wholes: Balance) -> AccountIndex {
    let index = pallet_margin::NextAccount::<Test>::get();
    Margin::open_account(signed(user), compartment, 0, wholes * UNITS).expect("opens");
    index
}

/// Gives a compartment's insurance fund so many wholes.
pub fn endow(compartment: CompartmentId, wholes: Balance) {
    Insurance::donate(signed(20), compartment, wholes * UNITS).expect("donates");
}

/// Places a limit order, in wholes.
pub fn place(
    user: User,
    account: AccountIndex,
    market: MarketId,
    side: Side,
    lots: u64,
    wholes: u32,
) -> DispatchResult {
    place_at(user, account, market, side, lots, wholes * 100)
}

/// Places a limit order, in ticks.
pub fn place_at(
    user: User,
    account: AccountIndex,
    market: MarketId,
    side: Side,
    lots: u64,
    ticks: Ticks,
) -> DispatchResult {
    let request = OrderRequest::limit(side, lots, ticks);
    Exchange::place(signed(user), account, market, request)
        .map(|_| ())
        .map_err(|error| error.error)
}

/// The events of this pallet in this block.
pub fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Liquidation(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// Checks the invariants of all pallets.
pub fn check() {
    let now = System::block_number();
    CircuitBreaker::try_state(now).expect("circuit breaker");
    Margin::try_state(now).expect("margin");
    Insurance::try_state(now).expect("insurance");
    Exchange::try_state(now).expect("exchange");
    crate::try_state::check::<Test>().expect("liquidation");
}

/// The hooks that come before the step of this pallet.
pub fn begin_block_without_engine() {
    Slot::mutate(|slot| *slot = Some(slot.unwrap_or_default() + 1));
    System::set_block_number(System::block_number() + 1);
    System::reset_events();
    let now = System::block_number();
    CircuitBreaker::on_initialize(now);
    Margin::on_initialize(now);
}
