//! Which pallets are benchmarked, and the state that their benchmarks need of this runtime. Only in the wasm that
//! `cargo xtask weights` measures.
//!
//! Not here, and on the SDK's figures: BABE, GRANDPA, sessions and the on-chain election, whose benchmarks are crates of
//! their own or measure other things than their weights name.

mod sdk;
mod seats;
mod shared;

pub use sdk::{LivingBeneficiaries, VoterScores};
pub use seats::Seats;

use alloc::{string::String, vec::Vec};

use caisson_primitives::oracle::{FeedId, OraclePrice, PriceFeeds};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
    fungible::Mutate, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys,
};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensions, Pallet as SystemCalls};

use crate::*;

define_benchmarks!(
    // The base: what every transaction pays, and what accounts do.
    [frame_system, SystemCalls::<Runtime>]
    [frame_system_extensions, SystemExtensions::<Runtime>]
    [pallet_timestamp, Timestamp]
    [pallet_balances, Balances]
    [pallet_transaction_payment, TransactionPayment]
    [pallet_assets, Assets]
    [pallet_utility, Utility]
    [pallet_multisig, Multisig]
    [pallet_proxy, Proxy]
    [pallet_preimage, Preimage]
    [pallet_scheduler, Scheduler]
    [pallet_identity, Identity]
    // Staking.
    [pallet_staking, Staking]
    [pallet_bags_list, VoterList]
    // Governance.
    [pallet_collective, Council]
    [pallet_elections_phragmen, CouncilElections]
    [pallet_collective, TechnicalCommittee]
    [pallet_membership, TechnicalMembership]
    [pallet_conviction_voting, ConvictionVoting]
    [pallet_referenda, Referenda]
    [pallet_whitelist, Whitelist]
    [pallet_treasury, Treasury]
    // Emergency stop and migrations.
    [pallet_safe_mode, SafeMode]
    [pallet_tx_pause, TxPause]
    [pallet_migrations, MultiBlockMigrations]
    // The exchange and its safety.
    [pallet_price_oracle, Oracle]
    [pallet_markets, Markets]
    [pallet_circuit_breaker, CircuitBreaker]
    [pallet_margin, Margin]
    [pallet_liquidation, Liquidation]
    [pallet_insurance, Insurance]
    [pallet_exchange, Exchange]
);

/// The benchmarks there are, and the storage items that they may touch.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let mut whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    if shared::is_of_a_transaction(&config.pallet, &config.benchmark) {
        whitelist.extend(shared::touched_by_every_block());
    }
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

impl frame_system_benchmarking::Config for Runtime {}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {
    /// The dearest fee is one that is shared out: with an author on record, in a block like any other.
    fn setup_benchmark_environment() {
        let author = shared::benchmark_author();
        // The account lives already; whoever authors blocks has a bond.
        let _ = Balances::mint_into(&author, caisson_primitives::currency::UNIT);
        // The item is private to the pallet.
        let key = frame_support::storage::storage_prefix(b"Authorship", b"Author");
        frame_support::storage::unhashed::put(&key, &author);
    }
}

/// Prices for the benchmarks of markets, with as many other feeds in the records as there can be.
pub struct FullOracle;

impl pallet_markets::benchmarking::BenchmarkHelper for FullOracle {
    fn make_feed(feed: FeedId, price: OraclePrice) {
        Oracle::benchmark_feeds();
        pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
            if let Some(aggregate) = all.get_mut(&feed) {
                aggregate.price = price;
            }
        });
    }
}
