//! A development node with a price server whose prices never move.

use serde_json::{json, Value};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// How many sources of a price the node asks: more than a feed needs.
const SOURCES: u16 = 5;

/// The two programs. They end with it.
pub struct Network {
    children: Vec<Child>,
    rpc: u16,
    prices: u16,
    /// Where their output goes; kept until the end.
    _folder: TempDir,
}

impl Network {
    /// Starts both. The node's RPC may not answer yet when this returns.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for files of the test");
        let (rpc, prices) = (free_port(), free_port());
        let history = folder.path().join("still.csv");
        // Two rows are all that a history needs; it is played in a loop.
        let rows = "# SYNTHETIC: prices that stand still.\ntime_ms,BTC/USD,ETH/USD\n0,60000,3000\n60000,60000,3000\n";
        fs::write(&history, rows).expect("writes the history");
        let sources = folder.path().join("sources.json");
        fs::write(&sources, sources_at(prices)).expect("writes the sources");

        let log = |name: &str| File::create(folder.path().join(name)).expect("a log");
        let server = Command::new(binary("caisson-price-server"))
            .args([
                "--loop",
                "--listen",
                &format!("127.0.0.1:{prices}"),
                "--history",
            ])
            .arg(&history)
            .stdout(log("prices.out"))
            .stderr(log("prices.err"))
            .stdin(Stdio::null())
            .spawn()
            .expect("the price server starts");
        let mut network = Self {
            children: vec![server],
            rpc,
            prices,
            _folder: folder,
        };
        let node = Command::new(binary("caisson-node"))
            .args(["--dev", "--tmp", "--no-prometheus"])
            .args([
                "--rpc-port",
                &rpc.to_string(),
                "--port",
                &free_port().to_string(),
            ])
            .arg("--oracle-sources")
            .arg(&sources)
            .stdout(Stdio::null())
            .stderr(File::create(network._folder.path().join("node.log")).expect("a log"))
            .stdin(Stdio::null())
            .spawn()
            .expect("the node starts");
        network.children.push(node);
        network
    }

    /// Where the node's RPC is.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc)
    }

    /// Where the price server is, which speaks no RPC.
    pub fn prices_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.prices)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for child in &mut self.children {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The sources of both feeds. The server's simulated exchanges differ by some parts per million, as real ones do; the
/// prices that it plays are exact.
fn sources_at(port: u16) -> String {
    let of = |symbol: &str| {
        let sources: Vec<Value> = (1..=SOURCES)
            .map(|number| {
                json!({
                    "url": format!("http://127.0.0.1:{port}/control/prices?source={number}"),
                    "pointer": format!("/prices/{}", symbol.replace('/', "~1")),
                })
            })
            .collect();
        json!({ "replace": true, "sources": sources })
    };
    json!({ "BTC/USD": of("BTC/USD"), "ETH/USD": of("ETH/USD") }).to_string()
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// A program of this workspace, next to the one that is tested.
fn binary(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_caisson"))
        .parent()
        .expect("a folder");
    let binary = folder.join(name);
    assert!(
        binary.exists(),
        "{} isn't there: build it first with `cargo build --workspace --all-targets`",
        binary.display()
    );
    binary
}
