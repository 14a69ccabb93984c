//! What calls and hooks cost.
//!
//! Every function is linear in its parameters and has a benchmark of its name. Several have this shape: `n` accounts with one
//! leg each, all in one market, the last of them with `m` legs in other markets on top. So `(0, 0)` is what the accounts of a
//! market have in common, and [`of_account`] what one of them costs beyond that. A leg is a position, or collateral in another
//! asset, which costs no more than a position.
//!
//! The figures of [`MeasuredWeight`] are estimates: the database's part is counted, that of the processor taken from
//! measurements of the whole.

use core::marker::PhantomData;

use caisson_primitives::trading::{Account, MAX_PLEDGES, MAX_POSITIONS};
use frame_support::{traits::Get, weights::Weight};

/// The most legs of an account.
pub const MAX_LEGS: u32 = MAX_POSITIONS + MAX_PLEDGES;

/// The weights of this pallet. `l` is a number of legs.
pub trait WeightInfo {
    /// A block in which nothing happened in `m` markets and collateral assets.
    fn quiet_markets(m: u32) -> Weight;
    /// Pricing `c` collateral assets.
    fn reprice(c: u32) -> Weight;
    /// Assessing accounts that a price reached, and arming them anew.
    fn look(n: u32, m: u32) -> Weight;
    /// Naming the `n` most endangered accounts of `m` markets and collateral assets, `b` buckets of which have any.
    fn endangered(m: u32, b: u32, n: u32) -> Weight;
    /// Seizing `g` pledges of an account.
    fn seize(g: u32) -> Weight;
    /// The first deposit.
    fn open_account() -> Weight;
    /// A deposit.
    fn deposit(l: u32) -> Weight;
    /// A withdrawal.
    fn withdraw(l: u32) -> Weight;
    /// A transfer from an account of `f` legs to one of `t`.
    fn transfer(f: u32, t: u32) -> Weight;
    /// Closing an empty account, or one of dust.
    fn close_account() -> Weight;
    /// Choosing the leverage of an account.
    fn set_leverage(l: u32) -> Weight;
    /// Making a compartment.
    fn create_compartment() -> Weight;
    /// Other terms of a compartment.
    fn set_compartment_terms() -> Weight;
    /// Listing a collateral asset, the last that fits.
    fn list_collateral() -> Weight;
    /// Other terms of a collateral asset.
    fn set_collateral_terms() -> Weight;
    /// Paying fees to the treasury.
    fn collect_fees() -> Weight;
    /// Paying the first of a queue, or setting it aside.
    fn pay_queued() -> Weight;
    /// Paying a withdrawal that was set aside.
    fn claim_withdrawal() -> Weight;
    /// Putting a withdrawal back into its account.
    fn cancel_withdrawal(l: u32) -> Weight;
    /// Buying seized collateral.
    fn buy_seized() -> Weight;
    /// Finding how far the settlement of one market is, and noting it.
    fn settling_market() -> Weight;
    /// Closing positions of a market that ended.
    fn close_position(n: u32, m: u32) -> Weight;
    /// A market without positions is gone.
    fn finish_market() -> Weight;
    /// Noting what `n` accounts made in a market that settles with a deficit.
    fn weigh(n: u32) -> Weight;
    /// Finding that nobody waits, and closing the fund's position.
    fn open_sharing() -> Weight;
    /// Closing positions less their share of a deficit.
    fn share(n: u32, m: u32) -> Weight;
}

/// How many legs an account has.
pub fn legs<AccountId>(account: &Account<AccountId>) -> u32 {
    let legs = account
        .positions
        .len()
        .saturating_add(account.pledges.len());
    u32::try_from(legs).unwrap_or(MAX_LEGS)
}

/// What one account of so many legs costs beyond what it has in common with others of a market.
pub fn of_account(weight: impl Fn(u32, u32) -> Weight, legs: u32) -> Weight {
    weight(1, legs.saturating_sub(1)).saturating_sub(weight(0, 0))
}

/// What one more costs.
pub fn of_one(weight: impl Fn(u32) -> Weight) -> Weight {
    weight(1).saturating_sub(weight(0))
}

