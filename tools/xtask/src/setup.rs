//! Makes the machine ready: each part checks first, and speaks only when it does something.

mod npm;
mod packages;
pub mod scratch;
mod venv;
mod wasm;
pub mod zepter;

use crate::error::Result;
use crate::workspace::Workspace;
use std::process::Command;

/// What a command can need of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Compilers, protoc and the wasm target.
    Build,
    /// The feature linter.
    Features,
    /// z3.
    Proofs,
    /// The JavaScript tools of `tools/clients`.
    Clients,
}

impl Part {
    /// Everything.
    pub const ALL: [Self; 4] = [Self::Build, Self::Features, Self::Proofs, Self::Clients];
}

/// A workspace on a machine that is ready.
pub struct Ready<'a> {
    /// Where things are.
    pub workspace: &'a Workspace,
    /// The rustup toolchain that compiles the runtime to wasm, if the active one can't.
    wasm_toolchain: Option<String>,
}

impl Ready<'_> {
    /// Runs cargo on the checkout, with the toolchain that makes the runtime's wasm.
    pub fn cargo(&self) -> Command {
        let mut command = self.workspace.cargo();
        self.add_toolchain(&mut command);
        command
    }

    /// Tells a program that builds the runtime's wasm which toolchain to use.
    pub fn add_toolchain(&self, command: &mut Command) {
        if let Some(name) = &self.wasm_toolchain {
            command.env("WASM_BUILD_TOOLCHAIN", name);
        }
    }

    /// The folder with python and z3.
    pub fn venv_binaries(&self) -> std::path::PathBuf {
        venv::folder(self.workspace).join("bin")
    }
}

/// Makes the machine ready for these parts.
pub fn ensure<'a>(workspace: &'a Workspace, parts: &[Part]) -> Result<Ready<'a>> {
    packages::ensure(parts)?;
    let mut ready = Ready {
        workspace,
        wasm_toolchain: None,
    };
    if parts.contains(&Part::Build) {
        ready.wasm_toolchain = wasm::ensure(workspace)?;
    }
    if parts.contains(&Part::Proofs) {
        venv::ensure(workspace)?;
    }
    if parts.contains(&Part::Clients) {
        npm::ensure(workspace)?;
    }
    if parts.contains(&Part::Features) {
        zepter::ensure(workspace)?;
    }
    Ok(ready)
}

/// Says what set-up does now.
fn say(what: &str) {
    eprintln!("setup: {what}");
}
