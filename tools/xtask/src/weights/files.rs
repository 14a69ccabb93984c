//! The files of `runtime/src/weights`, and the list of what is benchmarked.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the runtime says what is benchmarked.
const LIST: &str = "runtime/src/benchmarks.rs";
/// What begins and ends the list there.
const LIST_BEGIN: &str = "define_benchmarks!(";
const LIST_END: &str = ");";
/// Lines that the bencher adds about proofs of storage, which this chain doesn't make.
const PROOF_COMMENT: &str = "/// Proof:";

const MODULE_HEAD: &str = "\
//! What calls, hooks and transactions cost, as measured: one file for each pallet.
//!
//! All files of this folder are made by `cargo xtask weights`; what is written here by hand is overwritten.

// A component that turned out to cost nothing.
#![allow(unused_variables)]

";

/// The pallets that have benchmarks, each once, in the order of the runtime.
pub fn benchmarked_pallets(workspace: &Workspace) -> Result<Vec<String>> {
    let file = workspace.root.join(LIST);
    let pallets = pallets_in(&read(&file)?);
    if pallets.is_empty() {
        return Err(Error::new(format!("no list of benchmarks in {LIST}")));
    }
    Ok(pallets)
}

fn pallets_in(source: &str) -> Vec<String> {
    let mut pallets: Vec<String> = Vec::new();
    let list = source
        .split_once(LIST_BEGIN)
        .and_then(|(_, rest)| rest.split_once(LIST_END))
        .map_or("", |(list, _)| list);
    for line in list.lines() {
        let name = line
            .trim()
            .strip_prefix('[')
            .and_then(|entry| entry.split_once(','))
            .map(|(name, _)| name.to_owned());
        // An instance more of a pallet that is there already.
        pallets.extend(name.filter(|name| !pallets.contains(name)));
    }
    pallets
}

/// Moves what the bencher wrote to its place, tidied and formatted.
pub fn take_over(from: &Path, to: &Path) -> Result<()> {
    let written = rust_files(from)?;
    if written.is_empty() {
        return Err(Error::new("the bencher wrote no file"));
    }
    for file in written {
        write(&file, &tidied(&read(&file)?))?;
        process::run_quietly(
            Command::new("rustfmt")
                .args(["--edition", "2021"])
                .arg(&file),
        )?;
        let place = to.join(file.file_name().unwrap_or_default());
        fs::copy(&file, &place).map_err(|error| Error::io("write", &place, &error))?;
    }
    Ok(())
}

fn tidied(source: &str) -> String {
    let kept = source
        .lines()
        .filter(|line| !line.trim_start().starts_with(PROOF_COMMENT));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// Writes the module that has every file of a folder as its child.
pub fn write_module(folder: &Path) -> Result<()> {
    let mut names: Vec<_> = rust_files(folder)?
        .iter()
        .filter_map(|file| file.file_stem()?.to_str().map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    names.sort();
    let children: String = names
        .iter()
        .map(|name| format!("pub mod {name};\n"))
        .collect();
    write(&folder.join("mod.rs"), &format!("{MODULE_HEAD}{children}"))
}

/// Writes a text file.
pub fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(|error| Error::io("write", file, &error))
}

/// Makes a folder, unless it is there.
pub fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))
}

/// Reads a text file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| Error::io("read", file, &error))
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| Error::io("read", folder, &error))?;
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    Ok(files
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchmarked_pallets_should_be_those_of_the_runtime_each_once() {
        let source = include_str!("../../../../runtime/src/benchmarks.rs");
        let pallets = pallets_in(source);
        assert_eq!(pallets[0], "frame_system");
        for name in [
            "pallet_exchange",
            "pallet_margin",
            "frame_system_extensions",
        ] {
            assert!(pallets.iter().any(|pallet| pallet == name), "{name}");
        }
        let collectives = pallets.iter().filter(|name| *name == "pallet_collective");
        assert_eq!(collectives.count(), 1);
        assert_eq!(source.matches("[pallet_collective, ").count(), 2);
    }

    #[test]
    fn tidied_should_drop_what_is_said_of_proofs_and_keep_the_rest() {
        let source = "/// Storage: `A`\n    /// Proof: `A`\nfn a() {}\n";
        assert_eq!(tidied(source), "/// Storage: `A`\nfn a() {}\n");
    }
}
