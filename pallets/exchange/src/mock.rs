//! A runtime for unit tests: the exchange over markets and accounts that tests write.
//!
//! The accounts are a small model of margin in storage, so that they roll back with it; it can be told to fail. The
//! real pallets are joined in the runtime's tests.

use std::{cell::RefCell, collections::BTreeMap};

use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        Account, AccountIndex, AccountRole, CallDecision, CallFlow, CallGuard, Cash, Contract,
        ContractKind, FeeTier, Fill, FillKind, Headroom, Level, LotPrice, Lots, MarketId,
        MarketPrices, Markets, OrderRequest, Phase, Ppm, Requirement, Settled, Side, Ticks,
        TradingAccounts,
    },
    BlockNumber, Moment,
};
use frame_support::{
    derive_impl, parameter_types, storage_alias,
    traits::{ConstU16, ConstU32, Get, Hooks},
    weights::Weight,
    Twox64Concat,
};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

use crate as pallet_exchange;

pub type AccountId = u64;
pub const MARKET: MarketId = 1;
pub const OTHER: MarketId = 2;
/// One tick, in quanta.
pub const TICK: i128 = 10;
/// The mark of all markets, in ticks.
pub const MARK: Ticks = 1_000;

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
    pub type Exchange = pallet_exchange;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

/// What the world around the exchange is like.
#[derive(Clone, Debug)]
pub struct World {
    pub slot: u64,
    pub seed: [u8; 32],
    pub markets: BTreeMap<MarketId, (Contract, MarketPrices)>,
    /// Fills until one fails.
    pub fails_at: Option<u32>,
    /// This account's fills fail.
    pub fails: Option<AccountIndex>,
    /// This account can't be settled.
    pub unsettled: Option<AccountIndex>,
    /// Calls are extended by so many blocks.
    pub extend: Option<u32>,
    /// What the guard was asked.
    pub asked: Vec<(MarketId, LotPrice, u64)>,
    /// The level of all markets, and by how many blocks calls are longer than they would be under it.
    pub level: Level,
    pub longer: u32,
    /// How often the level was asked for.
    pub levels: u32,
    /// What the guard was told.
    pub told: Vec<(MarketId, CallFlow)>,
    /// The account's headroom can't be computed.
    pub no_headroom: bool,
    pub clearing_budget: u64,
    pub housekeeping_budget: u64,
    /// How often accounts were read, assessed and written.
    pub loads: u32,
    pub headrooms: u32,
    pub stores: u32,
}

impl Default for World {
    fn default() -> Self {
        let markets = [MARKET, OTHER].map(|market| (market, market_at(i128::from(MARK) * TICK)));
        Self {
            slot: 1_000,
            seed: [7; 32],
            markets: BTreeMap::from(markets),
            fails_at: None,
            fails: None,
            unsettled: None,
            extend: None,
            asked: Vec::new(),
            level: Level::Open,
            longer: 0,
            levels: 0,
            told: Vec::new(),
            no_headroom: false,
            clearing_budget: 1_000_000,
            housekeeping_budget: 1_000_000,
            loads: 0,
            headrooms: 0,
            stores: 0,
        }
    }
}

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(change)
}

fn market_at(mark: i128) -> (Contract, MarketPrices) {
    let price = LotPrice(mark);
    (
        Contract {
            compartment: 0,
            kind: ContractKind::Perpetual,
            phase: Phase::Trading,
            feed: 0,
            lot_size: 1,
            tick: TICK as u64,
            min_notional: Cash(mark),
            max_order_lots: 10_000,
            tier_bounds: vec![Lots(1_000), Lots(100_000)].try_into().unwrap(),
            open_interest_cap: 1_000_000,
            band_ppm: 500_000,
            fees: vec![FeeTier {
                min_volume: Cash(0),
                taker_ppm: 500,
                maker_ppm: -200,
            }]
            .try_into()
            .unwrap(),
            fee_split: Default::default(),
            call_blocks: 1,
            liquidation_penalty_ppm: 10_000,
        },
        MarketPrices {
            at: 0,
            index: price,
            mark: price,
            stable: price,
            funding: LotPrice(0),
            maintenance: vec![LotPrice(mark / 20), LotPrice(mark / 10)]
                .try_into()
                .unwrap(),
            initial: vec![LotPrice(mark / 10), LotPrice(mark / 5)]
                .try_into()
                .unwrap(),
            fee_reserve: LotPrice(mark / 1_000),
            open_interest: 0,
            status: FeedStatus::Live,
        },
    )
}

pub struct Surroundings;

