//! The command line.

use crate::{
    fleet,
    plan::Kind,
    plots,
    progress::say,
    run,
    spec::{self, Additions},
    stack::{self, Ends, Stack},
};
use caisson::{
    demo::nodes::{self, Ports},
    error::{Error, Result},
};
use caisson_primitives::Balance;
use clap::{Args, Parser, Subcommand};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

/// A whole of the settlement asset of development chains, in its smallest units.
const WHOLE: Balance = 1_000_000;
/// The orders that any account may have; each further one needs equity.
const BASE_ORDERS: u32 = 20;
/// What one more order needs, in wholes of the settlement asset.
const EQUITY_FOR_AN_ORDER: u32 = 50;
/// The least that an account has, in wholes: carries seventy orders, and their margin.
const LEAST_DEPOSIT: u32 = 2_500;
/// The transactions under way when the load is of small ones: well under the 8,192 that a node's pool holds.
const SMALL_UNDER_WAY: usize = 3_000;
/// The same for ladders, of which each is many acts.
const LADDERS_UNDER_WAY: usize = 400;
/// How far ahead transactions are signed whose prices follow the mark, in seconds.
const AHEAD_S: u64 = 10;

const EXAMPLES: &str = "\
Examples:
  caisson-load run --kind transfers --rate max --minutes 1          the yardstick
  caisson-load run --kind orders --rate 1000 --minutes 10           single orders
  caisson-load run --kind ladders --rate 5000 --minutes 10 --nodes 4 --out report
  caisson-load run --kind mixed --rate 500 --minutes 2 --url ws://127.0.0.1:9944

Rates are acts a second: an order placed or cancelled, a quote of a ladder, a transfer. What each figure means: docs/load.md.";

/// Loads a chain of Caisson with transactions, and measures what it does with them.
#[derive(Debug, Parser)]
#[command(name = "caisson-load", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a chain (or use one), load it, and report
    Run(Box<RunOptions>),
    /// Write a chain specification in which the generator's accounts have money
    Spec(SpecOptions),
}

/// Acts a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// So many.
    Acts(f64),
    /// As many as the bound on those under way allows.
    Max,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<f64>() {
            Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(Self::Acts(rate)),
            _ => Err("write a number of acts a second, such as 1000, or max".to_owned()),
        }
    }
}

/// How a run is.
#[derive(Clone, Debug, Args)]
pub struct RunOptions {
    /// What is sent
    #[arg(long, value_enum)]
    kind: Kind,

    /// Acts a second, or `max`
    #[arg(long)]
    rate: Rate,

    /// How long is measured
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    minutes: f64,

    /// How long the load runs before it is measured, in seconds
    #[arg(long, value_name = "N", default_value_t = 10)]
    warm_up: u64,

    /// How many accounts [default: 500 to 2,000, by the kind]
    #[arg(long, value_name = "N")]
    accounts: Option<usize>,

    /// How many quotes a ladder has
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=100))]
    quotes: u32,

    /// How many transactions may be sent and in no block [default: 3,000; 400 for ladders]
    #[arg(long, value_name = "N")]
    under_way: Option<usize>,

    /// How many seconds ahead transactions are signed, or `all` before the load begins [default: 10 where prices follow the
    /// mark, else all]
    #[arg(long, value_name = "N|all")]
    ahead: Option<Ahead>,

    /// Connections
    #[arg(long, value_name = "N", default_value_t = 4)]
    connections: usize,

    /// The first deposit of each account, in wholes of the settlement asset [default: what its orders need]
    #[arg(long, value_name = "AMOUNT")]
    deposit: Option<u32>,

    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write the report as text and JSON, and its plots, into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Which chain.
    #[command(flatten)]
    place: Place,
}

