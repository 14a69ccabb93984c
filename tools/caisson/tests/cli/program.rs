//! Running `caisson`.

use serde_json::Value;
use std::process::{Command, Output, Stdio};

/// Development accounts.
pub const ALICE: &str = "//Alice";
pub const BOB: &str = "//Bob";
pub const CHARLIE: &str = "//Charlie";
pub const DAVE: &str = "//Dave";

/// The program with a node, and maybe a key.
#[derive(Clone)]
pub struct Program {
    url: String,
    key: Option<String>,
    environment: Vec<(&'static str, String)>,
}

impl Program {
    /// Without a key.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            key: None,
            environment: Vec::new(),
        }
    }

    /// With this key.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// With this key in the environment.
    pub fn with_key_in_environment(&self, key: &str) -> Self {
        self.with_environment("CAISSON_KEY", key)
    }

    /// With this variable.
    pub fn with_environment(&self, name: &'static str, value: &str) -> Self {
        let mut program = self.clone();
        program.environment.push((name, value.to_owned()));
        program
    }

    /// Ready to be run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caisson"));
        for name in ["CAISSON_URL", "CAISSON_KEY", "CAISSON_KEY_FILE"] {
            command.env_remove(name);
        }
        command.env("CAISSON_URL", &self.url).args(arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(key) = &self.key {
            command.args(["--key", key]);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("caisson runs")
    }

    /// What it says; fails if it fails.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "caisson {arguments:?}: {error}");
        assert_eq!(
            error, "",
            "nothing is wrong, so nothing is said: {arguments:?}"
        );
        String::from_utf8(output.stdout).expect("text")
    }

    /// What it says in JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("caisson {arguments:?} --json: {error} in {text}"))
    }

    /// What it says when it fails, as it must.
    pub fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert_eq!(
            output.stdout, b"",
            "{arguments:?} answers although it fails"
        );
        assert!(!error.contains("panicked"), "{error}");
        let said = error.strip_prefix("error: ");
        said.unwrap_or_else(|| panic!("{arguments:?}: {error}"))
            .trim_end()
            .to_owned()
    }

    /// The same in JSON.
    pub fn fails_in_json(&self, arguments: &[&str]) -> String {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert_eq!(
            output.stdout, b"",
            "{arguments:?} answers although it fails"
        );
        let error: Value = serde_json::from_slice(&output.stderr).expect("an error in JSON");
        error["error"].as_str().expect("words").to_owned()
    }
}

/// Fails unless a text has all of these in it.
pub fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` isn't in: {text}");
    }
}

/// Fails unless a document has these values.
pub fn has_values(json: &Value, values: &[(&str, Value)]) {
    for (pointer, value) in values {
        assert_eq!(json.pointer(pointer), Some(value), "{pointer} of {json:#}");
    }
}

/// The words of a line, so that its width doesn't matter.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}