/// The weights, estimated as said above.
pub struct MeasuredWeight<T>(PhantomData<T>);

/// So many microseconds, reads and writes.
fn cost<T: frame_system::Config>(micros: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(micros.saturating_mul(1_000_000), 0)
        .saturating_add(T::DbWeight::get().reads_writes(reads, writes))
}

/// The same for each of `n`.
fn each<T: frame_system::Config>(n: u32, micros: u64, reads: u64, writes: u64) -> Weight {
    cost::<T>(micros, reads, writes).saturating_mul(n.into())
}

/// Looking at an account of `l` legs in any way: contract, prices and bound of each, a key out, a key in, the bound.
fn assessed<T: frame_system::Config>(l: u32) -> Weight {
    cost::<T>(50, 3, 2).saturating_add(each::<T>(l, 40, 4, 3))
}

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet_markets(m: u32) -> Weight {
        // The lists of markets, collateral, queues and settling markets, two flags.
        cost::<T>(20, 6, 1).saturating_add(each::<T>(m, 15, 2, 0))
    }

    fn reprice(c: u32) -> Weight {
        // The list, prices of feeds, ledgers.
        cost::<T>(20, 2, 1).saturating_add(each::<T>(c, 10, 1, 0))
    }

    fn look(n: u32, m: u32) -> Weight {
        // Contract, prices and bound of the market, three keys, two counts; of an account its record and two keys.
        cost::<T>(20, 8, 3)
            .saturating_add(each::<T>(n, 60, 3, 3))
            .saturating_add(each::<T>(m, 40, 4, 3))
    }

    fn endangered(m: u32, b: u32, n: u32) -> Weight {
        cost::<T>(20, 3, 0)
            .saturating_add(each::<T>(m, 2, 1, 0))
            .saturating_add(each::<T>(b, 5, 1, 0))
            .saturating_add(each::<T>(n, 10, 1, 0))
    }

    fn seize(g: u32) -> Weight {
        cost::<T>(20, 2, 1).saturating_add(each::<T>(g, 15, 1, 1))
    }

    fn open_account() -> Weight {
        cost::<T>(160, 9, 9)
    }

    fn deposit(l: u32) -> Weight {
        cost::<T>(120, 7, 6).saturating_add(assessed::<T>(l))
    }

    fn withdraw(l: u32) -> Weight {
        // Assessed before it is let go, and again when it is armed.
        Self::deposit(l)
            .saturating_add(each::<T>(l, 10, 0, 0))
            .saturating_add(gate::<T>())
    }

    fn transfer(f: u32, t: u32) -> Weight {
        cost::<T>(60, 1, 0)
            .saturating_add(assessed::<T>(f))
            .saturating_add(each::<T>(f, 10, 0, 0))
            .saturating_add(assessed::<T>(t))
    }

    fn close_account() -> Weight {
        cost::<T>(160, 9, 9).saturating_add(gate::<T>())
    }

    fn set_leverage(l: u32) -> Weight {
        cost::<T>(30, 2, 1).saturating_add(each::<T>(l, 10, 2, 0))
    }

    fn create_compartment() -> Weight {
        cost::<T>(80, 5, 3)
    }

    fn set_compartment_terms() -> Weight {
        cost::<T>(40, 1, 1)
    }

    fn list_collateral() -> Weight {
        cost::<T>(80, 5, 1).saturating_add(Self::reprice(crate::types::MAX_COLLATERALS))
    }

    fn set_collateral_terms() -> Weight {
        cost::<T>(60, 1, 1)
    }

    fn collect_fees() -> Weight {
        cost::<T>(120, 7, 6)
    }

    fn pay_queued() -> Weight {
        // Two keys, entry, count, compartment, ledger; the gate's five and its write; the asset, its two accounts and the payee.
        cost::<T>(160, 16, 9)
    }

    fn claim_withdrawal() -> Weight {
        Self::pay_queued()
    }

    fn cancel_withdrawal(l: u32) -> Weight {
        // Entry, count, compartment, ledger.
        cost::<T>(40, 5, 3).saturating_add(assessed::<T>(l))
    }

    fn buy_seized() -> Weight {
        // Compartment, list, ledger; each of two assets with its two accounts, and the buyer.
        cost::<T>(200, 13, 10)
    }

    fn settling_market() -> Weight {
        cost::<T>(15, 4, 1)
    }

    fn close_position(n: u32, m: u32) -> Weight {
        // The open interest on top.
        Self::look(n, m).saturating_add(cost::<T>(10, 1, 1))
    }

    fn finish_market() -> Weight {
        // Bound and open interest; contract, parameters, prices, trace, two lists, users of the feed.
        cost::<T>(80, 7, 10)
    }

    fn weigh(n: u32) -> Weight {
        // The key, the account, and its claim; the shortfall and prices of the market.
        cost::<T>(15, 3, 1).saturating_add(each::<T>(n, 30, 3, 1))
    }

    fn open_sharing() -> Weight {
        // The bound, the first key of each bucket; the fund with its name, and what closing its position takes.
        cost::<T>(150, 28, 6)
    }

    fn share(n: u32, m: u32) -> Weight {
        // The claim of each; the inventory and its name.
        Self::close_position(n, m)
            .saturating_add(cost::<T>(10, 3, 2))
            .saturating_add(each::<T>(n, 30, 1, 1))
    }
}

