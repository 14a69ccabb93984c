//! Plays price paths, and incidents of other venues, through the compiled runtime, and writes what came of it.
//!
//! No network, no clock: a [`stage`] makes one block after the other as fast as the machine can, with the blocks, hooks and
//! signed transactions that a node would have. A [`replay`] takes a price [`path`] through a [`market`] with a crowd in it; the
//! [`catalogue`] has those and the incidents. What happens goes onto a [`tape`], which comes to [`figures`], of which a
//! [`report`] is made. The same input gives the same report, byte for byte.

pub mod calls;
pub mod catalogue;
pub mod cli;
pub mod error;
pub mod figures;
pub mod market;
pub mod money;
pub mod path;
pub mod progress;
pub mod random;
pub mod replay;
pub mod report;
pub mod stage;
pub mod tape;
pub mod validators;
