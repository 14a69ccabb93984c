//! `cargo xtask side-by-side`: the trigger index against other ways to find unsafe accounts.
//!
//! They are in a runtime that is never released: that of the node with the feature `side-by-side`.

use crate::error::Result;
use crate::process;
use crate::runtime_wasm::{self, Variant};
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use std::process::Command;

const COMPARED: Variant = Variant {
    folder: "side-by-side",
    feature: "side-by-side",
};

/// Builds that runtime and plays the comparison in it.
pub fn command(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let ready = setup::ensure(workspace, &[Part::Build])?;
    println!("building the runtime with other ways to find unsafe accounts");
    let wasm = runtime_wasm::build(&ready, &COMPARED)?;
    let mut program = Command::new(workspace.binary("caisson-side-by-side"));
    process::run(program.arg("--wasm").arg(wasm).args(arguments))
}