impl BlockTime for Surroundings {
    fn slot() -> u64 {
        world(|world| world.slot)
    }
    fn slot_millis() -> u64 {
        1_000
    }
}

impl Get<[u8; 32]> for Surroundings {
    fn get() -> [u8; 32] {
        world(|world| world.seed)
    }
}

impl CallGuard for Surroundings {
    fn level(_market: MarketId) -> Level {
        world(|world| {
            world.levels += 1;
            world.level
        })
    }
    fn earliest_end(_market: MarketId, since: BlockNumber) -> BlockNumber {
        world(|world| match world.level {
            Level::Halted => BlockNumber::MAX,
            Level::Open => since,
            _ => since + world.longer,
        })
    }
    fn cleared(market: MarketId, flow: &CallFlow) {
        world(|world| world.told.push((market, *flow)));
    }
    fn admit(market: MarketId, price: LotPrice, lots: u64) -> CallDecision {
        world(|world| {
            world.asked.push((market, price, lots));
            world
                .extend
                .map_or(CallDecision::Commit, CallDecision::Extend)
        })
    }
}

impl Markets for Surroundings {
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
        world(|world| world.markets.keys().copied().collect())
    }
    fn settling() -> Vec<(MarketId, LotPrice)> {
        world(|world| {
            let all = world.markets.iter();
            all.filter(|(_, (contract, _))| contract.phase == Phase::Settling)
                .map(|(market, (_, prices))| (*market, prices.mark))
                .collect()
        })
    }
    fn end_at_mark(market: MarketId) -> DispatchResult {
        change(market, |contract, _| contract.phase = Phase::Settling);
        Ok(())
    }
    fn settled(market: MarketId) {
        change(market, |contract, _| contract.phase = Phase::Settled);
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: caisson_primitives::trading::CompartmentId,
        mark: LotPrice,
        edit: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        let (mut contract, mut prices) = market_at(mark.0);
        contract.compartment = compartment;
        edit(&mut contract, &mut prices);
        world(|world| world.markets.insert(market, (contract, prices)));
    }
}

#[storage_alias]
pub type Accounts = StorageMap<Mock, Twox64Concat, AccountIndex, Account<AccountId>>;

#[storage_alias]
pub type Fees = StorageValue<Mock, Cash, frame_support::pallet_prelude::ValueQuery>;

#[storage_alias]
pub type Penalties = StorageValue<Mock, Cash, frame_support::pallet_prelude::ValueQuery>;

#[storage_alias]
pub type LongLots =
    StorageMap<Mock, Twox64Concat, MarketId, i64, frame_support::pallet_prelude::ValueQuery>;

/// A model of margin: one settlement asset, no funding, no triggers.
pub struct Book;

fn requirement(account: &Account<AccountId>, market: MarketId) -> Option<Requirement> {
    let (contract, prices) = world(|world| world.markets.get(&market).cloned())?;
    Requirement::new(&contract, &prices, account.leverage).ok()
}

fn mark_of(market: MarketId) -> i128 {
    world(|world| {
        world
            .markets
            .get(&market)
            .map_or(0, |(_, prices)| prices.mark.0)
    })
}

/// Equity at mark.
pub fn equity(account: &Account<AccountId>) -> i128 {
    let worth = account
        .positions
        .iter()
        .map(|one| i128::from(one.lots.0) * mark_of(one.market) - one.cost.0);
    account.collateral.0 + worth.sum::<i128>()
}

/// Equity minus maintenance margin.
pub fn slack(account: &Account<AccountId>) -> i128 {
    let needs = account.positions.iter().map(|one| {
        let requirement = requirement(account, one.market).unwrap();
        let wide = one.lots.widen();
        let tier = requirement.tier(&wide).unwrap();
        requirement.maintenance_per_lot(tier).unwrap().0 * wide.0.abs()
    });
    equity(account) - needs.sum::<i128>()
}

impl TradingAccounts<AccountId> for Book {
    fn load(index: AccountIndex) -> Option<Account<AccountId>> {
        world(|world| world.loads += 1);
        Accounts::get(index)
    }

    fn store(index: AccountIndex, account: &Account<AccountId>) {
        world(|world| world.stores += 1);
        Accounts::insert(index, account);
    }

