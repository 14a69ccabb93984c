//! How the node and all other programs are built.

use crate::error::{Error, Result};
use crate::process;
use crate::setup::Ready;
use std::path::PathBuf;

/// Builds all programs and returns the path of the node.
pub fn build(ready: &Ready) -> Result<PathBuf> {
    process::run(ready.cargo().args(build_arguments()))?;
    let binary = ready.workspace.binary("caisson-node");
    if !binary.is_file() {
        return Err(Error::new(format!(
            "the build left no {}",
            binary.display()
        )));
    }
    Ok(binary)
}

/// Builds all binaries with the features that the tests build them with.
///
/// `--examples` makes cargo count development dependencies in, as `--all-targets` does: else a
/// feature that only a test asks for would compile dependencies twice.
fn build_arguments() -> [&'static str; 5] {
    ["build", "--workspace", "--bins", "--examples", "--locked"]
}
