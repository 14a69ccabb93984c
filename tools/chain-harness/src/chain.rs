//! The compiled runtime over an in-memory state.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use caisson_primitives::{time::SLOT_MILLIS, AccountId, Balance, BlockNumber, Moment};
use caisson_runtime::{
    AllPalletsWithSystem, Babe, Block, Header, Runtime, RuntimeCall, RuntimeEvent, Session,
    SignedPayload, System, UncheckedExtrinsic, WASM_BINARY,
};
use codec::{Decode, Encode};
use frame_support::traits::{TryState, TryStateSelect};
use sc_executor::WasmExecutor;
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_core::{
    storage::well_known_keys::CODE,
    traits::{CallContext, CodeExecutor, ReadRuntimeVersionExt, RuntimeCode, WrappedRuntimeCode},
    Pair,
};
use sp_externalities::Externalities as _;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{
    generic::Era,
    traits::{Block as _, Header as _},
    ApplyExtrinsicResult, Digest, DigestItem, DispatchError, DispatchResult, MultiSignature,
};
use sp_state_machine::TestExternalities;

type Externalities = TestExternalities<caisson_primitives::Hashing>;
type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;

/// The bytes of a hash, under which a node of the trie is kept.
const HASH_BYTES: usize = 32;

/// One executor for the process: it keeps the compiled machine code.
fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| WasmExecutor::builder().build())
}

/// The wasm that the build made of this runtime. Panics when the build was told to make none.
pub fn wasm() -> &'static [u8] {
    WASM_BINARY
        .expect("this program runs the compiled runtime: unset SKIP_WASM_BUILD and build again")
}

/// The hash of a code. That of the last one is kept: hashing takes longer than most calls, and the code rarely changes.
fn hash_of(code: &[u8]) -> Vec<u8> {
    static LAST: Mutex<(Vec<u8>, Vec<u8>)> = Mutex::new((Vec::new(), Vec::new()));
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != code {
        *last = (code.to_vec(), sp_io::hashing::blake2_256(code).to_vec());
    }
    last.1.clone()
}

/// Calls a runtime API in the wasm that the state holds.
pub(crate) fn call(ext: &mut Externalities, method: &str, input: &[u8]) -> Vec<u8> {
    let code = ext
        .execute_with(|| sp_io::storage::get(CODE))
        .expect("a chain has code");
    call_in(&mut ext.ext(), &code, method, input)
}

/// The same in this wasm, on any state.
pub(crate) fn call_in(
    ext: &mut dyn sp_externalities::Externalities,
    code: &[u8],
    method: &str,
    input: &[u8],
) -> Vec<u8> {
    let runtime_code = RuntimeCode {
        hash: hash_of(code),
        code_fetcher: &WrappedRuntimeCode(code.into()),
        heap_pages: None,
    };
    let context = CallContext::Onchain { import: false };
    let (result, _) = executor().call(ext, &runtime_code, method, input, context);
    result.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// How often invariants are checked, and whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checks {
    /// After each block whose number this divides; never when it is nothing.
    pub every: BlockNumber,
    /// The pallets, by their names in the runtime; all when there are none.
    pub pallets: &'static [&'static str],
}

impl Checks {
    /// All pallets, after every block.
    pub const ALWAYS: Self = Self {
        every: 1,
        pallets: &[],
    };
}

/// A chain and the slot of its last block.
pub struct Chain {
    pub(crate) ext: Externalities,
    pub(crate) parent: Header,
    pub(crate) slot: u64,
    checks: Checks,
}

impl Chain {
    /// A chain that starts from the preset of that name, one empty block after genesis.
    pub fn from_preset(preset: &str) -> Self {
        Self::from_preset_with(preset, |_| ())
    }

