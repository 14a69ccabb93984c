//! What the hooks of one block read, write, take and claim.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use caisson_runtime::{System, UncheckedExtrinsic};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use sp_core::storage::StateVersion;
use sp_externalities::with_externalities;
use sp_trie::recorder::Recorder;

use crate::chain::{call, call_in, Chain};

/// One of the two calls of the runtime in which hooks run.
#[derive(Clone, Debug)]
pub struct Phase {
    /// The least time of all runs, without that of the state root: a write's share of it is in the database's weights.
    pub took: Duration,
    /// The keys that were read from the state before the block.
    pub read: BTreeSet<Vec<u8>>,
    /// The keys that were written.
    pub written: BTreeSet<Vec<u8>>,
    /// The weight of mandatory work that was registered meanwhile.
    pub claimed: Weight,
}

/// The hooks of a block.
#[derive(Clone, Debug)]
pub struct Dissection {
    /// `Core_initialize_block`: `on_initialize` of all pallets.
    pub initialize: Phase,
    /// `BlockBuilder_finalize_block`: `on_idle` and `on_finalize` of all pallets.
    pub finalize: Phase,
}

/// What one run of a call did.
struct Run {
    took: Duration,
    read: BTreeSet<Vec<u8>>,
    written: BTreeSet<Vec<u8>>,
    claimed: Weight,
}

impl Run {
    /// The first run says what was read, because only that one records it; the others are timed.
    fn merge(first: &Self, others: &[Self]) -> Phase {
        Phase {
            took: others.iter().map(|run| run.took).min().unwrap_or_default(),
            read: first.read.clone(),
            written: first.written.clone(),
            claimed: first.claimed,
        }
    }
}

impl Chain {
    /// Makes the next block with these transactions a number of times, and forgets it each time: what its hooks cost.
    /// All transactions must pass, and at least one run is needed.
    pub fn dissect(&mut self, transactions: &[UncheckedExtrinsic], runs: usize) -> Dissection {
        self.ext.commit_all().expect("commits");
        let (parent, slot) = (self.parent.clone(), self.slot);
        let mut all = Vec::new();
        // One more, which records.
        for run in 0..=runs {
            let header = self.next_header();
            let input = codec::Encode::encode(&header);
            let initialize = self.run("Core_initialize_block", &input, run == 0);
            self.parent.number += 1;
            assert_eq!(self.apply_timestamp(), Ok(Ok(())));
            for transaction in transactions {
                let result = self.apply(transaction.clone());
                assert_eq!(result, Ok(Ok(())), "{transaction:?}");
            }
            let mut finalize = self.run("BlockBuilder_finalize_block", &[], run == 0);
            finalize.took = finalize.took.saturating_sub(self.time_of_root());
            all.push((initialize, finalize));
            self.ext.reset_overlay();
            (self.parent, self.slot) = (parent.clone(), slot);
        }
        let (initializing, finalizing): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let merge = |runs: &[Run]| {
            let (first, others) = runs.split_first().expect("one records");
            Run::merge(first, others)
        };
        Dissection {
            initialize: merge(&initializing),
            finalize: merge(&finalizing),
        }
    }

    fn run(&mut self, method: &str, input: &[u8], record: bool) -> Run {
        let mandatory = || *System::block_weight().get(DispatchClass::Mandatory);
        let claimed_before = self.query(mandatory);
        let before = self.overlay();
        let (took, read) = if record {
            (Duration::ZERO, self.recorded(method, input))
        } else {
            let started = Instant::now();
            call(&mut self.ext, method, input);
            (started.elapsed(), BTreeSet::new())
        };
        let after = self.overlay();
        let written = after
            .into_iter()
            .filter(|(key, value)| before.get(key) != Some(value))
            .map(|(key, _)| key)
            .collect();
        // The weight of the last block is in the state when a block begins.
        let claimed = match method {
            "Core_initialize_block" => self.query(mandatory),
            _ => self.query(mandatory).saturating_sub(claimed_before),
        };
        Run {
            took,
            read,
            written,
            claimed,
        }
    }

    /// Everything that was written in this block so far.
    fn overlay(&mut self) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        let changes = self.ext.overlayed_changes().changes();
        let keys: Vec<_> = changes.map(|(key, _)| key.clone()).collect();
        self.query(|| {
            keys.into_iter()
                .map(|key| {
                    let value = sp_io::storage::get(&key).map(|value| value.to_vec());
                    (key, value)
                })
                .collect()
        })
    }

    /// Calls the runtime, and says which keys it read from the state.
    fn recorded(&mut self, method: &str, input: &[u8]) -> BTreeSet<Vec<u8>> {
        let code = self.code();
        let recorder = Recorder::default();
        self.ext.execute_with_recorder(recorder.clone(), || {
            with_externalities(|ext| call_in(ext, &code, method, input)).expect("they are set")
        });
        recorder
            .recorded_keys()
            .into_values()
            .flat_map(|keys| keys.into_keys())
            .map(|key| key.to_vec())
            .collect()
    }

    /// How long the state root of the block takes, which its end computes.
    fn time_of_root(&mut self) -> Duration {
        self.query(|| {
            // A root that was computed is kept until something changes.
            sp_io::storage::set(b":changed", b"changed");
            let started = Instant::now();
            sp_io::storage::root(StateVersion::V1);
            started.elapsed()
        })
    }
}
