//! The command line.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use caisson_growth::{
    error::{Error, Result},
    progress::Progress,
    table::{column, Table},
};
use clap::Parser;

use crate::{
    finder::Finder,
    play::{play, Outcome},
    watch::quantile,
};

/// Plays one crash with several ways to find unsafe accounts, and compares what they take and how late they are.
#[derive(Debug, Parser)]
#[command(name = "caisson-side-by-side", version)]
struct Cli {
    /// The runtime's wasm, compressed or not, built with the feature side-by-side (`cargo xtask side-by-side` builds it)
    #[arg(long, value_name = "FILE")]
    wasm: PathBuf,

    /// How many accounts; may be given several times
    #[arg(long, default_values_t = [1_000, 10_000])]
    accounts: Vec<u32>,

    /// How many accounts the worker off the chain reads after a block
    #[arg(long, default_value_t = 1_000)]
    page: u32,

    /// The folder that the CSV file goes to
    #[arg(long, value_name = "DIR", default_value = "growth-report")]
    out: PathBuf,
}

/// Does what the command line says. Errors go to stderr in words.
pub fn run() -> ExitCode {
    match act(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(cli: &Cli) -> Result<()> {
    let wasm = std::fs::read(&cli.wasm).map_err(|error| Error::file("read", &cli.wasm, &error))?;
    std::fs::create_dir_all(&cli.out).map_err(|error| Error::file("create", &cli.out, &error))?;
    let finders = [
        Finder::Index,
        Finder::ScanAll,
        Finder::ScanInBudget,
        Finder::Pages(cli.page),
        Finder::Everything,
        Finder::WholeBlocks,
    ];
    let progress = Progress::begin();
    let mut table = table();
    for &accounts in &cli.accounts {
        for finder in finders {
            progress.say(&format!("{accounts} accounts, {}", finder.name()));
            let outcome = play(finder, accounts, &wasm);
            if !outcome.is_over {
                progress.say("not over when it was given up");
            }
            table.push_named(finder.name(), row(accounts, &outcome));
        }
    }
    println!("{table}");
    table.write_csv(&cli.out)
}

fn table() -> Table {
    Table::new(
        "side-by-side",
        "One crash, several ways to find unsafe accounts",
        &[
            column("accounts", 0),
            column("quiet block, ms", 2),
            column("median block, ms", 1),
            column("worst block, ms", 1),
            column("worst weight, % of the limit", 0),
            column("acted on", 0),
            column("p50, blocks", 0),
            column("p99, blocks", 0),
            column("worst, blocks", 0),
            column("recovered unseen", 0),
            column("over after, blocks", 0),
            column("losses, USDD", 0),
            column("cut from profits, USDD", 0),
        ],
    )
}

fn row(accounts: u32, outcome: &Outcome) -> Vec<f64> {
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let mut times = outcome.times.clone();
    times.sort_unstable();
    let time = |place: usize| times.get(place).copied().map_or(0.0, millis);
    let wait = |per_mille| quantile(&outcome.latencies, per_mille).map_or(f64::NAN, f64::from);
    vec![
        f64::from(accounts),
        millis(outcome.quiet),
        time(times.len() / 2),
        time(times.len().saturating_sub(1)),
        outcome.worst_weight as f64 / 10.0,
        outcome.latencies.len() as f64,
        wait(500),
        wait(990),
        wait(1_000),
        f64::from(outcome.recovered),
        outcome.times.len() as f64,
        outcome.losses as f64,
        outcome.haircuts as f64,
    ]
}
