//! What finders remember from block to block.

// The macro makes types of its own for the prefixes.
#![allow(missing_docs)]

use caisson_primitives::trading::AccountIndex;
use frame_support::{pallet_prelude::ValueQuery, storage_alias};

use crate::Way;

/// Who finds unsafe accounts.
#[storage_alias]
pub type Finder = StorageValue<SideBySide, Way, ValueQuery>;

/// The account at which the next scan within a budget begins.
#[storage_alias]
pub type Cursor = StorageValue<SideBySide, AccountIndex, ValueQuery>;
