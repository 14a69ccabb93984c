//! A Python environment with the solver that the proofs call.

use super::say;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::path::PathBuf;
use std::process::Command;

const SOLVER: &str = "z3-solver";
const SOLVER_VERSION: &str = "5.4.1";

/// Where the environment stands.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("venv")
}

/// Makes the environment, or completes one that was interrupted.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    if has_solver(workspace) {
        return Ok(());
    }
    say(&format!(
        "installing {SOLVER} {SOLVER_VERSION} for the proofs"
    ));
    let folder = folder(workspace);
    let mut make = Command::new("python3");
    process::run_quietly(make.args(["-m", "venv", "--clear"]).arg(&folder)).map_err(|error| {
        Error::new(format!(
            "{error}\nPython can't make the environment {}; on Debian, install python3-venv",
            folder.display()
        ))
    })?;
    let mut install = Command::new(folder.join("bin/python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    process::run_quietly(install.arg(format!("{SOLVER}=={SOLVER_VERSION}"))).map_err(|error| {
        Error::new(format!(
            "{error}\nThe proofs need {SOLVER} {SOLVER_VERSION} from the Python package index; \
             check that pip can reach it, then call this again"
        ))
    })
}

fn has_solver(workspace: &Workspace) -> bool {
    let script = format!("import importlib.metadata as m; print(m.version('{SOLVER}'))");
    let python = folder(workspace).join("bin/python");
    process::output(Command::new(python).args(["-c", &script]))
        .is_ok_and(|version| is_solver_version(&version))
}

/// The package repeats the solver's version and adds a number of its own.
fn is_solver_version(version: &str) -> bool {
    version
        .strip_prefix(SOLVER_VERSION)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_solver_version_should_allow_a_packaging_number_only() {
        assert!(is_solver_version("5.4.1") && is_solver_version("5.4.1.0"));
        assert!(!is_solver_version("5.4.10") && !is_solver_version("5.4"));
    }
}
