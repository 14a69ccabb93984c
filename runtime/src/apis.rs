//! What the node and clients may ask of the runtime.

use alloc::vec::Vec;

use caisson_primitives::{
    oracle::{
        api::{FeedView, Participation, PastPrice},
        crypto::AuthorityId,
        Act, FeedId, OraclePrice, Price, PriceFeeds, PriceUnavailable,
    },
    trading::{
        api::{AccountHealth, Depth, MarketView, OrderPreview, OrderView, TriggerDensity},
        risk_api::{ChainRisk, CollateralClass, CompartmentRisk, LiquidationView, MarketRisk},
        AccountIndex, CompartmentId, MarketId, OrderRequest, Ticks,
    },
    AccountId, Balance, Moment, Nonce,
};
use codec::Encode;
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    traits::KeyOwnerProofSystem,
    view_functions::{ViewFunctionDispatchError, ViewFunctionId},
    weights::Weight,
};
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_version::RuntimeVersion;

use crate::{
    configs::{EpochDuration, SessionKeys, BABE_GENESIS_EPOCH_CONFIG},
    AuthorityDiscovery, Babe, Block, Executive, Grandpa, Historical, InherentDataExt, Margin,
    Markets, Oracle, Runtime, RuntimeCall, RuntimeGenesisConfig, System, TransactionPayment,
    VERSION,
};

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            id: ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            Runtime::execute_view_function(id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: InherentData,
        ) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            transaction: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, transaction, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> sp_session::OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(BABE_GENESIS_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: EpochDuration::get(),
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            let key_owner_proof = key_owner_proof.decode()?;
            Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                NumberFor<Block>,
            >,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            let key_owner_proof = key_owner_proof.decode()?;
            Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof)
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: sp_consensus_grandpa::AuthorityId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
        fn authorities() -> Vec<sp_authority_discovery::AuthorityId> {
            AuthorityDiscovery::authorities()
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
        for Runtime
    {
        fn query_info(
            transaction: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(transaction, len)
        }

        fn query_fee_details(
            transaction: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> FeeDetails<Balance> {
            TransactionPayment::query_fee_details(transaction, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<
        Block,
        Balance,
        RuntimeCall,
    > for Runtime
    {
        fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl caisson_primitives::trading::api::MarketsApi<Block> for Runtime {
        fn markets() -> Vec<MarketView> {
            Markets::market_views()
        }

        fn market(market: MarketId) -> Option<MarketView> {
            Markets::market_view(market)
        }
    }

    impl caisson_primitives::trading::api::MarginApi<Block, AccountId> for Runtime {
        fn accounts_of(owner: AccountId) -> Vec<(AccountIndex, CompartmentId, u8)> {
            Margin::accounts_of(&owner)
        }

        fn health(account: AccountIndex) -> Option<AccountHealth<AccountId>> {
            Margin::health(account)
        }

        fn trigger_density(market: MarketId, step_ppm: u32, steps: u32) -> Vec<TriggerDensity> {
            Margin::trigger_density(market, step_ppm, steps)
        }
    }

    impl caisson_primitives::trading::risk_api::RiskApi<Block> for Runtime {
        fn market_risks() -> Vec<MarketRisk> {
            crate::risk::markets()
        }

        fn market_risk(market: MarketId) -> Option<MarketRisk> {
            crate::risk::market(market)
        }

        fn compartment_risks() -> Vec<CompartmentRisk> {
            crate::risk::compartments()
        }

        fn chain_risk() -> ChainRisk {
            crate::risk::chain()
        }

        fn collateralisation(
            compartment: CompartmentId,
            from: AccountIndex,
            limit: u32,
        ) -> (Vec<CollateralClass>, Option<AccountIndex>) {
            Margin::collateralisation(compartment, from, limit)
        }

        fn liquidation(account: AccountIndex) -> Option<LiquidationView> {
            crate::risk::liquidation(account)
        }
    }

    impl caisson_primitives::trading::api::ExchangeApi<Block> for Runtime {
        fn preview(account: AccountIndex, market: MarketId, request: OrderRequest) -> Option<OrderPreview> {
            pallet_exchange::api::preview::<Runtime>(
                account,
                market,
                &request,
                Margin::liquidation_price_after,
            )
        }

        fn depth(market: MarketId, levels: u32) -> Depth {
            pallet_exchange::api::depth::<Runtime>(market, levels)
        }

        fn open_orders(account: AccountIndex) -> Vec<OrderView> {
            pallet_exchange::api::open_orders::<Runtime>(account)
        }

        fn indicative(market: MarketId) -> Option<(Ticks, u64)> {
            pallet_exchange::api::indicative::<Runtime>(market)
        }
    }

    impl caisson_primitives::oracle::api::OracleApi<Block, AccountId, Balance> for Runtime {
        fn feeds() -> Vec<FeedView> {
            Oracle::feed_views()
        }

        fn price_for(feed: FeedId, act: Act) -> Result<Price, PriceUnavailable> {
            <Oracle as PriceFeeds>::price_for(feed, act)
        }

        fn twap(feed: FeedId, window_ms: Moment) -> Option<OraclePrice> {
            <Oracle as PriceFeeds>::twap(feed, window_ms)
        }

        fn volatility(feed: FeedId, horizon_ms: Moment) -> Option<u32> {
            <Oracle as PriceFeeds>::volatility_ppm(feed, horizon_ms)
        }

        fn recent(feed: FeedId) -> Vec<PastPrice> {
            pallet_price_oracle::history::recent::<Runtime>(feed)
        }

        fn participation() -> Vec<Participation<AccountId, Balance>> {
            Oracle::participation()
        }

        fn key_ownership_proof(key: AuthorityId) -> Option<Vec<u8>> {
            Oracle::key_ownership_proof(key)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(config)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, crate::genesis_presets::get_preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            crate::genesis_presets::preset_names()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::metadata(extra)
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(
            checks: frame_try_runtime::UpgradeCheckSelect,
        ) -> (Weight, Weight) {
            let config = frame_executive::TryRuntimeUpgradeConfig::new(checks);
            let weight = Executive::try_runtime_upgrade_with_config(config)
                .expect("a rehearsal of the upgrade must stop at its first failure");
            (weight, crate::configs::BlockWeights::get().max_block)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("a replayed block must stop at its first failure")
        }
    }
}
