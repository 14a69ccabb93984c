//! zepter, which checks that features are handed on to every dependency.

use super::say;
use super::scratch::Scratch;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "1.88.2";

/// Where the program stands.
pub fn program(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("tools/bin/zepter")
}

/// Installs the program, unless this version is there.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    if is_installed(workspace) {
        return Ok(());
    }
    say(&format!("installing zepter {VERSION} (about two minutes)"));
    let scratch = Scratch::new(workspace, "zepter")?;
    let mut cargo = workspace.cargo();
    cargo
        .args([
            "install",
            "--locked",
            "--force",
            "zepter",
            "--version",
            VERSION,
            "--root",
        ])
        .arg(workspace.cache.join("tools"))
        .env("CARGO_TARGET_DIR", scratch.path());
    process::run_quietly(&mut cargo).map_err(|error| {
        Error::new(format!(
            "{error}\nThe check of features needs zepter {VERSION}; check that cargo can reach \
             its registry, then call this again"
        ))
    })
}

fn is_installed(workspace: &Workspace) -> bool {
    process::output(Command::new(program(workspace)).arg("--version"))
        .is_ok_and(|version| version.split_whitespace().any(|word| word == VERSION))
}
