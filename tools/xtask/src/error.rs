//! The one error type: a sentence that says what went wrong and what to do about it.

use std::fmt;
use std::io;
use std::path::Path;

/// What went wrong, in words for the person at the keyboard.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(String);

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// An error of the file system, with what was being done to which path.
    pub fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self(format!("can't {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
