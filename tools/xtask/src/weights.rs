//! `cargo xtask weights`: measures what calls and hooks cost, and writes it into `runtime/src/weights`.
//!
//! The benchmarks of each pallet are run by frame-omni-bencher, in the executor of a node, on the runtime's wasm
//! with the feature `runtime-benchmarks`. Not part of CI: the figures are those of the machine it runs on, which
//! should do nothing else meanwhile.

mod bencher;
mod files;
mod overhead;
mod rounds;

use crate::error::{Error, Result};
use crate::runtime_wasm::{self, Variant};
use crate::setup::{self, Part, Ready};
use crate::workspace::Workspace;
use bencher::Bencher;
use std::path::{Path, PathBuf};
use std::time::Instant;

const BENCHMARKED: Variant = Variant {
    folder: "benchmarks",
    feature: "runtime-benchmarks",
};

/// What is measured like a pallet, and isn't one.
const OVERHEAD: &str = "overhead";

/// What is to be measured, and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The pallets to measure; all, and the overhead, if empty.
    pub only: Vec<String>,
    /// Print what can be measured instead.
    pub list: bool,
    /// Values tried of each component of a benchmark.
    pub steps: u32,
    /// Runs of each, one after the other.
    pub repeat: u32,
    /// How often all of that is done; the least time of each run counts.
    pub rounds: u32,
    /// The folder to write to; `runtime/src/weights` if none.
    pub out: Option<PathBuf>,
}

impl Default for Request {
    /// What the committed figures are measured with.
    fn default() -> Self {
        Self {
            only: Vec::new(),
            list: false,
            steps: 10,
            repeat: 20,
            rounds: 3,
            out: None,
        }
    }
}

/// Does what is asked.
pub fn command(workspace: &Workspace, request: &Request) -> Result<()> {
    let known = names(workspace)?;
    if request.list {
        known.iter().for_each(|name| println!("{name}"));
        return Ok(());
    }
    let chosen = choose(&known, &request.only)?;
    let ready = setup::ensure(workspace, &[Part::Build])?;
    let wasm = match chosen.iter().any(|name| name != OVERHEAD) {
        true => {
            println!("building the runtime with its benchmarks");
            Some(runtime_wasm::build(&ready, &BENCHMARKED)?)
        }
        false => None,
    };
    let bencher = wasm
        .as_deref()
        .map(|wasm| Bencher::ready(workspace, wasm))
        .transpose()?;
    let folder = match &request.out {
        Some(out) => out.clone(),
        None => workspace.root.join("runtime/src/weights"),
    };
    files::create_folder(&folder)?;
    let failed = measure_all(&ready, bencher.as_ref(), request, &chosen, &folder);
    files::write_module(&folder)?;
    if failed.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!(
        "{} of {} failed; their files are as they were:\n{}",
        failed.len(),
        chosen.len(),
        failed.join("\n")
    )))
}

/// Measures one after the other, whatever becomes of those before. Returns what failed and why. The overhead needs no bencher.
fn measure_all(
    ready: &Ready,
    bencher: Option<&Bencher>,
    request: &Request,
    chosen: &[String],
    folder: &Path,
) -> Vec<String> {
    let mut failed = Vec::new();
    for (index, name) in chosen.iter().enumerate() {
        println!("[{}/{}] {name} ...", index + 1, chosen.len());
        let started = Instant::now();
        let result = match bencher {
            Some(bencher) if name != OVERHEAD => measure(bencher, request, name, folder),
            _ => overhead::measure(ready, folder),
        };
        match result {
            Ok(()) => println!("      done in {} s", started.elapsed().as_secs()),
            Err(error) => {
                println!("      FAILED after {} s", started.elapsed().as_secs());
                failed.push(format!("{name}: {error}"));
            }
        }
    }
    failed
}

/// Measures one pallet, in all its instances.
fn measure(bencher: &Bencher, request: &Request, pallet: &str, folder: &Path) -> Result<()> {
    let scratch = bencher.scratch(pallet)?;
    let results = scratch.path().join("results.json");
    let mut rounds = Vec::new();
    for _ in 0..request.rounds {
        bencher.run(pallet, request, &results)?;
        rounds.push(files::read(&results)?);
    }
    files::write(&results, &rounds::least(&rounds)?)?;
    let fitted = scratch.path().join("fitted");
    files::create_folder(&fitted)?;
    bencher.fit(pallet, request, &results, &fitted)?;
    files::take_over(&fitted, folder)
}

/// What can be measured.
fn names(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = files::benchmarked_pallets(workspace)?;
    names.push(OVERHEAD.to_owned());
    Ok(names)
}

/// What was asked for, in the order of the runtime; everything, if nothing was.
fn choose(known: &[String], only: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = only.iter().find(|name| !known.contains(name)) {
        return Err(Error::new(format!(
            "there are no benchmarks of `{unknown}`; `cargo xtask weights --list` has what there is"
        )));
    }
    let asked = |name: &&String| only.is_empty() || only.contains(name);
    Ok(known.iter().filter(asked).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        ["frame_system", "pallet_margin", OVERHEAD]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn choose_should_be_everything_when_nothing_is_asked_for() {
        assert_eq!(choose(&known(), &[]), Ok(known()));
    }

    #[test]
    fn choose_should_keep_the_order_of_the_runtime() {
        let only = [OVERHEAD.to_owned(), "frame_system".to_owned()];
        assert_eq!(
            choose(&known(), &only),
            Ok(vec!["frame_system".to_owned(), OVERHEAD.to_owned()])
        );
    }

    #[test]
    fn choose_should_refuse_before_the_build_what_has_no_benchmarks() {
        let error = choose(&known(), &["pallet_nonsense".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("pallet_nonsense"), "{error}");
    }
}
