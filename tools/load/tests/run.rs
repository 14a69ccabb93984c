//! A short run against a real node, whose report must say what the chain's own events and timestamps say.

mod setting;

use caisson::{chain::Chain, demo::nodes::Ports};
use caisson_load::stack::{Plan, Stack};
use caisson_runtime::{Runtime, RuntimeEvent};
use frame_support::dispatch::DispatchClass;
use pallet_exchange::{types::CancelReason, Event};
use serde_json::Value;
use setting::free_port;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A third of a minute.
const MINUTES: &str = "0.34";
const ACCOUNTS: usize = 30;
/// Prices that stand still. Two rows are all that a history needs.
const STILL: &str = "# SYNTHETIC: prices that stand still.\ntime_ms,BTC/USD,ETH/USD\n0,60000,3000\n60000,60000,3000\n";

/// What the chain says of a range of blocks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    transactions: u64,
    failed: u64,
    placed_single: u64,
    placed_quotes: u64,
    cancelled_single: u64,
    fills: u64,
    missed_slots: u64,
}

#[test]
fn report_should_say_what_the_chain_says_when_a_market_day_is_played() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = plan(folder.path());
        let stack = Stack::start(&plan).await.expect("the stack starts");
        let url = stack.ends.urls[0].clone();
        let report = {
            let (url, folder) = (url.clone(), folder.path().to_owned());
            let metrics = stack.ends.metrics[0].clone();
            let run = tokio::task::spawn_blocking(move || load(&url, &metrics, &folder));
            run.await.expect("the run ends")
        };
        let chain = Chain::connect(&url).await.expect("a connection");
        let said = read(&chain, &report).await;
        stack.end().await;
        check(&report, &said);
        check_plots(folder.path());
    });
}

fn check(report: &Value, said: &Said) {
    let counts = &report["counts"];
    let count = |name: &str| counts[name].as_u64().expect("a count");
    let reported = Said {
        transactions: count("transactions"),
        failed: count("failed"),
        placed_single: count("placed_single"),
        placed_quotes: count("placed_quotes"),
        cancelled_single: count("cancelled_single"),
        fills: count("fills"),
        missed_slots: report["missed_slots"].as_u64().expect("a count"),
    };
    assert_eq!(&reported, said, "the report and the chain: {counts:#}");
    assert_eq!(said.failed, 0, "{counts:#}");
    assert_eq!(count("refused"), 0, "{counts:#}");
    assert_eq!(count("kept_quotes"), 0, "all quotes of a ladder move");
    assert!(said.placed_quotes > 0 && said.fills > 0, "{said:?}");
    assert!(
        said.cancelled_single > 0 && said.placed_single > 0,
        "{said:?}"
    );

    let included = report["sent"]["included"].as_object().expect("roles");
    let ours: u64 = included.values().filter_map(Value::as_u64).sum();
    assert_eq!(ours, said.transactions, "nobody else sends");
    for latency in ["included_ms", "final_ms"] {
        assert_eq!(report[latency]["count"].as_u64(), Some(ours), "{latency}");
        assert!(report[latency]["p50"].as_u64() > Some(0), "{latency}");
    }
    assert!(report["final_ms"]["p50"].as_u64() >= report["included_ms"]["p50"].as_u64());
    assert!(report["fill"]["normal_mean"].as_f64() > Some(0.0));
    assert!(report["finality_lag"]["max"].as_u64() >= Some(1));
    let made = report["proposal_ends"].as_object().expect("reasons");
    assert!(!made.is_empty(), "the node says why proposals ended");

    let rate = report["rates"]["acts"].as_f64().expect("a rate");
    // Asked for 120; the machine of a test may be busy.
    assert!((60.0..=140.0).contains(&rate), "{rate} acts a second");
}

fn check_plots(folder: &Path) {
    for plot in [
        "fill.svg",
        "transactions.svg",
        "latency.svg",
        "finality.svg",
    ] {
        let text = fs::read_to_string(folder.join("out").join(plot)).expect("a plot");
        assert!(text.starts_with("<svg"), "{plot}");
    }
}

/// Counts by the events of each block, without any code of the generator.
async fn read(chain: &Chain, report: &Value) -> Said {
    let number =
        |name: &str| u32::try_from(report[name].as_u64().expect("a number")).expect("small");
    let (before, last) = (number("before_block"), number("last_block"));
    let mut said = Said::default();
    for block in before + 1..=last {
        let hash = chain.hash_of(block).await.expect("the block is there");
        for record in chain.at(hash).events().await.expect("its events") {
            said.hear(&record.event);
        }
    }
    let mut times = Vec::new();
    for block in [before, last] {
        let hash = chain.hash_of(block).await.expect("the block is there");
        times.push(chain.at(hash).time().await.expect("its time"));
    }
    // A slot is a second, and the chain takes no timestamp outside of the block's slot.
    let slots = times[1] / 1_000 - times[0] / 1_000;
    said.missed_slots = slots - u64::from(last - before);
    said
}

impl Said {
    fn hear(&mut self, event: &RuntimeEvent) {
        use frame_system::Event as System;
        match event {
            RuntimeEvent::System(System::<Runtime>::ExtrinsicSuccess { dispatch_info })
                if dispatch_info.class == DispatchClass::Normal =>
            {
                self.transactions += 1;
            }
            RuntimeEvent::System(System::<Runtime>::ExtrinsicFailed { dispatch_info, .. })
                if dispatch_info.class == DispatchClass::Normal =>
            {
                self.transactions += 1;
                self.failed += 1;
            }
            RuntimeEvent::Exchange(Event::Placed { .. }) => self.placed_single += 1,
            RuntimeEvent::Exchange(Event::Replaced { results, .. }) => {
                self.placed_quotes += results.iter().filter(|one| one.is_ok()).count() as u64;
            }
            RuntimeEvent::Exchange(Event::Cancelled {
                reason: CancelReason::Owner,
                ..
            }) => self.cancelled_single += 1,
            RuntimeEvent::Exchange(Event::Filled { .. }) => self.fills += 1,
            _ => {}
        }
    }
}

/// Runs the program against the node, and reads its report.
fn load(url: &str, metrics: &str, folder: &Path) -> Value {
    let out = folder.join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_caisson-load"))
        .args([
            "run",
            "--kind",
            "mixed",
            "--rate",
            "120",
            "--minutes",
            MINUTES,
        ])
        .args(["--warm-up", "3", "--accounts", &ACCOUNTS.to_string()])
        .args(["--url", url, "--metrics", metrics, "--out"])
        .arg(&out)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("acts/s"), "it says how it goes: {said}");
    let text = fs::read_to_string(out.join("report.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

fn plan(folder: &Path) -> Plan {
    let history = folder.join("still.csv");
    fs::write(&history, STILL).expect("writes the history");
    Plan {
        nodes: 1,
        node_program: Some(node()),
        ports: Ports {
            rpc: free_port(),
            peers: free_port(),
            metrics: free_port(),
        },
        history: history.to_string_lossy().into_owned(),
        histories: folder.to_owned(),
        folder: folder.join("chain"),
        accounts: ACCOUNTS,
        // More than the deposit, of 3,000.
        units: 5_000 * 1_000_000,
        markets: None,
        arguments: Vec::new(),
    }
}

/// The node of this workspace, next to the program that is tested.
fn node() -> PathBuf {
    let node = Path::new(env!("CARGO_BIN_EXE_caisson-load")).with_file_name("caisson-node");
    assert!(
        node.exists(),
        "{} isn't there: build it first with `cargo build --workspace --all-targets`",
        node.display()
    );
    node
}
