//! The upgrade drill: the runtime with the feature `upgrade-drill`, which has the next `spec_version` and a
//! migration in steps, to upgrade a running network to.

use crate::error::{Error, Result};
use crate::runtime_wasm::{self, Variant};
use crate::setup::Ready;
use std::fs;
use std::path::{Path, PathBuf};

const UPGRADE: Variant = Variant {
    folder: "upgrade",
    feature: "upgrade-drill",
};

/// Builds the upgrade and returns the path of its wasm.
pub fn build(ready: &Ready) -> Result<PathBuf> {
    println!("building the upgrade drill");
    let wasm = runtime_wasm::build(ready, &UPGRADE)?;
    ensure_differs(&wasm, &runtime_wasm::of_the_node(ready.workspace))?;
    Ok(wasm)
}

/// An upgrade to the same code would be refused by the chain, after minutes of a network test.
fn ensure_differs(upgrade: &Path, main: &Path) -> Result<()> {
    let read = |file: &Path| fs::read(file).map_err(|error| Error::io("read", file, &error));
    if read(upgrade)? == read(main)? {
        return Err(Error::new(
            "the upgrade is the same as the runtime in the node: the feature upgrade-drill of \
             caisson-runtime must raise its spec_version",
        ));
    }
    Ok(())
}
