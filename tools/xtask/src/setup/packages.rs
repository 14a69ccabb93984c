//! Debian packages: each is looked for by what it is needed for, not by its name.

use super::{say, Part};
use crate::error::{Error, Result};
use crate::process;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// Something that the build or the checks need of the system.
pub struct Package {
    /// Its name at Debian.
    pub name: &'static str,
    /// What it is needed for.
    pub reason: &'static str,
    /// Tells whether it, or something as good, is there.
    pub present: fn() -> bool,
}

const BUILD: [Package; 7] = [
    Package {
        name: "gcc",
        reason: "links every program",
        present: || on_path("cc"),
    },
    Package {
        name: "libc6-dev",
        reason: "the C library to link with",
        present: can_link,
    },
    Package {
        name: "g++",
        reason: "compiles the wasm optimiser",
        present: || on_path("c++"),
    },
    Package {
        name: "make",
        reason: "builds OpenSSL for the network",
        present: || on_path("make"),
    },
    Package {
        name: "perl",
        reason: "configures OpenSSL for the network",
        present: has_perl,
    },
    Package {
        name: "protobuf-compiler",
        reason: "compiles the network's message formats",
        present: || env::var_os("PROTOC").is_some() || on_path("protoc"),
    },
    Package {
        name: "git",
        reason: "gives the node's version its commit",
        present: || on_path("git"),
    },
];

const PROOFS: [Package; 1] = [Package {
    name: "python3-venv",
    reason: "makes the Python environment for z3",
    present: || process::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])),
}];

const CLIENTS: [Package; 3] = [
    Package {
        name: "procps",
        reason: "lets the network tests see whether a node lives",
        present: || on_path("ps"),
    },
    Package {
        name: "nodejs",
        reason: "runs the network tests",
        present: || on_path("node"),
    },
    Package {
        name: "npm",
        reason: "installs the tools of the network tests",
        present: || on_path("npm"),
    },
];

/// Installs what these parts need.
pub fn ensure(parts: &[Part]) -> Result<()> {
    let mut needed: Vec<&Package> = Vec::new();
    for part in parts {
        match part {
            Part::Build => needed.extend(&BUILD),
            Part::Features => {}
            Part::Proofs => needed.extend(&PROOFS),
            Part::Clients => needed.extend(&CLIENTS),
        }
    }
    install_missing(&needed)
}

/// Installs those of the packages that are missing.
pub fn install_missing(packages: &[&Package]) -> Result<()> {
    let missing = still_missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let installer = Installer::find().map_err(|why| unavailable(&missing, why, &[]))?;
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    say(&format!("installing Debian packages: {}", names.join(" ")));
    // A source that can't be reached is no reason to stop: the package may come from another.
    let _ = process::run_quietly(installer.apt_get().arg("update"));
    let install = ["install", "--yes", "--no-install-recommends", "--no-remove"];
    if let Err(error) = process::run_quietly(installer.apt_get().args(install).args(&names)) {
        return Err(unavailable(&missing, &error.to_string(), &installer.prefix));
    }
    match still_missing(&missing) {
        rest if rest.is_empty() => Ok(()),
        rest => Err(unavailable(
            &rest,
            "they are installed, but can't be used",
            &installer.prefix,
        )),
    }
}

fn still_missing<'a>(packages: &[&'a Package]) -> Vec<&'a Package> {
    packages
        .iter()
        .filter(|package| !(package.present)())
        .copied()
        .collect()
}

/// What to put before `apt-get` so that it may install.
struct Installer {
    prefix: Vec<&'static str>,
}

impl Installer {
    /// The way to install, or why there is none.
    fn find() -> std::result::Result<Self, &'static str> {
        if !on_path("apt-get") {
            return Err("this system has no apt-get");
        }
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        match (is_root, on_path("sudo")) {
            (true, _) => Ok(Self { prefix: Vec::new() }),
            (false, true) => Ok(Self {
                prefix: vec!["sudo"],
            }),
            (false, false) => Err("this user isn't root, and there is no sudo"),
        }
    }

    fn apt_get(&self) -> Command {
        let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
        let mut words = self.prefix.iter().chain(&words);
        let mut command = Command::new(words.next().unwrap_or(&"apt-get"));
        command.args(words).args(["-o", "DPkg::Lock::Timeout=300"]);
        command
    }
}

/// The error for packages that can't be had: each with its reason, and what to type.
fn unavailable(missing: &[&Package], why: &str, prefix: &[&str]) -> Error {
    let mut text = String::from("these Debian packages are missing:\n");
    for package in missing {
        text += &format!("  {:<20} {}\n", package.name, package.reason);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    let as_root = if prefix.is_empty() { "as root: " } else { "" };
    text += &format!(
        "Install them, {as_root}{} install --no-install-recommends {}\n\
         (on another system, the packages that hold the same programs), then call this again.\n\
         Why this didn't happen by itself: {why}",
        prefix
            .iter()
            .chain(&["apt-get"])
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
        names.join(" "),
    );
    Error::new(text)
}

fn on_path(program: &str) -> bool {
    process::find(program).is_some()
}

/// Debian's gcc comes without the C library's headers and start files.
fn can_link() -> bool {
    process::output(Command::new("cc").arg("-print-file-name=crt1.o"))
        .is_ok_and(|file| Path::new(&file).is_absolute())
}

/// Debian's base system has a perl without the modules that OpenSSL's `Configure` wants.
fn has_perl() -> bool {
    process::succeeds(Command::new("perl").args(["-MFindBin", "-MIPC::Cmd", "-e", "1"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unavailable_should_name_package_reason_and_command() {
        let missing: Vec<&Package> = BUILD.iter().collect();
        let text = unavailable(&missing, "no root", &["sudo"]).to_string();
        assert!(
            text.contains("protobuf-compiler") && text.contains("message formats"),
            "{text}"
        );
        assert!(
            text.contains("sudo apt-get install --no-install-recommends gcc"),
            "{text}"
        );
        assert!(text.contains("no root"), "{text}");
    }

    #[test]
    fn install_missing_should_do_nothing_when_all_are_present() {
        let present = Package {
            name: "none",
            reason: "a test",
            present: || true,
        };
        assert_eq!(install_missing(&[&present]), Ok(()));
    }
}
