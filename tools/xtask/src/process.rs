//! Starting other programs, with errors that name them.

use crate::error::{Error, Result};
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many lines of a failed program's output are repeated.
const SHOWN_LINES: usize = 40;

/// Runs a program whose output goes to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    check(command, status)
}

/// Runs a program and shows its output only if it fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| cannot_start(command, &error))?;
    check(command, output.status).map_err(|error| Error::new(format!("{error}\n{}", end(&output))))
}

/// Runs a program and returns what it wrote to standard output, trimmed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| cannot_start(command, &error))?;
    check(command, output.status)
        .map_err(|error| Error::new(format!("{error}\n{}", end(&output))))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Tells whether a program succeeds, silently.
pub fn succeeds(command: &mut Command) -> bool {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Tells whether a program succeeds in this time, silently; it is ended when the time is over.
pub fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    wait_within(&mut child, limit).is_some_and(|status| status.success())
}

/// Runs a program whose output goes to the terminal; it is ended when the time is over.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    match wait_within(&mut child, limit) {
        Some(status) => check(command, status),
        None => Err(Error::new(format!(
            "`{}` was still running after {} s and was ended",
            line(command),
            limit.as_secs()
        ))),
    }
}

/// How a program ended, or nothing if it didn't in this time; then it is ended.
fn wait_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    // Both fail only when the program has ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// The program of this name on PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(|candidate| is_executable(candidate))
}

/// PATH with these folders before the others.
pub fn path_with(first: &[PathBuf]) -> Result<std::ffi::OsString> {
    let others = env::var_os("PATH").unwrap_or_default();
    env::join_paths(first.iter().cloned().chain(env::split_paths(&others)))
        .map_err(|error| Error::new(format!("can't put a folder on PATH: {error}")))
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut line = words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some((folder, rest)) = line.split_once(' ') {
        let program = Path::new(folder).file_name().unwrap_or(folder.as_ref());
        line = format!("{} {rest}", program.to_string_lossy());
    }
    line
}

fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("`{}` failed ({status})", line(command))))
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Error {
    Error::new(format!("can't start `{}`: {error}", line(command)))
}

/// The last lines of what a program wrote.
fn end(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.trim().lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_should_read_as_typed_when_the_program_is_a_path() {
        assert_eq!(
            line(Command::new("/some/bin/cargo").args(["fmt", "--all"])),
            "cargo fmt --all"
        );
        assert_eq!(line(&Command::new("cargo")), "cargo");
    }

    #[test]
    fn succeeds_within_should_give_up_when_the_time_is_over() {
        let started = Instant::now();
        let limit = Duration::from_millis(100);
        assert!(!succeeds_within(Command::new("sleep").arg("60"), limit));
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(succeeds_within(
            &mut Command::new("true"),
            Duration::from_secs(30)
        ));
        assert!(!succeeds_within(
            &mut Command::new("false"),
            Duration::from_secs(30)
        ));
    }

    #[test]
    fn run_within_should_say_so_when_the_time_is_over() {
        let error = run_within(Command::new("sleep").arg("60"), Duration::from_millis(100));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("sleep 60") && error.contains("still running"),
            "{error}"
        );
        assert_eq!(
            run_within(&mut Command::new("true"), Duration::from_secs(30)),
            Ok(())
        );
        assert!(run_within(&mut Command::new("false"), Duration::from_secs(30)).is_err());
    }

    #[test]
    fn errors_should_name_the_program_and_repeat_its_words() {
        let error = run_quietly(Command::new("sh").args(["-c", "echo why; exit 3"])).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("sh -c") && error.contains("why"), "{error}");
        assert!(output(&mut Command::new("no-such-program")).is_err());
    }

    #[test]
    fn path_with_should_put_the_folders_first() {
        let path = path_with(&["/first".into(), "/second".into()]).unwrap();
        assert!(path.to_string_lossy().starts_with("/first:/second"));
    }
}
