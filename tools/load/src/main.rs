//! Loads a chain of Caisson with transactions, and measures what it does with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    caisson_load::cli::run()
}
