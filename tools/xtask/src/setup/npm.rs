//! The npm packages of `tools/clients`, exactly as its lockfile says.

use super::say;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The lockfile that was installed, kept among what it installed.
const STAMP: &str = "node_modules/.installed-package-lock.json";

/// Installs the packages, unless those of the present lockfile are there.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    let clients = workspace.root.join("tools/clients");
    let lock_file = clients.join("package-lock.json");
    let lock = fs::read(&lock_file).map_err(|error| Error::io("read", &lock_file, &error))?;
    let stamp = clients.join(STAMP);
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say("installing the npm packages of tools/clients (about a minute)");
    install(&clients)?;
    fs::write(&stamp, lock).map_err(|error| Error::io("write", &stamp, &error))
}

fn install(clients: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.current_dir(clients)
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
    process::run_quietly(&mut npm).map_err(|error| {
        Error::new(format!(
            "{error}\nThe examples and the network tests need these packages; check that npm can reach its \
             registry, then call this again"
        ))
    })
}
