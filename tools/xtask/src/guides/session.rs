//! The shell in which a guide is executed.
//!
//! It is bash, and stops at the first command that fails, also in a pipeline. It works in a folder of its own, in which
//! the checkout's `docs`, `examples`, `tools` and `zombienet` are found by their names, and finds in its environment:
//!
//! | variable | |
//! |---|---|
//! | `CAISSON_URL`, `RPC_URL` | the node, for WebSocket and for HTTP |
//! | `METRICS_URL` | its metrics |
//! | `PRICES_URL` | the price server, whose controls show faults |
//! | `ORACLE_SOURCES` | the node's file of sources |
//! | `NODE_DATA` | the node's base path |
//! | `PATH` | begins with the binaries of the build and Node.js |

use super::{block::Block, output};
use crate::dev_chain::Chain;
use crate::error::{Error, Result};
use crate::network;
use crate::process;
use crate::service;
use crate::setup::Ready;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the commands of one file may take.
const LIMIT: Duration = Duration::from_secs(300);
/// How often the shell is looked at.
const POLL: Duration = Duration::from_millis(50);
/// Folders of the checkout that commands name.
const SHARED: [&str; 4] = ["docs", "examples", "tools", "zombienet"];
/// How many lines of a failed block's output are repeated.
const SHOWN_LINES: usize = 40;

/// Runs the blocks of a file, and compares what they print where the guide says it.
pub fn run(
    ready: &Ready,
    binary: &Path,
    chain: &Chain,
    folder: &Path,
    file: &Path,
    blocks: &[Block],
) -> Result<Transcript> {
    let session = Session::new(folder)?;
    let executed: Vec<&Block> = blocks.iter().filter(|one| one.not_run.is_none()).collect();
    for block in &executed {
        session.check_syntax(file, block)?;
    }
    let mut shell = service::tied(Path::new("bash"));
    shell
        .arg(session.write_script(&executed)?)
        .current_dir(session.work(&ready.workspace.root)?)
        .env("CAISSON_URL", format!("ws://{}", chain.rpc))
        .env("RPC_URL", format!("http://{}", chain.rpc))
        .env("METRICS_URL", format!("http://{}/metrics", chain.metrics))
        .env("PRICES_URL", &chain.price_server)
        .env("ORACLE_SOURCES", &chain.sources)
        .env("NODE_DATA", &chain.data)
        .env("PATH", network::client_path(ready, binary)?)
        .env_remove("CAISSON_KEY")
        .env_remove("CAISSON_KEY_FILE");
    if let Err(what) = run_group(&mut shell, LIMIT) {
        return Err(session.failure(file, &executed, &what));
    }
    let mut numbered = executed.iter().enumerate();
    numbered.try_for_each(|(number, block)| session.compare(file, number, block))?;
    Ok(Transcript(session.transcript(file, &executed)))
}

/// Everything that was typed and printed.
pub struct Transcript(pub String);

/// The files by which a shell and this process tell each other how far things are.
struct Session {
    folder: PathBuf,
}

impl Session {
    fn new(folder: &Path) -> Result<Self> {
        let folder = folder.join("session");
        fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, &error))?;
        Ok(Self { folder })
    }

    /// The folder in which commands are typed.
    fn work(&self, root: &Path) -> Result<PathBuf> {
        let work = self.folder.join("work");
        fs::create_dir_all(&work).map_err(|error| Error::io("create", &work, &error))?;
        for name in SHARED {
            let link = work.join(name);
            std::os::unix::fs::symlink(root.join(name), &link)
                .map_err(|error| Error::io("link", &link, &error))?;
        }
        Ok(work)
    }

    /// One script of all blocks, in which each says that it begins and writes to a file of its own.
    fn write_script(&self, blocks: &[&Block]) -> Result<PathBuf> {
        let folder = self.folder.display();
        let mut script = "set -eEuo pipefail\n".to_owned();
        for (number, block) in blocks.iter().enumerate() {
            script.push_str(&format!(
                "trap 'printf \"%s\\n\" \"$BASH_COMMAND\" >>\"{folder}/command\"' ERR\n\
                 echo {number} >\"{folder}/at\"; exec >\"{folder}/{number}.out\" 2>&1\n"
            ));
            script.push_str(&text_of(block));
        }
        self.write("script", &script)
    }

    /// A block that isn't closed would swallow the next ones, so each is looked at alone first.
    fn check_syntax(&self, file: &Path, block: &Block) -> Result<()> {
        let script = self.write("syntax", &block.script)?;
        process::run_quietly(Command::new("bash").arg("-n").arg(script))
            .map_err(|error| Error::new(format!("{}:{}: {error}", file.display(), block.line)))
    }

    fn failure(&self, file: &Path, blocks: &[&Block], what: &str) -> Error {
        let number: usize = self.read("at").trim().parse().unwrap_or_default();
        let command = self.read("command");
        let command = command.lines().next().unwrap_or("(no single command)");
        let line = blocks.get(number).map_or(0, |block| block.line);
        let output = self.read(&format!("{number}.out"));
        Error::new(format!(
            "{}:{line}: {what}\n--- the command\n{command}\n--- what the block printed\n{}",
            file.display(),
            end_of(&output)
        ))
    }

    fn transcript(&self, file: &Path, blocks: &[&Block]) -> String {
        let one = |(number, block): (usize, &&Block)| {
            let printed = self.read(&format!("{number}.out"));
            let place = format!("{}:{}", file.display(), block.line);
            format!("--- {place}\n{}---\n{printed}", block.script)
        };
        blocks.iter().enumerate().map(one).collect()
    }

    fn compare(&self, file: &Path, number: usize, block: &Block) -> Result<()> {
        let Some(described) = &block.output else {
            return Ok(());
        };
        let printed = self.read(&format!("{number}.out"));
        if output::fits(described, &printed) {
            return Ok(());
        }
        Err(Error::new(format!(
            "{}:{}: the block printed something else than the guide says\n--- the guide\n{}\n--- the block\n{}",
            file.display(),
            block.line,
            described.trim_end(),
            end_of(&printed)
        )))
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|error| Error::io("write", &path, &error))?;
        Ok(path)
    }

    fn read(&self, name: &str) -> String {
        fs::read(self.folder.join(name))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

/// A block as the shell gets it. A program that refuses something ends with a small code; one that panics, or that a
/// signal ends, with one above a hundred.
fn text_of(block: &Block) -> String {
    if !block.fails {
        return block.script.clone();
    }
    format!(
        "set +e; trap - ERR\n( set -e\n{})\ncaisson_status=$?; set -e\n\
         if [ $caisson_status -eq 0 ]; then echo 'this should have failed'; exit 1; fi\n\
         if [ $caisson_status -gt 100 ]; then echo 'this failed by breaking down'; exit 1; fi\n",
        block.script
    )
}

/// Runs a shell in a process group of its own, which is ended with it: a guide may leave programs in the background.
fn run_group(shell: &mut Command, limit: Duration) -> std::result::Result<(), String> {
    let null = || File::open("/dev/null").map(Stdio::from);
    let input = null().map_err(|error| format!("can't open /dev/null: {error}"))?;
    let mut child = shell
        .stdin(input)
        .process_group(0)
        .spawn()
        .map_err(|error| format!("can't start bash: {error}"))?;
    let result = wait(&mut child, limit);
    let group = format!("-{}", child.id());
    process::succeeds(Command::new("kill").args(["-KILL", "--", &group]));
    // Fails only when it has ended, and was waited for, already.
    let _ = child.wait();
    result
}

fn wait(child: &mut Child, limit: Duration) -> std::result::Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("the block failed ({status})")),
            Ok(None) => sleep(POLL),
            Err(error) => return Err(format!("can't wait for the shell: {error}")),
        }
    }
    Err(format!(
        "the commands were still running after {} s",
        limit.as_secs()
    ))
}

