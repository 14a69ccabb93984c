//! Database, runtime executor, transaction pool and block import.
//!
//! A block passes GRANDPA's import inside BABE's: BABE checks who may author it, GRANDPA what the
//! block says about finality, the client executes it and writes it to the database.

use crate::errors::Refusal;
use caisson_primitives::{Block, BlockNumber, Hash};
use caisson_runtime::RuntimeApi;
use sc_client_api::Backend;
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{
    GrandpaBlockImport, GrandpaJustificationStream, GrandpaPruningFilter, LinkHalf,
    SharedAuthoritySet,
};
use sc_service::{
    BuildGenesisBlock, Configuration, Error, GenesisBlockBuilder, TFullBackend, TFullClient,
    TaskManager,
};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use sp_consensus_babe::{inherents::BabeCreateInherentDataProviders, SlotDuration};
use sp_core::storage::Storage;
use sp_keystore::KeystorePtr;
use sp_runtime::traits::Block as _;
use std::sync::Arc;

/// At the latest every so many blocks GRANDPA leaves a justification in the database.
///
/// A justification lets whoever did not see the votes believe that a block is final: a node that
/// synchronises, a light client, a bridge to another chain. Such a reader is at most this far
/// behind, 32 seconds at one block per second. Each justification holds a vote of two thirds of the
/// validators, about 100 bytes apiece: a hundred validators leave some 20 MB per day.
pub const JUSTIFICATION_PERIOD: u32 = 32;

/// What executes the runtime: its Wasm, compiled. A native runtime could differ from it.
type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;

/// The client: the chain as seen by everything else in the node.
pub type FullClient = TFullClient<Block, RuntimeApi, Executor>;

/// The database.
pub type FullBackend = TFullBackend<Block>;

/// The rule that picks the best chain: the longest that contains all final blocks.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;

/// The transaction pool.
pub type TransactionPool = TransactionPoolHandle<Block, FullClient>;

/// The import of blocks, from the outside in: BABE, GRANDPA, client.
pub type BlockImport = BabeBlockImport<
    Block,
    FullClient,
    GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>,
    BabeCreateInherentDataProviders<Block>,
    FullSelectChain,
>;

/// The ties of the GRANDPA voter to block import.
pub type GrandpaLink = LinkHalf<Block, FullClient, FullSelectChain>;

/// A queue in which blocks wait to be imported.
pub type ImportQueue = sc_consensus::DefaultImportQueue<Block>;

/// What the parts of a node share.
pub struct Parts {
    /// The client.
    pub client: Arc<FullClient>,
    /// The database.
    pub backend: Arc<FullBackend>,
    /// The keys of this node.
    pub keystore: KeystorePtr,
    /// The rule that picks the best chain.
    pub select_chain: FullSelectChain,
    /// The transaction pool.
    pub transaction_pool: Arc<TransactionPool>,
    /// Imports blocks.
    pub block_import: BlockImport,
    /// BABE's epochs and configuration.
    pub babe_link: BabeLink<Block>,
    /// Answers questions about BABE's epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// The current GRANDPA voters.
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    /// Each GRANDPA justification as it appears.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Makes the inherents of a block.
    pub inherents: BabeCreateInherentDataProviders<Block>,
    /// Sends telemetry.
    pub telemetry: Option<TelemetryHandle>,
}

/// An opened database with all that works on it, before anything runs.
pub struct Opened {
    /// What is shared.
    pub parts: Parts,
    /// Runs tasks, and ends them.
    pub task_manager: TaskManager,
    /// Where blocks to import go.
    pub import_queue: ImportQueue,
    /// What the GRANDPA voter starts from.
    pub grandpa_link: GrandpaLink,
    /// The telemetry connection.
    pub telemetry: Option<Telemetry>,
}