/// Which chain a run loads.
#[derive(Clone, Debug, Args)]
struct Place {
    /// How many validators are started: 1 or 4
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = one_or_four)]
    nodes: u8,

    /// How many markets the started chain has [default: the three of a development chain]
    #[arg(long, value_name = "N", conflicts_with = "url")]
    markets: Option<usize>,

    /// Use a node that runs, instead of starting a chain
    #[arg(long, value_name = "URL", conflicts_with = "nodes")]
    url: Option<String>,

    /// Where the metrics of that node are, such as 127.0.0.1:9615
    #[arg(
        id = "metrics-address",
        long = "metrics",
        value_name = "ADDRESS",
        requires = "url"
    )]
    metrics: Option<String>,

    /// The process of that node, to measure its memory and processor time
    #[arg(long, value_name = "ID", requires = "url")]
    process: Option<u32>,

    /// The folder of that node, to measure its disk space
    #[arg(long, value_name = "DIR", requires = "url")]
    data: Option<PathBuf>,

    /// Where the started nodes listen
    #[command(flatten)]
    ports: Ports,

    /// The node's program [default: caisson-node in the folder of this one]
    #[arg(long, value_name = "FILE")]
    node_program: Option<PathBuf>,

    /// The prices: the name of a history, or a CSV file
    #[arg(long, value_name = "NAME|FILE", default_value = "calm")]
    history: String,

    /// The folder in which histories are found by name
    #[arg(
        long,
        value_name = "DIR",
        default_value = "tools/price-server/histories"
    )]
    histories: PathBuf,

    /// Keep chains and logs in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,

    /// Further arguments for the first node
    #[arg(last = true, value_name = "NODE ARGUMENTS")]
    node_args: Vec<String>,
}

/// How far ahead transactions are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ahead {
    /// So many seconds.
    Seconds(u64),
    /// All before the load begins.
    All,
}

impl FromStr for Ahead {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let seconds = text.parse();
        seconds
            .map(Self::Seconds)
            .map_err(|_| "write whole seconds, or all".to_owned())
    }
}

/// What a specification has.
#[derive(Clone, Debug, Args)]
pub struct SpecOptions {
    /// The chain that it is made from: `dev` or `local`
    #[arg(long, default_value = "dev")]
    chain: String,

    /// How many accounts have money
    #[arg(long, value_name = "N")]
    accounts: usize,

    /// How many markets there are [default: those of the chain]
    #[arg(long, value_name = "N")]
    markets: Option<usize>,

    /// What each account has of the settlement asset, in wholes
    #[arg(long, value_name = "AMOUNT", default_value_t = 3 * LEAST_DEPOSIT)]
    amount: u32,

    /// The node's program [default: caisson-node in the folder of this one]
    #[arg(long, value_name = "FILE")]
    node_program: Option<PathBuf>,

    /// The file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn one_or_four(text: &str) -> std::result::Result<u8, String> {
    match text {
        "1" => Ok(1),
        "4" => Ok(4),
        _ => Err("write 1 or 4".to_owned()),
    }
}

/// Reads the command line of the process, and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Run(options) => runtime().and_then(|runtime| runtime.block_on(load(options))),
        Command::Spec(options) => write_spec(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new()
        .map_err(|error| Error::new(format!("can't start threads: {error}")))
}

fn write_spec(options: &SpecOptions) -> Result<()> {
    let program = match &options.node_program {
        Some(program) => program.clone(),
        None => nodes::beside("caisson-node")?,
    };
    let keys = fleet::keys(options.accounts)?;
    let additions = Additions {
        accounts: keys.iter().map(|one| one.account().clone()).collect(),
        units: Balance::from(options.amount) * WHOLE,
        markets: options.markets,
    };
    let file = spec::write(&program, &options.chain, &additions, options.out.clone())?;
    say(&format!(
        "{} accounts, //Load//0 and so on, in {}",
        options.accounts,
        file.display()
    ));
    Ok(())
}

async fn load(options: &RunOptions) -> Result<()> {
    let order = options.order()?;
    // Before the run, not after it.
    if let Some(folder) = &options.out {
        make_folder(folder)?;
    }
    let (folder, _temporary) = match &options.place.keep {
        Some(folder) => (folder.clone(), None),
        None => {
            let folder = tempfile::tempdir().map_err(|error| {
                Error::new(format!("can't make a folder for the chain: {error}"))
            })?;
            (folder.path().to_owned(), Some(folder))
        }
    };
    let stack = options.place.stack(&order, folder).await?;
    let report = run::run(&order, stack).await?;
    let text = report.text();
    // Nobody may be there to read it; the files are written all the same.
    let _ = write!(std::io::stdout(), "{text}");
    let json = serde_json::to_string_pretty(&report)
        .map_err(|error| Error::new(format!("the report can't be written as JSON: {error}")))?;
    if let Some(file) = &options.json {
        write_file(file, &json)?;
    }
    if let Some(folder) = &options.out {
        write_file(&folder.join("report.txt"), &text)?;
        write_file(&folder.join("report.json"), &json)?;
        plots::write(&report, folder)?;
    }
    Ok(())
}

