//! The target `wasm32v1-none`, to which the runtime is compiled.
//!
//! `rustup target add` is the way. Where rustup can't download, a small toolchain is made of
//! Debian's compiler, its library sources and its linker. The libraries must carry bitcode, or else
//! the runtime's link-time optimisation fails.

use super::packages::{self, Package};
use super::say;
use super::scratch::Scratch;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::env;
use std::fs;
use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const TARGET: &str = "wasm32v1-none";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_RUSTLIB: &str = "/usr/lib/rustlib";
/// The first 1.x that has the target.
const FIRST_MINOR: u32 = 84;
/// Debian's linker for wasm.
const DEBIAN_LINKER: &str = "/usr/bin/lld-22";
/// What the toolchain shares with Debian's compiler: the libraries for build scripts and macros,
/// the library sources, the debuggers' helpers.
const SHARED: [&str; 3] = ["x86_64-unknown-linux-gnu/lib", "src", "etc"];
/// Where the compiler looks for the linker, under the name it knows.
const LINKER: &str = "x86_64-unknown-linux-gnu/bin/rust-lld";
/// The libraries that a runtime links with.
const LIBRARIES: [&str; 3] = ["libcore-", "liballoc-", "libcompiler_builtins-"];
/// After this time rustup is taken to have no network.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);

const DEBIAN_PACKAGES: [Package; 3] = [
    Package {
        name: "rustc-web",
        reason: "compiles the runtime to wasm, as rustup can't download that target",
        present: || debian_rustc_version().is_ok_and(|version| knows_target(&version)),
    },
    Package {
        name: "rust-web-src",
        reason: "holds the library sources for wasm, as rustup can't download them",
        present: || {
            Path::new(DEBIAN_RUSTLIB)
                .join("src/rust/library/core")
                .exists()
        },
    },
    Package {
        name: "lld-22",
        reason: "links the runtime's wasm for rustc-web",
        present: || Path::new(DEBIAN_LINKER).exists(),
    },
];

/// Makes sure that the runtime can be compiled to wasm.
///
/// Returns the toolchain to compile with, if it isn't the active one.
pub fn ensure(workspace: &Workspace) -> Result<Option<String>> {
    if env::var_os("WASM_BUILD_TOOLCHAIN").is_some() || active_toolchain_has_target(workspace) {
        return Ok(None);
    }
    if process::find("rustup").is_none() {
        return Err(Error::new(format!(
            "the active Rust toolchain can't compile to {TARGET} and there is no rustup to add \
             it; install Rust with rustup (https://rustup.rs), then call this again"
        )));
    }
    let debian = DebianToolchain::new(workspace);
    if debian.is_complete() {
        debian.link()?;
        return Ok(Some(debian.name));
    }
    if add_target(workspace) {
        return Ok(None);
    }
    debian.build(workspace)?;
    debian.link()?;
    Ok(Some(debian.name))
}

fn active_toolchain_has_target(workspace: &Workspace) -> bool {
    let rustc = &mut Command::new("rustc");
    let sysroot = process::output(
        rustc
            .current_dir(&workspace.root)
            .args(["--print", "sysroot"]),
    );
    sysroot.is_ok_and(|sysroot| {
        has_libraries(
            &Path::new(&sysroot)
                .join("lib/rustlib")
                .join(TARGET)
                .join("lib"),
        )
    })
}

fn has_libraries(folder: &Path) -> bool {
    LIBRARIES
        .iter()
        .all(|library| !files_starting_with(folder, library).is_empty())
}

fn files_starting_with(folder: &Path, start: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let matches = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(".rlib")
    };
    files.filter(matches).collect()
}

/// The usual way, which needs rustup's server.
fn add_target(workspace: &Workspace) -> bool {
    say(&format!("rustup target add {TARGET}"));
    let mut command = Command::new("rustup");
    command
        .current_dir(&workspace.root)
        .args(["target", "add", TARGET]);
    process::succeeds_within(&mut command, RUSTUP_LIMIT) && active_toolchain_has_target(workspace)
}

/// The toolchain made of Debian's packages.
struct DebianToolchain {
    /// What rustup calls it.
    name: String,
    /// Where it stands.
    folder: PathBuf,
}

