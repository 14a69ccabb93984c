//! A whole market on this computer: a chain, prices that play from a history, a crowd that trades, and the live view.
//!
//! `history` finds the prices, `program` starts and ends other programs, `nodes` the chain.

pub mod history;
pub mod nodes;
pub mod program;

use crate::{
    chain::Chain,
    error::{Error, Result},
    view,
};
use caisson_price_server::{self as price_server, Speed};
use clap::Args;
use history::Played;
use nodes::{Nodes, Ports};
use program::Program;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::signal::unix::{signal, SignalKind};

/// The price sources of a development node, with the address at which the price server listens by default.
const SOURCES: &str = include_str!("../../../price-server/dev-sources.json");
/// That address.
const SOURCES_ADDRESS: &str = "http://127.0.0.1:9950";

const EXAMPLES: &str = "\
Examples:
  caisson demo                              a day of real prices
  caisson demo --history crash              a calm market that falls by 30 % after two minutes
  caisson demo --history my.csv --speed 10  prices of your own, ten times as fast
  caisson demo --nodes 4                    a network of four validators
  caisson demo -- -lrpc=debug               arguments after -- go to the first node

A history is a CSV file: `time_ms,BTC/USD,ETH/USD`, then a row for each change; lines that begin with # are comments.";

/// What `caisson demo` can be told.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The prices: the name of a history (calm, crash, ...), a CSV file, or `live` for those of real exchanges
    #[arg(long, value_name = "NAME|FILE", default_value = history::DEFAULT)]
    history: String,

    /// The folder in which histories are found by name
    #[arg(
        long,
        value_name = "DIR",
        default_value = "tools/price-server/histories"
    )]
    histories: PathBuf,

    /// How many times faster than it was the history plays; without it, a row of the file each second
    #[arg(long, value_name = "X")]
    speed: Option<Speed>,

    /// How many validators: 1, or 4
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    nodes: u8,

    /// Nobody trades
    #[arg(long)]
    no_bots: bool,

    /// Keep the chain in this folder and go on from there next time
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,

    /// Where the first node listens
    #[command(flatten)]
    ports: Ports,

    /// The node's program [default: caisson-node in the folder of this one]
    #[arg(long, value_name = "FILE")]
    node_program: Option<PathBuf>,

    /// How the view is shown
    #[command(flatten)]
    view: view::Options,

    /// Further arguments for the first node
    #[arg(last = true, value_name = "NODE ARGUMENTS")]
    node_args: Vec<String>,
}

/// Starts everything, shows it until it is stopped, and ends everything.
pub async fn run(options: Options) -> Result<()> {
    // Before anything is started, so that nothing is left behind.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(unlikely)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(unlikely)?;
    let mut stage = tokio::select! {
        stage = Stage::build(&options) => stage?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let shown = tokio::select! {
        shown = view::run(stage.chain.clone(), stage.view(&options)) => shown,
        error = stage.nodes.ended() => Err(error),
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    eprintln!("Stopping.");
    stage.end().await;
    shown
}

/// Everything that runs.
struct Stage {
    chain: Chain,
    nodes: Nodes,
    bots: Option<Program>,
    played: Option<Played>,
    /// Serves as long as it is here.
    _prices: Option<price_server::Server>,
    /// Chain and logs, gone with this value unless they are kept.
    _folder: Option<tempfile::TempDir>,
}

impl Stage {
    async fn build(options: &Options) -> Result<Self> {
        let played = match options.history.as_str() {
            "live" => None,
            name => Some(history::find(name, &options.histories)?),
        };
        let (folder, temporary) = match &options.keep {
            Some(folder) => (folder.clone(), None),
            None => {
                let folder = tempfile::tempdir().map_err(unlikely)?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        fs::create_dir_all(&folder).map_err(|error| {
            Error::new(format!(
                "can't make the folder {}: {error}",
                folder.display()
            ))
        })?;
        match &options.keep {
            Some(_) => eprintln!("Chain and logs are kept in {}.", folder.display()),
            None => eprintln!(
                "A fresh chain; `--keep DIR` would keep it. Logs while it runs: {}",
                folder.display()
            ),
        }
        let (prices, sources) = match &played {
            Some(played) => {
                eprintln!("Prices: {}", played.about());
                let server = played.serve(options.speed)?;
                let file = write_sources(&server, &folder)?;
                (Some(server), Some(file))
            }
            None => (None, None),
        };
        let mut nodes = Nodes::start(&nodes::Plan {
            count: options.nodes,
            chain: None,
            program: options.node_program.clone(),
            ports: options.ports,
            folder: folder.clone(),
            sources,
            arguments: options.node_args.clone(),
        })?;
        let chain = nodes.connect().await?;
        eprintln!(
            "polkadot.js Apps: https://polkadot.js.org/apps/?rpc={}",
            chain.url()
        );
        let bots = match options.no_bots {
            true => None,
            false => Some(start_bots(&chain, &folder)?),
        };
        Ok(Self {
            chain,
            nodes,
            bots,
            played,
            _prices: prices,
            _folder: temporary,
        })
    }

    /// How the view is told to look.
    fn view(&self, options: &Options) -> view::Options {
        let mut view = options.view.clone();
        let prices = self.played.as_ref().map_or_else(
            || "prices of real exchanges".to_owned(),
            |played| played.about().to_owned(),
        );
        view.notes.push(prices);
        view
    }

    /// Ends everything, the crowd first.
    async fn end(self) {
        if let Some(bots) = self.bots {
            bots.end().await;
        }
        self.nodes.end().await;
    }
}

/// Writes the price sources by which a development node asks this server. Returns the file.
pub fn write_sources(server: &price_server::Server, folder: &Path) -> Result<PathBuf> {
    let file = folder.join("sources.json");
    let text = SOURCES.replace(SOURCES_ADDRESS, &server.url(""));
    fs::write(&file, text)
        .map_err(|error| Error::new(format!("can't write {}: {error}", file.display())))?;
    Ok(file)
}

/// The crowd, as a process of its own: so its progress has a log, and it can't slow the view down.
fn start_bots(chain: &Chain, folder: &Path) -> Result<Program> {
    let program = std::env::current_exe().map_err(unlikely)?;
    let arguments = ["--url", chain.url(), "bots"];
    Program::start("bots", &program, &arguments.map(str::to_owned), folder)
}

fn unlikely(error: std::io::Error) -> Error {
    Error::new(format!("the system refused: {error}"))
}
