//! The runtime executed natively, for tests that need thousands of blocks: the same pallets and the same hooks in the
//! same order, without the wasm and without signatures.

use caisson_primitives::{
    oracle::{FeedId, FeedStatus, OraclePrice},
    time::SLOT_MILLIS,
    AccountId, BlockNumber, Moment,
};
use caisson_runtime::{
    AllPalletsWithSystem, Executive, Header, Runtime, RuntimeCall, RuntimeEvent,
    RuntimeGenesisConfig, RuntimeOrigin, System, UncheckedExtrinsic,
};
use frame_support::{
    genesis_builder_helper::build_state,
    traits::{TryState, TryStateSelect},
};
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_runtime::{
    traits::{Dispatchable, Header as _},
    Digest, DigestItem, DispatchResult,
};
use sp_state_machine::TestExternalities;

use crate::chain::merge;

/// The pallets whose invariants are checked after each block. Not the oracle: its prices are written by the test.
const CHECKED: [&str; 6] = [
    "Markets",
    "CircuitBreaker",
    "Margin",
    "Liquidation",
    "Insurance",
    "Exchange",
];

/// A chain that runs natively.
pub struct Native {
    ext: TestExternalities<caisson_primitives::Hashing>,
    slot: u64,
    number: BlockNumber,
}

impl Native {
    /// A chain of the preset of that name, before its first block.
    pub fn from_preset(preset: &str) -> Self {
        let patch = caisson_runtime::genesis_presets::get_preset(&preset.into()).expect("a preset");
        let patch = serde_json::from_slice(&patch).expect("a preset is JSON");
        let mut config =
            serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
        merge(&mut config, patch);
        let config = serde_json::to_vec(&config).expect("JSON");
        let mut ext = TestExternalities::new_empty();
        ext.execute_with(|| build_state::<RuntimeGenesisConfig>(config).expect("genesis"));
        Self {
            ext,
            slot: 1_700_000_000,
            number: 0,
        }
    }

    /// Reads or writes the state.
    pub fn run<R>(&mut self, run: impl FnOnce() -> R) -> R {
        self.ext.execute_with(run)
    }

    /// The time of the next block.
    pub fn next_time(&self) -> Moment {
        (self.slot + 1) * SLOT_MILLIS
    }

    /// Gives a feed a fresh price, as if all validators had agreed on it in time for the next block.
    pub fn set_price(&mut self, feed: FeedId, price: OraclePrice, status: FeedStatus) {
        let observed_at = match status {
            FeedStatus::Stale => self.next_time() - 60_000,
            FeedStatus::Down => self.next_time() - 3_600_000,
            _ => self.next_time(),
        };
        self.run(|| {
            pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
                let aggregate = pallet_price_oracle::types::Aggregate {
                    price,
                    confidence: match status {
                        FeedStatus::Uncertain => price / 10,
                        _ => price / 10_000,
                    },
                    observed_at,
                    updated_at: observed_at,
                    held_back: status == FeedStatus::Guarded,
                    status,
                };
                all.try_insert(feed, aggregate).expect("there is room");
            });
        });
    }

    /// Lets the given slots pass without a block.
    pub fn skip_slots(&mut self, slots: u64) {
        self.slot += slots;
    }

    /// Runs one block: hooks, the timestamp, what `acts` does, hooks; and checks the invariants of our pallets.
    pub fn block(&mut self, acts: impl FnOnce()) {
        self.block_unchecked(acts);
        let number = self.number;
        self.run(|| check(number));
    }

    /// The same without the check, for a state that was corrupted on purpose.
    pub fn block_unchecked(&mut self, acts: impl FnOnce()) {
        self.slot += 1;
        self.number += 1;
        let (slot, number) = (self.slot, self.number);
        self.ext.execute_with(|| {
            let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
                authority_index: 0,
                slot: slot.into(),
            });
            let digest = Digest {
                logs: vec![DigestItem::babe_pre_digest(pre_digest)],
            };
            let header = Header::new(
                number,
                Default::default(),
                Default::default(),
                System::block_hash(number - 1),
                digest,
            );
            Executive::initialize_block(&header);
            let now = slot * SLOT_MILLIS;
            let timestamp = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now });
            Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(timestamp))
                .expect("valid")
                .expect("passes");
            acts();
            Executive::finalize_block();
        });
        self.ext.commit_all().expect("commits");
    }

    /// The events of the last block.
    pub fn events(&mut self) -> Vec<RuntimeEvent> {
        self.run(events)
    }
}

/// The events of the block so far.
pub fn events() -> Vec<RuntimeEvent> {
    System::read_events_no_consensus()
        .map(|record| record.event)
        .collect()
}

/// Checks the invariants of our pallets.
pub fn check(number: BlockNumber) {
    let ours = CHECKED.map(|name| name.as_bytes().to_vec()).to_vec();
    AllPalletsWithSystem::try_state(number, TryStateSelect::Only(ours))
        .unwrap_or_else(|error| panic!("invariants in block {number}: {error:?}"));
}

/// Dispatches a call in the name of an account, as a transaction would but for fee and signature.
pub fn dispatch(who: &AccountId, call: impl Into<RuntimeCall>) -> DispatchResult {
    let call: RuntimeCall = call.into();
    call.dispatch(RuntimeOrigin::signed(who.clone()))
        .map(|_| ())
        .map_err(|error| error.error)
}
