//! Protocols, synchronisation, and how validators find each other.

use super::{client::ImportQueue, Parts};
use caisson_primitives::{Block, Hash};
use futures::StreamExt;
use sc_authority_discovery::WorkerConfig;
use sc_client_api::UsageProvider;
use sc_consensus_grandpa::warp_proof::NetworkProvider;
use sc_network::{
    config::FullNetworkConfiguration, service::traits::NetworkService, Event, NetworkBackend,
    NetworkEventStream, NotificationService, ProtocolName,
};
use sc_network_sync::{SyncingService, WarpSyncConfig};
use sc_network_transactions::TransactionsHandlerController;
use sc_service::{BuildNetworkParams, Configuration, Error, TaskManager};
use sc_utils::mpsc::TracingUnboundedSender;
use std::sync::Arc;

/// The running network.
pub struct Network {
    /// Connections and protocols.
    pub service: Arc<dyn NetworkService>,
    /// Synchronisation with the chains of others.
    pub sync: Arc<SyncingService<Block>>,
}

/// What starting the network gives.
pub struct Started {
    /// The running network.
    pub network: Network,
    /// The protocol in which voters exchange votes.
    pub finality_protocol: FinalityProtocol,
    /// Questions of RPC methods to the network.
    pub system_rpc: TracingUnboundedSender<sc_rpc::system::Request<Block>>,
    /// Makes transactions known to other nodes.
    pub transactions: TransactionsHandlerController<Hash>,
}

/// The protocol in which voters exchange votes.
pub struct FinalityProtocol {
    /// Its name, which holds the hash of genesis.
    pub name: ProtocolName,
    /// Its messages.
    pub notifications: Box<dyn NotificationService>,
}

/// Starts the network on backend `N`.
pub fn start<N: NetworkBackend<Block, Hash>>(
    config: &Configuration,
    parts: &Parts,
    task_manager: &TaskManager,
    import_queue: ImportQueue,
) -> Result<Started, Error> {
    let registry = config.prometheus_registry();
    let metrics = N::register_notification_metrics(registry);
    let mut net_config =
        FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.cloned());

    let genesis_hash = parts.client.usage_info().chain.genesis_hash;
    let name = sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
    let (finality, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<Block, N>(
        name.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(finality);

    let warp_sync = NetworkProvider::new(
        parts.backend.clone(),
        parts.authority_set.clone(),
        Vec::new(),
    );
    let (service, system_rpc, transactions, sync, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config,
            net_config,
            client: parts.client.clone(),
            transaction_pool: parts.transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp_sync))),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    Ok(Started {
        network: Network { service, sync },
        finality_protocol: FinalityProtocol {
            name,
            notifications,
        },
        system_rpc,
        transactions,
    })
}

/// Publishes where this validator can be reached, and looks up where the others can.
///
/// Validators find each other by session key in the distributed hash table, so they need no list
/// of addresses and keep contact when addresses change.
pub fn start_authority_discovery(
    config: &Configuration,
    parts: &Parts,
    network: &Network,
    task_manager: &TaskManager,
) {
    let dht_events = network
        .service
        .event_stream("authority-discovery")
        .filter_map(|event| async move {
            match event {
                Event::Dht(event) => Some(event),
                _ => None,
            }
        });
    let (worker, _service) = sc_authority_discovery::new_worker_and_service_with_config(
        WorkerConfig {
            publish_non_global_ips: config.network.allow_non_globals_in_dht,
            public_addresses: config.network.public_addresses.clone(),
            // Every node of this chain signs its records, so one that isn't signed is forged.
            strict_record_validation: true,
            persisted_cache_directory: config.network.net_config_path.clone(),
            ..Default::default()
        },
        parts.client.clone(),
        Arc::new(network.service.clone()),
        Box::pin(dht_events),
        sc_authority_discovery::Role::PublishAndDiscover(parts.keystore.clone()),
        config.prometheus_registry().cloned(),
        task_manager.spawn_handle(),
    );
    task_manager.spawn_handle().spawn(
        "authority-discovery-worker",
        Some("authority-discovery"),
        worker.run(),
    );
}
