//! A small chain with the real asset and balance pallets, a ledger of pots kept as margin keeps it, and markets, a gate
//! and signals that tests set and read.

use std::{cell::RefCell, collections::BTreeMap};

use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        Admission, Cash, CompartmentFunds, CompartmentId, Contract, ContractKind, Cover, FeeSplit,
        InsuranceFunds, LotPrice, Lots, MarketId, MarketPrices, Markets, OpenInterestSource, Phase,
        Pot, Pots, SafetySignals, WithdrawalGate,
    },
    AssetId, Balance, Moment,
};
use frame_support::{
    derive_impl, ensure, parameter_types, storage_alias,
    traits::{fungibles::Mutate, tokens::Preservation, AsEnsureOriginWithArg, Hooks},
    weights::Weight,
    PalletId, Twox64Concat,
};
use frame_system::{EnsureRoot, EnsureSigned};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

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
    pub type Insurance = crate;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
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

/// The settlement asset of all compartments, six decimals.
pub const USD: AssetId = 1;
/// Quanta of one whole settlement unit.
pub const ONE: i128 = 1_000_000_000_000;
/// Quanta in a smallest unit.
pub const SCALE: i128 = 1_000_000;
/// Smallest units of one whole.
pub const UNITS: Balance = 1_000_000;
/// There are compartments from zero up to this, and no others.
pub const COMPARTMENTS: CompartmentId = 3;
pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
/// A market of compartment 0.
pub const BTC: MarketId = 7;
/// Another one.
pub const ETH: MarketId = 300;
/// A market of compartment 1.
pub const OTHER: MarketId = 301;
/// Milliseconds since the epoch at the start.
pub const START: Moment = 1_700_000_000_000;

/// Pots and custody, in storage, so that they are rolled back with everything else.
#[storage_alias]
type Ledgers = StorageMap<TestLedger, Twox64Concat, CompartmentId, (Cash, Cash, Cash)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawdown {
    pub compartment: CompartmentId,
    pub market: MarketId,
    pub paid: Cash,
    pub share_ppm: u32,
}

/// What the world around the funds is like.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub now: Moment,
    pub gate: Option<Result<Admission, DispatchError>>,
    pub admitted: Vec<(CompartmentId, Cash)>,
    pub drawdowns: Vec<Drawdown>,
    pub markets: BTreeMap<MarketId, (Contract, MarketPrices)>,
    pub open_interest: BTreeMap<MarketId, u64>,
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(change)
}

/// Where a compartment's money is.
pub fn custody(compartment: CompartmentId) -> AccountId {
    1_000 + u64::from(compartment)
}

pub struct TestFunds;

fn ledger(id: CompartmentId) -> Result<(Cash, Cash, Cash), DispatchError> {
    ensure!(id < COMPARTMENTS, DispatchError::Other("no compartment"));
    Ok(Ledgers::get(id).unwrap_or_default())
}

/// Changes a pot and custody; neither may become negative.
fn change(id: CompartmentId, pot: Pot, by: i128, custody: i128) -> DispatchResult {
    let (mut insurance, mut backers, held) = ledger(id)?;
    let target = match pot {
        Pot::Insurance => &mut insurance,
        Pot::Backers => &mut backers,
    };
    target.0 = target
        .0
        .checked_add(by)
        .filter(|after| *after >= 0)
        .ok_or(DispatchError::Other("not enough"))?;
    Ledgers::insert(id, (insurance, backers, Cash(held.0 + custody)));
    Ok(())
}

impl CompartmentFunds<AccountId> for TestFunds {
    fn pots(id: CompartmentId) -> Pots {
        let (insurance, backers, custody) = Ledgers::get(id).unwrap_or_default();
        Pots {
            insurance,
            backers,
            custody,
        }
    }

    fn settlement_asset(id: CompartmentId) -> Option<(AssetId, i128)> {
        (id < COMPARTMENTS).then_some((USD, SCALE))
    }

