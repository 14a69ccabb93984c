//! Another program: started with its output in a log, asked to end, and ended if it doesn't.

use crate::error::{Error, Result};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

/// How long a program may take to end after it was asked to; a node writes its database meanwhile.
const TIME_TO_END: Duration = Duration::from_secs(15);
/// How many lines of a log are repeated.
const SHOWN_LINES: usize = 15;

/// A running program. It is killed when this value is dropped; [`Program::end`] is kinder.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts a program whose output goes to `NAME.log` in a folder.
    ///
    /// It has a process group of its own, so that Ctrl-C in the terminal is this process's to handle, and nothing ends
    /// before it is asked to.
    pub fn start(name: &str, file: &Path, arguments: &[String], folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let refused = |error: std::io::Error| {
            Error::new(format!("can't write the log {}: {error}", log.display()))
        };
        let output = File::create(&log).map_err(refused)?;
        let errors = output.try_clone().map_err(refused)?;
        let child = tied(file)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Error::new(format!("can't start {}: {error}", file.display())))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// The error that it has ended, if it has.
    pub fn has_ended(&mut self) -> Option<Error> {
        match self.child.try_wait() {
            Ok(Some(status)) => Some(self.error(&format!("ended with {status}"))),
            _ => None,
        }
    }

    /// Waits until it ends by itself, which is an error.
    pub async fn ended(&mut self) -> Error {
        match self.child.wait().await {
            Ok(status) => self.error(&format!("ended with {status}")),
            Err(error) => self.error(&format!("can't be waited for: {error}")),
        }
    }

    /// Its process identifier, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it has written so far.
    pub fn output(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// An error with the last words of the program.
    pub fn error(&self, what: &str) -> Error {
        let text = self.output();
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let shown = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
        Error::new(format!(
            "{} {what}; the end of its log:\n{shown}",
            self.name
        ))
    }

    /// Asks it to end, and ends it if it doesn't.
    pub async fn end(mut self) {
        if let Some(id) = self.child.id() {
            // `kill` rather than a system call, which needs unsafe code.
            let asked = Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .stderr(Stdio::null())
                .status()
                .await;
            if asked.is_ok_and(|status| status.success())
                && timeout(TIME_TO_END, self.child.wait()).await.is_ok()
            {
                return;
            }
        }
        // Fails only when it has ended by itself.
        let _ = self.child.kill().await;
    }
}

/// A program that the system kills when this process ends, however that happens; where the system has no `setpriv`,
/// an ordinary one.
fn tied(file: &Path) -> Command {
    let found = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("setpriv").is_file())
    });
    if !found {
        return Command::new(file);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(file);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn shell(script: &str, folder: &Path) -> Program {
        let arguments = ["-c", script].map(str::to_owned);
        Program::start("shell", Path::new("/bin/sh"), &arguments, folder).expect("starts")
    }

    #[tokio::test]
    async fn program_should_end_in_its_own_way_when_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
        let program = shell(script, folder.path());
        let log = program.log.clone();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !fs::read_to_string(&log).is_ok_and(|text| text.contains("ready")) {
            assert!(Instant::now() < deadline, "the shell starts");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        program.end().await;
        let text = fs::read_to_string(&log).expect("a log");
        assert!(text.contains("bye"), "{text}");
    }

    #[tokio::test]
    async fn program_should_repeat_its_last_words_when_it_ends_by_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut program = shell("echo why; exit 3", folder.path());
        let error = program.ended().await.to_string();
        assert!(
            error.contains("shell ended") && error.contains("why"),
            "{error}"
        );
        assert!(program.has_ended().is_some());
    }
}
