//! Plays price paths through the compiled runtime, and writes reports.

use std::process::ExitCode;

fn main() -> ExitCode {
    caisson_scenarios::cli::run()
}