impl RunOptions {
    fn order(&self) -> Result<run::Order> {
        let seconds = self.minutes * 60.0;
        if !(5.0..=86_400.0).contains(&seconds) {
            return Err(Error::new(format!(
                "--minutes {} can't be measured: from 0.1 to 1440",
                self.minutes
            )));
        }
        let ahead = match (self.ahead, self.kind.follows_the_mark()) {
            (Some(Ahead::Seconds(seconds)), _) => Some(seconds),
            (Some(Ahead::All), _) | (None, false) => None,
            (None, true) => Some(AHEAD_S),
        };
        let rate = match self.rate {
            Rate::Acts(rate) => Some(rate),
            Rate::Max => None,
        };
        let small = self.kind != Kind::Ladders;
        let most = if small {
            SMALL_UNDER_WAY
        } else {
            LADDERS_UNDER_WAY
        };
        Ok(run::Order {
            kind: self.kind,
            rate,
            warm_up: Duration::from_secs(self.warm_up),
            time: Duration::from_secs_f64(seconds),
            accounts: self.accounts.unwrap_or(self.kind.default_accounts()),
            quotes: self.quotes,
            ahead: ahead.map(Duration::from_secs),
            most: self.under_way.unwrap_or(most).max(1),
            connections: self.connections.max(1),
            deposit: Balance::from(self.deposit.unwrap_or(deposit_for(self.quotes))) * WHOLE,
        })
    }
}

/// What an account needs so that so many orders, and some more, may stand, in wholes.
fn deposit_for(quotes: u32) -> u32 {
    let orders = quotes.saturating_sub(BASE_ORDERS) * EQUITY_FOR_AN_ORDER;
    // As much again for their margin.
    (2 * orders).max(LEAST_DEPOSIT)
}

impl Place {
    async fn stack(&self, order: &run::Order, folder: PathBuf) -> Result<Stack> {
        if let Some(url) = &self.url {
            return Ok(Stack::at(Ends {
                urls: vec![url.clone()],
                metrics: self.metrics.clone().into_iter().collect(),
                processes: self.process.into_iter().collect(),
                folders: self.data.clone().into_iter().collect(),
            }));
        }
        say("making a chain with accounts that have money");
        Stack::start(&stack::Plan {
            nodes: self.nodes,
            node_program: self.node_program.clone(),
            ports: self.ports,
            history: self.history.clone(),
            histories: self.histories.clone(),
            folder,
            accounts: order.accounts,
            // More than the deposit: the asset's account must not end with it.
            units: order.deposit + order.deposit / 10,
            markets: self.markets,
            arguments: self.node_args.clone(),
        })
        .await
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| {
        Error::new(format!(
            "can't make the folder {}: {error}",
            folder.display()
        ))
    })
}

fn write_file(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text)
        .map_err(|error| Error::new(format!("can't write {}: {error}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn order(line: &str) -> Result<run::Order> {
        let cli = Cli::try_parse_from(line.split_whitespace())
            .map_err(|error| Error::new(error.to_string()))?;
        match cli.command {
            Command::Run(options) => options.order(),
            Command::Spec(_) => Err(Error::new("not a run")),
        }
    }

    #[test]
    fn command_line_should_be_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_should_sign_ahead_as_the_kind_asks() {
        let orders = order("caisson-load run --kind orders --rate 1000").expect("an order");
        assert_eq!((orders.rate, orders.ahead), (Some(1_000.0), None));
        let ladders = order("caisson-load run --kind ladders --rate max").expect("an order");
        assert_eq!(ladders.rate, None);
        assert_eq!(ladders.ahead, Some(Duration::from_secs(10)));
        assert_eq!(ladders.most, LADDERS_UNDER_WAY);
        let all = order("caisson-load run --kind ladders --rate 5 --ahead all").expect("an order");
        assert_eq!(all.ahead, None);
    }

    #[test]
    fn run_should_be_refused_when_its_figures_are_none() {
        for wrong in [
            "--kind orders --rate 0",
            "--kind orders --rate fast",
            "--kind order --rate 1",
            "--kind orders --rate 1 --minutes 0",
            "--kind orders --rate 1 --nodes 3",
            "--kind orders --rate 1 --quotes 101",
            "--kind orders --rate 1 --url ws://x --nodes 4",
            "--kind orders --rate 1 --metrics 127.0.0.1:1",
        ] {
            assert!(
                order(&format!("caisson-load run {wrong}")).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn deposit_should_carry_the_orders() {
        for quotes in [2, 50, 100] {
            let deposit = deposit_for(quotes);
            assert!(
                BASE_ORDERS + deposit / EQUITY_FOR_AN_ORDER >= quotes + 10,
                "{quotes}"
            );
        }
    }
}
