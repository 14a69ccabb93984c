//! Where things are: the checkout, the build artefacts, the folder for downloaded tools.

use crate::error::{Error, Result};
use crate::process;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders that everything else works with; all absolute.
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target folder, which CARGO_TARGET_DIR may have put anywhere.
    pub target: PathBuf,
    /// Tools that set-up made or downloaded.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds the folders of the checkout that `cargo xtask` was called in.
    pub fn locate() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .ancestors()
            .nth(2)
            .filter(|root| root.join("tools/xtask").is_dir())
            .ok_or_else(|| Error::new("can't find the checkout; call this as `cargo xtask`"))?
            .to_path_buf();
        let target = target_directory(&root)?;
        Ok(Self {
            root,
            target,
            cache: cache_directory()?,
        })
    }

    /// Where cargo puts the binaries of the profile that serves tests and node alike.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// Runs cargo on the checkout, as if it had been called from a shell.
    ///
    /// `cargo run` gave this process variables of the xtask package; build scripts must not see
    /// them, or else `cargo xtask` and plain `cargo` would rebuild each other's work.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_variable_of_cargo_run) {
                command.env_remove(name);
            }
        }
        // A build without the wasm would be taken for a fresh one by the steps after it.
        command.env_remove("SKIP_WASM_BUILD");
        command
    }
}

/// Tells whether `cargo run` sets this variable to describe the package it runs.
fn is_variable_of_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name)
}

/// Asks cargo, which knows the environment and every configuration file.
fn target_directory(root: &Path) -> Result<PathBuf> {
    let metadata = process::output(
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "metadata",
                "--no-deps",
                "--format-version=1",
                "--manifest-path",
            ])
            .arg(root.join("Cargo.toml")),
    )?;
    json_string(&metadata, "target_directory")
        .map(PathBuf::from)
        .ok_or_else(|| Error::new("`cargo metadata` doesn't name the target folder"))
}

/// `CAISSON_CACHE`, else `caisson` in the user's cache folder.
fn cache_directory() -> Result<PathBuf> {
    if let Some(cache) = env::var_os("CAISSON_CACHE").filter(|value| !value.is_empty()) {
        return std::path::absolute(&cache)
            .map_err(|error| Error::io("use CAISSON_CACHE", Path::new(&cache), &error));
    }
    env::var_os("HOME")
        .filter(|home| !home.is_empty())
        .map(|home| PathBuf::from(home).join(".cache/caisson"))
        .ok_or_else(|| {
            Error::new(
                "no folder for downloaded tools: HOME isn't set. Set CAISSON_CACHE to a folder",
            )
        })
}

/// The first string under `key` in JSON text that a machine wrote without spaces.
///
/// Enough for cargo's messages, and it spares a JSON library.
pub fn json_string(json: &str, key: &str) -> Option<String> {
    let start = format!("\"{key}\":\"");
    let text = &json[json.find(&start)? + start.len()..];
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_string_should_find_the_value_when_the_key_is_there() {
        let json = r#"{"packages":[],"target_directory":"/a \"b\"\\c","version":1}"#;
        assert_eq!(
            json_string(json, "target_directory").as_deref(),
            Some(r#"/a "b"\c"#)
        );
    }

    #[test]
    fn json_string_should_find_nothing_when_the_value_is_no_string() {
        assert_eq!(json_string(r#"{"a":1}"#, "a"), None);
        assert_eq!(json_string(r#"{"a":"open"#, "a"), None);
    }

    #[test]
    fn variables_of_cargo_run_should_not_include_the_users() {
        assert!(is_variable_of_cargo_run("CARGO_PKG_NAME"));
        assert!(!is_variable_of_cargo_run("CARGO_TARGET_DIR"));
        assert!(!is_variable_of_cargo_run("CARGO_HOME"));
    }
}
