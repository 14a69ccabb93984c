//! A small chain with the real asset and balance pallets, and markets whose prices tests set.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use caisson_primitives::{
    oracle::{
        Act, BlockTime, FeedId, FeedStatus, OraclePrice, Price, PriceFeeds, PriceUnavailable,
    },
    trading::{
        AccountIndex, AccountRole, Admission, Cash, CompartmentId, Contract, ContractKind,
        FeeSplit, FeeTier, Fill, FillKind, LiquidationAccounts, LotPrice, Lots, MarketId,
        MarketPrices, Markets, OpenOrdersSource, Phase, SafetyObserver, Side, TradingAccounts,
        WithdrawalGate,
    },
    AssetId, Balance, BlockNumber, Moment,
};
use frame_support::{
    derive_impl, parameter_types,
    traits::{AsEnsureOriginWithArg, ConstU16, ConstU32, ConstU8, Hooks},
    weights::Weight,
    PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

use crate::types::{CollateralTerms, CompartmentTerms};

pub type AccountId = u64;

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
    pub type Margin = crate;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
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

thread_local! {
    static MARKETS: RefCell<BTreeMap<MarketId, (Contract, MarketPrices)>> = RefCell::default();
    static SETTLING: RefCell<BTreeMap<MarketId, LotPrice>> = RefCell::default();
    static DRAINED: RefCell<bool> = const { RefCell::new(true) };
    static GATE_OPEN: RefCell<bool> = const { RefCell::new(true) };
    static FEED: RefCell<Option<Price>> = const { RefCell::new(None) };
    static ALL_FEEDS: Cell<bool> = const { Cell::new(false) };
    static UNSAFE: RefCell<Vec<AccountIndex>> = RefCell::default();
    static SAFE: RefCell<Vec<(AccountIndex, BlockNumber)>> = RefCell::default();
    static BUDGET: RefCell<Weight> = const { RefCell::new(Weight::MAX) };
}

pub struct TestMarkets;

impl Markets for TestMarkets {
    fn contract(market: MarketId) -> Option<Contract> {
        MARKETS.with_borrow(|markets| markets.get(&market).map(|one| one.0.clone()))
    }
    fn prices(market: MarketId) -> Option<MarketPrices> {
        MARKETS.with_borrow(|markets| markets.get(&market).map(|one| one.1.clone()))
    }
    fn live() -> Vec<MarketId> {
        MARKETS.with_borrow(|markets| markets.keys().copied().collect())
    }
    fn settling() -> Vec<(MarketId, LotPrice)> {
        SETTLING.with_borrow(|all| {
            all.iter()
                .map(|(market, price)| (*market, *price))
                .collect()
        })
    }
    fn settled(market: MarketId) {
        SETTLING.with_borrow_mut(|all| all.remove(&market));
        MARKETS.with_borrow_mut(|all| all.remove(&market));
    }
    fn end_at_mark(market: MarketId) -> DispatchResult {
        let mark = Self::prices(market)
            .ok_or(DispatchError::Other("no such market"))?
            .mark;
        settle_at(market, mark.0);
        Ok(())
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: CompartmentId,
        mark: LotPrice,
        change: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        let (mut contract, mut prices) = (contract(), prices(mark.0));
        contract.compartment = compartment;
        change(&mut contract, &mut prices);
        MARKETS.with_borrow_mut(|markets| markets.insert(market, (contract, prices)));
    }
}

pub struct TestFeeds;

impl PriceFeeds for TestFeeds {
    fn price_for(feed: FeedId, _act: Act) -> Result<Price, PriceUnavailable> {
        if feed != FEED_ID && !ALL_FEEDS.get() {
            return Err(PriceUnavailable::NoSuchFeed);
        }
        FEED.with_borrow(|feed| feed.ok_or(PriceUnavailable::NoPriceYet))
    }
    fn status(_feed: FeedId) -> FeedStatus {
        FEED.with_borrow(|feed| feed.map_or(FeedStatus::Down, |price| price.status))
    }
    fn twap(_feed: FeedId, _window_ms: Moment) -> Option<OraclePrice> {
        None
    }
    fn volatility_ppm(_feed: FeedId, _horizon_ms: Moment) -> Option<u32> {
        None
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_feeds() {
        ALL_FEEDS.set(true);
    }
}

pub struct TestTime;

impl BlockTime for TestTime {
    fn slot() -> u64 {
        System::block_number()
    }
    fn slot_millis() -> Moment {
        1_000
    }
}

pub struct TestOrders;

impl OpenOrdersSource for TestOrders {
    fn drained(_market: MarketId) -> bool {
        DRAINED.with_borrow(|drained| *drained)
    }
    fn cancel_all(_account: AccountIndex) -> Result<u32, DispatchError> {
        Ok(0)
    }
    fn closed(_account: AccountIndex) -> DispatchResult {
        Ok(())
    }
}

pub struct TestGate;

impl WithdrawalGate for TestGate {
    fn admit(
        _compartment: CompartmentId,
        amount: Cash,
        others_wait: bool,
    ) -> Result<Admission, DispatchError> {
        if !GATE_OPEN.with_borrow(|open| *open) {
            return Err(DispatchError::Other("gate"));
        }
        let room = room();
        if others_wait || room < amount.0 {
            return Ok(Admission::Queue);
        }
        set_room(room - amount.0);
        Ok(Admission::Now)
    }
    fn release(_compartment: CompartmentId, wanted: Cash) -> Cash {
        if !GATE_OPEN.with_borrow(|open| *open) {
            return Cash(0);
        }
        let released = room().min(wanted.0);
        set_room(room() - released);
        Cash(released)
    }
}

pub struct TestObserver;

impl SafetyObserver for TestObserver {
    fn became_unsafe(account: AccountIndex) {
        UNSAFE.with_borrow_mut(|marked| marked.push(account));
    }
    fn became_safe(account: AccountIndex, since: BlockNumber) {
        SAFE.with_borrow_mut(|safe| safe.push((account, since)));
    }
}

pub struct Budget;

impl frame_support::traits::Get<Weight> for Budget {
    fn get() -> Weight {
        BUDGET.with_borrow(|budget| *budget)
    }
}

parameter_types! {
    pub const CustodyId: PalletId = PalletId(*b"csn/cstd");
    pub const TreasuryAccount: AccountId = TREASURY;
}

impl crate::Config for Test {
    type ListingOrigin = EnsureRoot<AccountId>;
    type RiskOrigin = EnsureRoot<AccountId>;
    type Assets = Assets;
    type Markets = TestMarkets;
    type Feeds = TestFeeds;
    type Time = TestTime;
    type Orders = TestOrders;
    type Gate = TestGate;
    type Observer = TestObserver;
    type Treasury = TreasuryAccount;
    type CustodyId = CustodyId;
    type MaxSubaccounts = ConstU8<4>;
    type MaxCompartments = ConstU16<3>;
    type MaxWatched = ConstU32<2>;
    type MaxQueued = ConstU32<3>;
    type WatchStepPpm = ConstU32<100>;
    type HookBudget = Budget;
    type WeightInfo = ();
}

/// The settlement asset, six decimals.
pub const USD: AssetId = 1;
/// A collateral asset, eight decimals.
pub const COIN: AssetId = 2;
/// Its feed.
pub const FEED_ID: FeedId = 5;
/// Quanta of one whole settlement unit.
pub const ONE: i128 = 1_000_000_000_000;
/// Smallest units of one whole.
pub const UNITS: Balance = 1_000_000;
pub const TREASURY: AccountId = 99;
pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;

/// A chain with one compartment, one collateral asset, two markets at a mark of 100, and rich users.
pub fn new_test_ext() -> sp_io::TestExternalities {
    MARKETS.with_borrow_mut(|markets| {
        markets.clear();
        for market in [BTC, ETH] {
            markets.insert(market, (contract(), prices(100 * ONE)));
        }
    });
    SETTLING.with_borrow_mut(BTreeMap::clear);
    DRAINED.with_borrow_mut(|drained| *drained = true);
    GATE_OPEN.with_borrow_mut(|open| *open = true);
    BUDGET.with_borrow_mut(|budget| *budget = Weight::MAX);
    UNSAFE.with_borrow_mut(Vec::clear);
    SAFE.with_borrow_mut(Vec::clear);
    ALL_FEEDS.set(false);
    set_feed(1_000_000_000_000_000_000, FeedStatus::Live);
    let users = [ALICE, BOB, CAROL, TREASURY];
    let mut storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: users.iter().map(|user| (*user, 1_000_000)).collect(),
            ..Default::default()
        },
        assets: pallet_assets::GenesisConfig {
            assets: vec![
                (USD, ALICE, true, 1),
                (COIN, ALICE, true, 1),
                (3, ALICE, true, 1),
            ],
            metadata: vec![
                (USD, b"USD".to_vec(), b"USD".to_vec(), 6),
                (COIN, b"COIN".to_vec(), b"COIN".to_vec(), 8),
                (3, b"FINE".to_vec(), b"FINE".to_vec(), 15),
            ],
            accounts: users
                .iter()
                .flat_map(|user| {
                    [
                        (USD, *user, 1_000_000_000 * UNITS),
                        (COIN, *user, 1_000_000_000_000),
                    ]
                })
                .collect(),
            ..Default::default()
        },
        margin: crate::GenesisConfig {
            compartments: vec![(USD, terms())],
            collaterals: vec![(0, COIN, FEED_ID, 1_000, collateral_terms())],
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("genesis");
    storage.children_default.clear();
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| System::set_block_number(1));
    ext
}

pub const BTC: MarketId = 7;
pub const ETH: MarketId = 300;

pub fn terms() -> CompartmentTerms {
    CompartmentTerms {
        min_deposit: 10 * UNITS,
        dust: UNITS,
        transfer_margin_ppm: 100_000,
    }
}

pub fn collateral_terms() -> CollateralTerms {
    CollateralTerms {
        haircut_ppm: 100_000,
        slope_ppm: 500_000,
        share_cap_ppm: 200_000,
        confidence_ppm: 2_000_000,
        cap: 1_000_000_000,
    }
}

/// Maintenance 3 % and 5 %, initial 6 % and 10 %, tiers to 1000 and a million lots, 0.05 % taker, -0.01 % maker.
pub fn contract() -> Contract {
    Contract {
        compartment: 0,
        kind: ContractKind::Perpetual,
        phase: Phase::Trading,
        feed: 0,
        lot_size: 1,
        tick: 10_000_000_000,
        min_notional: Cash(ONE),
        max_order_lots: 1_000_000,
        tier_bounds: vec![Lots(1_000), Lots(1_000_000)].try_into().expect("two"),
        open_interest_cap: 10_000_000,
        band_ppm: 100_000,
        fees: vec![
            FeeTier {
                min_volume: Cash(0),
                taker_ppm: 500,
                maker_ppm: -100,
            },
            FeeTier {
                min_volume: Cash(1_000_000 * ONE),
                taker_ppm: 300,
                maker_ppm: -100,
            },
        ]
        .try_into()
        .expect("two"),
        fee_split: FeeSplit {
            insurance_ppm: 500_000,
            backers_ppm: 250_000,
        },
        call_blocks: 1,
        liquidation_penalty_ppm: 10_000,
    }
}

pub fn prices(mark: i128) -> MarketPrices {
    let share = |ppm: i128| LotPrice((mark * ppm + 999_999) / 1_000_000);
    MarketPrices {
        at: 0,
        index: LotPrice(mark),
        mark: LotPrice(mark),
        stable: LotPrice(mark),
        funding: LotPrice(0),
        maintenance: vec![share(30_000), share(50_000)].try_into().expect("two"),
        initial: vec![share(60_000), share(100_000)].try_into().expect("two"),
        fee_reserve: share(550),
        open_interest: 0,
        status: FeedStatus::Live,
    }
}

/// Changes a market.
pub fn change(market: MarketId, change: impl FnOnce(&mut Contract, &mut MarketPrices)) {
    MARKETS.with_borrow_mut(|markets| {
        let (contract, prices) = markets.get_mut(&market).expect("a market");
        change(contract, prices);
    });
}

/// Moves the mark with all margins; funding stays.
pub fn set_mark(market: MarketId, mark: i128) {
    change(market, |_, old| {
        *old = MarketPrices {
            funding: old.funding,
            status: old.status,
            ..prices(mark)
        };
    });
}

pub fn set_funding(market: MarketId, funding: i128) {
    change(market, |_, prices| prices.funding = LotPrice(funding));
}

pub fn set_feed(price: OraclePrice, status: FeedStatus) {
    let price = Price {
        price,
        confidence: 0,
        observed_at: 0,
        status,
    };
    FEED.with_borrow_mut(|feed| *feed = Some(price));
}

pub fn settle_at(market: MarketId, price: i128) {
    SETTLING.with_borrow_mut(|all| all.insert(market, LotPrice(price)));
}

pub fn set_drained(drained: bool) {
    DRAINED.with_borrow_mut(|value| *value = drained);
}

pub fn set_gate(open: bool) {
    GATE_OPEN.with_borrow_mut(|value| *value = open);
}

/// What may still leave, in quanta. It is in storage, so that it is undone with what did not happen.
pub fn room() -> i128 {
    frame_support::storage::unhashed::get_or(b":room", i128::MAX)
}

pub fn set_room(room: i128) {
    frame_support::storage::unhashed::put(b":room", &room);
}

pub fn set_budget(budget: Weight) {
    BUDGET.with_borrow_mut(|value| *value = budget);
}

/// An account of a user with so many whole units.
pub fn open(user: AccountId, sub: u8, whole: u128) -> AccountIndex {
    let index = crate::NextAccount::<Test>::get();
    Margin::open_account(RuntimeOrigin::signed(user), 0, sub, whole * UNITS).expect("opens");
    index
}

/// A trade between two accounts at a price, as the exchange books it, without fees.
pub fn trade(market: MarketId, buyer: AccountIndex, seller: AccountIndex, lots: u64, price: i128) {
    let (mut contract, prices) = (
        TestMarkets::contract(market).expect("a market"),
        TestMarkets::prices(market).expect("prices"),
    );
    contract.fees = Default::default();
    let mut long = 0;
    for (index, side) in [(buyer, Side::Long), (seller, Side::Short)] {
        let mut account = Margin::load(index).expect("an account");
        let fill = Fill {
            market,
            side,
            lots,
            price: LotPrice(price),
            kind: FillKind::Taker,
        };
        let settled = Margin::fill(&mut account, &contract, &prices, 0, &fill).expect("fills");
        long += settled.long_lots;
        Margin::settle(index, account).expect("settles");
    }
    Margin::conclude(market, &contract, Cash(0), long).expect("concludes");
}

/// Who fell short so far, in that order.
pub fn fell_short() -> Vec<AccountIndex> {
    UNSAFE.with_borrow(Clone::clone)
}

/// Who came to safety so far, and since when they were short.
pub fn came_to_safety() -> Vec<(AccountIndex, BlockNumber)> {
    SAFE.with_borrow(Clone::clone)
}

/// Ends the block and begins the next with the step of the engine, which only looks at who is endangered; all invariants hold
/// after each.
pub fn next_block() -> Weight {
    let weight = sweep_only();
    for endangered in Margin::endangered(u32::MAX) {
        let account = Margin::load(endangered.account).expect("an account");
        Margin::settle(endangered.account, account).expect("settles");
    }
    crate::try_state::check::<Test>().expect("invariants");
    weight
}

/// The same without the engine.
pub fn sweep_only() -> Weight {
    let next = System::block_number() + 1;
    System::set_block_number(next);
    System::reset_events();
    let weight = Margin::on_initialize(next);
    crate::try_state::check::<Test>().expect("invariants");
    weight
}

pub fn collateral(index: AccountIndex) -> i128 {
    Margin::load(index).expect("an account").collateral.0
}

/// The accounts marked unsafe.
pub fn found_unsafe() -> Vec<AccountIndex> {
    let mut found: Vec<_> = crate::Accounts::<Test>::iter()
        .filter(|(_, account)| account.unsafe_since.is_some())
        .map(|(index, _)| index)
        .collect();
    found.sort_unstable();
    found
}

/// Those a full scan finds short.
pub fn scanned_unsafe() -> Vec<AccountIndex> {
    let mut found: Vec<_> = crate::Accounts::<Test>::iter()
        .filter(|(_, account)| {
            if account.role == AccountRole::Fund {
                return false;
            }
            let sum = crate::health::assess::<Test>(account, None).expect("adds up");
            sum.slack.is_negative()
        })
        .map(|(index, _)| index)
        .collect();
    found.sort_unstable();
    found
}
