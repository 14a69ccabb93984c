//! What calls and hooks cost.
//!
//! Every function is linear in its parameters and has a benchmark of its name. Several have this shape: `n` accounts with one
//! leg each, all in one market, the last of them with `m` legs in other markets on top. So `(0, 0)` is what the accounts of a
//! market have in common, and [`of_account`] what one of them costs beyond that. A leg is a position, or collateral in another
//! asset, which costs no more than a position.

use caisson_primitives::trading::{Account, MAX_PLEDGES, MAX_POSITIONS};
use frame_support::weights::Weight;

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
