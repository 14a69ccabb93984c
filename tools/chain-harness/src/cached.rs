//! Blocks over the trie cache that a node has, for what is so small that finding keys would be most of it.

use std::time::{Duration, Instant};

use caisson_primitives::Hashing;
use caisson_runtime::UncheckedExtrinsic;
use codec::Encode as _;
use sp_state_machine::{Ext, OverlayedChanges, TrieBackend, TrieBackendBuilder};
use sp_trie::cache::{CacheSize, SharedTrieCache};

use crate::chain::{call_in, Chain};

impl Chain {
    /// Makes the next block, and times it as a node executes it in one piece that has all it reads in its cache: so many runs. All
    /// transactions must fit and pass.
    pub fn timed_cached_block(
        &mut self,
        transactions: &[UncheckedExtrinsic],
        runs: usize,
    ) -> Vec<Duration> {
        let (block, results) = self.assemble(transactions);
        assert_eq!(
            results,
            vec![Ok(()); transactions.len()],
            "all must fit and pass"
        );
        let code = self.code();
        let encoded = block.encode();
        let cache = SharedTrieCache::<Hashing>::new(CacheSize::unlimited(), None);
        let state = &self.ext.backend;
        let execute = || {
            let local = cache.local_cache_trusted();
            let backend: TrieBackend<_, _, _> =
                TrieBackendBuilder::new_with_cache(state.backend_storage(), *state.root(), &local)
                    .build();
            let mut overlay = OverlayedChanges::default();
            let mut ext = Ext::new(&mut overlay, &backend, None);
            let started = Instant::now();
            call_in(&mut ext, &code, "Core_execute_block", &encoded);
            started.elapsed()
        };
        // What the first reads is in the cache for the others, once it is done.
        execute();
        let times = (0..runs).map(|_| execute()).collect();
        self.import(&block);
        times
    }
}
