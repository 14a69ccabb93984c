//! What calls and hooks cost.
//!
//! `runtime/tests/it/trading_worst.rs` measures the processor's part of `quiet_market`, `place`, and of `order_met`, `account_met` and
//! `fill` together, at an account in every market it may be in, and fails when they take more than is claimed here. The rest is an
//! estimate. The database's part is counted. Every order of a batch is judged at its worst case: a list of a hundred orders.

use caisson_primitives::trading::{OrderKind, OrderRequest, TimeInForce, MAX_POSITIONS};
use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

use crate::pallet::Config;

/// The weights of this pallet.
pub trait WeightInfo {
    /// Finding that nothing happened in one market.
    fn quiet_market() -> Weight;
    /// Placing an order for an account in `p` markets.
    fn place(p: u32) -> Weight;
    /// Placing `n` orders in one market.
    fn place_batch(n: u32) -> Weight;
    /// Amending an order of an account in `p` markets.
    fn amend(p: u32) -> Weight;
    /// Cancelling an order.
    fn cancel() -> Weight;
    /// Cancelling `n` orders in one market.
    fn cancel_batch(n: u32) -> Weight;
    /// Cancelling the `n` orders of an account in one market.
    fn clear_market(n: u32) -> Weight;
    /// Cancelling the `n` orders of an account in all markets.
    fn cancel_all(n: u32) -> Weight;
    /// Replacing `c` orders by `p` others.
    fn replace_all(c: u32, p: u32) -> Weight;
    /// Setting the time at which orders are cancelled.
    fn schedule_cancel() -> Weight;
    /// Looking at an account whose time came, without its orders.
    fn deadline() -> Weight;
    /// Waking a dormant order.
    fn fire() -> Weight;
    /// Looking at a market when the block ends, and what a clearing costs besides orders.
    fn visit() -> Weight;
    /// Finding and reading the next order of a book.
    fn order_met() -> Weight;
    /// Assessing an account that is in `p` markets, and storing it with its triggers.
    fn account_met(p: u32) -> Weight;
    /// Booking the fill of an order whose account was met.
    fn fill() -> Weight;
    /// Removing an order whose account was not met.
    fn remove() -> Weight;
    /// Entering an order for the chain in place of another, while the call's list of immediate orders is full.
    fn force() -> Weight;
}

/// What a call that places this order costs for an account in so many markets: an immediate one also pays for its removal.
pub fn placing<T: Config>(request: &OrderRequest, markets: u32) -> Weight {
    T::WeightInfo::place(markets).saturating_add(removing::<T>(request))
}

/// The same for several orders in one market.
pub fn placing_all<T: Config>(requests: &[OrderRequest]) -> Weight {
    let count = u32::try_from(requests.len()).unwrap_or(u32::MAX);
    requests
        .iter()
        .fold(T::WeightInfo::place_batch(count), |sum, request| {
            sum.saturating_add(removing::<T>(request))
        })
}

fn removing<T: Config>(request: &OrderRequest) -> Weight {
    match (request.kind, request.time_in_force) {
        (OrderKind::Market { .. }, _) | (_, TimeInForce::ImmediateOrCancel) => {
            T::WeightInfo::remove()
        }
        _ => Weight::zero(),
    }
}

