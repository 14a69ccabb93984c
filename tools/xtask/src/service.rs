//! Programs that run beside a check: started, waited for until they answer, and always ended.

use crate::error::{Error, Result};
use crate::process;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many lines of a log are repeated.
const SHOWN_LINES: usize = 20;
/// How often a log is looked at.
const POLL: Duration = Duration::from_millis(50);

/// A running program whose output goes to a file. It is killed when this value is dropped, and by the system when
/// this process ends in any other way.
pub struct Service {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Service {
    /// Starts a program with its log in `folder`.
    pub fn start<S: AsRef<OsStr>>(
        name: &'static str,
        program: &Path,
        arguments: &[S],
        folder: &Path,
    ) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let create = || File::create(&log);
        let output = create().map_err(|error| Error::io("write", &log, &error))?;
        let errors = output
            .try_clone()
            .map_err(|error| Error::io("write", &log, &error))?;
        let child = tied(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|error| Error::io("start", program, &error))?;
        Ok(Self { name, child, log })
    }

    /// The word that follows `announcement` in its output, once it is there.
    pub fn announced(&mut self, announcement: &str, until: Instant) -> Result<String> {
        loop {
            if let Some(word) = word_after(&self.output(), announcement) {
                return Ok(word);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.error(&format!("ended with {status}")));
            }
            if Instant::now() > until {
                return Err(self.error(&format!("didn't say `{announcement}` in time")));
            }
            sleep(POLL);
        }
    }

    /// The end of its log, under its name.
    pub fn last_words(&self) -> String {
        let output = self.output();
        let lines: Vec<&str> = output.trim_end().lines().collect();
        let shown = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n");
        format!("--- the end of what {} said\n{shown}", self.name)
    }

    fn error(&self, what: &str) -> Error {
        Error::new(format!("{} {what}\n{}", self.name, self.last_words()))
    }

    fn output(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that the system kills when this process ends, however that happens; where the system has no `setpriv`,
/// an ordinary one.
pub fn tied(program: &Path) -> Command {
    let Some(setpriv) = process::find("setpriv") else {
        return Command::new(program);
    };
    let mut command = Command::new(setpriv);
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// The word after the first `announcement`, if the text goes on behind it.
fn word_after(text: &str, announcement: &str) -> Option<String> {
    let (_, rest) = text.split_once(announcement)?;
    let end = rest.find(|character: char| character.is_whitespace() || character == ',')?;
    Some(rest[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("xtask-service-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn shell(script: &str, folder: &Path) -> Service {
        Service::start("shell", Path::new("/bin/sh"), &["-c", script], folder).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[test]
    fn word_after_should_wait_for_the_whole_word() {
        let of = |text| word_after(text, "addr=");
        assert_eq!(of("addr=127.0.0.1:99"), None);
        assert_eq!(
            of("addr=127.0.0.1:9944,[::1]:9944").unwrap(),
            "127.0.0.1:9944"
        );
        assert_eq!(of("x addr=here\naddr=there\n").unwrap(), "here");
        assert_eq!(of("nothing\n"), None);
    }

    #[test]
    fn service_should_be_gone_when_dropped() {
        let folder = folder("drop");
        let mut service = shell("echo pid=$$; exec sleep 60", &folder);
        let pid = service.announced("pid=", soon()).unwrap();
        let process = Path::new("/proc").join(&pid);
        assert!(process.exists());
        drop(service);
        assert!(!process.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn announced_should_repeat_the_log_when_the_program_ends_or_is_late() {
        let folder = folder("late");
        let error = shell("echo why; exit 3", &folder)
            .announced("ready=", soon())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("ended with") && error.contains("why"),
            "{error}"
        );
        let error = shell("echo slow; exec sleep 60", &folder)
            .announced("ready=", Instant::now() + Duration::from_secs(1))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("ready=") && error.contains("slow"),
            "{error}"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