    fn headroom(
        account: &Account<AccountId>,
        market: MarketId,
        contract: &Contract,
        prices: &MarketPrices,
    ) -> Result<Headroom, DispatchError> {
        world(|world| world.headrooms += 1);
        if world(|world| world.no_headroom) {
            return Err(DispatchError::Unavailable);
        }
        let mut available = account.collateral.0;
        for one in &account.positions {
            let requirement = requirement(account, one.market).ok_or(DispatchError::Unavailable)?;
            available += requirement
                .counted_profit(one.lots, &one.cost, &Cash(0), true)
                .map_err(|_| DispatchError::Other("profit"))?
                .0;
            if one.market != market {
                let asks = requirement.total(one.lots, &one.open);
                available -= asks.map_err(|_| DispatchError::Other("asks"))?.0;
            }
        }
        Ok(Headroom {
            requirement: Requirement::new(contract, prices, account.leverage)
                .map_err(|_| DispatchError::Other("requirement"))?,
            lots: account.lots(market),
            available: Cash(available),
            slack: Cash(slack(account)),
            equity: Cash(equity(account)),
        })
    }

    fn fill(
        account: &mut Account<AccountId>,
        contract: &Contract,
        _prices: &MarketPrices,
        _now: Moment,
        fill: &Fill,
    ) -> Result<Settled, DispatchError> {
        let failing = world(|world| {
            let failing = world.fails_at == Some(0);
            world.fails_at = world.fails_at.map(|left| left.saturating_sub(1));
            failing
                || world
                    .fails
                    .is_some_and(|index| u64::from(index) == account.owner)
        });
        if failing {
            return Err(DispatchError::Exhausted);
        }
        let tier = contract.fee_tier(account.volume.at(0)).unwrap();
        let rate = match fill.kind {
            FillKind::Maker => i128::from(tier.maker_ppm),
            FillKind::Taker => i128::from(tier.taker_ppm),
            FillKind::Liquidation | FillKind::AtMark => 0,
        };
        let fined = match fill.kind {
            FillKind::Liquidation => {
                assert_eq!(account.role, AccountRole::Trader, "the chain isn't fined");
                i128::from(contract.liquidation_penalty_ppm)
            }
            _ => 0,
        };
        let value = fill.price.times(&Lots(i128::from(fill.lots))).unwrap();
        let fee = value.ratio_ceil(&Ppm(rate)).unwrap();
        let traded = fill.side.signed(&i128::from(fill.lots)).unwrap();
        let position = account
            .position_mut(fill.market)
            .ok_or(DispatchError::Other("full"))?;
        let before = i128::from(position.lots.0);
        let after = before + traded;
        let closed = if before.signum() * traded.signum() < 0 {
            before.abs().min(traded.abs())
        } else {
            0
        };
        let part = match closed {
            0 => 0,
            closed => (position.cost.0 * closed).div_euclid(before.abs()),
        };
        let realised = fill.price.0 * closed * before.signum() - part;
        position.cost.0 += fill.price.0 * (traded.abs() - closed) * traded.signum() - part;
        position.lots = Lots(i64::try_from(after).unwrap());
        account.collateral.0 += realised - fee.0;
        Ok(Settled {
            fee,
            realised: Cash(realised),
            penalty: value.ratio_ceil(&Ppm(fined)).unwrap(),
            funding: Cash(0),
            long_lots: (after.max(0) - before.max(0)) as i64,
        })
    }

    fn settle(index: AccountIndex, mut account: Account<AccountId>) -> DispatchResult {
        if world(|world| world.unsettled) == Some(index) {
            return Err(DispatchError::Exhausted);
        }
        let mut kept = account.positions.clone().into_inner();
        kept.retain(|position| !position.is_empty());
        account.positions = kept.try_into().unwrap();
        Self::store(index, &account);
        Ok(())
    }

    fn settle_liquidated(
        index: AccountIndex,
        mut account: Account<AccountId>,
        penalty: Cash,
    ) -> Result<Cash, DispatchError> {
        let paid = penalty.smaller(&Cash(equity(&account).max(0)));
        account.collateral.0 -= paid.0;
        Penalties::mutate(|all| all.0 += paid.0);
        Self::settle(index, account)?;
        Ok(paid)
    }

    fn conclude(
        market: MarketId,
        _contract: &Contract,
        fees: Cash,
        long_lots: i64,
    ) -> DispatchResult {
        if fees.0 < 0 {
            return Err(DispatchError::Other("rebates above fees"));
        }
        Fees::mutate(|all| all.0 += fees.0);
        LongLots::mutate(market, |all| *all += long_lots);
        Ok(())
    }

