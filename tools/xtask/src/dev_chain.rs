//! A development chain with calm prices, for the programs and guides that are tried on one.
//!
//! The node reads the very file of sources that a developer uses; only the address in it is put in, since here the system
//! chooses it, as all ports. So nothing collides with a node that runs already.

use crate::error::{Error, Result};
use crate::service::Service;
use crate::setup::Ready;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long it may take until the markets have prices: half a minute, and a slow machine.
const LIMIT: Duration = Duration::from_secs(240);
/// How often the node is asked whether they have.
const POLL: Duration = Duration::from_millis(500);
/// The sources of a developer's node, and the address of the price server in them.
const SOURCES: &str = "tools/price-server/dev-sources.json";
const SOURCES_ADDRESS: &str = "http://127.0.0.1:9950";
const HISTORY: &str = "tools/price-server/histories/calm.csv";

/// A node and its price server, both ended when this is dropped.
pub struct Chain {
    node: Service,
    prices: Service,
    /// The node's RPC, as `host:port`.
    pub rpc: String,
    /// Its metrics, as `host:port`.
    pub metrics: String,
    /// The price server, as `http://host:port`.
    pub price_server: String,
    /// The file of sources that the node reads.
    pub sources: PathBuf,
    /// The node's folder.
    pub data: PathBuf,
}

impl Chain {
    /// Starts both, and waits until all feeds have a live price in a final block.
    pub fn start(ready: &Ready, binary: &Path, folder: &Path) -> Result<Self> {
        let until = Instant::now() + LIMIT;
        let root = &ready.workspace.root;
        let (prices, price_server) = start_prices(ready, folder, until)?;
        let sources = write_sources(root, &price_server, folder)?;
        let data = folder.join("data");
        let (mut node, rpc) = start_node(binary, &sources, &data, folder, until)?;
        let metrics = node.announced("Prometheus exporter started at ", until)?;
        let chain = Self {
            node,
            prices,
            rpc,
            metrics,
            price_server,
            sources,
            data,
        };
        chain.wait_for_prices(until)?;
        Ok(chain)
    }

    /// The ends of both logs.
    pub fn last_words(&self) -> String {
        format!("{}\n{}", self.node.last_words(), self.prices.last_words())
    }

    fn wait_for_prices(&self, until: Instant) -> Result<()> {
        // A node that doesn't answer yet is asked again; one that never does is the error below.
        while !get(&self.metrics, "/metrics").is_ok_and(|text| all_live(&text)) {
            if Instant::now() > until {
                let logs = self.last_words();
                return Err(Error::new(format!(
                    "the chain has no prices in time\n{logs}"
                )));
            }
            sleep(POLL);
        }
        Ok(())
    }
}

/// Whether the metrics show feeds, and all of them live.
fn all_live(metrics: &str) -> bool {
    let mut feeds = metrics
        .lines()
        .filter(|line| line.starts_with("caisson_oracle_status{"))
        .peekable();
    feeds.peek().is_some() && feeds.all(|line| line.ends_with(" 4"))
}

/// The body of an answer over HTTP.
fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

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

fn start_node(
    binary: &Path,
    sources: &Path,
    data: &Path,
    folder: &Path,
    until: Instant,
) -> Result<(Service, String)> {
    let (base, sources) = (text(data), text(sources));
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
    Ok((node, address))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_live_should_want_every_feed_and_at_least_one() {
        assert!(!all_live(""));
        assert!(all_live("caisson_oracle_status{feed=\"a\"} 4\nother 1\n"));
        assert!(!all_live(
            "caisson_oracle_status{feed=\"a\"} 4\ncaisson_oracle_status{feed=\"b\"} 0\n"
        ));
    }
}
