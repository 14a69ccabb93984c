//! `cargo xtask prove`: the arithmetic of `risk/`, proved with z3.

use crate::error::Result;
use crate::process;
use crate::setup::{self, Part, Ready};
use crate::workspace::Workspace;

/// Sets up what the proofs need and runs them.
pub fn prove(workspace: &Workspace, args: &[String]) -> Result<()> {
    run(
        &setup::ensure(workspace, &[Part::Build, Part::Proofs])?,
        args,
    )
}

/// Runs the prover with the z3 of the Python environment.
pub fn run(ready: &Ready, args: &[String]) -> Result<()> {
    let mut cargo = ready.cargo();
    cargo
        .args([
            "run",
            "--locked",
            "--quiet",
            "--package",
            "caisson-risk-proofs",
        ])
        .args(["--bin", "prove", "--"])
        .args(args)
        .env("CAISSON_Z3", ready.venv_binaries().join("z3"));
    process::run(&mut cargo)
}