    #[cfg(any(feature = "std", feature = "try-runtime"))]
    fn all() -> Vec<(AccountIndex, Account<AccountId>)> {
        Accounts::iter().collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_account(
        owner: &AccountId,
        compartment: caisson_primitives::trading::CompartmentId,
        collateral: Cash,
    ) -> AccountIndex {
        let index = Accounts::iter_keys().count() as AccountIndex + 10_000;
        let mut account = Account::new(*owner, compartment, 0);
        account.collateral = collateral;
        Accounts::insert(index, account);
        index
    }
}

pub struct Budget<const CLEARING: bool>;

impl<const CLEARING: bool> Get<Weight> for Budget<CLEARING> {
    fn get() -> Weight {
        let steps = world(|world| match CLEARING {
            true => world.clearing_budget,
            false => world.housekeeping_budget,
        });
        Weight::from_parts(steps, 0)
    }
}

parameter_types! {
    pub const EquityPerOrder: Cash = Cash(1_000_000);
    pub const IndicativeBudget: Weight = Weight::from_parts(1_000_000, 0);
}

impl pallet_exchange::Config for Test {
    type Markets = Surroundings;
    type Accounts = Book;
    type Guard = Surroundings;
    type Time = Surroundings;
    type Lottery = Surroundings;
    type MaxMarkets = ConstU32<8>;
    type MaxOrdersPerMarket = ConstU32<100>;
    type MaxImmediates = ConstU32<1_000>;
    type BaseOpenOrders = ConstU16<120>;
    type EquityPerOrder = EquityPerOrder;
    type MaxOpenOrders = ConstU16<150>;
    type MaxActsPerBlock = ConstU16<200>;
    type MaxSwept = ConstU32<10>;
    type ClearingBudget = Budget<true>;
    type IndicativeBudget = IndicativeBudget;
    type HousekeepingBudget = Budget<false>;
    type WeightInfo = ();
}

/// Changes a market.
pub fn change(market: MarketId, edit: impl FnOnce(&mut Contract, &mut MarketPrices)) {
    world(|world| {
        let (contract, prices) = world.markets.get_mut(&market).unwrap();
        edit(contract, prices);
    });
}

/// Moves the mark of the market, in ticks.
pub fn set_mark(ticks: Ticks) {
    change(MARKET, |_, prices| {
        let mark = LotPrice(i128::from(ticks) * TICK);
        (prices.mark, prices.index, prices.stable) = (mark, mark, mark);
    });
}

/// Storage without accounts, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn externalities() -> sp_io::TestExternalities {
    world(|world| *world = World::default());
    let storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .unwrap();
    sp_io::TestExternalities::from(storage)
}

/// Runs a test on accounts 1 to 20, each owned by the key of its number and with so much collateral.
pub fn with_accounts<R>(collateral: i128, test: impl FnOnce() -> R) -> R {
    world(|world| *world = World::default());
    let storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        System::set_block_number(100);
        for index in 1..=20u32 {
            let mut account = Account::new(u64::from(index), 0, 0);
            account.collateral = Cash(collateral);
            Accounts::insert(index, account);
        }
        let result = test();
        crate::try_state::check::<Test>().unwrap_or_else(|error| panic!("{error:?}"));
        result
    })
}

/// Runs a test on rich accounts.
pub fn new_test<R>(test: impl FnOnce() -> R) -> R {
    with_accounts(100_000_000, test)
}

pub fn begin_block() {
    System::set_block_number(System::block_number() + 1);
    world(|world| world.slot += 1);
    Exchange::on_initialize(System::block_number());
}

/// Ends the block and checks all invariants.
pub fn end_block() {
    Exchange::on_finalize(System::block_number());
    crate::try_state::check::<Test>().unwrap_or_else(|error| panic!("{error:?}"));
}

pub fn next_block() {
    end_block();
    begin_block();
}

pub fn buy(lots: u64, ticks: Ticks) -> OrderRequest {
    OrderRequest::limit(Side::Long, lots, ticks)
}

pub fn sell(lots: u64, ticks: Ticks) -> OrderRequest {
    OrderRequest::limit(Side::Short, lots, ticks)
}

pub fn place(account: AccountIndex, request: OrderRequest) -> DispatchResult {
    frame_support::storage::with_storage_layer(|| {
        Exchange::place(
            RuntimeOrigin::signed(account.into()),
            account,
            MARKET,
            request,
        )
        .map(drop)
        .map_err(|error| error.error)
    })
}

/// The account's position in the market.
pub fn lots(account: AccountIndex) -> i64 {
    Accounts::get(account).unwrap().lots(MARKET).0
}

/// What the pallet said since this was asked last.
pub fn events() -> Vec<crate::Event<Test>> {
    let events = System::events();
    System::reset_events();
    events
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Exchange(event) => Some(event),
            _ => None,
        })
        .collect()
}
