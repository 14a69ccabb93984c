//! Set-up, checks and development commands of Caisson: `cargo xtask`.
//!
//! The crate has no dependencies, so that the first `cargo xtask` of a fresh clone answers in
//! seconds. `cli` reads the command line, `setup` makes the machine ready, the other modules hold
//! one command each.

mod chain_specs;
mod checks;
mod cli;
mod demo;
mod dev_chain;
mod error;
mod examples;
mod guides;
mod network;
mod node;
mod process;
mod proofs;
mod runtime_wasm;
mod service;
mod setup;
mod side_by_side;
mod upgrade;
mod weights;
mod workspace;

use cli::Command;
use error::{Error, Result};
use setup::Part;
use std::process::ExitCode;
use workspace::Workspace;

fn main() -> ExitCode {
    match arguments()
        .and_then(|arguments| cli::parse(&arguments))
        .and_then(execute)
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Vec<String>> {
    let readable = |argument: std::ffi::OsString| {
        argument
            .into_string()
            .map_err(|raw| Error::new(format!("the argument {raw:?} isn't readable text (UTF-8)")))
    };
    std::env::args_os().skip(1).map(readable).collect()
}

fn execute(command: Command) -> Result<()> {
    if let Command::Help(text) = command {
        println!("{text}");
        return Ok(());
    }
    let workspace = Workspace::locate()?;
    match command {
        Command::Help(_) => Ok(()),
        Command::Setup => setup::ensure(&workspace, &Part::ALL).map(|_| ()),
        Command::Run(request) => demo::run(&workspace, &request),
        Command::Test { only, list } => {
            if list {
                checks::list();
                return Ok(());
            }
            checks::run(&workspace, &only)
        }
        Command::Prove { args } => proofs::prove(&workspace, &args),
        Command::ChainSpecs { out, node } => {
            chain_specs::command(&workspace, out.as_deref(), node.as_deref())
        }
        Command::Weights(request) => weights::command(&workspace, &request),
        Command::SideBySide { args } => side_by_side::command(&workspace, &args),
        Command::NetworkTest { form } => network::command(&workspace, form),
    }
}
