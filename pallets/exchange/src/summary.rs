//! The call a market is in, and the markets to be looked at when the block ends. SPEC 4.

use caisson_primitives::{
    trading::{Contract, MarketId, Phase, Side, Ticks},
    BlockNumber,
};
use sp_runtime::SaturatedConversion;

use crate::{
    keys::{side_prefix, BookKey, Walk},
    pallet::{Book, Config, Touched},
    types::{BookSummary, LongCall, Order, TouchedMarket},
};

/// The number of this block.
pub fn now<T: Config>() -> BlockNumber {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

/// The call that goes on: the one that was made longer, or an ordinary one, whose blocks are counted from zero so that
/// nothing must be stored for it.
pub fn current_call(summary: &BookSummary, contract: &Contract, now: BlockNumber) -> LongCall {
    if let Some(call) = summary.call {
        return call;
    }
    if contract.phase == Phase::Opening {
        return LongCall {
            since: now,
            ends: None,
        };
    }
    let blocks = contract.call_blocks.max(1);
    let since = now.saturating_sub(now.checked_rem(blocks).unwrap_or_default());
    LongCall {
        since,
        ends: Some(since.saturating_add(blocks.saturating_sub(1))),
    }
}

/// Whether a call may clear at the end of this block, if the guard lets it. SPEC 13.4.
pub fn is_due(call: &LongCall, contract: &Contract, now: BlockNumber) -> bool {
    contract.phase == Phase::Trading && call.ends.is_none_or(|ends| ends <= now)
}

/// Has a market looked at when the block ends, and counts orders that their owners cancelled. The list is sorted, so it is
/// the same whatever came first.
pub fn touch<T: Config>(market: MarketId, cancels: u32) {
    Touched::<T>::mutate(
        |touched| match touched.binary_search_by_key(&market, |one| one.market) {
            Ok(place) => {
                if let Some(one) = touched.get_mut(place) {
                    one.cancels = one.cancels.saturating_add(cancels);
                }
            }
            Err(place) => {
                let one = TouchedMarket { market, cancels };
                if touched.try_insert(place, one).is_err() {
                    log::error!(target: crate::LOG_TARGET, "more markets than MaxMarkets: {market}");
                }
            }
        },
    );
}

/// The best price of a side, from the book itself.
pub fn first_price<T: Config>(market: MarketId, side: Side) -> Option<Ticks> {
    side_walk::<T>(market, side).next().map(|key| key.ticks)
}

/// A walk through a side of a book, best first.
pub fn side_walk<T: Config>(market: MarketId, side: Side) -> Walk<BookKey> {
    Walk::new::<Order, Book<T>>(&side_prefix(market, side))
}

/// Makes the best prices exact.
pub fn refresh<T: Config>(market: MarketId, summary: &mut BookSummary) {
    for side in [Side::Long, Side::Short] {
        summary.set_best(side, first_price::<T>(market, side));
    }
}
