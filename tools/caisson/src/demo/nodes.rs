//! The nodes of a chain on this computer.

use super::program::Program;
use crate::{
    chain::Chain,
    error::{Error, Result},
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// The validators of the chain `local`, in their order; `dev` has the first.
const NAMES: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// The key of the first node in the network, by which the others find it. Its public half is [`BOOT_PEER`].
const BOOT_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000001";
/// The name that this key gives the node in the network.
const BOOT_PEER: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
/// What a node says when its RPC answers, before the port.
const ANNOUNCEMENT: &str = "Running JSON-RPC server: addr=127.0.0.1:";
/// How long a node may take until it answers, on a slow computer.
const TIME_TO_START: Duration = Duration::from_secs(120);
/// How often it is asked.
const POLL: Duration = Duration::from_millis(200);

/// What nodes to start.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many, at most four.
    pub count: u8,
    /// The specification of the chain, if not the development chain's (of one node) or `local` (of several).
    pub chain: Option<PathBuf>,
    /// The node's program, if not the one beside this program.
    pub program: Option<PathBuf>,
    /// The ports of the first node; those of further nodes come after them.
    pub ports: Ports,
    /// Where chains and logs go.
    pub folder: PathBuf,
    /// The file with price sources.
    pub sources: Option<PathBuf>,
    /// Further arguments for the first node.
    pub arguments: Vec<String>,
}

/// The ports of a node. With 0 the system chooses, which only one node alone can have: others must find it.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Ports {
    /// The port of the first node's RPC; further nodes take the next ones
    #[arg(long = "rpc-port", value_name = "PORT", default_value_t = 9_944)]
    pub rpc: u16,

    /// The port of the first node for other nodes
    #[arg(long = "peer-port", value_name = "PORT", default_value_t = 30_333)]
    pub peers: u16,

    /// The port of the first node's metrics
    #[arg(long = "metrics-port", value_name = "PORT", default_value_t = 9_615)]
    pub metrics: u16,
}

/// Running nodes.
#[derive(Debug)]
pub struct Nodes {
    nodes: Vec<Program>,
}

impl Nodes {
    /// Starts the nodes.
    pub fn start(plan: &Plan) -> Result<Self> {
        let Ports {
            rpc,
            peers,
            metrics,
        } = plan.ports;
        if plan.count > 1 && [rpc, peers, metrics].contains(&0) {
            return Err(Error::new(
                "several nodes need ports of their own: give numbers above 0",
            ));
        }
        let program = match &plan.program {
            Some(program) => program.clone(),
            None => beside("caisson-node")?,
        };
        let nodes = NAMES
            .iter()
            .zip(0u16..)
            .take(usize::from(plan.count))
            .map(|(name, place)| {
                let label = match plan.count {
                    1 => "node".to_owned(),
                    _ => format!("node-{name}"),
                };
                Program::start(
                    &label,
                    &program,
                    &arguments(plan, name, place),
                    &plan.folder,
                )
            })
            .collect::<Result<_>>()?;
        Ok(Self { nodes })
    }

    /// The process identifiers of those that run, in their order.
    pub fn ids(&self) -> Vec<u32> {
        self.nodes.iter().filter_map(Program::id).collect()
    }

    /// Waits until the first node answers.
    pub async fn connect(&mut self) -> Result<Chain> {
        let started = Instant::now();
        while started.elapsed() < TIME_TO_START {
            if let Some(error) = self.nodes.iter_mut().find_map(Program::has_ended) {
                return Err(error);
            }
            if let Some(port) = announced_port(&self.nodes[0].output()) {
                return Chain::connect(&format!("ws://127.0.0.1:{port}")).await;
            }
            tokio::time::sleep(POLL).await;
        }
        Err(self.nodes[0].error("didn't answer in time"))
    }

    /// Waits until a node ends by itself, which is an error.
    pub async fn ended(&mut self) -> Error {
        let waits = self.nodes.iter_mut().map(|node| Box::pin(node.ended()));
        futures::future::select_all(waits).await.0
    }

    /// Ends all of them, at the same time.
    pub async fn end(self) {
        futures::future::join_all(self.nodes.into_iter().map(Program::end)).await;
    }
}

/// The port at which a node says that its RPC answers, once the whole number is there.
fn announced_port(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once(ANNOUNCEMENT)?;
    let end = rest.find(|character: char| !character.is_ascii_digit())?;
    rest[..end].parse().ok()
}

