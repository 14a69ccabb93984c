//! Executing a block that has only its inherents.
//!
//! Made by `cargo xtask weights --only overhead`; changes by hand are overwritten. Measured on Intel(R) Xeon(R) Processor: the least time, without
//! the database, of three blocks that were executed 20 times each.

use frame_support::{
    parameter_types,
    weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
    /// Executing a block that has only its inherents.
    ///
    /// Nanoseconds: 1_522_839 to 2_053_698, 1_689_837 on average. The least counts: what else runs on the machine only ever adds.
    pub const BlockExecutionWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(1_522_839), 0);
}
