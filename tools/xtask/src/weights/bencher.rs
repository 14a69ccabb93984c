//! frame-omni-bencher: where it is found, and how it is asked.

use crate::error::{Error, Result};
use crate::process;
use crate::setup::scratch::Scratch;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = "frame-omni-bencher";
/// The one that belongs to the SDK of the root `Cargo.toml`: a runtime may need host functions that others lack.
const VERSION: &str = "0.28.0";
/// The state that benchmarks start from; a file patches it where those of the SDK assume less than this chain asks, such
/// as a least bond.
const GENESIS: [&str; 4] = [
    "--genesis-builder",
    "runtime",
    "--genesis-builder-preset",
    "development",
];
/// How many empty blocks, and blocks of empty transactions, are executed and timed, after how many that aren't timed.
pub const OVERHEAD_REPEATS: u32 = 100;
const OVERHEAD_WARMUPS: u32 = 10;

/// The program, and the runtime that it measures.
pub struct Bencher<'a> {
    workspace: &'a Workspace,
    program: PathBuf,
    wasm: &'a Path,
}

impl<'a> Bencher<'a> {
    /// Finds the program on PATH or among the project's tools, or else installs it there.
    pub fn ready(workspace: &'a Workspace, wasm: &'a Path) -> Result<Self> {
        let installed = workspace.cache.join("tools/bin").join(PROGRAM);
        let candidates = process::find(PROGRAM)
            .into_iter()
            .chain(installed.exists().then(|| installed.clone()));
        let program = match candidates.into_iter().find(|program| is_right(program)) {
            Some(program) => program,
            None => {
                install(workspace)?;
                installed
            }
        };
        Ok(Self {
            workspace,
            program,
            wasm,
        })
    }

    /// A folder for the files of one measurement.
    pub fn scratch(&self, work: &str) -> Result<Scratch> {
        Scratch::new(self.workspace, &format!("weights-{work}"))
    }

    /// Runs every benchmark of a pallet and writes a file for each of its instances into a folder.
    pub fn pallet(&self, pallet: &str, steps: u32, repeat: u32, folder: &Path) -> Result<()> {
        let mut command = self.command("pallet");
        command
            .args(["--wasm-execution", "compiled"])
            .args(["--pallet", pallet, "--extrinsic", "*"])
            .args(["--steps", &steps.to_string()])
            .args(["--repeat", &repeat.to_string()])
            // Proofs of storage cost nothing on a chain that no other verifies.
            .arg("--disable-proof-recording")
            .arg("--quiet")
            .arg("--template")
            .arg(self.workspace.root.join("tools/xtask/weights.hbs"))
            .arg("--output")
            .arg(folder);
        process::run_quietly(&mut command)
    }

    /// Times empty blocks and blocks of empty transactions, and writes a file of each into a folder.
    pub fn overhead(&self, folder: &Path) -> Result<()> {
        let mut command = self.command("overhead");
        command
            .args(["--wasm-execution", "compiled"])
            .args(["--warmup", &OVERHEAD_WARMUPS.to_string()])
            .args(["--repeat", &OVERHEAD_REPEATS.to_string()])
            .arg("--weight-path")
            .arg(folder);
        process::run_quietly(&mut command)
    }

    fn command(&self, benchmark: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.workspace.root)
            .args(["v1", "benchmark", benchmark, "--runtime"])
            .arg(self.wasm)
            .args(GENESIS)
            .arg("--genesis-patch")
            .arg(self.workspace.root.join("tools/xtask/weights-genesis.json"));
        command
    }
}

/// A build of one's own may not tell its version; it stands in the head of the files anyway.
fn is_right(program: &Path) -> bool {
    process::output(Command::new(program).arg("--version")).map_or(true, |version| {
        version.split_whitespace().any(|word| word == VERSION)
    })
}

fn install(workspace: &Workspace) -> Result<()> {
    println!(
        "installing {PROGRAM} {VERSION}; this takes long, because it is compiled with most of a node's crates"
    );
    let scratch = Scratch::new(workspace, PROGRAM)?;
    let mut cargo = workspace.cargo();
    cargo
        .args(["install", "--locked", "--force", PROGRAM])
        .args(["--version", VERSION, "--root"])
        .arg(workspace.cache.join("tools"))
        .env("CARGO_TARGET_DIR", scratch.path());
    process::run_quietly(&mut cargo).map_err(|error| {
        Error::new(format!(
            "{error}\nWeights are measured with {PROGRAM} {VERSION}; check that cargo can reach its \
             registry, then call this again"
        ))
    })
}
