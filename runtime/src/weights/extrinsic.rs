//! Executing a transaction that does nothing (`system.remark`): signature, all extensions, fee and its events.
//!
//! Made by `cargo xtask weights --only overhead`; changes by hand are overwritten. Measured on Intel(R) Xeon(R) Processor: the least time, without
//! the database, of three blocks that were executed 20 times each.

use frame_support::{
    parameter_types,
    weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
    /// Executing a transaction that does nothing (`system.remark`): signature, all extensions, fee and its events.
    ///
    /// Nanoseconds: 222_752 to 418_519, 287_906 on average. The least counts: what else runs on the machine only ever adds.
    pub const ExtrinsicBaseWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(222_752), 0);
}
