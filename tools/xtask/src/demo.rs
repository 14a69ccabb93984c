//! `cargo xtask run`: builds everything, then hands over to `caisson demo`.

use crate::error::{Error, Result};
use crate::node;
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where histories are found by name.
const HISTORIES: &str = "tools/price-server/histories";
/// The name that stands for the prices of real exchanges.
const LIVE: &str = "live";

/// What `cargo xtask run` was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The history by name or file, if one was named.
    pub history: Option<String>,
    /// The other options, checked, as `caisson demo` takes them.
    pub options: Vec<String>,
    /// Arguments for the node.
    pub node_args: Vec<String>,
}

impl Request {
    /// The command line of `caisson demo`.
    fn arguments(&self, histories: &Path) -> Vec<String> {
        let mut arguments = vec![
            "demo".to_owned(),
            "--histories".to_owned(),
            histories.to_string_lossy().into_owned(),
        ];
        if let Some(history) = &self.history {
            arguments.extend(["--history".to_owned(), history.clone()]);
        }
        arguments.extend(self.options.iter().cloned());
        if !self.node_args.is_empty() {
            arguments.push("--".to_owned());
            arguments.extend(self.node_args.iter().cloned());
        }
        arguments
    }
}

/// Builds and starts everything; returns only if that fails.
pub fn run(workspace: &Workspace, request: &Request) -> Result<()> {
    let histories = workspace.root.join(HISTORIES);
    // Before the build, which may take half an hour.
    if let Some(history) = &request.history {
        find(history, &histories)?;
    }
    let ready = setup::ensure(workspace, &[Part::Build])?;
    let program = workspace.binary("caisson");
    // Not to the standard output, which is for JSON if that is asked for.
    if !program.is_file() {
        eprintln!("1 of 2: building. The first time takes half an hour on two cores; cargo shows how far it is.");
    }
    node::build(&ready)?;
    eprintln!("2 of 2: starting. Ctrl-C ends it all.");
    // It takes this process's place, so that Ctrl-C is its own to handle.
    let error = Command::new(&program)
        .args(request.arguments(&histories))
        .exec();
    Err(Error::new(format!(
        "can't start {}: {error}",
        program.display()
    )))
}

/// Fails with the names there are unless this is one of them, a file, or the word for real exchanges.
fn find(history: &str, folder: &Path) -> Result<()> {
    let known = history == LIVE
        || folder.join(format!("{history}.csv")).is_file()
        || PathBuf::from(history).is_file();
    if known {
        return Ok(());
    }
    let mut names: Vec<String> = fs::read_dir(folder)
        .map_err(|error| Error::io("read", folder, &error))?
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.strip_suffix(".csv").map(str::to_owned)
        })
        .collect();
    names.sort();
    Err(Error::new(format!(
        "there is no history `{history}`; there are {}, {LIVE} for real exchanges, or name a CSV file",
        names.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_should_put_those_of_the_node_last() {
        let request = Request {
            history: Some("crash".into()),
            options: vec!["--no-bots".into()],
            node_args: vec!["-lrpc=debug".into()],
        };
        assert_eq!(
            request.arguments(Path::new("here")).join(" "),
            "demo --histories here --history crash --no-bots -- -lrpc=debug"
        );
        assert_eq!(
            Request::default().arguments(Path::new("here")).join(" "),
            "demo --histories here"
        );
    }

    #[test]
    fn find_should_name_the_histories_when_there_is_no_such_one() {
        let folder = std::env::temp_dir().join(format!("xtask-demo-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("storm.csv"), "").unwrap();
        assert_eq!(find("storm", &folder), Ok(()));
        assert_eq!(find("live", &folder), Ok(()));
        let error = find("calm", &folder).unwrap_err().to_string();
        assert!(
            error.contains("`calm`") && error.contains("storm"),
            "{error}"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
