//! What a run needs around it: nodes and prices that it starts itself, or a node that runs already.

use crate::{
    fleet,
    machine::{self, Usage},
    metrics::{self, Proposals},
    spec::{self, Additions},
};
use caisson::{
    chain::Chain,
    demo::{
        history,
        nodes::{self, Nodes, Ports},
        write_sources,
    },
    error::{Error, Result},
};
use caisson_price_server::Server;
use caisson_primitives::Balance;
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long further nodes may take until they answer.
const TIME_TO_START: Duration = Duration::from_secs(120);
/// The nodes' names, by which their folders are called.
const NAMES: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// What to start.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many validators.
    pub nodes: u8,
    /// Their program, if not the one beside this program.
    pub node_program: Option<PathBuf>,
    /// Their ports.
    pub ports: Ports,
    /// The prices: the name of a history, or a file.
    pub history: String,
    /// Where histories are found by name.
    pub histories: PathBuf,
    /// Where chains and logs go.
    pub folder: PathBuf,
    /// How many accounts have money.
    pub accounts: usize,
    /// How much of the settlement asset, in its smallest units.
    pub units: Balance,
    /// How many markets.
    pub markets: Option<usize>,
    /// Further arguments for the first node.
    pub arguments: Vec<String>,
}

/// Everything around the generator.
#[derive(Debug)]
pub struct Stack {
    /// Where the nodes are.
    pub ends: Ends,
    nodes: Option<Nodes>,
    /// Serves as long as it is here.
    _prices: Option<Server>,
}

/// Where the nodes can be asked and looked at.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    /// Their RPC; the first is the one that blocks are read from.
    pub urls: Vec<String>,
    /// Their metrics.
    pub metrics: Vec<String>,
    /// Their processes, if they run here.
    pub processes: Vec<u32>,
    /// Their folders, if they are here.
    pub folders: Vec<PathBuf>,
}

impl Stack {
    /// Starts prices and nodes, on a fresh chain.
    pub async fn start(plan: &Plan) -> Result<Self> {
        fs::create_dir_all(&plan.folder).map_err(|error| {
            Error::new(format!(
                "can't make the folder {}: {error}",
                plan.folder.display()
            ))
        })?;
        let program = match &plan.node_program {
            Some(program) => program.clone(),
            None => nodes::beside("caisson-node")?,
        };
        let prices = history::find(&plan.history, &plan.histories)?.serve(None)?;
        let sources = write_sources(&prices, &plan.folder)?;
        let accounts = fleet::keys(plan.accounts)?;
        let additions = Additions {
            accounts: accounts.iter().map(|one| one.account().clone()).collect(),
            units: plan.units,
            markets: plan.markets,
        };
        let chain = match plan.nodes {
            1 => "dev",
            _ => "local",
        };
        let chain = spec::write(&program, chain, &additions, plan.folder.join("spec.json"))?;
        let mut nodes = Nodes::start(&nodes::Plan {
            count: plan.nodes,
            chain: Some(chain),
            program: Some(program),
            ports: plan.ports,
            folder: plan.folder.clone(),
            sources: Some(sources),
            arguments: plan.arguments.clone(),
        })?;
        let first = nodes.connect().await?;
        let mut urls = vec![first.url().to_owned()];
        urls.extend(
            (1..u16::from(plan.nodes))
                .map(|place| format!("ws://127.0.0.1:{}", plan.ports.rpc + place)),
        );
        let metrics = (0..u16::from(plan.nodes))
            .map(|place| format!("127.0.0.1:{}", plan.ports.metrics + place));
        let names = NAMES.iter().take(usize::from(plan.nodes));
        Ok(Self {
            ends: Ends {
                urls,
                metrics: metrics.collect(),
                processes: nodes.ids(),
                folders: names.map(|name| plan.folder.join(name)).collect(),
            },
            nodes: Some(nodes),
            _prices: Some(prices),
        })
    }

    /// Uses a node that runs.
    pub fn at(ends: Ends) -> Self {
        Self {
            ends,
            nodes: None,
            _prices: None,
        }
    }

    /// Waits until a node ends by itself, which is an error.
    pub async fn ended(&mut self) -> Error {
        match &mut self.nodes {
            Some(nodes) => nodes.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Ends what was started.
    pub async fn end(self) {
        if let Some(nodes) = self.nodes {
            nodes.end().await;
        }
    }
}

impl Ends {
    /// So many connections, over the nodes in turn; at least one to each.
    pub async fn connect(&self, count: usize) -> Result<Vec<Chain>> {
        let mut chains = Vec::new();
        for url in self.urls.iter().cycle().take(count.max(self.urls.len())) {
            chains.push(patiently(url).await?);
        }
        Ok(chains)
    }

    /// The disk space that the nodes' folders take, in bytes.
    pub fn disk_bytes(&self) -> u64 {
        let folders = self.folders.iter();
        folders.map(|folder| machine::disk_bytes(folder)).sum()
    }

    /// What the nodes' processes use together. The most memory is the sum of what each had at its worst.
    pub fn usage(&self) -> Usage {
        let all = self.processes.iter().filter_map(|one| machine::usage(*one));
        all.fold(Usage::default(), |sum, one| Usage {
            resident_kib: sum.resident_kib + one.resident_kib,
            peak_kib: sum.peak_kib + one.peak_kib,
            cpu_ms: sum.cpu_ms + one.cpu_ms,
        })
    }

    /// What the nodes say of the blocks they made.
    pub async fn proposals(&self) -> Result<Proposals> {
        let mut all = Proposals::default();
        for address in &self.metrics {
            all.add(&metrics::proposals(address).await?);
        }
        Ok(all)
    }
}

/// Connects to a node that may still be starting.
async fn patiently(url: &str) -> Result<Chain> {
    let started = Instant::now();
    loop {
        match Chain::connect(url).await {
            Err(_) if started.elapsed() < TIME_TO_START => {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            connected => return connected,
        }
    }
}
