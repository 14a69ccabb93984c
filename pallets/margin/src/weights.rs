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
    /// Pricing all collateral assets.
    fn reprice() -> Weight;
    /// Assessing one account of `p` positions, and arming it anew.
    fn look(p: u32) -> Weight;
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
}

/// The weights, measured or estimated as said above.
pub struct MeasuredWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for MeasuredWeight<T> {
    fn quiet_market() -> Weight {
        Weight::from_parts(15_000_000, 0).saturating_add(T::DbWeight::get().reads(2))
    }

    fn reprice() -> Weight {
        Weight::from_parts(120_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 1))
    }

    fn look(p: u32) -> Weight {
        let positions = u64::from(p);
        Weight::from_parts(50_000_000, 0)
            .saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(positions))
            // Contract and prices of each market, its bound and two keys; the account.
            .saturating_add(T::DbWeight::get().reads_writes(
                positions.saturating_mul(3).saturating_add(2),
                positions.saturating_mul(3).saturating_add(1),
            ))
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
        Self::deposit().saturating_add(Self::look(caisson_primitives::trading::MAX_POSITIONS))
    }

    fn transfer() -> Weight {
        Weight::from_parts(60_000_000, 0).saturating_add(
            Self::look(caisson_primitives::trading::MAX_POSITIONS).saturating_mul(3),
        )
    }

    fn close_account() -> Weight {
        Weight::from_parts(160_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(9, 9))
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
}

impl WeightInfo for () {
    fn quiet_market() -> Weight {
        Weight::from_parts(1, 0)
    }
    fn reprice() -> Weight {
        Weight::from_parts(1, 0)
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
}
