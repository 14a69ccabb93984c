//! The command line of Caisson: reads the arguments, runs, and says with its exit code how it went.

use caisson::{
    cli::{self, Cli, Command},
    error::Error,
};
use clap::Parser;
use serde_json::json;
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// The exit code of a command that was interrupted, as shells give it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.common.json;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            return fail(&Error::new(format!("can't start threads: {error}")), json);
        }
    };
    // These stop by themselves, and tidy up before they do.
    let stops_itself = matches!(
        cli.command,
        Command::Bots(_) | Command::View(_) | Command::Demo(_)
    );
    runtime.block_on(async {
        tokio::select! {
            result = cli::run(cli) => match result {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error, json),
            },
            () = interrupt(), if !stops_itself => {
                let text = "interrupted; a transaction that was sent may still come into a block, so look at the account \
                            before you send it again";
                fail(&Error::new(text), json);
                ExitCode::from(INTERRUPTED)
            }
        }
    })
}

/// Returns when the user wants it to end.
async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        // No signals on this system: then the system itself ends the program.
        std::future::pending::<()>().await;
    }
}

/// Says what went wrong on standard error, as people or programs read it.
fn fail(error: &Error, json: bool) -> ExitCode {
    let text = if json {
        json!({ "error": error.to_string() }).to_string()
    } else {
        format!("error: {error}")
    };
    // Nobody may be there to read it; then there is nobody to tell that, either.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}
