//! A development chain, from its first block to the commands that work on its database.

mod common;

use common::{caisson, poll, Node, Outcome};
use serde_json::{json, Value};
use std::{fs, path::Path};

/// Where the runtime keeps the time of a block: `Timestamp::Now`.
const TIME_OF_BLOCK: &str = "0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb";

/// Methods that clients of this chain rely on, besides those every Substrate node has.
const METHODS: [&str; 10] = [
    "author_rotateKeysWithOwner",
    "babe_epochAuthorship",
    "grandpa_proveFinality",
    "grandpa_roundState",
    "grandpa_subscribeJustifications",
    "payment_queryFeeDetails",
    "payment_queryInfo",
    "sync_state_genSyncSpec",
    "system_accountNextIndex",
    "system_dryRun",
];

fn succeeds(args: &[&str]) -> Outcome {
    let outcome = caisson(args);
    assert!(
        outcome.status.success(),
        "{args:?} failed:\n{}",
        outcome.stderr
    );
    outcome
}

/// Best and finalised block of a database.
fn heads(base_path: &str) -> (u64, u64) {
    let info = succeeds(&["chain-info", "--dev", "-d", base_path]).stdout;
    let info: Value = serde_json::from_str(&info).expect("chain-info prints JSON");
    let number = |key: &str| info[key].as_u64().expect("heads are numbers");
    (number("best_number"), number("finalized_number"))
}

/// The time of a block in milliseconds, as the chain knows it.
fn time_of(node: &Node, block: u64) -> u64 {
    let hash = node.call("chain_getBlockHash", json!([block]));
    let bytes = node.call("state_getStorage", json!([TIME_OF_BLOCK, hash]));
    let hex = bytes
        .as_str()
        .expect("the block has a time")
        .trim_start_matches("0x");
    u64::from_str_radix(hex, 16)
        .expect("it is a number")
        .swap_bytes()
}

fn check_block_time(node: &Node, last: u64) {
    let times: Vec<_> = (1..=last).map(|block| time_of(node, block)).collect();
    let mut gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    // The median: a busy computer misses a slot now and then.
    let typical = gaps[gaps.len() / 2];
    assert!(
        (800..=1_200).contains(&typical),
        "gaps between blocks in ms: {gaps:?}"
    );
}

fn check_rpc(node: &Node) {
    let methods = node.call("rpc_methods", json!([]));
    let methods = methods["methods"].as_array().expect("a list of methods");
    for method in METHODS {
        assert!(methods.contains(&json!(method)), "{method} is missing");
    }

    assert_eq!(node.call("system_chain", json!([])), "Caisson Development");
    let properties = node.call("system_properties", json!([]));
    let expected = json!({ "tokenSymbol": "CSN", "tokenDecimals": 12, "ss58Format": 42 });
    assert_eq!(properties, expected);

    let round = node.call("grandpa_roundState", json!([]));
    assert_eq!(round["best"]["totalWeight"], 1, "the one validator votes");
    let slots = node.call("babe_epochAuthorship", json!([]));
    assert_eq!(slots.as_object().map(|authors| authors.len()), Some(1));

    let spec = node.call("sync_state_genSyncSpec", json!([false]));
    let header = &spec["lightSyncState"]["finalizedBlockHeader"];
    assert!(
        header.is_string(),
        "a light client can start from this specification"
    );
}

#[test]
fn development_chain_should_run_and_its_database_should_serve_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| -> String {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("temporary paths are text")
            .into()
    };
    let (data, copy, blocks) = (path("data"), path("copy"), path("blocks.bin"));

    let node = Node::development(Path::new(&data), &[]);
    poll(|| (node.finalized() >= 6).then_some(()))
        .unwrap_or_else(|| panic!("no six final blocks:\n{}", node.log()));
    check_block_time(&node, 6);
    check_rpc(&node);
    let metrics = node.metrics();
    assert!(
        metrics.contains("substrate_block_height{status=\"finalized\""),
        "{metrics}"
    );
    let risk = metrics
        .lines()
        .find(|line| line.starts_with("caisson_risk_block"))
        .unwrap_or_else(|| panic!("no figures of risk in:\n{metrics}"));
    assert!(!risk.ends_with(" 0"), "of no final block: {risk}");
    assert!(
        metrics.contains("caisson_risk_insurance{compartment=\"0\""),
        "{metrics}"
    );

    let busy = caisson(&["chain-info", "--dev", "-d", &data]);
    assert!(!busy.status.success(), "two processes opened one database");
    assert!(
        busy.stderr.contains("another node uses this database"),
        "{}",
        busy.stderr
    );
    node.stop();

    // From the raw specification of the same chain: it spares each command from building the
    // genesis state once more, and has to be the same genesis.
    let spec = path("raw.json");
    succeeds(&[
        "export-chain-spec",
        "--chain",
        "dev",
        "--raw",
        "--output",
        &spec,
    ]);
    let on_data = |command, rest: &[&str]| {
        succeeds(&[&[command, "--chain", &spec, "-d", &data], rest].concat());
    };

    let (best, finalized) = heads(&data);
    assert!(finalized >= 6 && best >= finalized);
    on_data("check-block", &["2"]);
    on_data("export-blocks", &["--binary", &blocks]);
    succeeds(&[
        "import-blocks",
        "--chain",
        &spec,
        "-d",
        &copy,
        "--binary",
        &blocks,
    ]);
    assert_eq!(heads(&copy).0, best, "every block went through the file");

    on_data("revert", &["1"]);
    assert_eq!(heads(&data), (finalized.max(best - 1), finalized));

    let database = Path::new(&data).join("chains/caisson_dev/paritydb");
    assert!(database.is_dir(), "paritydb is the default database");
    on_data("purge-chain", &["-y"]);
    assert!(!database.exists());
    assert!(
        fs::read_dir(database.with_file_name("keystore")).is_ok(),
        "keys stay"
    );
}
