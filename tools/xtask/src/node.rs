//! The node: how it is built, and `cargo xtask run`.

use crate::error::{Error, Result};
use crate::process;
use crate::setup::{self, Part, Ready};
use crate::workspace::Workspace;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const DEFAULT_RPC_PORT: &str = "9944";

/// Starts a development chain; returns only if that fails.
pub fn run(workspace: &Workspace, keep: Option<&Path>, node_args: &[String]) -> Result<()> {
    let ready = setup::ensure(workspace, &[Part::Build])?;
    let binary = build(&ready)?;
    let mut node = Command::new(&binary);
    node.arg("--dev");
    match keep {
        Some(folder) => {
            println!("The chain is kept in {}.", folder.display());
            node.arg("--base-path").arg(folder);
        }
        None => println!("A fresh chain; `--keep DIR` would keep it."),
    }
    let port = rpc_port(node_args);
    println!("polkadot.js Apps: https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:{port}");
    println!("Ctrl-C stops it.");
    // The node takes this process's place, so that Ctrl-C is its own to handle.
    let error = node.args(node_args).exec();
    Err(Error::new(format!(
        "can't start {}: {error}",
        binary.display()
    )))
}

/// Builds the node and returns its path.
pub fn build(ready: &Ready) -> Result<PathBuf> {
    process::run(ready.cargo().args(build_arguments()))?;
    let binary = ready.workspace.binary("caisson-node");
    if !binary.is_file() {
        return Err(Error::new(format!(
            "the build left no {}",
            binary.display()
        )));
    }
    Ok(binary)
}

/// Builds all binaries with the features that the tests build them with.
///
/// `--examples` makes cargo count development dependencies in, as `--all-targets` does: else a
/// feature that only a test asks for would compile dependencies twice.
fn build_arguments() -> [&'static str; 5] {
    ["build", "--workspace", "--bins", "--examples", "--locked"]
}

/// The port on which the node will listen, given its arguments.
fn rpc_port(node_args: &[String]) -> &str {
    let mut arguments = node_args.iter();
    while let Some(argument) = arguments.next() {
        if let Some(port) = argument.strip_prefix("--rpc-port=") {
            return port;
        }
        if argument == "--rpc-port" {
            return arguments.next().map_or(DEFAULT_RPC_PORT, String::as_str);
        }
    }
    DEFAULT_RPC_PORT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpc_port_should_follow_the_arguments_of_the_node() {
        let arguments = |line: &str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<String>>()
        };
        assert_eq!(rpc_port(&arguments("")), "9944");
        assert_eq!(rpc_port(&arguments("-lrpc=debug --rpc-port 9955")), "9955");
        assert_eq!(rpc_port(&arguments("--rpc-port=9956")), "9956");
        assert_eq!(rpc_port(&arguments("--rpc-port")), "9944");
    }
}
