//! The pallet against its SPEC.md.

mod budget;
mod calls;
mod clearing;
mod failures;
mod forced;
mod levels;
mod lifetimes;
mod long_calls;
mod machine;
mod margin;
mod permutation;
mod placement;
mod reference;
