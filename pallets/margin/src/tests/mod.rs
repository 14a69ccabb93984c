//! The pallet against its SPEC.md.

mod collateral;
mod custody;
mod fills;
mod health;
mod properties;
mod settlement;
mod triggers;