    fn credit(id: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult {
        ensure!(amount.0 >= 0, DispatchError::Other("negative"));
        change(id, pot, amount.0, 0)
    }

    fn debit(id: CompartmentId, pot: Pot, amount: Cash) -> DispatchResult {
        ensure!(amount.0 >= 0, DispatchError::Other("negative"));
        change(id, pot, -amount.0, 0)
    }

    fn receive(
        id: CompartmentId,
        pot: Pot,
        from: &AccountId,
        units: Balance,
    ) -> Result<Cash, DispatchError> {
        ledger(id)?;
        let amount = units as i128 * SCALE;
        <Assets as Mutate<_>>::transfer(USD, from, &custody(id), units, Preservation::Expendable)?;
        change(id, pot, amount, amount)?;
        Ok(Cash(amount))
    }

    fn pay_out(
        id: CompartmentId,
        pot: Pot,
        to: &AccountId,
        amount: Cash,
    ) -> Result<(Balance, Cash), DispatchError> {
        ensure!(amount.0 >= 0, DispatchError::Other("negative"));
        let units = (amount.0 / SCALE) as Balance;
        let leaving = units as i128 * SCALE;
        change(id, pot, -leaving, -leaving)?;
        <Assets as Mutate<_>>::transfer(USD, &custody(id), to, units, Preservation::Expendable)?;
        Ok((units, Cash(leaving)))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_funds(id: CompartmentId, insurance: Cash, backers: Cash) {
        let total = Cash(insurance.0 + backers.0);
        Ledgers::insert(id, (insurance, backers, total));
        let units = (total.0 / SCALE) as Balance + 1;
        Assets::mint_into(USD, &custody(id), units).expect("mints");
    }
}

pub struct Surroundings;

impl BlockTime for Surroundings {
    fn slot() -> u64 {
        world(|world| world.now)
    }
    fn slot_millis() -> Moment {
        1
    }
}

impl WithdrawalGate for Surroundings {
    fn admit(
        compartment: CompartmentId,
        amount: Cash,
        _others_wait: bool,
    ) -> Result<Admission, DispatchError> {
        let answer = world(|world| world.gate).unwrap_or(Ok(Admission::Now));
        if answer == Ok(Admission::Now) {
            world(|world| world.admitted.push((compartment, amount)));
        }
        answer
    }
    fn release(_compartment: CompartmentId, wanted: Cash) -> Cash {
        wanted
    }
}

impl SafetySignals for Surroundings {
    fn liquidated(_market: MarketId, _notional: Cash) {}
    fn backlog(_accounts: u32) {}
    fn drawdown(compartment: CompartmentId, market: MarketId, paid: Cash, share_ppm: u32) {
        world(|world| {
            world.drawdowns.push(Drawdown {
                compartment,
                market,
                paid,
                share_ppm,
            })
        });
    }
    fn deficit(_compartment: CompartmentId, _market: MarketId, _open: Cash) {}
}

impl Markets for Surroundings {
    fn contract(market: MarketId) -> Option<Contract> {
        world(|world| world.markets.get(&market).map(|one| one.0.clone()))
    }
    fn prices(market: MarketId) -> Option<MarketPrices> {
        world(|world| world.markets.get(&market).map(|one| one.1.clone()))
    }
    fn live() -> Vec<MarketId> {
        world(|world| world.markets.keys().copied().collect())
    }
    fn settling() -> Vec<(MarketId, LotPrice)> {
        Vec::new()
    }
    fn settled(_market: MarketId) {}
    fn end_at_mark(_market: MarketId) -> DispatchResult {
        Err(DispatchError::Other("not asked for"))
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_market(
        market: MarketId,
        compartment: CompartmentId,
        mark: LotPrice,
        change: impl FnOnce(&mut Contract, &mut MarketPrices),
    ) {
        let (mut contract, mut prices) = (contract(compartment), prices(mark.0));
        change(&mut contract, &mut prices);
        world(|world| world.markets.insert(market, (contract, prices)));
    }
}

impl OpenInterestSource for Surroundings {
    fn open_interest(market: MarketId) -> u64 {
        world(|world| {
            world
                .open_interest
                .get(&market)
                .copied()
                .unwrap_or_default()
        })
    }
}

parameter_types! {
    pub const BackstopId: PalletId = PalletId(*b"csn/bkst");
}

impl crate::Config for Test {
    type Funds = TestFunds;
    type Signals = Surroundings;
    type Gate = Surroundings;
    type Assets = Assets;
    type Markets = Surroundings;
    type OpenInterest = Surroundings;
    type Time = Surroundings;
    type SpendOrigin = EnsureRoot<AccountId>;
    type RiskOrigin = EnsureRoot<AccountId>;
    type BackstopId = BackstopId;
    type WeightInfo = ();
}

/// A market of a compartment; what insurance doesn't ask is nothing in particular.
fn contract(compartment: CompartmentId) -> Contract {
    Contract {
        compartment,
        kind: ContractKind::Perpetual,
        phase: Phase::Trading,
        feed: 0,
        lot_size: 1,
        tick: 1,
        min_notional: Cash(ONE),
        max_order_lots: 1_000_000,
        tier_bounds: vec![Lots(1_000), Lots(1_000_000)].try_into().expect("two"),
        open_interest_cap: 10_000_000,
        band_ppm: 100_000,
        fees: Default::default(),
        fee_split: FeeSplit::default(),
        call_blocks: 1,
        liquidation_penalty_ppm: 10_000,
    }
}

/// Maintenance 3 % in the first tier.
fn prices(mark: i128) -> MarketPrices {
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

/// A chain with three compartments, three markets at a mark of 100, and rich users.
pub fn new_test_ext() -> sp_io::TestExternalities {
    with_terms(Vec::new())
}

/// The same with terms at genesis.
pub fn with_terms(
    terms: Vec<(CompartmentId, crate::types::FundTerms)>,
) -> sp_io::TestExternalities {
    let markets = [(BTC, 0), (ETH, 0), (OTHER, 1)];
    world(|world| {
        *world = World {
            now: START,
            markets: markets
                .into_iter()
                .map(|(market, compartment)| (market, (contract(compartment), prices(100 * ONE))))
                .collect(),
            ..Default::default()
        }
    });
    let users = [ALICE, BOB, CAROL];
    let storage = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: users.iter().map(|user| (*user, 1_000_000)).collect(),
            ..Default::default()
        },
        assets: pallet_assets::GenesisConfig {
            assets: vec![(USD, ALICE, true, 1)],
            metadata: vec![(USD, b"USD".to_vec(), b"USD".to_vec(), 6)],
            accounts: users
                .iter()
                .map(|user| (USD, *user, 1_000_000_000 * UNITS))
                .collect(),
            ..Default::default()
        },
        insurance: crate::GenesisConfig {
            terms,
            ..Default::default()
        },
        ..Default::default()
    }
    .build_storage()
    .expect("genesis");
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs a test, and checks the invariants after it.
pub fn chain(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        test();
        check();
    });
}

/// All invariants: those of the pallet, and that custody holds what the pots say.
pub fn check() {
    crate::try_state::check::<Test>().expect("invariants");
    for compartment in 0..COMPARTMENTS {
        let pots = TestFunds::pots(compartment);
        assert!(pots.insurance.0 >= 0 && pots.backers.0 >= 0);
        assert_eq!(
            Assets::balance(USD, custody(compartment)) as i128 * SCALE,
            pots.custody.0
        );
    }
}

/// Lets time pass.
pub fn pass(ms: u64) {
    world(|world| world.now += ms);
}

/// Begins the next block.
pub fn next_block() -> Weight {
    let next = System::block_number() + 1;
    System::set_block_number(next);
    System::reset_events();
    pass(1_000);
    Insurance::on_initialize(next)
}

/// The events of this pallet in this block.
pub fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Insurance(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// Puts whole units into the insurance pot.
pub fn fill(compartment: CompartmentId, whole: u128) {
    Insurance::donate(RuntimeOrigin::signed(CAROL), compartment, whole * UNITS).expect("donates");
}

/// Puts whole units into the backstop.
pub fn fill_backstop(whole: u128) {
    // One unit keeps the account in being.
    let units = whole * UNITS + 1;
    Assets::mint_into(USD, &Insurance::backstop_account(), units).expect("mints");
}

/// Stakes whole units.
pub fn back(who: AccountId, whole: u128) -> DispatchResult {
    Insurance::back(RuntimeOrigin::signed(who), 0, whole * UNITS)
}

/// A loss of a market of compartment 0, in quanta.
pub fn lose(market: MarketId, loss: i128) -> (i128, i128, i128) {
    let Cover {
        insurance,
        backers,
        treasury,
    } = <Insurance as InsuranceFunds>::cover(0, market, Cash(loss)).expect("covers");
    (insurance.0, backers.0, treasury.0)
}

pub fn insurance_pot() -> i128 {
    TestFunds::pots(0).insurance.0
}

pub fn backers_pot() -> i128 {
    TestFunds::pots(0).backers.0
}

pub fn shares(who: AccountId) -> i128 {
    Insurance::backing(0, who).map_or(0, |backing| backing.shares)
}

/// What a backer's shares are worth.
pub fn worth(who: AccountId) -> i128 {
    Insurance::backing_view(0, &who).map_or(0, |view| view.value.0)
}

pub fn units_of(who: AccountId) -> Balance {
    Assets::balance(USD, who)
}

/// Fees that margin books for the backers: custody holds them already.
pub fn fees_for_backers(amount: i128) {
    let units = (amount / SCALE) as Balance;
    TestFunds::receive(0, Pot::Backers, &CAROL, units).expect("pays");
    TestFunds::credit(0, Pot::Backers, Cash(amount % SCALE)).expect("credits");
}
