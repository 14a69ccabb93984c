//! Starts the real binary and talks to it, with the standard library alone.

// Each test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use serde_json::{json, Value};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// The longest that anything here may take, on a computer that is busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(180);

/// What a finished process left.
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it logged, and its error.
    pub stderr: String,
}

/// Runs the binary until it ends, which it must within [`PATIENCE`].
pub fn caisson<S: AsRef<OsStr>>(args: &[S]) -> Outcome {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_caisson-node"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(File::create(&out).expect("a file"))
        .stderr(File::create(&err).expect("a file"))
        .spawn()
        .expect("the binary starts");
    let status = wait(&mut child).unwrap_or_else(|| {
        let _ = child.kill();
        let log = fs::read_to_string(&err).unwrap_or_default();
        panic!("the process still runs after {PATIENCE:?}:\n{log}")
    });
    let read = |path: &Path| fs::read_to_string(path).expect("output is text");
    Outcome {
        status,
        stdout: read(&out),
        stderr: read(&err),
    }
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    poll(|| child.try_wait().expect("the process can be asked"))
}

/// Asks again and again until there is an answer, or [`PATIENCE`] is at an end.
pub fn poll<T>(mut question: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = question() {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        sleep(Duration::from_millis(100));
    }
}

/// A running node; it is killed when this value goes.
pub struct Node {
    child: Child,
    log: PathBuf,
    rpc: String,
    metrics: String,
}

impl Node {
    /// Starts a development node whose data is in `base_path`, at ports the system chooses, with these further
    /// arguments.
    pub fn development(base_path: &Path, args: &[&str]) -> Self {
        let log = base_path.with_extension("log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_caisson-node"))
            .args(["--dev", "--rpc-port", "0", "--prometheus-port", "0"])
            .args([
                "--listen-addr",
                "/ip4/127.0.0.1/tcp/0",
                "--no-telemetry",
                "--base-path",
            ])
            .arg(base_path)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("a file"))
            .spawn()
            .expect("the binary starts");

        let mut address = |announcement: &str| {
            poll(|| {
                let text = fs::read_to_string(&log).expect("the log is text");
                if let Ok(Some(status)) = child.try_wait() {
                    panic!("the node ended with {status}:\n{text}");
                }
                let (_, rest) = text.split_once(announcement)?;
                let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit())?;
                Some(rest[..end].to_owned())
            })
            .unwrap_or_else(|| panic!("the log never says `{announcement}`"))
        };
        let metrics = address("Prometheus exporter started at ");
        let rpc = address("Running JSON-RPC server: addr=");
        Self {
            child,
            log,
            rpc,
            metrics,
        }
    }

    /// Calls an RPC method, which must succeed.
    pub fn call(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let body = request.to_string();
        let response = http(
            &self.rpc,
            &format!(
                "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                self.rpc,
                body.len()
            ),
        );
        let mut response: Value = serde_json::from_str(&response).expect("the answer is JSON");
        assert!(
            response["error"].is_null(),
            "{method} failed: {}",
            response["error"]
        );
        response["result"].take()
    }

    /// The metrics, as Prometheus reads them.
    pub fn metrics(&self) -> String {
        let host = &self.metrics;
        http(
            host,
            &format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        )
    }

    /// Number of the last final block.
    pub fn finalized(&self) -> u64 {
        let hash = self.call("chain_getFinalizedHead", json!([]));
        let header = self.call("chain_getHeader", json!([hash]));
        let number = header["number"].as_str().expect("a header has a number");
        u64::from_str_radix(number.trim_start_matches("0x"), 16).expect("it is hexadecimal")
    }

    /// Asks the node to stop, as a service manager does, and waits until it has.
    pub fn stop(mut self) {
        // The shell's own `kill`: a bare system has no program of that name.
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status();
        assert!(sent.expect("a shell is there").success());
        let status = wait(&mut self.child).expect("the node stops when asked to");
        assert!(
            status.success(),
            "the node ended with {status}:\n{}",
            self.log()
        );
    }

    /// What the node has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request to a server of ours and returns the body of the answer.
fn http(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    stream
        .write_all(request.as_bytes())
        .expect("the server reads");
    let mut response = String::new();
    stream
        .read_to_string(&mut response)
        .expect("the answer is text");
    let (_, body) = response
        .split_once("\r\n\r\n")
        .expect("the answer has a body");
    body.to_owned()
}
