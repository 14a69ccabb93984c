//! How fast a node catches up with a network: four validators make blocks, then a fifth node joins them, once with each kind of
//! sync.
//!
//! All of it runs on this computer, and the validators go on making blocks meanwhile.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    error::{Error, Result},
    metrics,
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

    /// The first of fifteen free ports
    #[arg(long, default_value_t = 31_000)]
    pub first_port: u16,
}

/// A running node; it is killed when this is dropped.
struct Node {
    child: Child,
    metrics: u16,
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
    /// The height of its chain, zero before it answers. Errors: the node has ended.
    fn height(&mut self, status: &str) -> Result<u64> {
        match self.child.try_wait() {
            Ok(None) => Ok(metrics::height(self.metrics, status).unwrap_or_default()),
            _ => Err(Error::new(format!(
                "a node ended by itself; its log is {}",
                self.log.display()
            ))),
        }
    }

    /// Waits until its chain is as high as that. Returns the height.
    fn wait_for(&mut self, status: &str, height: u64, most: Duration) -> Result<u64> {
        let started = Instant::now();
        while started.elapsed() < most {
            let now = self.height(status)?;
            if now >= height {
                return Ok(now);
            }
            thread::sleep(POLL);
        }
        Err(Error::new(format!(
            "no {status} block {height} within {} s; the node's log is {}",
            most.as_secs(),
            self.log.display()
        )))
    }
}

/// Makes a chain and catches up with it by each kind of sync.
pub fn measure(what: &Sync, progress: &Progress) -> Result<Table> {
    let program = program(what)?;
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
    source.wait_for("finalized", what.blocks, patience)?;

    let mut table = Table::new(
        "sync",
        "Catching up with a network on the same computer",
        &[
            column("blocks", 0),
            column("until the first block, s", 1),
            column("until caught up, s", 1),
            column("blocks in a second of that", 0),
        ],
    );
    for mode in ["full", "warp"] {
        progress.say(&format!("a node joins with --sync {mode}"));
        let began = Instant::now();
        let mut node = start(mode, 4, &["--sync", mode])?;
        node.wait_for("best", 1, PATIENCE)?;
        let first = began.elapsed();
        let blocks = catch_up(&mut node, source)?;
        let all = began.elapsed();
        let rest = (all - first).as_secs_f64();
        table.push_named(
            mode,
            vec![
                blocks as f64,
                first.as_secs_f64(),
                all.as_secs_f64(),
                blocks as f64 / rest.max(POLL.as_secs_f64()),
            ],
        );
    }
    Ok(table)
}

/// Waits until the node is near the source's best block. Returns its height.
fn catch_up(node: &mut Node, source: &mut Node) -> Result<u64> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let (here, there) = (node.height("best")?, source.height("best")?);
        if here > 0 && here + NEAR >= there {
            return Ok(here);
        }
        thread::sleep(POLL);
    }
    Err(Error::new(format!(
        "the node did not catch up within {} s; its log is {}",
        PATIENCE.as_secs(),
        node.log.display()
    )))
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
    let port = |kind: u16| what.first_port + 3 * place + kind;
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
            "--prometheus-port",
            &port(2).to_string(),
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
        metrics: port(2),
        log,
    })
}
