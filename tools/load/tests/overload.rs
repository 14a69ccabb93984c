//! More load than a block holds makes full blocks, not missed slots: the author must stop in time for the state root.

mod setting;

use serde_json::Value;
use setting::free_port;
use std::{fs, path::Path, process::Command};

/// A machine that others use too loses a slot now and then; an author that doesn't keep time loses every second one.
const MOST_MISSED_IN: u64 = 5;

#[test]
fn author_should_make_full_blocks_when_there_is_more_than_they_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.json");
    let histories = Path::new(env!("CARGO_MANIFEST_DIR")).join("../price-server/histories");
    let output = Command::new(env!("CARGO_BIN_EXE_caisson-load"))
        .args(["run", "--kind", "orders", "--rate", "max"])
        .args(["--minutes", "0.3", "--warm-up", "5", "--accounts", "600"])
        .args(["--rpc-port", &free_port().to_string()])
        .args(["--peer-port", &free_port().to_string()])
        .args(["--metrics-port", &free_port().to_string()])
        .arg("--histories")
        .arg(histories)
        .arg("--json")
        .arg(&report)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = fs::read_to_string(report).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");

    let number = |value: &Value| value.as_u64().expect("a number");
    let blocks = number(&report["last_block"]) - number(&report["before_block"]);
    let ends = &report["proposal_ends"];
    let full: u64 = ["hit_deadline", "hit_block_weight_limit"]
        .iter()
        .filter_map(|reason| ends[*reason].as_u64())
        .sum();
    assert!(
        full * 2 > blocks,
        "more than fits: {full} of {blocks} blocks were full: {ends}"
    );
    let missed = number(&report["missed_slots"]);
    assert!(
        missed * MOST_MISSED_IN <= blocks + missed,
        "{missed} missed slots beside {blocks} blocks: {said}"
    );
}