impl DebianToolchain {
    fn new(workspace: &Workspace) -> Self {
        let name = env::var("CAISSON_WASM_TOOLCHAIN")
            .ok()
            .filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or_else(|| "caisson-wasm".to_owned()),
            folder: workspace.cache.join("wasm-toolchain"),
        }
    }

    /// Tells whether it was finished, with the compiler that is installed now.
    fn is_complete(&self) -> bool {
        let stamp = fs::read_to_string(self.folder.join("stamp"));
        let version = debian_rustc_version();
        self.folder.join("lib/rustlib").join(LINKER).exists()
            && has_libraries(&self.folder.join("lib/rustlib").join(TARGET).join("lib"))
            && matches!((stamp, version), (Ok(stamp), Ok(version)) if stamp.trim() == version)
    }

    /// Builds it beside its place and moves it there, so that it is there whole or not at all.
    fn build(&self, workspace: &Workspace) -> Result<()> {
        packages::install_missing(&DEBIAN_PACKAGES.iter().collect::<Vec<_>>())?;
        say("building a toolchain for wasm from Debian's compiler (about a minute)");
        let part = Scratch::new(workspace, "wasm-toolchain")?;
        self.build_in(workspace, part.path())?;
        self.replace_with(part.path())
    }

    fn build_in(&self, workspace: &Workspace, part: &Path) -> Result<()> {
        let scratch = part.join("scratch");
        build_libraries(workspace, &scratch)?;
        let rustlib = part.join("toolchain/lib/rustlib");
        let libraries = rustlib.join(TARGET).join("lib");
        create_folder(&libraries)?;
        let built = scratch.join("target").join(TARGET).join("release/deps");
        for file in LIBRARIES
            .iter()
            .flat_map(|library| files_starting_with(&built, library))
        {
            let to = libraries.join(file.file_name().unwrap_or_default());
            fs::copy(&file, &to).map_err(|error| Error::io("write", &to, &error))?;
        }
        for shared in SHARED {
            link(
                &Path::new(DEBIAN_RUSTLIB).join(shared),
                &rustlib.join(shared),
            )?;
        }
        link(Path::new(DEBIAN_LINKER), &rustlib.join(LINKER))?;
        let rustc = part.join("toolchain/bin/rustc");
        create_folder(&part.join("toolchain/bin"))?;
        write(&rustc, &rustc_script(&self.folder))?;
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755))
            .map_err(|error| Error::io("make executable", &rustc, &error))?;
        write(&part.join("toolchain/stamp"), &debian_rustc_version()?)
    }

    fn replace_with(&self, part: &Path) -> Result<()> {
        if self.folder.exists() {
            let old = part.join("old");
            fs::rename(&self.folder, &old)
                .map_err(|error| Error::io("move away", &self.folder, &error))?;
        }
        fs::rename(part.join("toolchain"), &self.folder)
            .map_err(|error| Error::io("move into place", &self.folder, &error))
    }

    /// Makes it known to rustup, unless it is.
    fn link(&self) -> Result<()> {
        if self.is_linked() {
            return Ok(());
        }
        say(&format!(
            "rustup toolchain link {} {}",
            self.name,
            self.folder.display()
        ));
        let mut command = Command::new("rustup");
        process::run_quietly(
            command
                .args(["toolchain", "link", &self.name])
                .arg(&self.folder),
        )
    }

    fn is_linked(&self) -> bool {
        let rustup_home = env::var_os("RUSTUP_HOME")
            .map(PathBuf::from)
            .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".rustup")));
        let linked = rustup_home
            .and_then(|home| fs::canonicalize(home.join("toolchains").join(&self.name)).ok());
        linked.is_some() && linked == fs::canonicalize(&self.folder).ok()
    }
}

/// Compiles `core` and `alloc` for wasm, with bitcode, by building an empty crate that uses them.
fn build_libraries(workspace: &Workspace, scratch: &Path) -> Result<()> {
    create_folder(&scratch.join("src"))?;
    let manifest =
        "[package]\nname = \"wasm-libraries\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
                    [workspace]\n";
    write(&scratch.join("Cargo.toml"), manifest)?;
    write(
        &scratch.join("src/lib.rs"),
        "#![no_std]\nextern crate alloc;\n",
    )?;
    let mut cargo = workspace.cargo();
    cargo
        .current_dir(scratch)
        .args([
            "build",
            "--release",
            "-Zbuild-std=core,alloc",
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .env("RUSTC", DEBIAN_RUSTC)
        // Lets a stable compiler build its own libraries; for this one command only.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER");
    process::run_quietly(&mut cargo)
}

fn debian_rustc_version() -> Result<String> {
    process::output(Command::new(DEBIAN_RUSTC).arg("--version"))
}

/// Tells whether a compiler knows the target, which Debian's older `rustc` doesn't.
fn knows_target(version: &str) -> bool {
    let number = version.strip_prefix("rustc ").unwrap_or_default();
    let mut parts = number.split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(1), Some(minor)) if minor >= FIRST_MINOR)
}

/// Debian's compiler with the toolchain's folder as its sysroot.
fn rustc_script(folder: &Path) -> String {
    let quoted = folder.display().to_string().replace('\'', r"'\''");
    format!("#!/bin/sh\nexec {DEBIAN_RUSTC} --sysroot '{quoted}' \"$@\"\n")
}

/// A symbolic link, with the folders above it.
fn link(from: &Path, to: &Path) -> Result<()> {
    create_folder(to.parent().unwrap_or(to))?;
    symlink(from, to).map_err(|error| Error::io("link", to, &error))
}

fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, &error))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(|error| Error::io("write", file, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustc_script_should_quote_its_folder() {
        let script = rustc_script(Path::new("/it's here"));
        assert!(script.contains(r"--sysroot '/it'\''s here' "), "{script}");
    }

    #[test]
    fn knows_target_should_ask_for_a_recent_compiler() {
        assert!(knows_target(
            "rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"
        ));
        assert!(knows_target("rustc 1.84.1"));
        assert!(!knows_target("rustc 1.63.0") && !knows_target("nonsense"));
    }

    #[test]
    fn has_libraries_should_be_false_when_the_folder_is_missing() {
        assert!(!has_libraries(Path::new("/no/such/folder")));
    }
}
