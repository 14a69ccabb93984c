//! What calls and hooks cost.
//!
//! Every function here has a benchmark of its name, whose components are its parameters. What hooks pay step by step is
//! measured over many steps at once; [`each`] is the price of one of them, without what is paid once.

use caisson_primitives::trading::{OrderKind, OrderRequest, TimeInForce, MAX_POSITIONS};
use frame_support::{traits::Get, weights::Weight};

use crate::{
    pallet::Config,
    refusals::EntryResult,
    types::{MAX_BATCH, MAX_QUOTES},
};

/// The weights of this pallet.
pub trait WeightInfo {
    /// The beginning of a block in which nothing is due in any of `m` live markets.
    fn quiet_market(m: u32) -> Weight;
    /// Placing an order that becomes the best of its side, for an account in `p` markets.
    fn place(p: u32) -> Weight;
    /// Placing `n` orders in one market for an account in `p` markets.
    fn place_batch(n: u32, p: u32) -> Weight;
    /// Amending an order of an account in `p` markets.
    fn amend(p: u32) -> Weight;
    /// Cancelling an order.
    fn cancel() -> Weight;
    /// Cancelling `n` orders in one market.
    fn cancel_batch(n: u32) -> Weight;
    /// Cancelling the `n` orders of an account in one market.
    fn clear_market(n: u32) -> Weight;
    /// Cancelling the `n` orders of an account in the `m` markets in which it has some.
    fn cancel_all(m: u32, n: u32) -> Weight;
    /// Cancelling `c` orders, keeping `k` and placing `n` in one market, for an account in `p` markets.
    fn replace_all(c: u32, k: u32, n: u32, p: u32) -> Weight;
    /// Setting the time at which orders are cancelled.
    fn schedule_cancel() -> Weight;
    /// Looking at an account whose time came, without its orders.
    fn deadline() -> Weight;
    /// Finding that a settling market has no order left, and forgetting its book.
    fn drain() -> Weight;
    /// Waking a dormant order of an account in `p` markets.
    fn fire(p: u32) -> Weight;
    /// Looking at `n` orders that have not expired.
    fn sweep(n: u32) -> Weight;
    /// Looking at `m` markets in which nothing trades when the block ends.
    fn visit(m: u32) -> Weight;
    /// What a clearing with trades costs in each of `m` markets, besides orders and accounts.
    fn conclude(m: u32) -> Weight;
    /// Finding, reading and matching the next `n` orders of a book, whose accounts were met.
    fn order_met(n: u32) -> Weight;
    /// Assessing an account that is in `p` markets, and storing it with its triggers.
    fn account_met(p: u32) -> Weight;
    /// Booking the fills of `n` orders of an account that was met.
    fn fill(n: u32) -> Weight;
    /// Removing an order of a market of each of `a` accounts that were not met.
    fn remove(a: u32) -> Weight;
    /// Entering an order for the chain in place of another, while the call's list of immediate orders is full.
    fn force() -> Weight;
}

/// What one of many steps costs, without what all of them share.
pub fn each(steps: impl Fn(u32) -> Weight) -> Weight {
    steps(1).saturating_sub(steps(0))
}

/// What a call that places this order costs for an account in so many markets: an immediate one also pays for its removal.
pub fn placing<T: Config>(request: &OrderRequest, markets: u32) -> Weight {
    T::WeightInfo::place(markets).saturating_add(besides::<T>(request))
}

/// What several orders in one market may cost at most.
pub fn placing_all<T: Config>(requests: &[OrderRequest]) -> Weight {
    let count = count(requests).min(MAX_BATCH);
    requests
        .iter()
        .map(besides::<T>)
        .fold(T::WeightInfo::place_batch(count, MAX_POSITIONS), add)
}