/// The weights as they are counted and estimated.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// The processor's time, in microseconds of the reference machine, with database accesses.
fn weight<T: frame_system::Config>(micros: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(micros.saturating_mul(1_000_000), 0)
        .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

fn each<T: frame_system::Config>(n: u32, micros: u64, reads: u64, writes: u64) -> Weight {
    weight::<T>(micros, reads, writes).saturating_mul(n.into())
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet_market() -> Weight {
        weight::<T>(8, 3, 1)
    }

    fn place(p: u32) -> Weight {
        // Contract, prices, level (two reads while a compartment is restricted), account, list, summary, seed; account, list,
        // order. For margin, contract and prices of each market that the account is in.
        weight::<T>(60, 8, 4).saturating_add(each::<T>(p, 5, 2, 0))
    }

    fn place_batch(n: u32) -> Weight {
        // Beyond what one order reads: contracts and prices of the other markets, for margin.
        let others = u64::from(MAX_POSITIONS).saturating_mul(2);
        weight::<T>(120, others.saturating_add(11), 6).saturating_add(each::<T>(n, 22, 1, 2))
    }

    fn amend(p: u32) -> Weight {
        weight::<T>(75, 10, 5).saturating_add(each::<T>(p, 5, 2, 0))
    }

    fn cancel() -> Weight {
        weight::<T>(45, 4, 4)
    }

    fn cancel_batch(n: u32) -> Weight {
        weight::<T>(45, 4, 4).saturating_add(each::<T>(n, 12, 0, 1))
    }

    fn clear_market(n: u32) -> Weight {
        weight::<T>(45, 5, 5).saturating_add(each::<T>(n, 8, 0, 1))
    }

    fn cancel_all(n: u32) -> Weight {
        // At worst each order is in a market of its own.
        weight::<T>(40, 2, 2).saturating_add(each::<T>(n, 25, 2, 2))
    }

    fn replace_all(c: u32, p: u32) -> Weight {
        let others = u64::from(MAX_POSITIONS).saturating_mul(2);
        weight::<T>(180, others.saturating_add(11), 6)
            .saturating_add(each::<T>(c, 8, 0, 1))
            .saturating_add(each::<T>(p, 22, 1, 2))
    }

    fn schedule_cancel() -> Weight {
        weight::<T>(30, 1, 3)
    }

    fn deadline() -> Weight {
        weight::<T>(25, 3, 2)
    }

    fn fire() -> Weight {
        let others = u64::from(MAX_POSITIONS).saturating_mul(2);
        weight::<T>(110, others.saturating_add(7), 8)
    }

    fn visit() -> Weight {
        // Contract, prices, summary, two first keys, immediate orders; summary, fees, open interest, immediate orders. What
        // the guard reads and writes of one market: two records, three past prices, a trip; two records, a trip. Its levels and
        // terms are the same for all markets, and read once.
        weight::<T>(75, 14, 7)
    }

    fn order_met() -> Weight {
        weight::<T>(6, 2, 0)
    }

    fn account_met(p: u32) -> Weight {
        // Two reads for each market and its bound; of each position a key out, a key in, and the bound.
        weight::<T>(60, 2, 2).saturating_add(each::<T>(p, 40, 3, 3))
    }

    fn fill() -> Weight {
        weight::<T>(30, 0, 1)
    }

    fn remove() -> Weight {
        weight::<T>(45, 4, 4)
    }

    fn force() -> Weight {
        // The account's list and two orders; account, list, two orders. Contract, prices, level, summary, seed, immediate orders
        // and touched markets are the same for all of a market, and with the clearing that the market is due. Two thousand
        // keys are decoded, compared and encoded.
        weight::<T>(150, 3, 4)
    }
}

/// For tests of the rules: every step costs one, so that a test can say after how many the budget ends.
impl WeightInfo for () {
    fn quiet_market() -> Weight {
        Weight::zero()
    }
    fn place(_p: u32) -> Weight {
        Weight::from_parts(1, 0)
    }
    fn place_batch(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn amend(_p: u32) -> Weight {
        Weight::from_parts(1, 0)
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
    fn cancel_all(n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn replace_all(c: u32, p: u32) -> Weight {
        Weight::from_parts(u64::from(c).saturating_add(p.into()), 0)
    }
    fn schedule_cancel() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn deadline() -> Weight {
        Weight::zero()
    }
    fn fire() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn visit() -> Weight {
        Weight::zero()
    }
    fn order_met() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn account_met(_p: u32) -> Weight {
        Weight::from_parts(1, 0)
    }
    fn fill() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn remove() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn force() -> Weight {
        Weight::from_parts(1, 0)
    }
}
