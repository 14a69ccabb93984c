//! The step `examples`: the programs in `examples/` do what they say, on a development chain of their own.
//!
//! The prices come from the price server's calm history, by the very file of sources that a developer uses; only its
//! address is put in, since here it is one that the system chose. So nothing collides with a node that runs already.

use crate::error::{Error, Result};
use crate::network;
use crate::node;
use crate::process;
use crate::service::{self, Service};
use crate::setup::{scratch::Scratch, Ready};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long all of it may take after the build: ten seconds to start, forty for the example, and a slow machine.
const LIMIT: Duration = Duration::from_secs(110);
/// The programs, in the order in which they run on the one chain.
const EXAMPLES: [&str; 1] = ["examples/polkadot-js/trade.js"];
/// The sources of a developer's node, and the address of the price server in them.
const SOURCES: &str = "tools/price-server/dev-sources.json";
const SOURCES_ADDRESS: &str = "http://127.0.0.1:9950";
const HISTORY: &str = "tools/price-server/histories/calm.csv";

/// Builds node and price server, starts both, and runs the examples against them.
pub fn run(ready: &Ready) -> Result<()> {
    let binary = node::build(ready)?;
    let until = Instant::now() + LIMIT;
    let folder = Scratch::new(ready.workspace, "examples")?;
    let root = &ready.workspace.root;

    let (_prices, address) = start_prices(ready, folder.path(), until)?;
    let sources = write_sources(root, &address, folder.path())?;
    let (chain, address) = start_node(&binary, &sources, folder.path(), until)?;
    for example in EXAMPLES {
        println!("{example} on {address}");
        run_example(ready, &binary, example, &address, until)
            .map_err(|error| Error::new(format!("{error}\n{}", chain.last_words())))?;
    }
    Ok(())
}

/// The price server and its address.
fn start_prices(ready: &Ready, folder: &Path, until: Instant) -> Result<(Service, String)> {
    let program = ready.workspace.binary("caisson-price-server");
    let history = text(&ready.workspace.root.join(HISTORY));
    let arguments = ["--history", &history, "--loop", "--listen", "127.0.0.1:0"];
    let mut server = Service::start("price-server", &program, &arguments, folder)?;
    let address = server.announced("Serving prices at ", until)?;
    Ok((server, address))
}

/// The developer's sources with this address in place of theirs.
fn write_sources(root: &Path, address: &str, folder: &Path) -> Result<PathBuf> {
    let original = root.join(SOURCES);
    let sources =
        fs::read_to_string(&original).map_err(|error| Error::io("read", &original, &error))?;
    if !sources.contains(SOURCES_ADDRESS) {
        return Err(Error::new(format!("{SOURCES} names no {SOURCES_ADDRESS}")));
    }
    let file = folder.join("sources.json");
    fs::write(&file, sources.replace(SOURCES_ADDRESS, address))
        .map_err(|error| Error::io("write", &file, &error))?;
    Ok(file)
}

/// A fresh development chain on ports that the system chooses, and the address of its RPC.
fn start_node(
    binary: &Path,
    sources: &Path,
    folder: &Path,
    until: Instant,
) -> Result<(Service, String)> {
    let (base, sources) = (text(&folder.join("chain")), text(sources));
    let arguments = [
        "--dev",
        "--rpc-port",
        "0",
        "--prometheus-port",
        "0",
        "--listen-addr",
        "/ip4/127.0.0.1/tcp/0",
        "--no-telemetry",
        "--base-path",
        &base,
        "--oracle-sources",
        &sources,
    ];
    let mut node = Service::start("node", binary, &arguments, folder)?;
    let address = node.announced("Running JSON-RPC server: addr=", until)?;
    Ok((node, format!("ws://{address}")))
}

fn run_example(
    ready: &Ready,
    binary: &Path,
    example: &str,
    address: &str,
    until: Instant,
) -> Result<()> {
    let root = &ready.workspace.root;
    let mut program = service::tied(Path::new("node"));
    program
        .current_dir(root)
        .args([example, address])
        .env("PATH", network::client_path(ready, binary)?);
    process::run_within(
        &mut program,
        until.saturating_duration_since(Instant::now()),
    )
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
