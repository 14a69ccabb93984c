//! The runtime's wasm with a feature of its own, beside the one in the node: for the upgrade drill and for benchmarks.
//!
//! The runtime's own build script makes it, called once more in a folder of its own: the same code,
//! flags and compression as the runtime in the node, and nothing of the main build is touched. The
//! compiled dependencies are copied from the main build, so that only what the feature changes is compiled.

use crate::error::{Error, Result};
use crate::process;
use crate::setup::Ready;
use crate::workspace::{json_string, Workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "caisson-runtime";
/// Where the builder puts its project, below the folder that holds `build`.
const PROJECT: &str = "wbuild/caisson-runtime";
const WASM: &str = "caisson_runtime.compact.compressed.wasm";

/// A runtime that isn't the node's.
pub struct Variant {
    /// The folder that it is built in, below that of the build.
    pub folder: &'static str,
    /// The feature of the runtime that it has besides the default ones.
    pub feature: &'static str,
}

/// The wasm of the runtime in the node.
pub fn of_the_node(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debug").join(PROJECT).join(WASM)
}

/// Builds a variant and returns the path of its wasm.
pub fn build(ready: &Ready, variant: &Variant) -> Result<PathBuf> {
    let script = build_script(ready)?;
    let main = ready.workspace.target.join("debug").join(PROJECT);
    let folder = ready.workspace.target.join(variant.folder);
    let project = folder.join(PROJECT);
    copy_dependencies(&main.join("target"), &project.join("target"))?;
    clear_unfinished(&project)?;
    run_script(ready, &script, &folder, variant.feature)?;
    Ok(project.join(WASM))
}

/// Removes what an interrupted build left. The builder takes its earlier steps for done by their files, and would not go on to
/// the last one.
fn clear_unfinished(project: &Path) -> Result<()> {
    if project.join(WASM).exists() {
        return Ok(());
    }
    for earlier in ["caisson_runtime.wasm", "caisson_runtime.compact.wasm"] {
        let file = project.join(earlier);
        if file.exists() {
            fs::remove_file(&file).map_err(|error| Error::io("remove", &file, &error))?;
        }
    }
    Ok(())
}

/// The compiled build script of the runtime; cargo names it when it is asked to build.
fn build_script(ready: &Ready) -> Result<PathBuf> {
    let mut cargo = ready.cargo();
    cargo.args([
        "build",
        "--workspace",
        "--bins",
        "--examples",
        "--locked",
        "--quiet",
    ]);
    let messages = process::output(cargo.arg("--message-format=json-render-diagnostics"))?;
    find_build_script(&messages, ready.workspace)
        .ok_or_else(|| Error::new(format!("cargo doesn't name the build script of {PACKAGE}")))
}

fn find_build_script(messages: &str, workspace: &Workspace) -> Option<PathBuf> {
    let manifest = workspace.root.join("runtime/Cargo.toml");
    messages
        .lines()
        .filter(|line| line.contains("\"compiler-artifact\"") && line.contains("\"custom-build\""))
        .filter(|line| json_string(line, "manifest_path").is_some_and(|path| manifest == *path))
        .find_map(|line| {
            line.split_once("\"filenames\":[\"")?
                .1
                .split_once('"')
                .map(|part| part.0)
        })
        .map(PathBuf::from)
}

/// Copies with the times of the files, by which cargo tells that they are up to date.
fn copy_dependencies(from: &Path, to: &Path) -> Result<()> {
    if to.exists() || !from.exists() {
        return Ok(());
    }
    let parent = to.parent().unwrap_or(to);
    let part = parent.join("target.part");
    let _ = fs::remove_dir_all(&part);
    fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, &error))?;
    process::run_quietly(Command::new("cp").arg("-a").arg(from).arg(&part))?;
    fs::rename(&part, to).map_err(|error| Error::io("move into place", to, &error))
}

/// Runs the build script with what cargo would tell it.
fn run_script(ready: &Ready, script: &Path, folder: &Path, feature: &str) -> Result<()> {
    let workspace = ready.workspace;
    let out = folder.join("build").join(PACKAGE).join("out");
    fs::create_dir_all(&out).map_err(|error| Error::io("create", &out, &error))?;
    // The builder gives its results the time of this file, which cargo would have written.
    let stamp = folder.join("build").join(PACKAGE).join("invoked.timestamp");
    fs::write(&stamp, "").map_err(|error| Error::io("write", &stamp, &error))?;
    let runtime = workspace.root.join("runtime");
    let mut command = Command::new(script);
    command
        .current_dir(&runtime)
        .env("CARGO_MANIFEST_DIR", &runtime)
        .env("CARGO_PKG_NAME", PACKAGE)
        .env("CARGO_FEATURE_STD", "1")
        .env("CARGO_FEATURE_DEFAULT", "1")
        .env("OUT_DIR", &out)
        .env("WASM_BUILD_TYPE", "release")
        .env("WASM_BUILD_WORKSPACE_HINT", &workspace.root)
        .env(feature_variable(feature), "1")
        .env_remove("SKIP_WASM_BUILD");
    if std::env::var_os("CARGO").is_none() {
        command.env("CARGO", "cargo");
    }
    ready.add_toolchain(&mut command);
    process::run_quietly(&mut command)
}

/// How cargo tells a build script of a feature.
fn feature_variable(feature: &str) -> String {
    format!("CARGO_FEATURE_{}", feature.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_unfinished_should_keep_a_build_that_was_finished() {
        let project =
            std::env::temp_dir().join(format!("caisson-unfinished-{}", std::process::id()));
        fs::create_dir_all(&project).expect("a folder");
        let write = |name: &str| fs::write(project.join(name), "").expect("writes");
        let compact = project.join("caisson_runtime.compact.wasm");
        write("caisson_runtime.compact.wasm");
        write(WASM);
        clear_unfinished(&project).expect("nothing to do");
        assert!(compact.exists());
        fs::remove_file(project.join(WASM)).expect("removes");
        clear_unfinished(&project).expect("removes");
        assert!(!compact.exists());
        fs::remove_dir_all(&project).expect("removes");
    }

    #[test]
    fn find_build_script_should_pick_the_runtimes_own() {
        let message = |folder: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/c/{folder}/Cargo.toml","target":{{"kind":["custom-build"]}},"filenames":["{file}"]}}"#
            )
        };
        let workspace = Workspace {
            root: "/c".into(),
            target: "/t".into(),
            cache: "/cache".into(),
        };
        let messages = format!(
            "{}\n{}",
            message("node", "/t/node-script"),
            message("runtime", "/t/script")
        );
        assert_eq!(
            find_build_script(&messages, &workspace),
            Some("/t/script".into())
        );
        assert_eq!(find_build_script("", &workspace), None);
    }

    #[test]
    fn feature_variable_should_be_spelt_as_cargo_does() {
        assert_eq!(
            feature_variable("runtime-benchmarks"),
            "CARGO_FEATURE_RUNTIME_BENCHMARKS"
        );
    }
}
