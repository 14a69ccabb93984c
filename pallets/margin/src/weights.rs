//! What calls and hooks cost.
//!
//! The processor's part of `quiet_market` and `look` is 1.4 to 2 times what `runtime/tests/it/trading_worst.rs` measures in
//! transfers of the same run (`docs/performance.md` has the figures); that test fails when they take more than is claimed
//! here. That of the calls is an estimate on top of `look`. The database's part is counted.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// The weights of this pallet; `p` is the number of markets an account is in.
pub trait WeightInfo {
    /// Finding that nothing happened in one market, or one collateral asset.
    fn quiet_market() -> Weight;
    /// Finding the first account of a bucket to look at, and putting its bound right.
    fn bucket() -> Weight;
    /// Pricing all collateral assets.
    fn reprice() -> Weight;
    /// Assessing one account of `p` positions, and arming it anew.
    fn look(p: u32) -> Weight;
    /// How an account of `p` positions stands, for liquidation.
    fn standing(p: u32) -> Weight;
    /// Storing an account of `p` positions after forced fills, with its penalty and triggers.
    fn settle(p: u32) -> Weight;
    /// Finding the `n` most endangered accounts in `m` markets and collateral assets.
    fn endangered(m: u32, n: u32) -> Weight;
    /// Finding `n` accounts that hold a side of a market.
    fn holders(n: u32) -> Weight;
    /// The first deposit.
    fn open_account() -> Weight;
    /// A deposit into an account of the most positions.
    fn deposit() -> Weight;
    /// A withdrawal from an account of the most positions.
    fn withdraw() -> Weight;
    /// A transfer between two accounts of the most positions.
    fn transfer() -> Weight;
    /// Closing an empty account, or one of dust.
    fn close_account() -> Weight;
    /// Choosing the leverage of an account of the most positions.
    fn set_leverage() -> Weight;
    /// Governance: compartments and collateral.
    fn govern() -> Weight;
    /// Paying fees to the treasury.
    fn collect_fees() -> Weight;
    /// Paying the first of a queue, or setting it aside.
    fn pay_queued() -> Weight;
    /// Paying a withdrawal that was set aside.
    fn claim_withdrawal() -> Weight;
    /// Putting a withdrawal back into an account of the most positions.
    fn cancel_withdrawal() -> Weight;
    /// Buying seized collateral.
    fn buy_seized() -> Weight;
    /// Finding how far the settlement of one market is, and noting it.
    fn settling_market() -> Weight;
    /// Noting what one account made in a market that settles with a deficit.
    fn weigh() -> Weight;
    /// Closing the position of an account of the most positions, less its share of a deficit.
    fn share() -> Weight;
}

/// The weights, measured or estimated as said above.
pub struct MeasuredWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet_market() -> Weight {
        Weight::from_parts(15_000_000, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    fn bucket() -> Weight {
        // Two keys, and the bound.
        Weight::from_parts(15_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(3, 1))
    }

    fn reprice() -> Weight {
        Weight::from_parts(120_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn look(p: u32) -> Weight {
        let positions = u64::from(p);
        Weight::from_parts(50_000_000, 0)
            .saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(positions))
            // The account and its key, or the key of a debt; two keys of each market. Contracts and prices were read by the
            // markets in this block, and bounds are in `bucket`.
            .saturating_add(T::DbWeight::get().reads_writes(
                positions.saturating_add(2),
                positions.saturating_mul(2).saturating_add(2),
            ))
    }

    fn standing(p: u32) -> Weight {
        let positions = u64::from(p);
        let pledges = u64::from(caisson_primitives::trading::MAX_PLEDGES);
        Weight::from_parts(50_000_000, 0)
            .saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(positions))
            // Contract and prices of each market; the list of collateral and the feeds of what is pledged.
            .saturating_add(
                T::DbWeight::get().reads(
                    positions
                        .saturating_mul(2)
                        .saturating_add(pledges.saturating_mul(2))
                        .saturating_add(1),
                ),
            )
    }

    fn settle(p: u32) -> Weight {
        // The compartment and its ledger.
        Self::look(p)
            .saturating_add(Weight::from_parts(20_000_000, 0))
            .saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn endangered(m: u32, n: u32) -> Weight {
        let (exposures, accounts) = (u64::from(m), u64::from(n));
        // The two lists, and the first debt. A bound and at worst the head of each bucket for each market, and a key for each account.
        let heads = exposures.saturating_mul((crate::types::BUCKETS as u64).saturating_add(1));
        let reads = heads.saturating_add(accounts).saturating_add(3);
        Weight::from_parts(20_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(reads))
            .saturating_add(T::DbWeight::get().reads(reads))
    }

    fn holders(n: u32) -> Weight {
        // The inventory, a key for each account, and the end of each tier.
        let tiers = u64::from(caisson_primitives::trading::MAX_TIERS);
        let reads = u64::from(n).saturating_add(tiers).saturating_add(2);
        Weight::from_parts(20_000_000, 0)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(reads))
            .saturating_add(T::DbWeight::get().reads(reads))
    }

    fn open_account() -> Weight {
        Weight::from_parts(160_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(9, 9))
    }

    fn deposit() -> Weight {
        Weight::from_parts(120_000_000, 0)
            .saturating_add(T::DbWeight::get().reads_writes(7, 6))
            .saturating_add(Self::look(caisson_primitives::trading::MAX_POSITIONS))
    }

    fn withdraw() -> Weight {
        // Assessed before it is let go, and again when it is armed.
        Self::deposit()
            .saturating_add(Self::look(caisson_primitives::trading::MAX_POSITIONS))
            .saturating_add(gate::<T>())
    }

    fn transfer() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(
            Self::look(caisson_primitives::trading::MAX_POSITIONS).saturating_mul(3),
        )
    }

