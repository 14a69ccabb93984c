//! The pallet against its SPEC.md.

mod calls;
mod guardians;
mod levels;
mod machine;
mod markets;
mod properties;
mod triggers;
mod withdrawals;
