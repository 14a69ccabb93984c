//! The RPC methods of this node besides those every Substrate node serves.
//!
//! What a runtime API answers has no method here: clients call it through `state_call`.

use crate::service::{FullBackend, FullClient, FullSelectChain, TransactionPool};
use caisson_primitives::{AccountId, Balance, Block, BlockNumber, Hash, Nonce};
use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_babe_rpc::{Babe, BabeApiServer};
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::ChainSpec;
use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
use sp_keystore::KeystorePtr;
use sp_weights::Weight;
use std::{error::Error, sync::Arc};
use substrate_frame_rpc_system::{System, SystemApiServer};

/// What a transaction would cost, as `payment_queryInfo` tells it.
type DispatchInfo =
    pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance, Weight>;

/// What the methods need of the node.
pub struct Deps {
    /// The client.
    pub client: Arc<FullClient>,
    /// The transaction pool.
    pub pool: Arc<TransactionPool>,
    /// The rule that picks the best chain.
    pub select_chain: FullSelectChain,
    /// The specification the node was started with.
    pub chain_spec: Box<dyn ChainSpec>,
    /// The validator's keys.
    pub keystore: KeystorePtr,
    /// Answers questions about BABE's epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// What is known about finality.
    pub grandpa: GrandpaDeps,
}

/// What the methods about finality need.
#[derive(Clone)]
pub struct GrandpaDeps {
    /// The state of the current rounds.
    pub voter_state: SharedVoterState,
    /// The current voters.
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    /// Each justification as it appears.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Proves finality of past blocks.
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// The methods, ready to be served; subscriptions run on `executor`.
///
/// The SDK asks twice: for the server, and for callers inside the process.
pub fn create(
    deps: &Deps,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn Error + Send + Sync>> {
    let Deps {
        client,
        pool,
        select_chain,
        chain_spec,
        keystore,
        babe_worker,
        grandpa,
    } = deps;
    let mut module = RpcModule::new(());

    let system = System::<_, _, Block>::new(client.clone(), pool.clone());
    module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(system))?;

    let payment = TransactionPayment::<_, Block>::new(client.clone());
    module.merge(TransactionPaymentApiServer::<Hash, DispatchInfo>::into_rpc(
        payment,
    ))?;

    let babe = Babe::new(
        client.clone(),
        babe_worker.clone(),
        keystore.clone(),
        select_chain.clone(),
    );
    module.merge(babe.into_rpc())?;

    let finality = Grandpa::new(
        executor,
        grandpa.authority_set.clone(),
        grandpa.voter_state.clone(),
        grandpa.justifications.clone(),
        grandpa.finality_proofs.clone(),
    );
    module.merge(finality.into_rpc())?;

    let sync_state = SyncState::new(
        chain_spec.cloned_box(),
        client.clone(),
        grandpa.authority_set.clone(),
        babe_worker.clone(),
    )?;
    module.merge(sync_state.into_rpc())?;

    Ok(module)
}