    /// The same, with the genesis in JSON changed first.
    pub fn from_preset_with(preset: &str, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        let mut ext = Externalities::new_empty();
        ext.execute_with(|| sp_io::storage::set(CODE, wasm()));
        ext.register_extension(ReadRuntimeVersionExt::new(executor().clone()));
        ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));

        let id = Some(sp_genesis_builder::PresetId::from(preset)).encode();
        let json = call(&mut ext, "GenesisBuilder_get_preset", &id);
        let json = Option::<Vec<u8>>::decode(&mut &json[..])
            .expect("decodes")
            .unwrap_or_else(|| panic!("no preset is called {preset}"));
        let mut patch = serde_json::from_slice(&json).expect("a preset is JSON");
        change(&mut patch);
        let mut config = default_genesis(&mut ext);
        merge(&mut config, patch);
        let config = serde_json::to_vec(&config).expect("JSON");
        let built = call(&mut ext, "GenesisBuilder_build_state", &config.encode());
        sp_genesis_builder::Result::decode(&mut &built[..])
            .expect("decodes")
            .expect("genesis");
        ext.commit_all().expect("commits");

        let genesis = Header::new(
            0,
            Default::default(),
            Default::default(),
            Default::default(),
            Default::default(),
        );
        let mut chain = Self {
            ext,
            parent: genesis,
            slot: 1_700_000_000,
            checks: Checks::ALWAYS,
        };
        chain.next_block();
        chain
    }

    /// From now on invariants are checked this often. A chain begins with [`Checks::ALWAYS`].
    pub fn set_checks(&mut self, checks: Checks) {
        self.checks = checks;
    }

    /// Checks invariants now. Panics with the name of the pallet whose don't hold.
    pub fn check(&mut self) {
        let (number, pallets) = (self.number(), self.checks.pallets);
        let select = match pallets {
            [] => TryStateSelect::All,
            some => {
                TryStateSelect::Only(some.iter().map(|name| name.as_bytes().to_vec()).collect())
            }
        };
        self.ext
            .execute_with(|| AllPalletsWithSystem::try_state(number, select))
            .unwrap_or_else(|error| panic!("invariants after block {number}: {error:?}"));
    }

    /// Reads or writes the state between two blocks.
    pub fn query<R>(&mut self, query: impl FnOnce() -> R) -> R {
        self.ext.execute_with(query)
    }

    /// Calls a runtime API on the state after the last block.
    pub fn api(&mut self, method: &str, input: &[u8]) -> Vec<u8> {
        let output = call(&mut self.ext, method, input);
        self.ext.reset_overlay();
        output
    }

    /// Takes what was written between two blocks into the trie.
    pub fn commit(&mut self) {
        self.ext.commit_all().expect("commits");
    }

    /// The time of the next block.
    pub fn next_time(&self) -> Moment {
        (self.slot + 1) * SLOT_MILLIS
    }

    /// The number of the last block.
    pub fn number(&self) -> BlockNumber {
        self.parent.number
    }

    /// Lets the given slots pass without a block.
    pub fn skip_slots(&mut self, slots: u64) {
        self.slot += slots;
    }

    /// One block with the timestamp and nothing else.
    pub fn next_block(&mut self) {
        self.next_block_with(Vec::new());
    }

    /// That many empty blocks.
    pub fn next_blocks(&mut self, blocks: BlockNumber) {
        (0..blocks).for_each(|_| self.next_block());
    }

    /// Empty blocks until the condition holds. Panics when it doesn't within `most` blocks.
    pub fn next_blocks_until(
        &mut self,
        most: BlockNumber,
        what: &str,
        mut condition: impl FnMut() -> bool,
    ) -> BlockNumber {
        for blocks in 0..most {
            if self.query(&mut condition) {
                return blocks;
            }
            self.next_block();
        }
        panic!("not within {most} blocks: {what}");
    }

    /// Skips to the last slot of the session: the next block rotates it.
    pub fn skip_to_session_end(&mut self) {
        let (start, length) = self.query(|| {
            let start = u64::from(Babe::current_epoch_start());
            (start, caisson_runtime::configs::EpochDuration::get())
        });
        self.slot = self.slot.max(start + length - 1);
    }

    /// Skips to the end of the session and makes the block that rotates it.
    pub fn next_session(&mut self) {
        let before = self.query(Session::current_index);
        self.skip_to_session_end();
        self.next_block();
        assert_eq!(
            self.query(Session::current_index),
            before + 1,
            "the session must rotate"
        );
    }

    /// One block with the given transactions behind the timestamp.
    pub fn next_block_with(
        &mut self,
        transactions: Vec<UncheckedExtrinsic>,
    ) -> Vec<ApplyExtrinsicResult> {
        self.begin_block();
        let mut results = vec![self.apply(timestamp(self.slot))];
        assert_eq!(
            results[0],
            Ok(Ok(())),
            "the timestamp must pass in block {}",
            self.number()
        );
        results.extend(
            transactions
                .into_iter()
                .map(|transaction| self.apply(transaction)),
        );
        self.end_block();
        results.remove(0).expect("asserted").expect("asserted");
        results
    }

    /// Makes a block of these transactions, forgets it, and executes it in one piece as an importing node does;
    /// returns how long that took. All transactions must fit and pass.
    pub fn timed_block(&mut self, transactions: &[UncheckedExtrinsic]) -> Duration {
        let (took, results) = self.timed_full_block(transactions);
        assert_eq!(
            results,
            vec![Ok(()); transactions.len()],
            "all must fit and pass"
        );
        took
    }

    /// The same of as many of the transactions as fit, in their order; returns also what became of those. Panics when one is not
    /// valid.
    pub fn timed_full_block(
        &mut self,
        transactions: &[UncheckedExtrinsic],
    ) -> (Duration, Vec<DispatchResult>) {
        let (block, results) = self.assemble(transactions);
        (self.import(&block), results)
    }

    /// The next block of as many of the transactions as fit, which isn't part of the chain yet; also what becomes of those.
    pub(crate) fn assemble(
        &mut self,
        transactions: &[UncheckedExtrinsic],
    ) -> (Block, Vec<DispatchResult>) {
        // What was written between two blocks belongs to the state that both runs start from.
        self.ext.commit_all().expect("commits");
        let (parent, slot) = (self.parent.clone(), self.slot);
        self.begin_block();
        let inherent = timestamp(self.slot);
        assert_eq!(self.apply(inherent.clone()), Ok(Ok(())), "the timestamp");
        let (mut all, mut results) = (vec![inherent], Vec::new());
        for extrinsic in transactions {
            match self.apply(extrinsic.clone()) {
                Ok(result) => results.push(result),
                Err(error) if error.exhausted_resources() => break,
                Err(error) => panic!("{error:?}: {extrinsic:?}"),
            }
            all.push(extrinsic.clone());
        }
        let header = call(&mut self.ext, "BlockBuilder_finalize_block", &[]);
        let header = Header::decode(&mut &header[..]).expect("decodes");
        self.ext.reset_overlay();
        (self.parent, self.slot) = (parent, slot);
        (Block::new(header, all), results)
    }

    /// Executes a block in one piece and makes it the last of the chain; says how long that took.
    pub(crate) fn import(&mut self, block: &Block) -> Duration {
        let encoded = block.encode();
        let started = Instant::now();
        call(&mut self.ext, "Core_execute_block", &encoded);
        let took = started.elapsed();
        self.ext.commit_all().expect("commits");
        self.slot = self.query(|| u64::from(pallet_babe::CurrentSlot::<Runtime>::get()));
        self.parent = block.header().clone();
        took
    }

    /// Takes the chain apart: how many nodes its trie has, and their bytes with the hashes under which they are kept.
    pub fn into_trie_size(mut self) -> (u64, u64) {
        self.commit();
        let (nodes, _) = self.ext.into_raw_snapshot();
        let bytes = nodes
            .iter()
            .map(|(_, (node, _))| (HASH_BYTES + node.len()) as u64)
            .sum();
        (nodes.len() as u64, bytes)
    }

    /// The code in the state.
    pub(crate) fn code(&mut self) -> Vec<u8> {
        let code = self.query(|| sp_io::storage::get(CODE));
        code.expect("a chain has code").to_vec()
    }

    /// The header of the next block before it is executed, in the next slot whose author isn't disabled.
    pub(crate) fn next_header(&mut self) -> Header {
        self.slot += 1;
        let (authorities, disabled) = self.query(|| {
            let disabled = pallet_session::DisabledValidators::<Runtime>::get();
            let disabled: Vec<_> = disabled
                .into_iter()
                .map(|(index, _)| u64::from(index))
                .collect();
            (Babe::authorities().len() as u64, disabled)
        });
        // The slots of disabled authors stay empty.
        while disabled.contains(&(self.slot % authorities)) {
            self.slot += 1;
        }
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
            authority_index: (self.slot % authorities) as u32,
            slot: self.slot.into(),
        });
        Header::new(
            self.parent.number + 1,
            Default::default(),
            Default::default(),
            self.parent.hash(),
            Digest {
                logs: vec![DigestItem::babe_pre_digest(pre_digest)],
            },
        )
    }

    /// Initialises the next block. What is applied then is part of it, until [`Self::end_block`].
    pub fn begin_block(&mut self) {
        let header = self.next_header();
        call(&mut self.ext, "Core_initialize_block", &header.encode());
        self.parent.number += 1;
    }

    /// Applies one extrinsic to the block that has begun. One that is refused leaves nothing behind, as with an author: the
    /// runtime has raised its nonce before it finds that there is no room.
    pub fn apply(&mut self, extrinsic: UncheckedExtrinsic) -> ApplyExtrinsicResult {
        self.ext.ext().storage_start_transaction();
        let result = call(
            &mut self.ext,
            "BlockBuilder_apply_extrinsic",
            &extrinsic.encode(),
        );
        let result = ApplyExtrinsicResult::decode(&mut &result[..]).expect("decodes");
        let mut ext = self.ext.ext();
        let ended = if result.is_ok() {
            ext.storage_commit_transaction()
        } else {
            ext.storage_rollback_transaction()
        };
        ended.expect("the runtime ends what it begins");
        result
    }

    /// The timestamp of the block that has begun.
    pub fn apply_timestamp(&mut self) -> ApplyExtrinsicResult {
        self.apply(timestamp(self.slot))
    }

    /// Finalises the block and checks invariants, when it is time to.
    pub fn end_block(&mut self) {
        let header = call(&mut self.ext, "BlockBuilder_finalize_block", &[]);
        self.parent = Header::decode(&mut &header[..]).expect("decodes");
        self.ext.commit_all().expect("commits");
        if self.checks.every > 0 && self.number().is_multiple_of(self.checks.every) {
            self.check();
        }
    }

    /// A signed transaction with the account's next nonce.
    pub fn sign(&mut self, signer: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
        let nonce = self.query(|| System::account_nonce(signer.to_account_id()));
        self.sign_with_nonce(signer, nonce, call)
    }

    /// A signed transaction with that nonce.
    pub fn sign_with_nonce(
        &mut self,
        signer: Sr25519Keyring,
        nonce: u32,
        call: RuntimeCall,
    ) -> UncheckedExtrinsic {
        self.sign_as(&signer.pair(), nonce, call)
    }

    /// A transaction with that nonce, signed by any key. Signatures of ed25519 are the same in every run, those of sr25519 are
    /// not, and neither are the hashes of blocks with them.
    pub fn sign_as<P>(&mut self, signer: &P, nonce: u32, call: RuntimeCall) -> UncheckedExtrinsic
    where
        P: Pair,
        AccountId: From<P::Public>,
        MultiSignature: From<P::Signature>,
    {
        let extension = caisson_runtime::transactions::extension(nonce, Era::Immortal, 0);
        let payload = self
            .query(|| SignedPayload::new(call, extension))
            .expect("the state has what a signature binds");
        let signature = payload.using_encoded(|bytes| signer.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        let address = AccountId::from(signer.public()).into();
        UncheckedExtrinsic::new_signed(call, address, MultiSignature::from(signature), extension)
    }

    /// Puts one signed call into a block of its own and returns what became of it. Panics when the
    /// transaction itself is not valid.
    pub fn transact(
        &mut self,
        signer: Sr25519Keyring,
        call: impl Into<RuntimeCall>,
    ) -> DispatchResult {
        let call = call.into();
        let name = format!("{call:?}");
        let transaction = self.sign(signer, call);
        self.next_block_with(vec![transaction])
            .remove(0)
            .unwrap_or_else(|error| panic!("{error:?}: {name}"))
    }

    /// The events of the last block.
    pub fn events(&mut self) -> Vec<RuntimeEvent> {
        self.query(|| {
            frame_system::Pallet::<Runtime>::read_events_no_consensus()
                .map(|record| record.event)
                .collect()
        })
    }

    /// The free balance of an account.
    pub fn free(&mut self, account: &AccountId) -> Balance {
        self.query(|| System::account(account).data.free)
    }

    /// The version of the code in the state.
    pub fn spec_version(&mut self) -> u32 {
        let version = self.api("Core_version", &[]);
        sp_version::RuntimeVersion::decode(&mut &version[..])
            .expect("decodes")
            .spec_version
    }
}

/// The timestamp inherent of a slot.
fn timestamp(slot: u64) -> UncheckedExtrinsic {
    let now = slot * SLOT_MILLIS;
    UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(pallet_timestamp::Call::set { now }))
}

/// The default genesis, to which a preset is a patch.
fn default_genesis(ext: &mut Externalities) -> serde_json::Value {
    let none: Option<sp_genesis_builder::PresetId> = None;
    let json = call(ext, "GenesisBuilder_get_preset", &none.encode());
    let json = Option::<Vec<u8>>::decode(&mut &json[..])
        .expect("decodes")
        .expect("a default");
    serde_json::from_slice(&json).expect("JSON")
}

/// Lays a patch over JSON: objects field by field, everything else as a whole.
pub fn merge(base: &mut serde_json::Value, patch: serde_json::Value) {
    match (base, patch) {
        (serde_json::Value::Object(base), serde_json::Value::Object(patch)) => {
            for (key, value) in patch {
                merge(base.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (base, patch) => *base = patch,
    }
}

/// The error of a pallet, as a dispatch returns it.
pub fn error(error: impl Into<DispatchError>) -> DispatchResult {
    // What crosses the wasm boundary carries no message.
    Err(error.into().stripped())
}
