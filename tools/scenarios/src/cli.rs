//! The command line.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use caisson_price_server::History;
use clap::{Args, Parser, Subcommand};

use crate::{
    catalogue::{self, days, Scenario},
    error::{Error, Result},
    path::Path as Prices,
    progress::Progress,
    replay::Replay,
    report::{self, Origin, Report},
};

const EXAMPLES: &str = "Examples:
  caisson-scenarios list
  caisson-scenarios run crash                         # writes docs/scenarios/crash.md and its plots
  caisson-scenarios run mango-2022 --out report
  caisson-scenarios run --history my.csv --accounts 5000 --out report
  caisson-scenarios all                               # writes docs/scenarios/ anew

A history is a CSV file with the columns time_ms,BTC/USD and, if you like, ETH/USD.";

/// Plays price paths and incidents through the compiled runtime, without a network, and writes what came of it.
#[derive(Debug, Parser)]
#[command(name = "caisson-scenarios", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Names the scenarios that there are.
    List,
    /// Plays a scenario, or a history of your own, and writes its page and plots.
    Run(Run),
    /// Plays all scenarios, and writes all pages and the index.
    All {
        /// The folder that the pages go to.
        #[arg(long, default_value = "docs/scenarios", value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// A scenario of `list`.
    #[arg(required_unless_present = "history", conflicts_with = "history")]
    name: Option<String>,
    /// A CSV file with a price path of your own.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// How many accounts hold positions in a history of your own.
    #[arg(long, default_value_t = 2_000, conflicts_with = "name")]
    accounts: u32,
    /// How many seconds of a history of your own a block is. Without it a long history is played in 1,500 blocks at most.
    #[arg(long, conflicts_with = "name")]
    speed: Option<u64>,
    /// Draws the accounts of a history of your own: another seed, other accounts.
    #[arg(long, default_value_t = 1, conflicts_with = "name")]
    seed: u64,
    /// The folder that the page goes to: docs/scenarios for a scenario of `list`, scenario-report for a history.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Does what the command line says. Errors go to stderr in words; the exit code is 1 then, and 2 when something that had to hold
/// did not.
pub fn run() -> ExitCode {
    match act(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("something that had to hold did not: see the pages");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(command: Command) -> Result<bool> {
    match command {
        Command::List => {
            for scenario in catalogue::all() {
                println!("{:<22} {}", scenario.name, scenario.title);
            }
            Ok(true)
        }
        Command::Run(run) => match (&run.name, &run.history) {
            (Some(name), _) => {
                let folder = run.out.unwrap_or_else(|| "docs/scenarios".into());
                let held = one(find(name)?, &folder)?;
                report::write_index(&folder)?;
                Ok(held)
            }
            (None, Some(history)) => of_history(&run, history),
            (None, None) => Err(Error::new("name a scenario, or a history with --history")),
        },
        Command::All { out } => {
            let mut held = true;
            for scenario in catalogue::all() {
                held &= one(scenario, &out)?;
            }
            report::write_index(&out)?;
            Ok(held)
        }
    }
}

fn find(name: &str) -> Result<&'static Scenario> {
    catalogue::find(name).ok_or_else(|| {
        let names: Vec<_> = catalogue::all().iter().map(|one| one.name).collect();
        Error::new(format!(
            "there is no scenario {name}; there are {}",
            names.join(", ")
        ))
    })
}

fn one(scenario: &Scenario, folder: &Path) -> Result<bool> {
    let report = (scenario.play)(scenario, Progress::named(scenario.name))?;
    write(&report, folder)
}

fn write(report: &Report, folder: &Path) -> Result<bool> {
    let rendered = report.render()?;
    report::write(&rendered, folder)?;
    println!("{}", folder.join(format!("{}.md", rendered.name)).display());
    for claim in report.claims.iter().filter(|claim| !claim.holds) {
        println!("  DID NOT HOLD: {}", claim.text);
    }
    Ok(rendered.held)
}

fn of_history(run: &Run, file: &Path) -> Result<bool> {
    let history = History::read(file).map_err(|error| Error::new(error.to_string()))?;
    let path = Prices::of_history(&history, run.speed)?;
    let name = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .map_or_else(|| "history".to_owned(), ToOwned::to_owned);
    let file_name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("a file");
    let speed = path.speed();
    let tale = days::Tale {
        title: name.clone(),
        command: format!(
            "caisson-scenarios run --history {file_name} --accounts {} --speed {speed} --seed {}",
            run.accounts, run.seed
        ),
        world: String::new(),
        played: format!("`{file_name}`, {speed} s of it in each block, which counts as a second."),
        origin: Origin::File(file_name.to_owned()),
        name,
    };
    let replay = Replay::new(path, run.accounts, run.seed);
    let progress = Progress::named(&tale.name);
    let report = days::tell(tale, &replay, progress)?;
    let folder = run.out.clone().unwrap_or_else(|| "scenario-report".into());
    write(&report, &folder)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn command_line_should_be_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_should_want_a_scenario_or_a_history() {
        let parse = |words: &[&str]| Cli::try_parse_from(["caisson-scenarios"].iter().chain(words));
        assert!(parse(&["run", "crash"]).is_ok());
        assert!(parse(&["run", "--history", "x.csv", "--accounts", "10"]).is_ok());
        assert!(parse(&["run"]).is_err());
        assert!(parse(&["run", "crash", "--history", "x.csv"]).is_err());
        assert!(parse(&["run", "crash", "--accounts", "10"]).is_err());
    }

    #[test]
    fn unknown_scenarios_should_be_answered_with_those_that_there_are() {
        let error = find("nothing").map(|_| ()).expect_err("none");
        assert!(error.to_string().contains("mango-2022"), "{error}");
    }
}
