//! The step `guides`: every shell command in the guides is executed, so that none of them is wrong.
//!
//! The blocks of a file run in their order and in one shell, in a folder of their own, against a fresh development chain
//! with calm prices. What can't be run says why, and is listed. How blocks are marked is in `block`, what a shell finds
//! in its environment in `session`.

mod block;
#[cfg(test)]
mod metrics;
mod output;
mod session;

use crate::dev_chain::Chain;
use crate::error::{Error, Result};
use crate::node;
use crate::setup::{scratch::Scratch, Ready};
use block::Block;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where guides are: files, and folders with all that is below them.
const PLACES: [&str; 3] = ["README.md", "docs", "examples/README.md"];
/// How many files are executed at a time: they mostly wait for blocks.
const AT_ONCE: usize = 3;
/// How to repeat a failure.
const AGAIN: &str = "to run only these: `cargo xtask test --only guides`; to run one file and see all that it prints: CAISSON_GUIDE=FILE before it";
/// Names the one file to run and to show.
const ONE: &str = "CAISSON_GUIDE";

/// Builds node, price server and client, and executes all guides.
pub fn run(ready: &Ready) -> Result<()> {
    let binary = node::build(ready)?;
    let root = &ready.workspace.root;
    let mut files = files(root)?;
    if let Some(one) = std::env::var_os(ONE) {
        files.retain(|file| file.as_os_str() == one);
        if files.is_empty() {
            let named = Path::new(&one).display();
            return Err(Error::new(format!("{ONE} names no guide: {named}")));
        }
    }
    let guides = files
        .into_iter()
        .map(|file| read(root, &file).map(|blocks| (file, blocks)))
        .collect::<Result<Vec<_>>>()?;
    run_all(ready, &binary, &guides)?;
    println!("\nnot executed, with the reason that the guide gives:");
    for (file, blocks) in &guides {
        let excuses = blocks.iter().filter_map(|block| excuse(file, block));
        excuses.for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// A file and its blocks.
type Guide = (PathBuf, Vec<Block>);

/// Executes the files, several at a time, and says the first mistake.
fn run_all(ready: &Ready, binary: &Path, guides: &[Guide]) -> Result<()> {
    let executed = |(_, blocks): &&Guide| blocks.iter().any(|block| block.not_run.is_none());
    let waiting = Mutex::new(guides.iter().filter(executed));
    let mistake = Mutex::new(None);
    let work = || {
        while lock(&mistake).is_none() {
            let Some((file, blocks)) = lock(&waiting).next() else {
                return;
            };
            if let Err(error) = run_guide(ready, binary, file, blocks) {
                lock(&mistake).get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(work);
        }
    });
    let found = lock(&mistake).take();
    found.map_or(Ok(()), Err)
}

/// What a worker that panicked leaves behind is whole: it holds no lock while it works.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Executes one file against a chain of its own.
fn run_guide(ready: &Ready, binary: &Path, file: &Path, blocks: &[Block]) -> Result<()> {
    let started = Instant::now();
    let name = file.to_string_lossy().replace(['/', '.'], "-");
    let folder = Scratch::new(ready.workspace, &name)?;
    let chain = Chain::start(ready, binary, folder.path())?;
    let transcript =
        session::run(ready, binary, &chain, folder.path(), file, blocks).map_err(|error| {
            let logs = chain.last_words();
            Error::new(format!("{error}\n{AGAIN}\n{logs}"))
        })?;
    if std::env::var_os(ONE).is_some() {
        println!("{}", transcript.0);
    }
    let count = blocks
        .iter()
        .filter(|block| block.not_run.is_none())
        .count();
    let took = started.elapsed().as_secs();
    println!("{}: {count} blocks in {took} s", file.display());
    Ok(())
}

/// The line that says why a block was not executed.
fn excuse(file: &Path, block: &Block) -> Option<String> {
    let reason = block.not_run.as_ref()?;
    Some(format!("{}:{}: {reason}", file.display(), block.line))
}

fn read(root: &Path, file: &Path) -> Result<Vec<Block>> {
    let path = root.join(file);
    let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, &error))?;
    block::all_in(&text)
        .map_err(|(line, what)| Error::new(format!("{}:{line}: {what}", file.display())))
}

/// All guides, by their paths in the checkout, in order.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for place in PLACES {
        collect(root, Path::new(place), &mut found)?;
    }
    Ok(found)
}

fn collect(root: &Path, place: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let path = root.join(place);
    if path.is_file() {
        if place.extension().is_some_and(|extension| extension == "md") {
            found.push(place.to_owned());
        }
        return Ok(());
    }
    let unreadable = |error| Error::io("read", &path, &error);
    let mut names = fs::read_dir(&path)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(unreadable)?;
    names.sort();
    names
        .iter()
        .try_for_each(|name| collect(root, &place.join(name), found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    #[test]
    fn files_should_be_the_guides_of_the_checkout() {
        let files = files(&root()).unwrap();
        for expected in [
            "README.md",
            "docs/guides/trader.md",
            "docs/runbooks/upgrade.md",
        ] {
            assert!(files.contains(&expected.into()), "{expected}");
        }
    }

    #[test]
    fn guides_should_be_readable_and_mostly_executed() {
        let (mut executed, mut excused) = (0, 0);
        for file in files(&root()).unwrap() {
            for block in read(&root(), &file).unwrap() {
                match block.not_run {
                    None => executed += 1,
                    Some(_) => excused += 1,
                }
            }
        }
        assert!(
            executed > excused,
            "{executed} are executed, {excused} are not"
        );
    }

    #[test]
    fn excuse_should_say_where_and_why() {
        let blocks =
            block::all_in("x\n```sh not-run=\"needs a second machine\"\nssh\n```\n").unwrap();
        assert_eq!(
            excuse(Path::new("docs/a.md"), &blocks[0]).unwrap(),
            "docs/a.md:2: needs a second machine"
        );
    }
}
