//! Other ways to find unsafe accounts than the trigger index, for measurements of what the index is worth. Only a runtime with the
//! feature `side-by-side` has them, and no released one has the feature.
//!
//! Whoever finds an account marks it as the sweep of the margin pallet does ([`pallet_margin::triggers::settle`]), so it waits for
//! the liquidation engine in the same place, and the engine acts on it in the same block. Health is computed by the same
//! function ([`pallet_margin::health::assess`]). Orders and fills keep the trigger index up to date whoever finds, which costs
//! the same.
//!
//! The margin pallet asks for the sweep's budget once in each block, after the markets have their marks and before the sweep and
//! the engine. That is where other finders do their work: [`SweepBudget`] lets them, and leaves nothing to the sweep. So the
//! pallet itself is the one that is released.

#![cfg_attr(not(feature = "std"), no_std)]

mod scan;
mod stored;

pub use stored::{Cursor, Finder};

use codec::{Decode, Encode};
use core::marker::PhantomData;
use frame_support::{
    dispatch::DispatchClass,
    traits::Get,
    weights::{Weight, WeightMeter},
};

/// Who finds unsafe accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum Way {
    /// The trigger index.
    #[default]
    Index,
    /// A look at all accounts in each block, whatever it costs.
    ScanAll,
    /// A look at as many accounts as fit the budget that the sweep would have; the next block goes on behind the last of them.
    ScanInBudget,
    /// Nobody in the block: workers off the chain submit transactions.
    OffChain,
}

/// What the sweep of the trigger index may take of a block: all of `Budget` when it is the finder. Otherwise nothing, and whoever
/// finds in the block does so when this is asked for; what that costs is registered as the block's.
pub struct SweepBudget<T, Budget>(PhantomData<(T, Budget)>);

impl<T: pallet_margin::Config, Budget: Get<Weight>> Get<Weight> for SweepBudget<T, Budget> {
    fn get() -> Weight {
        let used = match Finder::get() {
            Way::Index => return Budget::get(),
            Way::OffChain => return Weight::zero(),
            Way::ScanAll => {
                let mut meter = WeightMeter::new();
                scan::all::<T>(&mut meter);
                meter.consumed()
            }
            Way::ScanInBudget => {
                let mut meter = WeightMeter::with_limit(Budget::get());
                scan::from_cursor::<T>(&mut meter);
                meter.consumed()
            }
        };
        frame_system::Pallet::<T>::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
        Weight::zero()
    }
}
