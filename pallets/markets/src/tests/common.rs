//! What the tests share.

use alloc::boxed::Box;
use caisson_primitives::{
    oracle::{FeedId, FeedStatus},
    trading::{
        CallState, Contract, ContractKind, FeeSplit, Lots, MarketId, MarketPrices, Phase, Ticks,
    },
};
use caisson_risk::Cash;
use frame_support::{assert_ok, BoundedVec};
use sp_runtime::DispatchResult;

use crate::{
    mock::*,
    types::{Fees, Limits, Proposal, RiskParameters, Trace},
    Contracts, Prices, Traces,
};

/// The index of [`proposal`] at the start: 50,000 a unit, a lot of a thousandth, so 50 of the quote.
pub const INDEX: i128 = 50_000_000_000_000;
/// One tick: a hundred-thousandth of the index.
pub const TICK: u64 = 500_000_000;

pub fn text(text: &str) -> crate::types::Symbol {
    text.as_bytes().to_vec().try_into().expect("short enough")
}

pub fn risk() -> RiskParameters {
    RiskParameters::standard(2, 1_000, 2_000)
}

pub fn limits() -> Limits {
    Limits {
        open_interest_cap: 1_500,
        max_order_lots: 100,
        min_notional: Cash(1_000_000_000_000),
        band_ppm: 50_000,
        call_blocks: 1,
    }
}

pub fn fees() -> Fees {
    let split = FeeSplit {
        insurance_ppm: 300_000,
        backers_ppm: 200_000,
    };
    Fees::flat(500, -100, split)
}

/// A perpetual contract on feed 0.
pub fn proposal() -> Proposal {
    Proposal {
        symbol: text("BTC-PERP"),
        compartment: 0,
        kind: ContractKind::Perpetual,
        feed: 0,
        lot_size: ONE / 1_000,
        tick: TICK,
        tier_bounds: BoundedVec::truncate_from(alloc::vec![Lots(100), Lots(1_000)]),
        limits: limits(),
        fees: fees(),
        risk: risk(),
    }
}

/// Another one on feed 1, at 2,000 a unit.
pub fn other_proposal() -> Proposal {
    Proposal {
        symbol: text("ETH-PERP"),
        feed: 1,
        tick: 20_000_000,
        ..proposal()
    }
}

pub fn propose(proposal: Proposal) -> DispatchResult {
    Markets::propose(RuntimeOrigin::root(), Box::new(proposal))
}

pub fn set_risk(market: MarketId, parameters: RiskParameters) -> DispatchResult {
    Markets::set_risk_parameters(RuntimeOrigin::root(), market, Box::new(parameters))
}

/// Lists a market and lets its calls clear; it has had one block more than its first price.
pub fn trading(proposal: Proposal) -> MarketId {
    let market = crate::NextMarket::<Test>::get();
    assert_ok!(propose(proposal));
    assert_ok!(Markets::open(RuntimeOrigin::root(), market, 1));
    next_block();
    assert_eq!(phase(market), Phase::Trading);
    market
}

pub fn contract(market: MarketId) -> Contract {
    Contracts::<Test>::get(market).expect("there is such a market")
}

pub fn phase(market: MarketId) -> Phase {
    contract(market).phase
}

pub fn prices(market: MarketId) -> MarketPrices {
    Prices::<Test>::get(market).expect("it has prices")
}

pub fn trace(market: MarketId) -> Trace {
    Traces::<Test>::get(market).expect("it is live")
}

pub fn mark(market: MarketId) -> i128 {
    prices(market).mark.0
}

/// Sets the price of a feed, in whole units.
pub fn price(feed: FeedId, units: u128) {
    world(|world| world.feeds.entry(feed).or_default().price = Some(units * ONE));
}

pub fn status(feed: FeedId, status: FeedStatus) {
    world(|world| world.feeds.entry(feed).or_default().status = status);
}

pub fn volatility(feed: FeedId, ppm: Option<u32>) {
    world(|world| world.feeds.entry(feed).or_default().volatility_ppm = ppm);
}

pub fn open_interest(market: MarketId, lots: u64) {
    world(|world| world.open_interest.insert(market, lots));
}

pub fn call(market: MarketId, change: impl FnOnce(&mut CallState)) {
    world(|world| change(world.calls.entry(market).or_default()));
}

/// Quotes of a market.
pub fn quotes(market: MarketId, bid: Ticks, ask: Ticks) {
    call(market, |call| {
        call.best_bid = Some(bid);
        call.best_ask = Some(ask);
    });
}

/// A clearing in this block.
pub fn clear(market: MarketId, ticks: Ticks) {
    let now = now();
    call(market, |call| call.cleared = Some((ticks, now)));
}

/// In so many blocks the market quotes and clears at this price; a block is a second.
pub fn trade_at(market: MarketId, ticks: Ticks, count: u64) {
    for _ in 0..count {
        quotes(market, ticks, ticks);
        clear(market, ticks);
        next_block();
    }
}

/// Ends trading in a market after its settlement window.
pub fn delist(market: MarketId) -> u64 {
    let window = u64::from(
        crate::Parameters::<Test>::get(market)
            .expect("it is")
            .settlement_window_ms,
    );
    let at = now() + window;
    assert_ok!(Markets::delist(RuntimeOrigin::root(), market, at));
    at
}

/// Lets the time until then pass in blocks of a second.
pub fn at_end(end: u64) {
    blocks((end - now()) / 1_000);
}
