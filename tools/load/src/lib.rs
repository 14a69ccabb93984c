//! A load generator: thousands of accounts whose transactions are signed ahead, sent over several connections at a rate or as
//! fast as a bound on those under way allows, and measured from the events and timestamps of final blocks.
//!
//! | file | holds |
//! |---|---|
//! | [`cli`] | what can be asked for |
//! | [`plan`] | the kinds of load, as shares of roles |
//! | [`calls`] | what an account of a role sends next |
//! | [`fleet`] | the accounts, each with its queue of signed transactions |
//! | [`venue`] | the markets |
//! | [`setup`] | money and margin accounts, before the clock starts |
//! | [`spec`] | a chain specification in which the accounts have money |
//! | [`stack`] | the nodes and prices that a run starts |
//! | [`signing`] | signs ahead, in threads |
//! | [`pace`] | tokens: so many acts a second |
//! | [`sender`] | takes from queues, sends, handles refusals |
//! | [`ledger`] | what is under way, and how long it took |
//! | [`observer`] | reads blocks |
//! | [`tally`] | counts acts in the events of a block |
//! | [`figures`] | percentiles, missed slots |
//! | [`machine`] | memory, processor time, disk |
//! | [`metrics`] | a node's Prometheus figures |
//! | [`run`] | all of it in order |
//! | [`progress`] | a line a second |
//! | [`report`], [`plots`] | what is written in the end |

pub mod calls;
pub mod cli;
pub mod figures;
pub mod fleet;
pub mod ledger;
pub mod machine;
pub mod metrics;
pub mod observer;
pub mod pace;
pub mod plan;
pub mod plots;
pub mod progress;
pub mod report;
pub mod run;
pub mod sender;
pub mod setup;
pub mod signing;
pub mod spec;
pub mod stack;
pub mod tally;
pub mod venue;
