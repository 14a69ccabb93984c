//! What benchmarks start from: markets with every tier, accounts in many of them with full lists, a busy block.

use alloc::vec::Vec;
use caisson_primitives::{
    oracle::{BlockTime, FeedStatus},
    trading::{
        AccountIndex, BlockActs, CallGuard, Cash, CompartmentId, Contract, Fill, FillKind,
        LotPrice, Lots, MarketId, MarketPrices, Markets, OrderRequest, Phase, Side, Ticks,
        TradingAccounts, MAX_POSITIONS, MAX_TIERS,
    },
};
use frame_benchmarking::account;
use frame_support::{traits::Get, BoundedVec};

use crate::{
    commit::Batch,
    desk::Desk,
    floor::Scene,
    pallet::{Config, Touched},
    placement::{self, Purse, Venue},
    summary,
    types::TouchedMarket,
};

/// The compartment of all accounts.
const COMPARTMENT: CompartmentId = 0;
/// One tick, in quanta.
const TICK: u64 = 10;
/// The mark of all markets, in ticks.
pub const MARK: Ticks = 1_000;
/// The lots of an ordinary order.
pub const LOTS: u64 = 10;

/// The mark of all markets.
pub fn mark() -> LotPrice {
    LotPrice(i128::from(MARK) * i128::from(TICK))
}

/// A market that trades, with as many tiers as there can be.
pub fn market_in<T: Config>(market: MarketId, compartment: CompartmentId) {
    let same = |price: i128| BoundedVec::truncate_from(alloc::vec![LotPrice(price); tiers()]);
    T::Markets::benchmark_market(market, compartment, mark(), |contract, prices| {
        let bounds = (1..=i64::from(MAX_TIERS)).map(|tier| Lots(tier * 1_000_000_000));
        contract.phase = Phase::Trading;
        contract.tick = TICK;
        contract.min_notional = Cash(1);
        contract.max_order_lots = 1_000_000;
        contract.tier_bounds = BoundedVec::truncate_from(bounds.collect());
        contract.open_interest_cap = u64::MAX;
        contract.band_ppm = 900_000;
        contract.call_blocks = 1;
        prices.status = FeedStatus::Live;
        prices.maintenance = same(500);
        prices.initial = same(1_000);
        prices.fee_reserve = LotPrice(20);
    });
}

fn tiers() -> usize {
    MAX_TIERS as usize
}

/// The first so many markets.
pub fn markets<T: Config>(count: u32) {
    for market in 0..count {
        market_in::<T>(market as MarketId, COMPARTMENT);
    }
}

/// What a market is, and its prices.
pub fn terms<T: Config>(market: MarketId) -> (Contract, MarketPrices) {
    let contract = T::Markets::contract(market).expect("made before");
    (contract, T::Markets::prices(market).expect("made before"))
}

/// What a matching in the first market starts from.
pub fn scene<'a, T: Config>(contract: &'a Contract, prices: &'a MarketPrices) -> Scene<'a> {
    Scene {
        market: 0,
        contract,
        prices,
        level: T::Guard::level(0),
        // All orders rested.
        since: summary::now::<T>().saturating_add(1),
        now: T::Time::now_ms(),
    }
}

/// What a matching in the first market is booked with.
pub fn batch<'a, T: Config>(contract: &'a Contract, prices: &'a MarketPrices) -> Batch<'a> {
    Batch {
        market: 0,
        contract,
        prices,
        now: T::Time::now_ms(),
        price: mark(),
    }
}

/// An account that can pay for anything.
pub fn rich<T: Config>(owner: &T::AccountId) -> AccountIndex {
    T::Accounts::benchmark_account(owner, COMPARTMENT, Cash(1 << 80))
}

/// So many of them.
pub fn others<T: Config>(kind: &'static str, count: u32) -> Vec<AccountIndex> {
    (0..count)
        .map(|number| rich::<T>(&account(kind, number, 0)))
        .collect()
}

/// Gives an account a position in each of the first so many markets.
pub fn hold<T: Config>(index: AccountIndex, markets: u32, side: Side, lots: u64) {
    let mut account = T::Accounts::load(index).expect("made before");
    for market in 0..markets {
        let market = market as MarketId;
        let (contract, prices) = terms::<T>(market);
        let fill = Fill {
            market,
            side,
            lots,
            price: prices.mark,
            kind: FillKind::AtMark,
        };
        T::Accounts::fill(&mut account, &contract, &prices, T::Time::now_ms(), &fill)
            .expect("it is rich");
    }
    T::Accounts::settle(index, account).expect("it is rich");
}

/// The `n`-th bid of a list, with a name: away from the mark, but better than those before.
pub fn bid(n: u32) -> OrderRequest {
    OrderRequest::limit(Side::Long, LOTS, MARK - 300 + n).named(n.into())
}

/// A bid, with that name, that is better than all others and meets the ask of [`busy`].
pub fn best_bid(n: u32) -> OrderRequest {
    OrderRequest::limit(Side::Long, LOTS, MARK + 1).named(n.into())
}

/// Places orders as the calls do, whatever the account did in this block before.
pub fn put<T: Config>(index: AccountIndex, market: MarketId, requests: &[OrderRequest]) {
    let account = T::Accounts::load(index).expect("made before");
    let venue = Venue::open::<T>(market).unwrap_or_else(|_| panic!("the market was made before"));
    let mut desk = Desk::<T>::open(index, account, market);
    let mut purse = Purse::default();
    for request in requests {
        desk.account.acts = BlockActs::default();
        placement::place(&mut desk, &venue, &mut purse, request).expect("a good order");
    }
    desk.account.acts = BlockActs::default();
    desk.save().unwrap_or_else(|_| panic!("a good list"));
}

/// An account with a position in each of so many markets, and so many bids in the first.
pub fn trader<T: Config>(owner: &T::AccountId, count: u32, orders: u32) -> AccountIndex {
    markets::<T>(count);
    let index = rich::<T>(owner);
    hold::<T>(index, count, Side::Long, LOTS);
    let bids: Vec<_> = (0..orders).map(bid).collect();
    put::<T>(index, 0, &bids);
    index
}

/// The same in as many markets as an account can be.
pub fn full_trader<T: Config>(owner: &T::AccountId, orders: u32) -> AccountIndex {
    trader::<T>(owner, MAX_POSITIONS, orders)
}

/// Somebody asks in the first market, and all others are to be looked at when the block ends.
pub fn busy<T: Config>() {
    let ask = OrderRequest::limit(Side::Short, LOTS, MARK + 1);
    for index in others::<T>("seller", 1) {
        put::<T>(index, 0, &[ask]);
    }
    touch::<T>(1..T::MaxMarkets::get());
}

/// Has these markets looked at when the block ends, and no others.
pub fn touch<T: Config>(markets: core::ops::Range<u32>) {
    let touched = markets.map(|market| TouchedMarket {
        market: market as MarketId,
        cancels: 3,
    });
    Touched::<T>::put(BoundedVec::truncate_from(touched.collect()));
}

/// The most orders of an account in a market.
pub fn full<T: Config>() -> u32 {
    T::MaxOrdersPerMarket::get()
}
