//! What a transaction costs before it does anything, and the price of the database.

use frame_support::weights::{constants::ParityDbWeight, Weight};

use crate::weights::extrinsic::ExtrinsicBaseWeight;

/// Eight microseconds for a read and fifty for a write: the SDK's price of ParityDb, which `caisson-database-cost` confirms, on a
/// million accounts as on the ladders of a dense book (docs/performance.md, "The database").
pub type DbWeight = ParityDbWeight;

/// What every transaction pays: its time as measured, and of the database the account of its signer and the hash of the block
/// from which its life counts.
pub fn transaction() -> Weight {
    ExtrinsicBaseWeight::get().saturating_add(DbWeight::get().reads_writes(2, 1))
}

/// The weights of transaction extensions and of charging the fee: nothing beyond [`transaction`].
///
/// Benchmarked one by one each finds its keys untouched, so together they come to twice what they take in a block, where the
/// first that reads the signer's account reads it for all. So they are measured as a whole, in a block full of transactions.
pub struct InBase;

impl frame_system::ExtensionsWeightInfo for InBase {
    fn check_genesis() -> Weight {
        Weight::zero()
    }
    fn check_mortality_mortal_transaction() -> Weight {
        Weight::zero()
    }
    fn check_mortality_immortal_transaction() -> Weight {
        Weight::zero()
    }
    fn check_non_zero_sender() -> Weight {
        Weight::zero()
    }
    fn check_nonce() -> Weight {
        Weight::zero()
    }
    fn check_spec_version() -> Weight {
        Weight::zero()
    }
    fn check_tx_version() -> Weight {
        Weight::zero()
    }
    fn check_weight() -> Weight {
        Weight::zero()
    }
    fn weight_reclaim() -> Weight {
        Weight::zero()
    }
}

impl pallet_transaction_payment::WeightInfo for InBase {
    fn charge_transaction_payment() -> Weight {
        Weight::zero()
    }
}