fn end_of(output: &str) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guides::block;

    /// Runs the blocks of a text without a chain.
    fn play(name: &str, text: &str) -> Result<()> {
        let folder =
            std::env::temp_dir().join(format!("xtask-guide-{name}-{}", std::process::id()));
        let session = Session::new(&folder)?;
        let blocks =
            block::all_in(text).map_err(|(line, what)| Error::new(format!("{line}: {what}")))?;
        let blocks: Vec<&Block> = blocks.iter().collect();
        let script = session.write_script(&blocks)?;
        let file = Path::new("guide.md");
        let result = run_group(Command::new("bash").arg(script), Duration::from_secs(20))
            .map_err(|what| session.failure(file, &blocks, &what))
            .and_then(|()| {
                let mut numbered = blocks.iter().enumerate();
                numbered.try_for_each(|(number, block)| session.compare(file, number, block))
            });
        fs::remove_dir_all(&folder).map_err(|error| Error::io("remove", &folder, &error))?;
        result
    }

    #[test]
    fn session_should_keep_variables_between_blocks() {
        let text = "```sh\nx=5\n```\n```sh\necho \"$x\"\n```\n```text output\n5\n```\n";
        assert_eq!(play("variables", text), Ok(()));
    }

    #[test]
    fn session_should_name_block_command_and_output_when_a_command_fails() {
        let text = "```sh\ntrue\n```\n\n```sh\necho before\nfalse 7\necho after\n```\n";
        let error = play("fails", text).unwrap_err().to_string();
        for part in ["guide.md:5", "false 7", "before"] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(!error.contains("after"), "{error}");
    }

    #[test]
    fn session_should_fail_when_a_part_of_a_pipeline_does() {
        let error = play("pipeline", "```sh\nfalse | cat\n```\n").unwrap_err();
        assert!(error.to_string().contains("guide.md:1"), "{error}");
    }

    #[test]
    fn session_should_fail_when_output_is_another() {
        let text = "```sh\necho 6\n```\n```text output\n5\n```\n";
        let error = play("output", text).unwrap_err().to_string();
        assert!(
            error.contains("guide.md:1") && error.contains('6'),
            "{error}"
        );
    }

    #[test]
    fn failing_blocks_should_be_required_to_fail() {
        assert_eq!(
            play(
                "must",
                "```sh fails\necho no; false\n```\n```text output\nno\n```\n```sh\ntrue\n```\n"
            ),
            Ok(())
        );
        for (name, command, what) in [
            ("mustnt", "true", "should have failed"),
            ("panics", "exit 101", "breaking down"),
        ] {
            let error = play(
                name,
                &format!("```sh fails\n{command}\n```\n```text output\n...\n```\n"),
            );
            let error = error.unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn programs_in_the_background_should_end_with_the_shell() {
        let pid = std::env::temp_dir().join(format!("xtask-guide-pid-{}", std::process::id()));
        let text = format!("```sh\nsleep 600 &\necho $! >{}\n```\n", pid.display());
        assert_eq!(play("background", &text), Ok(()));
        let number = fs::read_to_string(&pid).unwrap();
        fs::remove_file(pid).unwrap();
        let process = Path::new("/proc").join(number.trim());
        let ended = (0..100).any(|_| {
            sleep(Duration::from_millis(50));
            // What init hasn't collected yet has no command line any more.
            fs::read(process.join("cmdline")).map_or(true, |line| line.is_empty())
        });
        assert!(ended);
    }
}
