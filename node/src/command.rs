//! What each command does.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    oracle, preflight,
    service::{self, Opened},
};
use caisson_primitives::{Block, Hash};
use sc_cli::{CliConfiguration, Result, SubstrateCli};
use sc_network::config::NetworkBackendType;
use sc_service::{ChainSpec, Configuration, TaskManager};
use sc_storage_monitor::StorageMonitorService;

const DESCRIPTION: &str = "A node of Caisson, the derivatives blockchain.\n\n\
    Without a command it runs a node:\n  \
    --dev             a chain of its own with one validator and funded accounts, for development\n  \
    --chain SPEC      a full node of the chain that SPEC describes\n  \
    --validator       takes part in block production, finality and price reports\n\n\
    A validator needs, once: a network key (`key generate-node-key`), session keys \
    (`author_rotateKeysWithOwner` over RPC), and `session.setKeys` from its account. RPC listens on \
    this computer only, at port 9944; metrics for Prometheus at port 9615; other nodes connect to \
    port 30333, which the firewall must let through.";

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Caisson Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        DESCRIPTION.into()
    }

    fn author() -> String {
        env!("CARGO_PKG_AUTHORS").into()
    }

    fn support_url() -> String {
        "the issues of the repository this node was built from".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Does what the command line asks for.
pub fn run(cli: &Cli) -> Result<()> {
    match &cli.subcommand {
        None => run_node(cli),
        Some(Subcommand::Key(cmd)) => cmd.run(cli),
        Some(Subcommand::BuildSpec(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run(config.chain_spec, config.network)),
        Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
        Some(Subcommand::CheckBlock(cmd)) => on_database(cli, cmd, |opened, _| {
            let Opened {
                parts,
                import_queue,
                task_manager,
                ..
            } = opened;
            (cmd.run(parts.client, import_queue), task_manager)
        }),
        Some(Subcommand::ExportBlocks(cmd)) => on_database(cli, cmd, |opened, config| {
            (
                cmd.run(opened.parts.client, config.database),
                opened.task_manager,
            )
        }),
        Some(Subcommand::ImportBlocks(cmd)) => on_database(cli, cmd, |opened, _| {
            let Opened {
                parts,
                import_queue,
                task_manager,
                ..
            } = opened;
            (cmd.run(parts.client, import_queue), task_manager)
        }),
        Some(Subcommand::ExportState(cmd)) => on_database(cli, cmd, |opened, config| {
            (
                cmd.run(opened.parts.client, config.chain_spec),
                opened.task_manager,
            )
        }),
        Some(Subcommand::PurgeChain(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run(config.database)),
        Some(Subcommand::Revert(cmd)) => on_database(cli, cmd, |opened, _| {
            // What consensus remembers of the blocks goes with them, the outer layer first.
            let aux_revert = Box::new(|client, backend, blocks| {
                sc_consensus_babe::revert(std::sync::Arc::clone(&client), backend, blocks)?;
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            let Opened {
                parts,
                task_manager,
                ..
            } = opened;
            (
                cmd.run(parts.client, parts.backend, Some(aux_revert)),
                task_manager,
            )
        }),
        Some(Subcommand::ChainInfo(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run::<Block>(&config)),
    }
}

/// Opens the database of the chain and does `work` on it.
fn on_database<Cmd, Work, Doing>(cli: &Cli, cmd: &Cmd, work: Work) -> Result<()>
where
    Cmd: CliConfiguration,
    Work: FnOnce(Opened, Configuration) -> (Doing, TaskManager),
    Doing: std::future::Future<Output = Result<()>>,
{
    cli.create_runner(cmd)?.async_run(|config| {
        let opened = service::open(&config)?;
        Ok(work(opened, config))
    })
}

/// Runs a node until it is told to stop.
fn run_node(cli: &Cli) -> Result<()> {
    let mut runner = cli.create_runner(&cli.run)?;
    preflight::check(runner.config_mut())?;
    let own_sources = match &cli.oracle_sources {
        Some(file) => oracle::sources::read(file)?,
        None => Vec::new(),
    };
    runner.run_node_until_exit(|config| async move {
        let database = config.database.path().map(ToOwned::to_owned);
        let task_manager = match config.network.network_backend {
            NetworkBackendType::Litep2p => {
                service::run::<sc_network::Litep2pNetworkBackend>(config, &own_sources)
            }
            NetworkBackendType::Libp2p => {
                service::run::<sc_network::NetworkWorker<Block, Hash>>(config, &own_sources)
            }
        }?;
        if let Some(path) = database {
            StorageMonitorService::try_spawn(
                cli.storage_monitor.clone(),
                path,
                &task_manager.spawn_essential_handle(),
            )
            .map_err(|error| sc_cli::Error::Application(Box::new(error)))?;
        }
        Ok(task_manager)
    })
}
