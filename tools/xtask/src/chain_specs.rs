//! `cargo xtask chain-specs`: the plain and the raw specification of each chain, written by the
//! node and read back by it.

use crate::error::{Error, Result};
use crate::node;
use crate::process;
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The chains as the node's `--chain` knows them.
const CHAINS: [&str; 3] = ["dev", "local", "staging"];

/// Builds the node, unless one is given, and writes the specifications.
pub fn command(workspace: &Workspace, out: Option<&Path>, node: Option<&Path>) -> Result<()> {
    let binary = match node {
        Some(binary) => binary.to_path_buf(),
        None => node::build(&setup::ensure(workspace, &[Part::Build])?)?,
    };
    let out = out.map_or_else(|| workspace.root.join("chain-specs"), Path::to_path_buf);
    write_all(&binary, &out)
}

/// Checks that the specifications can be written, leaving nothing behind.
pub fn check(workspace: &Workspace, binary: &Path) -> Result<()> {
    let folder = workspace
        .target
        .join(format!("chain-specs-{}", std::process::id()));
    let result = write_all(binary, &folder);
    let _ = fs::remove_dir_all(&folder);
    result
}

fn write_all(binary: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).map_err(|error| Error::io("create", out, &error))?;
    for chain in CHAINS {
        write_one(binary, out, chain)?;
    }
    Ok(())
}

/// Writes both forms of one chain, and reads the plain one back: it must give the same raw one.
fn write_one(binary: &Path, out: &Path, chain: &str) -> Result<()> {
    let plain = export(binary, chain, false)?;
    let raw = export(binary, chain, true)?;
    check_properties(&plain).map_err(|missing| {
        Error::new(format!(
            "the specification of {chain} {missing}; see the node's chain_spec"
        ))
    })?;
    let plain_file = write(out.join(format!("{chain}.plain.json")), &plain)?;
    let raw_file = write(out.join(format!("{chain}.raw.json")), &raw)?;
    for file in [&plain_file, &raw_file] {
        if export(binary, &file.to_string_lossy(), true)?.trim() != raw.trim() {
            return Err(Error::new(format!(
                "{} reads back as another genesis than `--chain {chain}` has; the preset or the \
                 chain_spec of the node isn't deterministic",
                file.display()
            )));
        }
    }
    Ok(())
}

fn export(binary: &Path, chain: &str, raw: bool) -> Result<String> {
    let mut node = Command::new(binary);
    node.args(["export-chain-spec", "--chain", chain]);
    if raw {
        node.arg("--raw");
    }
    process::output(&mut node)
}

fn write(file: PathBuf, text: &str) -> Result<PathBuf> {
    fs::write(&file, format!("{text}\n")).map_err(|error| Error::io("write", &file, &error))?;
    println!("{:>8} kB  {}", text.len() / 1000, file.display());
    Ok(file)
}

/// Wallets want the token's symbol as text, its decimals and the address format as numbers.
fn check_properties(json: &str) -> std::result::Result<(), String> {
    for (key, is_text) in [
        ("tokenSymbol", true),
        ("tokenDecimals", false),
        ("ss58Format", false),
    ] {
        let value = value_of(json, key).ok_or_else(|| format!("has no property {key}"))?;
        if is_text && !value.starts_with('"') {
            return Err(format!("has a {key} that isn't text"));
        }
        if !is_text && !value.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!("has a {key} that isn't a number"));
        }
    }
    Ok(())
}

/// The text from the first value under `key` onwards.
fn value_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let key = format!("\"{key}\"");
    let after_key = &json[json.find(&key)? + key.len()..];
    after_key
        .trim_start()
        .strip_prefix(':')
        .map(str::trim_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"properties": {
        "ss58Format": 42, "tokenDecimals": 12, "tokenSymbol": "CSN" }}"#;

    #[test]
    fn check_properties_should_pass_when_all_have_their_type() {
        assert_eq!(check_properties(GOOD), Ok(()));
    }

    #[test]
    fn check_properties_should_name_the_property_when_it_is_wrong() {
        for (from, to) in [
            ("42", "\"42\""),
            ("12", "\"12\""),
            ("\"CSN\"", "[1]"),
            ("tokenSymbol", "symbol"),
        ] {
            assert!(
                check_properties(&GOOD.replace(from, to)).is_err(),
                "{from} -> {to}"
            );
        }
    }
}
