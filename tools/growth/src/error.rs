//! What goes wrong, in words.

use std::{fmt, path::Path};

/// What went wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// An error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// What could not be done to a file or folder.
    pub fn file(what: &str, file: &Path, error: &dyn fmt::Display) -> Self {
        Self(format!("can't {what} {}: {error}", file.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// What may go wrong.
pub type Result<T> = std::result::Result<T, Error>;
