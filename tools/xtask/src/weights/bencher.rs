//! frame-omni-bencher: where it is found, and how it is asked.

use super::Request;
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

    /// Runs every benchmark of a pallet and writes what each run took into a file.
    pub fn run(&self, pallet: &str, request: &Request, results: &Path) -> Result<()> {
        let mut command = self.command(pallet, request);
        command.arg("--json-file").arg(results);
        process::run_quietly(&mut command)
    }

    /// Fits weights to what runs took, and writes a file for each instance of the pallet into a folder.
    pub fn fit(
        &self,
        pallet: &str,
        request: &Request,
        results: &Path,
        folder: &Path,
    ) -> Result<()> {
        let mut command = self.command(pallet, request);
        command
            .arg("--json-input")
            .arg(results)
            // The larger of two fits. Where the line of least squares starts below zero the bencher starts it at the least time that
            // was measured, and then its slopes are too small.
            .args(["--output-analysis", "max"])
            .arg("--template")
            .arg(self.workspace.root.join("tools/xtask/weights.hbs"))
            .arg("--output")
            .arg(folder);
        process::run_quietly(&mut command)
    }

    fn command(&self, pallet: &str, request: &Request) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.workspace.root)
            .args(["v1", "benchmark", "pallet", "--runtime"])
            .arg(self.wasm)
            .args(GENESIS)
            .arg("--genesis-patch")
            .arg(self.workspace.root.join("tools/xtask/weights-genesis.json"))
            .args(["--wasm-execution", "compiled"])
            .args(["--pallet", pallet, "--extrinsic", "*"])
            .args(["--steps", &request.steps.to_string()])
            .args(["--repeat", &request.repeat.to_string()])
            // Exactly as many runs as are asked for: those of several rounds are compared one by one.
            .args(["--min-duration", "0"])
            // Proofs of storage cost nothing on a chain that no other verifies.
            .arg("--disable-proof-recording")
            .arg("--quiet");
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
