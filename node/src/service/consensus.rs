//! Who makes blocks (BABE) and when they are final (GRANDPA).

use super::{
    client::{GrandpaLink, JUSTIFICATION_PERIOD},
    network::{FinalityProtocol, Network},
    proposing::Punctual,
    Parts,
};
use caisson_primitives::BlockNumber;
use sc_basic_authorship::ProposerFactory;
use sc_consensus_babe::{BabeParams, SlotProportion};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_service::{ChainType, Configuration, Error, Role, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use std::time::Duration;
use substrate_prometheus_endpoint::Registry;

/// The part of a slot in which its block must be made; a block that takes longer is thrown away.
///
/// The author takes transactions for half of the slot ([`Punctual`]), so a block is usually done after two thirds of it even when there
/// are more than it holds. The others execute it in one call, which takes a third to a half of the time, and must have done so
/// when the next slot begins, or its author builds beside the block instead of on it. Where that can't be had, on a machine that is
/// too slow for a moment, a late block has a chance and one that was thrown away has none.
const PROPOSAL_PORTION: f32 = 0.95;

/// How long a vote takes to reach most of the network. GRANDPA votes after twice this time and commits
/// after four times, so a round takes six tenths of a slot. With it and the two blocks that votes stay
/// behind the best one, the last final block is about three blocks behind. A network that is slower
/// loses no safety, only rounds.
const GOSSIP_DURATION: Duration = Duration::from_millis(150);

/// When finality stands still, authors slow down: so many unfinalised blocks they take as normal,
const UNFINALIZED_SLACK: BlockNumber = 100;
/// and this is the longest pause between two blocks that they come to.
///
/// Blocks must go on, because margins are checked and positions liquidated in every one of them;
/// ten seconds between them bound how late that comes, and how much has to be undone if voters
/// settle on another branch.
const MAX_BACKOFF_SLOTS: BlockNumber = 10;

/// What of the configuration matters for consensus.
pub struct Settings {
    /// Validator or not.
    pub role: Role,
    /// Whether this node takes part in finality.
    pub finality: bool,
    name: String,
    force_authoring: bool,
    backoff: Option<BackoffAuthoringOnFinalizedHeadLagging<BlockNumber>>,
    prometheus: Option<Registry>,
}

impl Settings {
    /// Takes them out of the configuration.
    pub fn new(config: &Configuration) -> Self {
        // On a development chain one stops a node for an hour and expects the next block at once.
        let is_development = config.chain_spec.chain_type() == ChainType::Development;
        let backoff = BackoffAuthoringOnFinalizedHeadLagging {
            unfinalized_slack: UNFINALIZED_SLACK,
            max_interval: MAX_BACKOFF_SLOTS,
            ..Default::default()
        };
        Self {
            role: config.role,
            finality: !config.disable_grandpa,
            name: config.network.node_name.clone(),
            force_authoring: config.force_authoring,
            backoff: (!is_development).then_some(backoff),
            prometheus: config.prometheus_registry().cloned(),
        }
    }
}

/// Starts to make blocks in the slots of this node's keys.
pub fn start_authoring(
    settings: &Settings,
    parts: &Parts,
    network: &Network,
    task_manager: &TaskManager,
) -> Result<(), Error> {
    let proposer = ProposerFactory::new(
        task_manager.spawn_handle(),
        parts.client.clone(),
        parts.transaction_pool.clone(),
        settings.prometheus.as_ref(),
        parts.telemetry.clone(),
    );
    let slot = parts.babe_link.config().slot_duration().as_duration();
    let babe = sc_consensus_babe::start_babe(BabeParams {
        keystore: parts.keystore.clone(),
        client: parts.client.clone(),
        select_chain: parts.select_chain.clone(),
        env: Punctual::new(proposer, slot.mul_f32(PROPOSAL_PORTION)),
        block_import: parts.block_import.clone(),
        sync_oracle: network.sync.clone(),
        justification_sync_link: network.sync.clone(),
        create_inherent_data_providers: parts.inherents.clone(),
        force_authoring: settings.force_authoring,
        backoff_authoring_blocks: settings.backoff.clone(),
        babe_link: parts.babe_link.clone(),
        block_proposal_slot_portion: SlotProportion::new(PROPOSAL_PORTION),
        // After missed slots an author may take longer than one slot for a block whose hooks would
        // otherwise never be done in time.
        max_block_proposal_slot_portion: None,
        telemetry: parts.telemetry.clone(),
    })?;
    task_manager
        .spawn_essential_handle()
        .spawn_blocking("babe-proposer", Some("babe"), babe);
    Ok(())
}

/// What the voter takes for itself.
pub struct Voter {
    /// Its ties to block import.
    pub link: GrandpaLink,
    /// Its protocol with other voters.
    pub protocol: FinalityProtocol,
    /// Where it shows the state of its rounds.
    pub voter_state: SharedVoterState,
}

/// Starts to follow finality, and to vote if this node is a validator.
///
/// Full nodes run the voter without a key: they pass votes on, and see finality as early as the
/// validators do.
pub fn start_finality(
    settings: Settings,
    parts: &Parts,
    network: &Network,
    task_manager: &TaskManager,
    voter: Voter,
) -> Result<(), Error> {
    let Voter {
        link,
        protocol,
        voter_state,
    } = voter;
    let config = sc_consensus_grandpa::Config {
        gossip_duration: GOSSIP_DURATION,
        justification_generation_period: JUSTIFICATION_PERIOD,
        observer_enabled: false,
        local_role: settings.role,
        name: Some(settings.name),
        keystore: settings.role.is_authority().then(|| parts.keystore.clone()),
        telemetry: parts.telemetry.clone(),
        protocol_name: protocol.name,
    };
    let grandpa = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
        config,
        link,
        network: network.service.clone(),
        sync: network.sync.clone(),
        notification_service: protocol.notifications,
        // Votes stay behind the best block, so that a short fork at the head costs no round.
        voting_rule: VotingRulesBuilder::default().build(),
        prometheus_registry: settings.prometheus,
        shared_voter_state: voter_state,
        telemetry: parts.telemetry.clone(),
        // Voters that vote for two branches are reported through the pool, and slashed.
        offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(
            parts.transaction_pool.clone(),
        ),
    })?;
    task_manager
        .spawn_essential_handle()
        .spawn_blocking("grandpa-voter", None, grandpa);
    Ok(())
}
