//! Measures how costs grow.

use std::process::ExitCode;

fn main() -> ExitCode {
    caisson_growth::cli::run()
}
