//! A runtime for unit tests: the markets, with an oracle, calls and positions that tests write.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use caisson_primitives::{
    oracle::{
        Act, BlockTime, FeedId, FeedStatus, OraclePrice, Price, PriceFeeds, PriceUnavailable,
    },
    trading::{
        CallSource, CallState, CompartmentId, CompartmentSource, MarginStress, MarketId,
        OpenInterestSource,
    },
    Moment,
};
use core::cell::RefCell;
use frame_support::{derive_impl, traits::ConstU32};
use sp_runtime::BuildStorage;

use crate as pallet_markets;

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
    pub type Markets = pallet_markets;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type DbWeight = frame_support::weights::constants::ParityDbWeight;
}

/// A feed as the world has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Feed {
    /// Its price; `None` before the first.
    pub price: Option<OraclePrice>,
    pub status: FeedStatus,
    pub volatility_ppm: Option<u32>,
}

/// What the world around the markets is like.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub slot: u64,
    pub feeds: BTreeMap<FeedId, Feed>,
    pub calls: BTreeMap<MarketId, CallState>,
    pub open_interest: BTreeMap<MarketId, u64>,
    pub compartments: BTreeSet<CompartmentId>,
    pub stress_ppm: BTreeMap<MarketId, u32>,
}

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(change)
}

pub struct Surroundings;

impl BlockTime for Surroundings {
    fn slot() -> u64 {
        world(|world| world.slot)
    }
    fn slot_millis() -> Moment {
        1_000
    }
}

impl PriceFeeds for Surroundings {
    fn price_for(feed: FeedId, act: Act) -> Result<Price, PriceUnavailable> {
        let feed = world(|world| world.feeds.get(&feed).copied());
        let feed = feed.ok_or(PriceUnavailable::NoSuchFeed)?;
        let price = feed.price.ok_or(PriceUnavailable::NoPriceYet)?;
        if !feed.status.allows(act) {
            return Err(PriceUnavailable::NotFor(feed.status));
        }
        Ok(Price {
            price,
            confidence: 0,
            observed_at: Self::now_ms(),
            status: feed.status,
        })
    }
    fn status(feed: FeedId) -> FeedStatus {
        world(|world| world.feeds.get(&feed).copied().unwrap_or_default().status)
    }
    fn twap(_feed: FeedId, _window_ms: Moment) -> Option<OraclePrice> {
        None
    }
    fn volatility_ppm(feed: FeedId, _horizon_ms: Moment) -> Option<u32> {
        world(|world| world.feeds.get(&feed).and_then(|feed| feed.volatility_ppm))
    }
}

impl CallSource for Surroundings {
    fn call(market: MarketId) -> CallState {
        world(|world| world.calls.get(&market).copied().unwrap_or_default())
    }
}

impl MarginStress for Surroundings {
    fn initial_margin_ppm(market: MarketId) -> u32 {
        world(|world| world.stress_ppm.get(&market).copied())
            .unwrap_or_else(|| <()>::initial_margin_ppm(market))
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

impl CompartmentSource for Surroundings {
    fn exists(compartment: CompartmentId) -> bool {
        world(|world| world.compartments.contains(&compartment))
    }
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_compartment(compartment: CompartmentId) {
        world(|world| world.compartments.insert(compartment));
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper for Surroundings {
    fn make_feed(feed: FeedId, price: OraclePrice) {
        let live = Feed {
            price: Some(price),
            status: FeedStatus::Live,
            volatility_ppm: Some(2_000),
        };
        world(|world| world.feeds.insert(feed, live));
    }
}

impl pallet_markets::Config for Test {
    type ListingOrigin = frame_system::EnsureRoot<AccountId>;
    type RiskOrigin = frame_system::EnsureRoot<AccountId>;
    type Feeds = Surroundings;
    type Time = Surroundings;
    type Calls = Surroundings;
    type OpenInterest = Surroundings;
    type Compartments = Surroundings;
    type Stress = Surroundings;
    type MaxMarkets = ConstU32<200>;
    type WeightInfo = ();
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Surroundings;
}

/// One unit of a quote, or of a base, in 10^-18.
pub const ONE: u128 = 1_000_000_000_000_000_000;
/// When the tests begin.
pub const START_SLOT: u64 = 1_000_000;

/// The world at the start: feed 0 at 50,000, feed 1 at 2,000, compartment 0.
fn new_world() -> World {
    let feed = |price: u128| Feed {
        price: Some(price * ONE),
        status: FeedStatus::Live,
        volatility_ppm: Some(1_000),
    };
    World {
        slot: START_SLOT,
        feeds: [(0, feed(50_000)), (1, feed(2_000))].into(),
        compartments: [0].into(),
        ..Default::default()
    }
}

/// A chain with these markets at genesis.
pub fn new_chain(markets: Vec<crate::genesis::GenesisMarket>) -> sp_io::TestExternalities {
    WORLD.set(new_world());
    let genesis = RuntimeGenesisConfig {
        markets: MarketsConfig {
            markets,
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().unwrap());
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs a test on a chain without markets, and checks the invariants after it.
pub fn chain(test: impl FnOnce()) {
    new_chain(Vec::new()).execute_with(|| {
        test();
        crate::try_state::check::<Test>().unwrap();
    });
}

/// The next block, so many slots later; checks the invariants before and after its start.
pub fn next_block_after(slots: u64) -> frame_support::weights::Weight {
    use frame_support::traits::Hooks;

    crate::try_state::check::<Test>().unwrap();
    world(|world| world.slot += slots);
    let number = System::block_number() + 1;
    System::reset_events();
    System::set_block_number(number);
    let weight = Markets::on_initialize(number);
    crate::try_state::check::<Test>().unwrap();
    weight
}

/// The next block, one slot later.
pub fn next_block() {
    next_block_after(1);
}

/// So many blocks, one slot each.
pub fn blocks(count: u64) {
    for _ in 0..count {
        next_block();
    }
}

/// The events of the markets in this block.
pub fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::Markets(event) => Some(event),
            _ => None,
        })
        .collect()
}

pub fn now() -> Moment {
    Surroundings::now_ms()
}