    fn close_account() -> Weight {
        Weight::from_parts(160_000_000, 0)
            .saturating_add(T::DbWeight::get().reads_writes(9, 9))
            .saturating_add(gate::<T>())
    }

    fn set_leverage() -> Weight {
        Self::look(caisson_primitives::trading::MAX_POSITIONS)
    }

    fn govern() -> Weight {
        Weight::from_parts(80_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(6, 4))
    }

    fn collect_fees() -> Weight {
        Weight::from_parts(120_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(7, 6))
    }

    fn pay_queued() -> Weight {
        // Two keys, entry, count, compartment, ledger; the gate's five and its write; the asset, its two accounts and the payee.
        Weight::from_parts(160_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(16, 9))
    }

    fn claim_withdrawal() -> Weight {
        Self::pay_queued()
    }

    fn cancel_withdrawal() -> Weight {
        Weight::from_parts(40_000_000, 0)
            // Entry, count, compartment, ledger.
            .saturating_add(T::DbWeight::get().reads_writes(5, 3))
            .saturating_add(Self::look(caisson_primitives::trading::MAX_POSITIONS))
    }

    fn buy_seized() -> Weight {
        // Compartment, list, ledger; each of two assets with its two accounts, and the buyer.
        Weight::from_parts(200_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(13, 10))
    }

    fn settling_market() -> Weight {
        Self::quiet_market().saturating_add(T::DbWeight::get().reads_writes(2, 1))
    }

    fn weigh() -> Weight {
        // The key, prices, the account, and its claim.
        Weight::from_parts(40_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn share() -> Weight {
        // The claim, the inventory and its name, prices, the open interest.
        Self::look(caisson_primitives::trading::MAX_POSITIONS)
            .saturating_add(Weight::from_parts(60_000_000, 0))
            .saturating_add(T::DbWeight::get().reads_writes(6, 3))
    }
}

/// What the withdrawal gate reads and writes, and the three records of the queue.
fn gate<T: frame_system::Config>() -> Weight {
    T::DbWeight::get().reads_writes(7, 4)
}

impl WeightInfo for () {
    fn quiet_market() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn bucket() -> Weight {
        Weight::zero()
    }
    fn reprice() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn standing(p: u32) -> Weight {
        Weight::from_parts(u64::from(p), 0)
    }
    fn settle(p: u32) -> Weight {
        Weight::from_parts(u64::from(p), 0)
    }
    fn endangered(_m: u32, n: u32) -> Weight {
        Weight::from_parts(u64::from(n), 0)
    }
    fn holders(n: u32) -> Weight {
        Weight::from_parts(u64::from(n), 0)
    }
    fn look(p: u32) -> Weight {
        Weight::from_parts(u64::from(p), 0)
    }
    fn open_account() -> Weight {
        Weight::zero()
    }
    fn deposit() -> Weight {
        Weight::zero()
    }
    fn withdraw() -> Weight {
        Weight::zero()
    }
    fn transfer() -> Weight {
        Weight::zero()
    }
    fn close_account() -> Weight {
        Weight::zero()
    }
    fn set_leverage() -> Weight {
        Weight::zero()
    }
    fn govern() -> Weight {
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
    fn cancel_withdrawal() -> Weight {
        Weight::zero()
    }
    fn buy_seized() -> Weight {
        Weight::zero()
    }
    fn settling_market() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn weigh() -> Weight {
        Weight::from_parts(4, 0)
    }
    fn share() -> Weight {
        Self::look(caisson_primitives::trading::MAX_POSITIONS)
    }
}
