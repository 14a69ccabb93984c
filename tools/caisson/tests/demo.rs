//! What a newcomer sees: `caisson demo` with the crash, from the start of the chain to the end by Ctrl-C.
//!
//! It is the whole thing: the node, prices, the crowd of bots, the view (as JSON), and an audit of the books.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::{
        mpsc::{channel, Receiver},
        Arc, Mutex,
    },
    thread,
    time::{Duration, Instant},
};

/// How soon the view must show trades.
const TIME_TO_TRADE: Duration = Duration::from_secs(60);
/// How soon the crash must have done what it does.
const TIME_TO_CRASH: Duration = Duration::from_secs(300);
/// How long ending may take: the node writes its database.
const TIME_TO_END: Duration = Duration::from_secs(30);
/// Twice as fast as the file, so that the test doesn't wait for the calm before the storm.
const SPEED: &str = "2";

/// A running demonstration.
struct Demo {
    child: Child,
    frames: Receiver<Value>,
    /// What it says on standard error.
    said: Arc<Mutex<String>>,
    started: Instant,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_caisson"))
            .args(["demo", "--history", "crash", "--speed", SPEED])
            .arg("--histories")
            .arg(histories())
            .args(["--json", "--rpc-port", "0"])
            .args(["--peer-port", "0", "--metrics-port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let frames = frames(child.stdout.take().expect("its output"));
        let said = collected(child.stderr.take().expect("its errors"));
        Self {
            child,
            frames,
            said,
            started: Instant::now(),
        }
    }

    /// The next frame; fails with what the program said when it ends or this time since the start is over.
    fn frame(&mut self, limit: Duration, waited_for: &str) -> Value {
        let left = limit.saturating_sub(self.started.elapsed());
        match self.frames.recv_timeout(left) {
            Ok(frame) => frame,
            Err(_) => panic!(
                "no {waited_for} within {limit:?}; the program said:\n{}",
                self.said()
            ),
        }
    }

    /// What it has said on standard error so far.
    fn said(&self) -> String {
        self.said.lock().expect("no panic meanwhile").clone()
    }

    /// The node's address, which stands behind that of polkadot.js Apps.
    fn url(&self) -> String {
        let said = self.said();
        let (_, rest) = said.split_once("apps/?rpc=").expect("the address is said");
        rest.split_whitespace()
            .next()
            .expect("an address")
            .to_owned()
    }

    /// Ends it as Ctrl-C does, and returns what it said.
    fn interrupt(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "it can be interrupted"
        );
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                break status;
            }
            if asked.elapsed() > TIME_TO_END {
                panic!(
                    "it still runs {TIME_TO_END:?} after Ctrl-C:\n{}",
                    self.said()
                );
            }
            thread::sleep(Duration::from_millis(100));
        };
        let said = self.said();
        assert!(status.success(), "it ended with {status}:\n{said}");
        said
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn histories() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../price-server/histories")
}

/// The frames, one a line, as they come.
fn frames(output: ChildStdout) -> Receiver<Value> {
    let (sender, frames) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let frame = serde_json::from_str(&line).expect("each line is a frame");
            if sender.send(frame).is_err() {
                break;
            }
        }
    });
    frames
}

/// What is written to standard error, as it comes.
fn collected(errors: ChildStderr) -> Arc<Mutex<String>> {
    let said = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&said);
    thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            let mut text = kept.lock().expect("no panic meanwhile");
            text.push_str(&line);
            text.push('\n');
        }
    });
    said
}

/// What has been seen.
#[derive(Debug, Default)]
struct Seen {
    fills: u64,
    long_call: Option<u64>,
    taken_over_or_restored: Option<u64>,
}

impl Seen {
    fn add(&mut self, frame: &Value) {
        let block = frame["block"].as_u64().expect("a height");
        self.fills += frame["fills"].as_u64().expect("a count");
        for market in frame["markets"].as_array().expect("markets") {
            let safety = &market["safety"];
            let helped = safety["latency"]["restored"].as_u64().unwrap_or(0)
                + safety["fund"]["taken_over"].as_u64().unwrap_or(0);
            if helped > 0 {
                self.taken_over_or_restored.get_or_insert(block);
            }
            if !market["long_call"].is_null() {
                self.long_call.get_or_insert(block);
            }
        }
    }

    fn everything(&self) -> bool {
        self.long_call.is_some() && self.taken_over_or_restored.is_some()
    }
}

/// The books of the chain at its best block, as `caisson audit` finds them.
fn audit(url: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_caisson"))
        .args(["--url", url, "--json", "audit"])
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "the books don't balance: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn demo_should_trade_and_keep_its_books_when_the_crash_plays() {
    let mut demo = Demo::start();
    let mut seen = Seen::default();
    while seen.fills == 0 {
        seen.add(&demo.frame(TIME_TO_TRADE, "trade"));
    }
    println!("first trade after {:?}", demo.started.elapsed());
    while !seen.everything() {
        seen.add(&demo.frame(TIME_TO_CRASH, "long call with a liquidation"));
    }
    println!("{seen:?} after {:?}", demo.started.elapsed());
    let url = demo.url();
    let audit = audit(&url);
    println!(
        "{} pallets balance over {} entries",
        audit["pallets"].as_array().map_or(0, Vec::len),
        audit["entries"]
    );
    let said = demo.interrupt();
    assert!(said.contains("SYNTHETIC"), "the history is named: {said}");
    assert!(said.contains("polkadot.js.org/apps"), "{said}");
    assert!(
        std::net::TcpStream::connect(url.trim_start_matches("ws://")).is_err(),
        "the node has ended, too"
    );
}