/// Opens the database and joins what works on it.
pub fn open(config: &Configuration) -> Result<Opened, Error> {
    let (telemetry_worker, telemetry) = telemetry(config)?.unzip();
    let handle = telemetry.as_ref().map(Telemetry::handle);
    let Base {
        client,
        backend,
        keystore,
        task_manager,
    } = base(config, handle.clone())?;
    if let Some(worker) = telemetry_worker {
        task_manager
            .spawn_handle()
            .spawn("telemetry", None, worker.run());
    }

    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        handle.clone(),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let inherents = inherents(slot_duration);
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        inherents.clone(),
        select_chain.clone(),
        // Here equivocations are reported: who authors two blocks in one slot is slashed.
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
        link: babe_link.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(grandpa_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry: handle.clone(),
    })?;

    let parts = Parts {
        client,
        backend,
        keystore,
        select_chain,
        transaction_pool,
        block_import,
        babe_link,
        babe_worker,
        authority_set: grandpa_link.shared_authority_set().clone(),
        justifications: grandpa_link.justification_stream(),
        inherents,
        telemetry: handle,
    };
    Ok(Opened {
        parts,
        task_manager,
        import_queue,
        grandpa_link,
        telemetry,
    })
}

/// The telemetry connection and what drives it, if there is anywhere to send to.
fn telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, Error> {
    /// Messages that may wait to be sent before senders have to.
    const BUFFER: usize = 16;

    let Some(endpoints) = config
        .telemetry_endpoints
        .clone()
        .filter(|list| !list.is_empty())
    else {
        return Ok(None);
    };
    let worker = TelemetryWorker::new(BUFFER)?;
    let telemetry = worker.handle().new_telemetry(endpoints);
    Ok(Some((worker, telemetry)))
}

/// What everything else builds on.
struct Base {
    client: Arc<FullClient>,
    backend: Arc<FullBackend>,
    keystore: KeystorePtr,
    task_manager: TaskManager,
}

/// Opens the database, or makes it, and checks that it is the one of the given chain.
fn base(config: &Configuration, telemetry: Option<TelemetryHandle>) -> Result<Base, Error> {
    let executor: Executor = sc_service::new_wasm_executor(&config.executor);
    let mut database = config.db_config();
    // Warp sync needs the justifications of past authority sets, so pruning spares their blocks.
    database.pruning_filters = vec![Arc::new(GrandpaPruningFilter)];
    let backend = sc_service::new_db_backend::<Block>(database)?;

    let genesis = config
        .chain_spec
        .as_storage_builder()
        .build_storage()
        .map_err(sp_blockchain::Error::Storage)?;
    check_genesis(config, &backend, &executor, &genesis)?;

    let genesis_block = GenesisBlockBuilder::new_with_storage(
        genesis,
        !config.no_genesis(),
        backend.clone(),
        executor.clone(),
    )?;
    let (client, backend, keystore, task_manager) =
        sc_service::new_full_parts_with_genesis_builder(
            config,
            telemetry,
            executor,
            backend,
            genesis_block,
            false,
        )?;
    Ok(Base {
        client: Arc::new(client),
        backend,
        keystore: keystore.keystore(),
        task_manager,
    })
}

/// Refuses a database that was begun with another genesis than the chain specification has.
///
/// The SDK opens it without a word and follows the chain that is in it; a validator would sign for
/// a chain it does not know of.
fn check_genesis(
    config: &Configuration,
    backend: &Arc<FullBackend>,
    executor: &Executor,
    genesis: &Storage,
) -> Result<(), Error> {
    let found = backend.blockchain().info().genesis_hash;
    if found == Hash::default() {
        // A new database has no genesis yet.
        return Ok(());
    }
    let (block, _unused): (Block, _) = GenesisBlockBuilder::new_with_storage(
        genesis.clone(),
        false,
        backend.clone(),
        executor.clone(),
    )?
    .build_genesis_block()?;
    if block.hash() == found {
        return Ok(());
    }
    let path = config.database.path().map(Into::into).unwrap_or_default();
    let expected = format!("{:?}", block.hash());
    Err(Refusal::ForeignDatabase {
        path,
        found: format!("{found:?}"),
        expected,
    }
    .into())
}

/// What a block author adds to a block: the time, and the slot that the time is in.
fn inherents(slot_duration: SlotDuration) -> BabeCreateInherentDataProviders<Block> {
    Arc::new(move |_, ()| async move {
        let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
        let slot =
            sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
                *timestamp,
                slot_duration,
            );
        Ok((slot, timestamp))
    })
}
