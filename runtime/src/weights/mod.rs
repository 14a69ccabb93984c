//! What calls, hooks and transactions cost, as measured: one file for each pallet.
//!
//! All files of this folder are made by `cargo xtask weights`; what is written here by hand is overwritten.

// A component that turned out to cost nothing.
#![allow(unused_variables)]

pub mod block;
pub mod extrinsic;
pub mod frame_system;
pub mod frame_system_extensions;
pub mod pallet_assets;
pub mod pallet_bags_list;
pub mod pallet_balances;
pub mod pallet_circuit_breaker;
pub mod pallet_collective_council;
pub mod pallet_collective_technical_committee;
pub mod pallet_exchange;
pub mod pallet_insurance;
pub mod pallet_liquidation;
pub mod pallet_margin;
pub mod pallet_markets;
pub mod pallet_membership;
pub mod pallet_migrations;
pub mod pallet_multisig;
pub mod pallet_proxy;
pub mod pallet_referenda;
pub mod pallet_scheduler;
pub mod pallet_staking;
pub mod pallet_timestamp;
pub mod pallet_transaction_payment;
pub mod pallet_treasury;
pub mod pallet_tx_pause;
pub mod pallet_utility;
pub mod pallet_whitelist;
