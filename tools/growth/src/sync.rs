//! How fast a node catches up with a network: four validators make blocks, then a fifth node joins them, once with each kind of
//! sync.
//!
//! All of it runs on this computer, and the validators go on making blocks meanwhile.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use caisson::chain::Chain;
use clap::Args;

use crate::{
    error::{Error, Result},
    progress::Progress,
    table::{column, Table},
};

/// The validators of the chain `local`.
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// The key of the first node in the network, by which the others find it. Its public half is [`BOOT_PEER`].
const BOOT_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000001";
/// The name that this key gives the node in the network.
const BOOT_PEER: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
/// How often heights are asked for.
const POLL: Duration = Duration::from_millis(50);
/// How long a node may take to answer, or to catch up.
const PATIENCE: Duration = Duration::from_secs(600);
/// So far behind the network's best block a node has caught up: the next block is on its way.
const NEAR: u64 = 2;

/// What to run.
#[derive(Debug, Args)]
pub struct Sync {
    /// How many blocks the network makes first
    #[arg(long, default_value_t = 300)]
    pub blocks: u64,

    /// The folder for chains and logs; it is emptied first
    #[arg(long, value_name = "DIR", default_value = "growth-sync")]
    pub base_path: PathBuf,

    /// The chain, a name or a file with a specification. It has the validators of `local`
    #[arg(long, default_value = "local")]
    pub chain: String,

    /// The node's program, if not the one beside this one
    #[arg(long, value_name = "FILE")]
    pub node_program: Option<PathBuf>,

    /// The first of ten free ports
    #[arg(long, default_value_t = 31_000)]
    pub first_port: u16,
}

/// Which block of a node's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tip {
    Best,
    Final,
}

/// A running node; it is killed when this is dropped.
struct Node {
    child: Child,
    rpc: u16,
    chain: Option<Chain>,
    /// Why there was no connection the last time; a node of another version is among the reasons.
    no_chain: String,
    log: PathBuf,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    /// Errors when it has ended.
    fn ensure_alive(&mut self) -> Result<()> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(Error::new(format!(
                "a node ended by itself; its log is {}",
                self.log.display()
            ))),
        }
    }

    /// Whether its RPC server takes connections: it has begun to work.
    fn is_up(&self) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.rpc)).is_ok()
    }

    /// The height of its chain; zero before it can say, which one that syncs by warp can only when it has a state.
    async fn height(&mut self, tip: Tip) -> u64 {
        if self.chain.is_none() {
            let url = format!("ws://127.0.0.1:{}", self.rpc);
            match Chain::connect(&url).await {
                Ok(chain) => self.chain = Some(chain),
                Err(error) => self.no_chain = error.to_string(),
            }
        }
        let Some(chain) = &self.chain else {
            return 0;
        };
        let block = match tip {
            Tip::Best => chain.best().await,
            Tip::Final => chain.finalized().await,
        };
        match block {
            Ok(block) => chain.header(block).await.map_or(0, |header| header.number),
            Err(_) => 0,
        }
        .into()
    }

    /// Asks until the answer is yes.
    fn wait_until(
        &mut self,
        what: &str,
        most: Duration,
        mut is_so: impl FnMut(&mut Self) -> bool,
    ) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < most {
            self.ensure_alive()?;
            if is_so(self) {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        let why = match self.chain {
            Some(_) => "",
            None => &self.no_chain,
        };
        Err(Error::new(format!(
            "{what} took more than {} s; the node's log is {}\n{why}",
            most.as_secs(),
            self.log.display()
        )))
    }
}

/// Makes a chain and catches up with it by each kind of sync.
pub fn measure(what: &Sync, progress: &Progress) -> Result<Table> {
    let program = program(what)?;
    let clients = tokio::runtime::Runtime::new()
        .map_err(|error| Error::new(format!("can't start the clients' threads: {error}")))?;
    if what.base_path.exists() {
        fs::remove_dir_all(&what.base_path)
            .map_err(|error| Error::file("empty", &what.base_path, &error))?;
    }
    let start =
        |name: &str, place: u16, arguments: &[&str]| start(what, &program, name, place, arguments);
    let mut validators = Vec::new();
    for (place, name) in (0..).zip(VALIDATORS) {
        validators.push(start(name, place, &[&format!("--{name}")])?);
    }
    progress.say(&format!("four validators make {} blocks", what.blocks));
    let patience = PATIENCE + Duration::from_secs(2 * what.blocks);
    let source = &mut validators[0];
    source.wait_until("making the chain", patience, |source| {
        clients.block_on(source.height(Tip::Final)) >= what.blocks
    })?;

    let mut table = Table::new(
        "sync",
        "Catching up with a network on the same computer",
        &[
            column("blocks", 0),
            column("until it is up, s", 1),
            column("from then until it has caught up, s", 1),
            column("blocks in a second of that", 0),
        ],
    );
    for mode in ["full", "warp"] {
        progress.say(&format!("a node joins with --sync {mode}"));
        let began = Instant::now();
        let mut node = start(mode, 4, &["--sync", mode])?;
        node.wait_until("the start", PATIENCE, |node| node.is_up())?;
        let up = began.elapsed();
        let mut blocks = 0;
        node.wait_until("catching up", PATIENCE, |node| {
            blocks = clients.block_on(node.height(Tip::Best));
            blocks > 0 && blocks + NEAR >= clients.block_on(source.height(Tip::Best))
        })?;
        let rest = (began.elapsed() - up).as_secs_f64();
        let figures = [
            blocks as f64,
            up.as_secs_f64(),
            rest,
            blocks as f64 / rest.max(POLL.as_secs_f64()),
        ];
        table.push_named(mode, figures.to_vec());
    }
    Ok(table)
}

/// The node's program.
fn program(what: &Sync) -> Result<PathBuf> {
    if let Some(program) = &what.node_program {
        return Ok(program.clone());
    }
    let here = std::env::current_exe()
        .map_err(|error| Error::new(format!("can't tell where this program is: {error}")))?;
    let beside = here.with_file_name("caisson-node");
    match beside.is_file() {
        true => Ok(beside),
        false => Err(Error::new(format!(
            "there is no caisson-node beside {}; build it with `cargo build -p caisson-node`, or name it with --node-program",
            here.display()
        ))),
    }
}

/// Starts a node on ports of its own.
fn start(what: &Sync, program: &Path, name: &str, place: u16, arguments: &[&str]) -> Result<Node> {
    let folder = what.base_path.join(name);
    fs::create_dir_all(&folder).map_err(|error| Error::file("create", &folder, &error))?;
    let log = folder.join("log");
    let file = File::create(&log).map_err(|error| Error::file("create", &log, &error))?;
    let port = |kind: u16| what.first_port + 2 * place + kind;
    let mut command = Command::new(program);
    command
        .args(["--chain", &what.chain, "--name", name, "--no-telemetry"])
        .arg("--base-path")
        .arg(&folder)
        .args([
            "--listen-addr",
            &format!("/ip4/127.0.0.1/tcp/{}", port(0)),
            "--rpc-port",
            &port(1).to_string(),
            "--no-prometheus",
        ])
        .args(arguments);
    match place {
        0 => command.args(["--node-key", BOOT_KEY]),
        _ => command.args([
            "--unsafe-force-node-key-generation",
            "--bootnodes",
            &format!("/ip4/127.0.0.1/tcp/{}/p2p/{BOOT_PEER}", what.first_port),
        ]),
    };
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(|error| Error::file("start", program, &error))?;
    Ok(Node {
        child,
        rpc: port(1),
        chain: None,
        no_chain: String::new(),
        log,
    })
}
