//! Folders for work in progress, which never outlive it for long.

use crate::error::{Error, Result};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// Stands between the name of the work and the process that does it.
const MARK: &str = ".part-";

/// A folder beside the finished things, on the same file system; removed when dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new folder for this work; removes those that interrupted processes left.
    pub fn new(workspace: &Workspace, work: &str) -> Result<Self> {
        remove_abandoned(&workspace.cache);
        let folder = workspace
            .cache
            .join(format!("{work}{MARK}{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, &error))?;
        Ok(Self(folder))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed now is removed by the next one.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn remove_abandoned(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else {
        return;
    };
    for entry in entries.flatten() {
        if is_abandoned(&entry.file_name().to_string_lossy()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Tells whether this is the folder of a process that has ended.
fn is_abandoned(name: &str) -> bool {
    let process = name
        .split_once(MARK)
        .and_then(|(_, process)| process.parse::<u32>().ok());
    process.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_abandoned_should_spare_living_processes_and_finished_work() {
        assert!(!is_abandoned(&format!("venv{MARK}{}", std::process::id())));
        assert!(is_abandoned(&format!("venv{MARK}{}", u32::MAX)));
        assert!(!is_abandoned("wasm-toolchain") && !is_abandoned("venv.part-x"));
    }
}
