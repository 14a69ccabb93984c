//! Who finds unsafe accounts, and how a chain is told.

use caisson_chain_harness::Chain;
use caisson_finders::Way;
use caisson_runtime::configs::{MarginBudget, MAXIMUM_BLOCK_WEIGHT};
use codec::Encode as _;
use frame_support::storage::storage_prefix;
use sp_core::storage::well_known_keys::CODE;

use crate::worker::Worker;

/// Where they keep what they remember.
const PALLET: &[u8] = b"SideBySide";

/// A way to find unsafe accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finder {
    /// The trigger index.
    Index,
    /// All accounts in each block.
    ScanAll,
    /// As many accounts in each block as fit the budget of the index.
    ScanInBudget,
    /// A worker off the chain that reads so many accounts after each block.
    Pages(u32),
    /// The same of all accounts.
    Everything,
    /// The same, whose transactions may take all of a block.
    WholeBlocks,
}

impl Finder {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Index => "trigger index",
            Self::ScanAll => "scan of all accounts",
            Self::ScanInBudget => "scan within the budget",
            Self::Pages(_) => "off-chain worker, pages",
            Self::Everything => "off-chain worker, all accounts",
            Self::WholeBlocks => "off-chain worker, all accounts, whole blocks",
        }
    }

    /// The worker off the chain, if there is one, for so many accounts.
    pub fn worker(self, accounts: u32) -> Option<Worker> {
        let budget = MarginBudget::get();
        match self {
            Self::Index | Self::ScanAll | Self::ScanInBudget => None,
            Self::Pages(page) => Some(Worker::new(page, budget)),
            Self::Everything => Some(Worker::new(accounts, budget)),
            Self::WholeBlocks => Some(Worker::new(accounts, MAXIMUM_BLOCK_WEIGHT)),
        }
    }

    const fn way(self) -> Way {
        match self {
            Self::Index => Way::Index,
            Self::ScanAll => Way::ScanAll,
            Self::ScanInBudget => Way::ScanInBudget,
            Self::Pages(_) | Self::Everything | Self::WholeBlocks => Way::OffChain,
        }
    }

    /// Gives the chain the code that knows all ways, and has it go this one.
    pub fn take_over(self, chain: &mut Chain, wasm: &[u8]) {
        chain.query(|| {
            sp_io::storage::set(CODE, wasm);
            sp_io::storage::set(&storage_prefix(PALLET, b"Finder"), &self.way().encode());
        });
        chain.commit();
    }
}
