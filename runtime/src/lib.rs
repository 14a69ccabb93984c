//! The runtime of Caisson: the state transition function that every node executes.
//!
//! - [`configs`] configures each pallet, one file per concern;
//! - [`governance`] holds the origins, tracks and pace of referenda;
//! - [`genesis_presets`] holds the states that networks start from;
//! - [`migrations`] lists what an upgrade to this runtime changes in storage;
//! - `apis` is what the node and clients may ask of it.
//!
//! The order of the pallets' indices in [`Runtime`] is the order of their hooks.

#![cfg_attr(not(feature = "std"), no_std)]
// The expansion of the runtime macro nests deeply, and leaves undocumented items in this module.
#![recursion_limit = "512"]
#![allow(missing_docs)]

extern crate alloc;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod transactions;

pub mod configs;
mod genesis_feeds;
mod genesis_markets;
pub mod genesis_presets;
pub mod governance;
pub mod migrations;
mod risk;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};

use caisson_primitives::{Address, BlockNumber, Hashing, Signature};
use sp_runtime::generic;
use sp_version::RuntimeVersion;

pub use apis::RuntimeApi;

#[cfg(feature = "std")]
mod wasm_binary {
    #![allow(dead_code)] // The uncompressed wasm and its path are not used.
    include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
}

/// The compiled runtime, compressed; nothing when the build was told to skip it.
#[cfg(feature = "std")]
pub use wasm_binary::WASM_BINARY;

/// Declares the version; the SDK wants a literal `spec_version`, to embed it in the wasm.
macro_rules! version {
    (spec_version: $spec_version:tt) => {
        /// The version of this runtime. `spec_version` rises with every change of its logic, and
        /// `transaction_version` with every change of how a transaction is encoded.
        #[sp_version::runtime_version]
        pub const VERSION: RuntimeVersion = RuntimeVersion {
            spec_name: Cow::Borrowed("caisson"),
            impl_name: Cow::Borrowed("caisson"),
            authoring_version: 1,
            spec_version: $spec_version,
            impl_version: 0,
            apis: apis::RUNTIME_API_VERSIONS,
            transaction_version: 1,
            system_version: 1,
        };
    };
}

#[cfg(not(feature = "upgrade-drill"))]
version!(spec_version: 1);
// The drill is an upgrade of this runtime, so it is the version after.
#[cfg(feature = "upgrade-drill")]
version!(spec_version: 2);

/// What every transaction carries besides its call, in the order it is checked.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    transactions::CappedPriority<pallet_transaction_payment::ChargeTransactionPayment<Runtime>>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction or inherent, decoded.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the signer of a transaction signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;
/// The header of a block.
pub type Header = generic::Header<BlockNumber, Hashing>;
/// A block whose extrinsics are decoded.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Executes blocks: dispatches to the pallets and runs their hooks.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// The pallets. Their hooks run in the order of the indices. Indices are also part of how calls, events
/// and errors are encoded: they never change, and a pallet that leaves takes its index with it.
///
/// | indices | what |
/// |---|---|
/// | 0-19 | the base: time, money, accounts |
/// | 20-29 | consensus and staking |
/// | 30-39 | governance |
/// | 40-49 | emergency stop and migrations |
/// | 50-69 | the exchange and its safety |
#[frame_support::runtime]
pub mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    // BABE is first, so that every other hook can rely on the slot.
    #[runtime::pallet_index(1)]
    pub type Babe = pallet_babe;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(4)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(5)]
    pub type Assets = pallet_assets;
    #[runtime::pallet_index(6)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(7)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(8)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(9)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(10)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(11)]
    pub type Identity = pallet_identity;

    // Authorship notes the author before staking counts its points, and the session rotates last.
    #[runtime::pallet_index(20)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(21)]
    pub type Staking = pallet_staking;
    #[runtime::pallet_index(22)]
    pub type VoterList = pallet_bags_list;
    #[runtime::pallet_index(23)]
    pub type Offences = pallet_offences;
    #[runtime::pallet_index(24)]
    pub type Historical = pallet_session::historical;
    #[runtime::pallet_index(25)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(26)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(27)]
    pub type AuthorityDiscovery = pallet_authority_discovery;

    #[runtime::pallet_index(30)]
    pub type Council = pallet_collective<Instance1>;
    #[runtime::pallet_index(31)]
    pub type CouncilElections = pallet_elections_phragmen;
    #[runtime::pallet_index(32)]
    pub type TechnicalCommittee = pallet_collective<Instance2>;
    #[runtime::pallet_index(33)]
    pub type TechnicalMembership = pallet_membership<Instance2>;
    #[runtime::pallet_index(34)]
    pub type ConvictionVoting = pallet_conviction_voting;
    #[runtime::pallet_index(35)]
    pub type Referenda = pallet_referenda;
    #[runtime::pallet_index(36)]
    pub type Origins = crate::governance::origins;
    #[runtime::pallet_index(37)]
    pub type Whitelist = pallet_whitelist;
    #[runtime::pallet_index(38)]
    pub type Treasury = pallet_treasury;
    #[runtime::pallet_index(39)]
    pub type GovernancePace = crate::governance::pace;

    #[runtime::pallet_index(40)]
    pub type SafeMode = pallet_safe_mode;
    #[runtime::pallet_index(41)]
    pub type TxPause = pallet_tx_pause;
    #[runtime::pallet_index(42)]
    pub type MultiBlockMigrations = pallet_migrations;

    // Prices come first: all that follows in a block builds on them.
    #[runtime::pallet_index(50)]
    pub type Oracle = pallet_price_oracle;
    #[runtime::pallet_index(51)]
    pub type Markets = pallet_markets;
    #[runtime::pallet_index(52)]
    pub type CircuitBreaker = pallet_circuit_breaker;
    // 53 Autopilot: reserved here, in the order of a block's work.
    #[runtime::pallet_index(54)]
    pub type Margin = pallet_margin;
    #[runtime::pallet_index(55)]
    pub type Liquidation = pallet_liquidation;
    #[runtime::pallet_index(56)]
    pub type Insurance = pallet_insurance;
    #[runtime::pallet_index(57)]
    pub type Exchange = pallet_exchange;
}
