//! Plays one crash with several ways to find unsafe accounts: the trigger index, a look at all accounts in each block, a look at
//! as many as fit the same budget, and workers off the chain that submit transactions.
//!
//! All run in one and the same wasm, which differs from the node's by `caisson-finders`; health is the same function, and
//! the same engine acts.

mod cli;
mod finder;
mod play;
mod watch;
mod worker;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
