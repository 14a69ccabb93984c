//! `caisson-node`: the one binary of Caisson, for validators, full nodes and development.
//!
//! - [`cli`] and [`keys`]: what may stand on the command line.
//! - [`command`]: what each command does.
//! - [`preflight`]: what is checked before anything starts, so that a mistake is a sentence and not
//!   a node that runs half.
//! - [`chain_spec`]: the chains the binary knows, and files that describe others.
//! - [`service`]: the node itself: client, consensus, network.
//! - [`rpc`]: the methods served besides the SDK's own.
//! - [`errors`]: every failure as one line that says what to do.

// The errors are the SDK's; none is returned more than a few times in the life of a process.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod errors;
mod keys;
mod oracle;
mod preflight;
mod risk_metrics;
mod rpc;
mod service;

use std::{process::ExitCode, time::Duration};

fn main() -> ExitCode {
    let cli = match cli::Cli::from_command_line() {
        Ok(cli) => cli,
        Err(message) => {
            eprintln!("Error: {message}");
            return ExitCode::from(2);
        }
    };
    match command::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The logger writes in the background, twenty times a second: its lines come first, so
            // that the reason stands last.
            std::thread::sleep(Duration::from_millis(200));
            eprintln!("Error: {}", errors::explain(&error));
            ExitCode::FAILURE
        }
    }
}
