//! The crowd on a real node with a real price server: trades come within a minute of the start of the node.

use caisson::{
    bots::{self, Options},
    chain::Chain,
};
use caisson_primitives::trading::MarketId;
use caisson_runtime::RuntimeEvent;
use pallet_exchange::Event;
use std::{
    collections::BTreeSet,
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long after the node answers there must have been fills in all markets.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long a node may take to answer. It compiles the wasm first, which takes it 17 s alone on a machine of two cores, and longer
/// beside anything else.
const START: Duration = Duration::from_secs(120);

/// A program that ends with the test.
struct Program(Child);

impl Program {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let child = Command::new(binary(name))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name} should start: {error}"));
        Self(child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself; then the assertions say why that matters.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program of the workspace, built beside this test.
fn binary(name: &str) -> PathBuf {
    let test = env::current_exe().expect("this test has a path");
    let folder = test.ancestors().nth(2).expect("tests are two folders down");
    let file = folder.join(name);
    assert!(
        file.exists(),
        "{} is missing: build it first with `cargo build -p {name}`",
        file.display()
    );
    file
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port().to_string()
}

/// The sources of development networks, at the price server of this test.
fn sources(folder: &Path, port: &str) -> PathBuf {
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../price-server/dev-sources.json");
    let text = fs::read_to_string(original).expect("the development sources");
    let file = folder.join("sources.json");
    fs::write(&file, text.replace(":9950/", &format!(":{port}/"))).expect("a temporary file");
    file
}

async fn connect(url: &str) -> Chain {
    let begun = Instant::now();
    loop {
        match Chain::connect(url).await {
            Ok(chain) => return chain,
            Err(error) if begun.elapsed() > START => panic!("the node should answer: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Watches blocks until each of these markets had a fill.
async fn fills_in(chain: &Chain, markets: &BTreeSet<MarketId>) {
    let mut seen = BTreeSet::new();
    let mut blocks = chain.best_blocks().await.expect("a subscription");
    while !markets.is_subset(&seen) {
        let header = blocks.next().await.expect("blocks").expect("a header");
        let events = chain.at(header.hash()).events().await.expect("events");
        for record in events {
            if let RuntimeEvent::Exchange(Event::Filled { market, .. }) = record.event {
                seen.insert(market);
            }
        }
    }
}

#[tokio::test]
async fn crowd_should_trade_in_all_markets_when_a_chain_is_a_minute_old() {
    let folder = tempfile::tempdir().expect("a folder");
    let (prices, rpc, p2p) = (free_port(), free_port(), free_port());
    let history = Path::new(env!("CARGO_MANIFEST_DIR")).join("../price-server/histories/calm.csv");
    let history = history.to_str().expect("a path in UTF-8");
    let listen = format!("127.0.0.1:{prices}");
    let _server = Program::start(
        "caisson-price-server",
        &["--history", history, "--loop", "--listen", &listen],
    );
    let sources = sources(folder.path(), &prices);
    let sources = sources.to_str().expect("a path in UTF-8");
    let _node = Program::start(
        "caisson-node",
        &[
            "--dev",
            "--tmp",
            "--no-prometheus",
            "--rpc-port",
            &rpc,
            "--port",
            &p2p,
            "--oracle-sources",
            sources,
        ],
    );
    let url = format!("ws://127.0.0.1:{rpc}");
    let (watching, trading) = (connect(&url).await, connect(&url).await);

    let markets = BTreeSet::from([0, 1, 2]);
    tokio::select! {
        ended = bots::run(trading, Options::default()) => panic!("the crowd should go on: {ended:?}"),
        watched = tokio::time::timeout(DEADLINE, fills_in(&watching, &markets)) => {
            assert!(watched.is_ok(), "fills in all markets within {} s", DEADLINE.as_secs());
        }
    }
}
