//! A chain without a runtime on the backend of a node: blocks that write random keys of a large state.

use caisson_primitives::{Block, Hash, Hashing, Header};
use sc_client_api::{
    backend::{Backend as _, BlockImportOperation, NewBlockState, TrieCacheContext},
    HeaderBackend,
};
use sc_client_db::{Backend, BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};

use sp_runtime::traits::{Hash as _, Header as _};
use sp_state_machine::Backend as StateBackend;
use sp_storage::{StateVersion, Storage};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Any error of the database, as it says it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How many blocks behind the best one the last final one is.
const FINALITY_LAG: u32 = 2;
/// For how many blocks states are kept, as a node's default.
const STATES_KEPT: u32 = 256;
/// As in a node.
const CANONICALIZATION_DELAY: u64 = 4096;

/// How the keys of a block lie in the trie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum KeyOrder {
    /// Hashed, as accounts are: each write goes its own way down the trie.
    Scattered,
    /// In their own order, as those of a book are: the writes of a block are neighbours and share most of their way.
    Adjacent,
    /// As a dense book: 25 orders at each price, and a block writes ladders of 50, their quotes ten prices apart.
    Ladders,
}

/// Orders at each price of a dense book.
const AT_A_PRICE: u32 = 25;
/// Quotes of a ladder.
const QUOTES: u32 = 50;
/// Orders of a dense book between two quotes of a ladder.
const BETWEEN_QUOTES: u32 = 10 * AT_A_PRICE;

/// What a block took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// On the clock.
    pub wall: Duration,
    /// Of the processor, by the thread that makes the block. What else runs on the machine is not in it, and neither are the
    /// threads with which the database writes to disk later.
    pub processor: Duration,
}

/// A database with a chain in it.
pub struct Database {
    backend: Backend<Block>,
    path: PathBuf,
    best: Header,
    recent: Vec<Hash>,
    keys: u32,
    value_bytes: usize,
    order: KeyOrder,
    /// How many of the keys are ever written: the accounts that are active.
    active: u32,
    /// Makes each choice of keys another one, the same in each run.
    drawn: u64,
}

impl Database {
    /// A database of one block whose state has so many keys.
    pub fn create(path: &Path, keys: u32, value_bytes: usize, order: KeyOrder) -> Result<Self> {
        let backend = open(path, None)?;
        let mut storage = Storage::default();
        for number in 0..keys {
            storage.top.insert(order.key(number), vec![1; value_bytes]);
        }
        let mut operation = backend.begin_operation()?;
        let root = operation.set_genesis_state(storage, true, StateVersion::V1)?;
        let best = header(None, root);
        operation.set_block_data(
            best.clone(),
            Some(Vec::new()),
            None,
            None,
            NewBlockState::Final,
            true,
        )?;
        backend.commit_operation(operation)?;
        Ok(Self {
            backend,
            path: path.into(),
            recent: vec![best.hash()],
            best,
            keys,
            value_bytes,
            order,
            active: keys,
            drawn: 0,
        })
    }

    /// The same database, closed and opened again with a trie cache of so many bytes or none.
    pub fn reopen(self, trie_cache: Option<usize>) -> Result<Self> {
        let Self { backend, path, .. } = self;
        drop(backend);
        Ok(Self {
            backend: open(&path, trie_cache)?,
            path,
            ..self
        })
    }

    /// How long each of so many reads of random keys takes. Two calls in a row with no block between read the same keys.
    pub fn time_reads(&self, reads: u32) -> Result<Vec<Duration>> {
        let state = self
            .backend
            .state_at(self.best.hash(), TrieCacheContext::Trusted)?;
        let mut times = Vec::with_capacity(reads as usize);
        for read in 0..reads {
            let key = self.order.key(draw(self.drawn, read) % self.keys);
            let started = Instant::now();
            let value = state.storage(&key).map_err(|error| error.to_string())?;
            times.push(started.elapsed());
            if value.is_none() {
                return Err("a key that was written is not there".into());
            }
        }
        Ok(times)
    }

    /// What the state root and the commit of a block take that writes so many keys.
    pub fn time_block(&mut self, writes: u32) -> Result<Taken> {
        self.drawn += 1;
        let value = vec![(self.drawn % 251) as u8; self.value_bytes];
        let changes: Vec<(Vec<u8>, Option<Vec<u8>>)> = (0..writes)
            .map(|write| (self.written(write), Some(value.clone())))
            .collect();
        let parent = self.best.hash();

        let (started, busy) = (Instant::now(), processor_time()?);
        let mut operation = self.backend.begin_operation()?;
        self.backend.begin_state_operation(&mut operation, parent)?;
        let state = self.backend.state_at(parent, TrieCacheContext::Trusted)?;
        let delta = changes
            .iter()
            .map(|(key, value)| (&key[..], value.as_deref()));
        let (root, transaction) = state.storage_root(delta, StateVersion::V1);
        drop(state);
        operation.update_db_storage(transaction)?;
        operation.update_storage(changes, Vec::new())?;
        let block = header(Some(&self.best), root);
        operation.set_block_data(
            block.clone(),
            Some(Vec::new()),
            None,
            None,
            NewBlockState::Best,
            true,
        )?;
        self.backend.commit_operation(operation)?;
        let taken = Taken {
            wall: started.elapsed(),
            processor: processor_time()?.saturating_sub(busy),
        };

        self.recent.push(block.hash());
        self.best = block;
        self.finalize()?;
        Ok(taken)
    }