/// What the withdrawal gate reads and writes, and the three records of the queue.
fn gate<T: frame_system::Config>() -> Weight {
    cost::<T>(20, 7, 4)
}

/// For tests of the rules: a look costs one, to close a position 32, and each leg beyond the first one more.
impl WeightInfo for () {
    fn quiet_markets(m: u32) -> Weight {
        Weight::from_parts(m.into(), 0)
    }
    fn reprice(_c: u32) -> Weight {
        Weight::from_parts(1, 0)
    }
    fn look(n: u32, m: u32) -> Weight {
        Weight::from_parts(u64::from(n) + u64::from(m), 0)
    }
    fn endangered(_m: u32, _b: u32, n: u32) -> Weight {
        Weight::from_parts(n.into(), 0)
    }
    fn seize(_g: u32) -> Weight {
        Weight::zero()
    }
    fn open_account() -> Weight {
        Weight::zero()
    }
    fn deposit(l: u32) -> Weight {
        Weight::from_parts(l.into(), 0)
    }
    fn withdraw(l: u32) -> Weight {
        Weight::from_parts(l.into(), 0)
    }
    fn transfer(f: u32, t: u32) -> Weight {
        Weight::from_parts(u64::from(f) + 100 * u64::from(t), 0)
    }
    fn close_account() -> Weight {
        Weight::zero()
    }
    fn set_leverage(l: u32) -> Weight {
        Weight::from_parts(l.into(), 0)
    }
    fn create_compartment() -> Weight {
        Weight::zero()
    }
    fn set_compartment_terms() -> Weight {
        Weight::zero()
    }
    fn list_collateral() -> Weight {
        Weight::zero()
    }
    fn set_collateral_terms() -> Weight {
        Weight::zero()
    }
    fn collect_fees() -> Weight {
        Weight::zero()
    }
    fn pay_queued() -> Weight {
        Weight::from_parts(4, 0)
    }
    fn claim_withdrawal() -> Weight {
        Weight::zero()
    }
    fn cancel_withdrawal(l: u32) -> Weight {
        Weight::from_parts(l.into(), 0)
    }
    fn buy_seized() -> Weight {
        Weight::zero()
    }
    fn settling_market() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn close_position(n: u32, m: u32) -> Weight {
        Weight::from_parts(32 * u64::from(n) + u64::from(m), 0)
    }
    fn finish_market() -> Weight {
        Weight::zero()
    }
    fn weigh(n: u32) -> Weight {
        Weight::from_parts(4 * u64::from(n), 0)
    }
    fn open_sharing() -> Weight {
        Weight::from_parts(33, 0)
    }
    fn share(n: u32, m: u32) -> Weight {
        Self::close_position(n, m)
    }
}
