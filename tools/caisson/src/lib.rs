//! The command line of Caisson, and what it is made of.
//!
//! - [`chain`] talks to a node: typed state, runtime APIs, transactions, events;
//! - [`units`] translates between what people write and what the chain counts in;
//! - [`keys`] holds the keys that sign;
//! - [`cli`] is what can be asked for, [`bots`] a crowd that trades, [`view`] a live picture of the chain, [`demo`] all
//!   of it on this computer, [`audit`] a check of the books.
//!
//! Calls, events and answers are the runtime's own types. So a change of the runtime that this crate doesn't follow
//! fails to compile, and a chain whose runtime is another version is refused with words instead of misread.

pub mod audit;
pub mod bots;
pub mod chain;
pub mod cli;
mod commands;
pub mod demo;
pub mod error;
pub mod keys;
pub mod units;
pub mod view;
