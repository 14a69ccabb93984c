//! The calls that traders make.

use caisson_primitives::trading::{MarketId, OrderRequest, Side, Ticks};
use caisson_runtime::{configs::SETTLEMENT_ASSET, Runtime, RuntimeCall};
use pallet_exchange::types::Quote;

use crate::stage::Actor;

/// An order that rests until it is cancelled.
pub fn limit(actor: &Actor, market: MarketId, side: Side, lots: u64, price: Ticks) -> RuntimeCall {
    place(actor, market, OrderRequest::limit(side, lots, price))
}

/// An order that trades in the call of its block at its limit or better, or not at all.
pub fn immediate(
    actor: &Actor,
    market: MarketId,
    side: Side,
    lots: u64,
    price: Ticks,
) -> RuntimeCall {
    let request = OrderRequest::limit(side, lots, price).immediate();
    place(actor, market, request)
}

/// A market order that goes at most so far from the mark.
pub fn market(
    actor: &Actor,
    market: MarketId,
    side: Side,
    lots: u64,
    slippage_ppm: u32,
) -> RuntimeCall {
    let request = OrderRequest::market(side, lots, slippage_ppm).immediate();
    place(actor, market, request)
}

/// An order that rests and only makes a position smaller.
pub fn reducing(
    actor: &Actor,
    market: MarketId,
    side: Side,
    lots: u64,
    price: Ticks,
) -> RuntimeCall {
    let request = OrderRequest::limit(side, lots, price).reduce_only();
    place(actor, market, request)
}

fn place(actor: &Actor, market: MarketId, request: OrderRequest) -> RuntimeCall {
    pallet_exchange::Call::<Runtime>::place {
        account: actor.account,
        market,
        request,
    }
    .into()
}

/// Replaces all quotes of someone in a market. Those beyond the most that one call takes are left out.
pub fn quotes(actor: &Actor, market: MarketId, quotes: Vec<Quote>) -> RuntimeCall {
    pallet_exchange::Call::<Runtime>::replace_all {
        account: actor.account,
        market,
        quotes: frame_support::BoundedVec::truncate_from(quotes),
    }
    .into()
}

/// Cancels all orders of someone in a market.
pub fn cancel_all(actor: &Actor, market: MarketId) -> RuntimeCall {
    pallet_exchange::Call::<Runtime>::cancel_all {
        account: actor.account,
        market: Some(market),
    }
    .into()
}

/// Takes smallest units of the settlement asset out.
pub fn withdraw(actor: &Actor, units: u128) -> RuntimeCall {
    pallet_margin::Call::<Runtime>::withdraw {
        account: actor.account,
        asset: SETTLEMENT_ASSET,
        units,
    }
    .into()
}

/// Brings smallest units of the settlement asset in.
pub fn deposit(actor: &Actor, units: u128) -> RuntimeCall {
    pallet_margin::Call::<Runtime>::deposit {
        account: actor.account,
        asset: SETTLEMENT_ASSET,
        units,
    }
    .into()
}
