//! The pallet against its SPEC.md.

mod collateral;
mod custody;
mod engine;
mod fills;
mod funds;
mod health;
mod insolvency;
mod inventory;
mod properties;
mod queue;
mod seized;
mod settlement;
mod triggers;
