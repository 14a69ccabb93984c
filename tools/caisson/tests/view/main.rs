//! The live view against a real node: what it shows of a block equals what the runtime says of that block.
//!
//! `caisson view --json` gives the frames. The expectation is made of raw answers of `state_call` and of storage at the frame's hash,
//! with a translation into decimals of its own, so a mistake in the view isn't repeated here.

mod decimals;
mod expected;
mod network;
mod raw;

use network::Network;
use raw::Raw;
use serde_json::Value;
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// How many blocks are compared.
const BLOCKS: u32 = 25;

/// How long the crowd may take until it trades.
const TRADES_WITHIN: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn frames_should_equal_what_the_runtime_says_of_the_same_block_when_a_crowd_trades() {
    let network = Network::start();
    let raw = Raw::connect(&network.url()).await;
    let _crowd = network.crowd();
    wait_for_trades(&raw).await;

    let frames = frames(&network.url(), &["--json", "--blocks", &BLOCKS.to_string()]).await;
    assert!(frames.len() >= 5, "only {} frames", frames.len());
    let mut fills = 0;
    let mut last: Option<u64> = None;
    for frame in &frames {
        let hash = frame["hash"].as_str().expect("a hash");
        let expected = expected::frame(&raw, hash).await;
        let shown = without_what_is_not_of_the_block(frame);
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&shown[name], value, "{name} of {hash}");
        }
        assert_eq!(shown, expected, "no figure without an expectation");
        follows_on(frame, last);
        last = frame["block"].as_u64();
        assert!(
            frame["finalised"].as_u64() <= last,
            "{}",
            frame["finalised"]
        );
        fills += frame["fills"].as_u64().expect("fills");
    }
    assert!(fills > 0, "nothing traded, so nothing was tested");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_view_should_end_with_success_after_its_blocks_and_say_so_when_the_node_is_gone() {
    let network = Network::start();
    Raw::connect(&network.url()).await;
    let out = program(
        &network.url(),
        &["--plain", "--blocks", "3", "--note", "still"],
    )
    .output()
    .expect("the program runs");
    let text = String::from_utf8(out.stdout).expect("text");
    assert!(out.status.success(), "{text}");
    assert!(text.starts_with("title Caisson\nnote still\n"), "{text}");
    assert!(text.contains("https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:"));
    assert!(text.contains("\nmarket "), "{text}");

    let watching = program(&network.url(), &["--plain"])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    tokio::time::sleep(Duration::from_secs(5)).await;
    drop(network);
    let gone = Instant::now();
    let out = watching.wait_with_output().expect("it ends");
    let text = String::from_utf8(out.stderr).expect("text");
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(text.contains("looking for it for"), "{text}");
    assert!(text.contains("is gone for 30 s"), "{text}");
    assert!(gone.elapsed() < Duration::from_secs(60));
}

/// Waits until a block had fills.
async fn wait_for_trades(raw: &Raw) {
    let begun = Instant::now();
    while expected::fills(raw, &raw.best().await).await == 0 {
        assert!(begun.elapsed() < TRADES_WITHIN, "the crowd doesn't trade");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// What the program says of blocks, line by line.
async fn frames(url: &str, arguments: &[&str]) -> Vec<Value> {
    let mut command = program(url, arguments);
    let out = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("a thread")
        .expect("the program runs");
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{words}");
    String::from_utf8(out.stdout)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a document on each line"))
        .collect()
}

fn program(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caisson"));
    command
        .args(["--url", url, "view"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A frame without finality, which isn't a figure of the block; without other blocks, and without words, whose figures are in
/// the rest.
fn without_what_is_not_of_the_block(frame: &Value) -> Value {
    let mut frame = frame.clone();
    let fields = frame.as_object_mut().expect("an object");
    for name in ["finalised", "skipped", "events"] {
        assert!(fields.remove(name).is_some(), "{name}");
    }
    frame
}

/// Each block is in a frame, or told as skipped in the frame after it.
fn follows_on(frame: &Value, last: Option<u64>) {
    let Some(last) = last else {
        return;
    };
    let skipped = frame["skipped"].as_array().expect("a list").len() as u64;
    let number = frame["block"].as_u64().expect("a height");
    assert_eq!(number, last + skipped + 1, "a block is missing");
}
