//! One z3 process, asked over its standard input.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What the solver said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// No assignment satisfies the query.
    Unsat,
    /// Some assignment does.
    Sat,
    /// Neither was found in time.
    Unknown,
}

/// The solver's path: `CAISSON_Z3`, or the virtual environment that set-up makes in the home folder.
pub fn z3_path() -> Result<PathBuf, String> {
    if let Some(path) = env::var_os("CAISSON_Z3") {
        return Ok(PathBuf::from(path));
    }
    let home = env::var_os("HOME").ok_or("neither CAISSON_Z3 nor HOME is set")?;
    Ok(PathBuf::from(home).join(".cache/caisson/venv/bin/z3"))
}

/// The version line of the solver; an error if it can't be run. No proof is ever skipped for want of
/// a solver.
pub fn version() -> Result<String, String> {
    let path = z3_path()?;
    let output = Command::new(&path)
        .arg("--version")
        .output()
        .map_err(|error| {
            format!(
                "can't run z3 at {}: {error}; install it with \
             `python3 -m venv VENV && VENV/bin/pip install z3-solver==5.4.1` and set CAISSON_Z3",
                path.display()
            )
        })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

pub struct Solver {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Solver {
    pub fn start() -> Result<Self, String> {
        let mut child = Command::new(z3_path()?)
            .args(["-in", "-smt2"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("can't start z3: {error}"))?;
        let input = child.stdin.take().ok_or("z3 has no standard input")?;
        let output = BufReader::new(child.stdout.take().ok_or("z3 has no standard output")?);
        Ok(Self {
            child,
            input,
            output,
        })
    }

    /// Decides a script of declarations and assertions, from a clean state.
    ///
    /// A fresh state per query keeps z3 on its non-incremental tactics, which are the strong ones
    /// for nonlinear integers.
    pub fn ask(&mut self, script: &str, timeout_ms: u32) -> Answer {
        let query = format!(
            "(reset)\n(set-option :timeout {timeout_ms})\n(set-logic QF_NIA)\n{script}(check-sat)\n"
        );
        if self
            .input
            .write_all(query.as_bytes())
            .and_then(|()| self.input.flush())
            .is_err()
        {
            return Answer::Unknown;
        }
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(count) if count > 0 => match line.trim() {
                "unsat" => Answer::Unsat,
                "sat" => Answer::Sat,
                "unknown" | "timeout" => Answer::Unknown,
                // A malformed query is a defect of the harness, never a proof.
                other => panic!("z3 said {other:?} to:\n{query}"),
            },
            _ => panic!("z3 ended unexpectedly on:\n{query}"),
        }
    }
}

impl Drop for Solver {
    fn drop(&mut self) {
        // Closing its input would end it as well; killing does not wait for a running query.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
