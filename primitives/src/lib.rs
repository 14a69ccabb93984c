//! Types and traits shared by the pallets, the runtime and the node of Caisson.
//!
//! This crate holds no storage and no logic of a pallet. Pallets do not depend on each other: they
//! meet through the traits declared here, and the runtime joins them.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod stake;
mod types;

pub mod currency;
pub mod oracle;
pub mod time;
pub mod trading;

pub use stake::StakeSource;
pub use types::{
    AccountId, AccountPublic, Address, AssetId, Balance, Block, BlockNumber, Hash, Hashing, Header,
    Moment, Nonce, Signature,
};
