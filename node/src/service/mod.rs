//! The node: which parts it has and how they are joined.
//!
//! - [`client`]: database, runtime executor, transaction pool, block import; enough for the
//!   commands that work on a database.
//! - [`consensus`]: block production by BABE, finality by GRANDPA.
//! - [`proposing`]: how an author divides its time.
//! - [`network`]: protocols, synchronisation, how validators find each other.

mod client;
mod consensus;
mod network;
mod proposing;

pub use client::{open, FullBackend, FullClient, FullSelectChain, Opened, Parts, TransactionPool};

use crate::{oracle, risk_metrics, rpc};
use caisson_primitives::{Block, Hash};
use futures::FutureExt;
use network::Network;
use pallet_price_oracle::types::LocalSources;
use sc_client_api::Backend;
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_network::NetworkBackend;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{Configuration, Error, SpawnTasksParams, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use std::sync::Arc;

/// Starts a node whose network is `N`, and returns what keeps it running.
///
/// `own_sources` are those of its operator for the oracle's worker.
pub fn run<N: NetworkBackend<Block, Hash>>(
    config: Configuration,
    own_sources: &[LocalSources],
) -> Result<TaskManager, Error> {
    let Opened {
        parts,
        mut task_manager,
        import_queue,
        grandpa_link,
        mut telemetry,
    } = open(&config)?;
    let network::Started {
        network,
        finality_protocol,
        system_rpc,
        transactions,
    } = network::start::<N>(&config, &parts, &task_manager, import_queue)?;

    if let Some(mut database) = parts.backend.offchain_storage() {
        oracle::sources::store(&mut database, own_sources);
    }
    start_metrics(&config, &parts, &task_manager);
    if config.offchain_worker.enabled {
        start_offchain_workers(&config, &parts, &network, &task_manager)?;
    }
    if config.role.is_authority() {
        network::start_authority_discovery(&config, &parts, &network, &task_manager);
    }

    let settings = consensus::Settings::new(&config);
    let voter_state = SharedVoterState::empty();
    let rpc_deps = rpc_deps(&config, &parts, voter_state.clone());
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: parts.client.clone(),
        backend: parts.backend.clone(),
        task_manager: &mut task_manager,
        keystore: parts.keystore.clone(),
        transaction_pool: parts.transaction_pool.clone(),
        rpc_builder: Box::new(move |executor| Ok(rpc::create(&rpc_deps, executor)?)),
        network: network.service.clone(),
        system_rpc_tx: system_rpc,
        tx_handler_controller: transactions,
        sync_service: network.sync.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if settings.role.is_authority() {
        consensus::start_authoring(&settings, &parts, &network, &task_manager)?;
    }
    if settings.finality {
        let voter = consensus::Voter {
            link: grandpa_link,
            protocol: finality_protocol,
            voter_state,
        };
        consensus::start_finality(settings, &parts, &network, &task_manager, voter)?;
    }
    Ok(task_manager)
}

/// Shows what final blocks say of oracle and risk to Prometheus, if the operator wants metrics.
fn start_metrics(config: &Configuration, parts: &Parts, task_manager: &TaskManager) {
    let Some(registry) = config.prometheus_registry() else {
        return;
    };
    let handle = task_manager.spawn_handle();
    let oracle = oracle::metrics::run(
        parts.client.clone(),
        parts.keystore.clone(),
        registry.clone(),
    );
    handle.spawn("oracle-metrics", None, oracle);
    let risk = risk_metrics::run(parts.client.clone(), registry.clone());
    handle.spawn("risk-metrics", None, risk);
}

/// Lets the runtime's off-chain workers run after each block.
fn start_offchain_workers(
    config: &Configuration,
    parts: &Parts,
    network: &Network,
    task_manager: &TaskManager,
) -> Result<(), Error> {
    let workers = OffchainWorkers::new(OffchainWorkerOptions {
        runtime_api_provider: parts.client.clone(),
        keystore: Some(parts.keystore.clone()),
        offchain_db: parts.backend.offchain_storage(),
        transaction_pool: Some(OffchainTransactionPoolFactory::new(
            parts.transaction_pool.clone(),
        )),
        network_provider: Arc::new(network.service.clone()),
        is_validator: config.role.is_authority(),
        // Validators report prices, which they fetch from where they are quoted.
        enable_http_requests: true,
        custom_extensions: |_| Vec::new(),
    })?;
    let spawner = task_manager.spawn_handle();
    let running = workers.run(parts.client.clone(), spawner.clone()).boxed();
    spawner.spawn("offchain-workers-runner", "offchain-work", running);
    Ok(())
}

/// What the RPC methods need, gathered before the configuration is handed over.
fn rpc_deps(config: &Configuration, parts: &Parts, voter_state: SharedVoterState) -> rpc::Deps {
    rpc::Deps {
        client: parts.client.clone(),
        pool: parts.transaction_pool.clone(),
        select_chain: parts.select_chain.clone(),
        chain_spec: config.chain_spec.cloned_box(),
        keystore: parts.keystore.clone(),
        babe_worker: parts.babe_worker.clone(),
        grandpa: rpc::GrandpaDeps {
            voter_state,
            authority_set: parts.authority_set.clone(),
            justifications: parts.justifications.clone(),
            finality_proofs: FinalityProofProvider::new_for_service(
                parts.backend.clone(),
                Some(parts.authority_set.clone()),
            ),
        },
    }
}