/// What they did cost: those that were refused are not removed later.
pub fn placed_all<T: Config>(
    requests: &[OrderRequest],
    results: &[EntryResult],
    markets: u32,
) -> Weight {
    requests
        .iter()
        .zip(results)
        .filter(|(_, result)| result.is_ok())
        .map(|(request, _)| besides::<T>(request))
        .fold(T::WeightInfo::place_batch(count(requests), markets), add)
}

/// What a ladder of so many quotes may cost at most: a full list that is cancelled, and no quote that is in it already.
pub fn replacing<T: Config>(quotes: u32) -> Weight {
    let most = T::MaxOrdersPerMarket::get();
    T::WeightInfo::replace_all(most, 0, quotes.min(MAX_QUOTES), MAX_POSITIONS)
}

/// What cancelling in a market, or in all, may cost at most.
pub fn cancelling<T: Config>(in_one_market: bool) -> Weight {
    match in_one_market {
        true => T::WeightInfo::cancel_all(1, T::MaxOrdersPerMarket::get()),
        false => T::WeightInfo::cancel_all(T::MaxMarkets::get(), T::MaxOpenOrders::get().into()),
    }
}

/// What all clearings of a block share: what they read once, the markets to look at, and where to begin.
pub fn clearing_once<T: Config>() -> Weight {
    T::WeightInfo::visit(0)
        .saturating_add(T::WeightInfo::conclude(0))
        // `Touched` and `Cursor`, which no other weight counts.
        .saturating_add(T::DbWeight::get().reads_writes(2, 2))
}

/// Booking the fill of an order. After one that the chain entered the account may be safe again, which those who
/// liquidate note: the unsafe accounts, what was under way, how long it took, and the fund that gets the penalty.
pub fn filling<T: Config>(is_forced: bool) -> Weight {
    let fill = each(T::WeightInfo::fill);
    match is_forced {
        true => fill.saturating_add(T::DbWeight::get().reads_writes(4, 4)),
        false => fill,
    }
}

fn count<V>(items: &[V]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

fn add(sum: Weight, one: Weight) -> Weight {
    sum.saturating_add(one)
}

/// What an order costs besides being placed: an immediate one is removed, a dormant one is held against the first trigger.
fn besides<T: Config>(request: &OrderRequest) -> Weight {
    match (request.trigger, request.kind, request.time_in_force) {
        (Some(_), ..) => T::DbWeight::get().reads(1),
        (None, OrderKind::Market { .. }, _) | (None, _, TimeInForce::ImmediateOrCancel) => {
            T::WeightInfo::remove(1)
        }
        _ => Weight::zero(),
    }
}

/// For tests of the rules: every step costs one, so that a test can say after how many the budget ends.
impl WeightInfo for () {
    fn quiet_market(_m: u32) -> Weight {
        Weight::zero()
    }
    fn place(p: u32) -> Weight {
        Weight::from_parts(1, p.into())
    }
    fn place_batch(n: u32, p: u32) -> Weight {
        Weight::from_parts(n.into(), p.into())
    }
    fn amend(p: u32) -> Weight {
        Weight::from_parts(1, p.into())
    }
    fn cancel() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn cancel_batch(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn clear_market(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn cancel_all(_m: u32, n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn replace_all(c: u32, _k: u32, n: u32, p: u32) -> Weight {
        Weight::from_parts(u64::from(c).saturating_add(n.into()), p.into())
    }
    fn schedule_cancel() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn deadline() -> Weight {
        Weight::zero()
    }
    fn drain() -> Weight {
        Weight::zero()
    }
    fn fire(_p: u32) -> Weight {
        Weight::from_parts(1, 0)
    }
    fn sweep(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn visit(_m: u32) -> Weight {
        Weight::zero()
    }
    fn conclude(_m: u32) -> Weight {
        Weight::zero()
    }
    fn order_met(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn account_met(_p: u32) -> Weight {
        Weight::from_parts(1, 0)
    }
    fn fill(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn remove(a: u32) -> Weight {
        Weight::from_parts(a.into(), 0)
    }
    fn force() -> Weight {
        Weight::from_parts(1, 0)
    }
}
