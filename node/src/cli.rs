//! The command line.

use crate::{errors, keys};
use clap::{error::ErrorKind, CommandFactory, FromArgMatches};
use sc_cli::{KeySubcommand, RunCmd, SubstrateCli};
use std::{ffi::OsString, path::PathBuf};

/// A Caisson node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
    /// A command other than running the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// When to stop for want of disk space.
    #[clap(flatten)]
    pub storage_monitor: sc_storage_monitor::StorageMonitorParams,

    /// A JSON file with price sources of this node's own, beside those on chain or instead of them. See
    /// docs/oracle.md; without this option a validator asks the sources on chain.
    #[arg(long, value_name = "FILE")]
    pub oracle_sources: Option<PathBuf>,

    /// Accepted and ignored: tools that start networks of test nodes pass it to every validator.
    #[arg(long, hide = true)]
    pub insecure_validator_i_know_what_i_do: bool,
}

/// What the binary does besides running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Print a chain specification; see also `export-chain-spec`.
    ///
    /// The older of the two commands, kept because tools that start test networks call it.
    BuildSpec(sc_cli::BuildSpecCmd),

    /// Write a chain specification to a file or to standard output.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Check a block of the database again, by executing it.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks of the database to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Read blocks from a file, verify and import them.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Write the state at a block as a chain specification that starts from it.
    ExportState(sc_cli::ExportStateCmd),

    /// Delete the chain's database; keys stay.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take back the latest blocks, as far as they are not final.
    Revert(sc_cli::RevertCmd),

    /// Print the best and the finalised block of the database, as JSON.
    ChainInfo(sc_cli::ChainInfoCmd),
}

impl Cli {
    /// Reads the command line of the process. A mistake in it is one line that says what to do
    /// instead; help and version are printed here, and end the process.
    pub fn from_command_line() -> Result<Self, String> {
        Self::parse_from_args(std::env::args_os())
    }

    fn parse_from_args<T: Into<OsString> + Clone>(
        args: impl IntoIterator<Item = T>,
    ) -> Result<Self, String> {
        let explain = |error: clap::Error| match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
            _ => errors::usage(&error),
        };
        let command = keys::restrict(Self::setup_command(Self::command()));
        let matches = command.try_get_matches_from(args).map_err(explain)?;
        keys::check(&matches)?;
        Self::from_arg_matches(&matches).map_err(explain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        Cli::parse_from_args(line.split_whitespace())
    }

    #[test]
    fn command_line_should_be_consistent() {
        keys::restrict(Cli::setup_command(Cli::command())).debug_assert();
    }

    #[test]
    fn flags_of_test_networks_should_be_accepted() {
        parse(
            "caisson-node --chain spec.json --name alice --rpc-cors all --rpc-methods unsafe \
             --no-mdns --node-key 11 --no-telemetry --prometheus-external --validator \
             --insecure-validator-i-know-what-i-do --prometheus-port 1 --rpc-port 2 \
             --listen-addr /ip4/127.0.0.1/tcp/3/ws --base-path data",
        )
        .expect("every flag is known");
        parse("caisson-node build-spec --chain local --disable-default-bootnode --raw")
            .expect("every flag is known");
    }

    #[test]
    fn key_insert_should_take_the_keys_of_a_validator_only() {
        let insert = |kind, scheme| {
            parse(&format!(
                "caisson-node key insert --suri //Alice --key-type {kind} --scheme {scheme}"
            ))
        };
        insert("gran", "ed25519").expect("finality keys are ed25519");
        insert("babe", "Sr25519").expect("block production keys are sr25519");
        insert("orcl", "sr25519").expect("oracle keys are sr25519");

        let error = insert("gran", "sr25519").expect_err("the wrong scheme");
        assert!(error.contains("--scheme ed25519"), "{error}");
        let error = insert("imon", "sr25519").expect_err("no such key");
        assert!(error.contains("babe, gran, audi, orcl"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
