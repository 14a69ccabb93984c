//! A development node, a price server, a crowd that trades.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A program that ends with the test.
pub struct Program(Child);

impl Program {
    fn start(file: &Path, arguments: &[&str]) -> Self {
        Self(
            Command::new(file)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("{} should start: {error}", file.display())),
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A node with the prices that it asks for.
pub struct Network {
    _programs: [Program; 2],
    _folder: TempDir,
    rpc: u16,
}

impl Network {
    /// Starts both. The node may not answer yet when this returns.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (rpc, prices) = (free_port(), free_port());
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../price-server");
        let original = fs::read_to_string(home.join("dev-sources.json")).expect("the sources");
        let sources = folder.path().join("sources.json");
        fs::write(&sources, original.replace(":9950/", &format!(":{prices}/"))).expect("writes");
        let history = home.join("histories/calm.csv");
        let server = Program::start(
            &binary("caisson-price-server"),
            &[
                "--loop",
                "--listen",
                &format!("127.0.0.1:{prices}"),
                "--history",
                &history.display().to_string(),
            ],
        );
        let node = Program::start(
            &binary("caisson-node"),
            &[
                "--dev",
                "--tmp",
                "--no-prometheus",
                "--rpc-port",
                &rpc.to_string(),
                "--port",
                &free_port().to_string(),
                "--oracle-sources",
                &sources.display().to_string(),
            ],
        );
        Self {
            _programs: [server, node],
            _folder: folder,
            rpc,
        }
    }

    /// Where the node's RPC is.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc)
    }

    /// Trading bots.
    pub fn crowd(&self) -> Program {
        Program::start(
            Path::new(env!("CARGO_BIN_EXE_caisson")),
            &["--url", &self.url(), "bots", "--quiet"],
        )
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