    /// From now on only so many of the keys are written.
    pub fn write_only(&mut self, active: u32) {
        self.active = active.clamp(1, self.keys);
    }

    /// The key of a write of this block.
    fn written(&self, write: u32) -> Vec<u8> {
        let number = match self.order {
            KeyOrder::Scattered => draw(self.drawn, write),
            KeyOrder::Adjacent => draw(self.drawn, 0).wrapping_add(write),
            KeyOrder::Ladders => draw(self.drawn, write / QUOTES)
                .wrapping_add(BETWEEN_QUOTES.wrapping_mul(write % QUOTES)),
        };
        self.order.key(number % self.active)
    }

    /// Old states are pruned when a block becomes final: that is work of the database too, in the background of a node.
    fn finalize(&mut self) -> Result<()> {
        let kept = FINALITY_LAG as usize;
        if self.recent.len() > kept {
            let last = self.recent.remove(0);
            if self.backend.blockchain().info().finalized_hash != last {
                self.backend.finalize_block(last, None)?;
            }
        }
        Ok(())
    }
}

fn open(path: &Path, trie_cache: Option<usize>) -> Result<Backend<Block>> {
    let settings = DatabaseSettings {
        trie_cache_maximum_size: trie_cache,
        state_pruning: Some(PruningMode::blocks_pruning(STATES_KEPT)),
        source: DatabaseSource::ParityDb { path: path.into() },
        blocks_pruning: BlocksPruning::KeepFinalized,
        pruning_filters: Vec::new(),
        metrics_registry: None,
    };
    Ok(Backend::new(settings, CANONICALIZATION_DELAY)?)
}

impl KeyOrder {
    /// Keys as pallets make them: a prefix of 32 bytes that all share, and what tells them apart.
    fn key(self, number: u32) -> Vec<u8> {
        let mut key = hash(b"prefix").to_vec();
        let bytes = number.to_be_bytes();
        match self {
            Self::Scattered => key.extend_from_slice(&hash(&bytes)[..16]),
            // Prices are ten ticks apart, and what follows a price is a lottery.
            Self::Adjacent => {
                key.extend_from_slice(&number.wrapping_mul(10).to_be_bytes());
                key.extend_from_slice(&hash(&bytes)[..12]);
            }
            Self::Ladders => {
                key.extend_from_slice(&(number / AT_A_PRICE).to_be_bytes());
                key.extend_from_slice(&hash(&bytes)[..12]);
            }
        }
        key
    }
}

/// What this thread has had of the processor so far.
fn processor_time() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanos))
}

/// A number that looks random and is the same in each run.
fn draw(seed: u64, number: u32) -> u32 {
    let hash = hash(&[&seed.to_le_bytes()[..], &number.to_le_bytes()].concat());
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Hashing::hash(bytes).0
}

fn header(parent: Option<&Header>, state_root: Hash) -> Header {
    let number = parent.map_or(0, |parent| parent.number + 1);
    let parent_hash = parent.map_or_else(Hash::zero, |parent| parent.hash());
    let extrinsics_root = Hashing::ordered_trie_root(Vec::new(), StateVersion::V1);
    Header::new(
        number,
        extrinsics_root,
        state_root,
        parent_hash,
        Default::default(),
    )
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn blocks_should_change_the_state_and_keys_stay_readable() {
        for order in KeyOrder::value_variants() {
            let folder = tempfile::tempdir().expect("a folder");
            let mut database = Database::create(folder.path(), 1_000, 40, *order).expect("creates");
            let before = database.best.state_root;
            for _ in 0..5 {
                database.time_block(100).expect("a block");
            }
            assert_ne!(database.best.state_root, before);
            assert_eq!(database.best.number, 5);
            let database = database.reopen(Some(1 << 20)).expect("opens again");
            assert_eq!(database.time_reads(200).expect("reads").len(), 200);
        }
    }

    #[test]
    fn adjacent_keys_should_be_neighbours() {
        let keys: Vec<_> = (5..8)
            .map(|number| KeyOrder::Adjacent.key(number))
            .collect();
        assert!(keys.is_sorted());
    }
}