/// The arguments of the node with this name and place.
fn arguments(plan: &Plan, name: &str, place: u16) -> Vec<String> {
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |words: &[&str]| arguments.extend(words.iter().map(|word| (*word).to_owned()));
    match plan.count {
        1 => {
            let address = format!("/ip4/127.0.0.1/tcp/{}", plan.ports.peers);
            add(&["--dev", "--listen-addr", &address]);
            if let Some(chain) = &plan.chain {
                add(&["--chain", &chain.to_string_lossy()]);
            }
        }
        _ => {
            let address = format!("/ip4/127.0.0.1/tcp/{}", plan.ports.peers + place);
            let chain = plan.chain.as_ref().map(|file| file.to_string_lossy());
            add(&[
                "--chain",
                chain.as_deref().unwrap_or("local"),
                &format!("--{name}"),
                "--listen-addr",
                &address,
            ]);
            match place {
                0 => add(&["--node-key", BOOT_KEY]),
                _ => {
                    let boot = format!("/ip4/127.0.0.1/tcp/{}/p2p/{BOOT_PEER}", plan.ports.peers);
                    // A key of its own that is made at the first start: whoever has one keeps it.
                    add(&["--bootnodes", &boot, "--unsafe-force-node-key-generation"]);
                }
            }
        }
    }
    let base = plan.folder.join(name);
    add(&["--base-path", &base.to_string_lossy(), "--no-telemetry"]);
    add(&["--rpc-port", &(plan.ports.rpc + place).to_string()]);
    add(&[
        "--prometheus-port",
        &(plan.ports.metrics + place).to_string(),
    ]);
    if let Some(sources) = &plan.sources {
        add(&["--oracle-sources", &sources.to_string_lossy()]);
    }
    if place == 0 {
        arguments.extend(plan.arguments.iter().cloned());
    }
    arguments
}

/// The program of that name in the folder of this one.
pub fn beside(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()
        .map_err(|error| Error::new(format!("can't tell where this program is: {error}")))?;
    let file = here.with_file_name(name);
    match file.is_file() {
        true => Ok(file),
        false => Err(Error::new(format!(
            "there is no {name} beside {}; build it with `cargo build -p {name}`, or name it with --node-program",
            here.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(count: u8) -> Plan {
        Plan {
            count,
            chain: None,
            program: None,
            ports: Ports {
                rpc: 9_944,
                peers: 30_333,
                metrics: 9_615,
            },
            folder: "folder".into(),
            sources: Some("sources.json".into()),
            arguments: vec!["-lrpc=debug".into()],
        }
    }

    #[test]
    fn arguments_should_be_those_of_a_development_chain_when_there_is_one_node() {
        let line = arguments(&plan(1), "alice", 0).join(" ");
        assert_eq!(
            line,
            "--dev --listen-addr /ip4/127.0.0.1/tcp/30333 --base-path folder/alice --no-telemetry --rpc-port 9944 --prometheus-port 9615 \
             --oracle-sources sources.json -lrpc=debug"
        );
    }

    #[test]
    fn announced_port_should_wait_for_the_whole_number() {
        let log = |end: &str| announced_port(&format!("x\n{ANNOUNCEMENT}{end}"));
        assert_eq!(log("99"), None);
        assert_eq!(log("9944,[::1]:9944\n"), Some(9_944));
        assert_eq!(announced_port("nothing yet"), None);
    }

    #[test]
    fn nodes_should_be_refused_when_several_have_no_ports() {
        let mut plan = plan(4);
        plan.program = Some("true".into());
        plan.ports.peers = 0;
        let error = Nodes::start(&plan).unwrap_err().to_string();
        assert!(error.contains("above 0"), "{error}");
    }

    #[test]
    fn arguments_should_differ_by_ports_when_there_are_more_nodes() {
        let line = arguments(&plan(4), "bob", 1).join(" ");
        assert!(line
            .starts_with("--chain local --bob --listen-addr /ip4/127.0.0.1/tcp/30334 --bootnodes"));
        assert!(line.contains("--rpc-port 9945") && line.contains("--prometheus-port 9616"));
        assert!(
            !line.contains("-lrpc"),
            "only the first node is told: {line}"
        );
    }
}
