//! The command line.

use std::{path::PathBuf, process::ExitCode};

use caisson_chain_harness::acts::Effort;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    accounts, book,
    error::{Error, Result},
    import, markets, overhead, plot,
    progress::Progress,
    reporters, size,
    sync::{self, Sync},
};

const EXAMPLES: &str = "Examples:
  caisson-growth                                      # all curves, up to ten thousand accounts: some minutes
  caisson-growth --scale 6 --out growth-report        # up to a million
  caisson-growth --only import --only size
  caisson-growth sync --blocks 300                    # five nodes on this computer";

/// Measures how costs grow with accounts, markets, resting orders and validators, how large the state is, how fast blocks are
/// imported, and what a block and a transaction cost that do nothing. Tables go to stdout, CSV files and plots into a folder.
#[derive(Debug, Parser)]
#[command(name = "caisson-growth", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    curves: Curves,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a network of four nodes, and measures how fast a fifth catches up with it.
    Sync(Sync),
}

#[derive(Debug, Args)]
struct Curves {
    /// The most accounts, as a power of ten; the book has a tenth as many orders
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(3..=6))]
    scale: u32,

    /// How many blocks of each kind are timed; the least time counts
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u8).range(1..=99))]
    runs: u8,

    /// How many transactions a timed block has; a fourth of that are fills
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=250))]
    transactions: u32,

    /// Only these; all without it
    #[arg(long, value_name = "CURVE")]
    only: Vec<Curve>,

    /// The folder that CSV files and plots go to
    #[arg(long, value_name = "DIR", default_value = "growth-report")]
    out: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Curve {
    Accounts,
    Markets,
    Book,
    Reporters,
    Size,
    Import,
    Overhead,
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
    let progress = Progress::begin();
    match &cli.command {
        Some(Command::Sync(sync)) => {
            println!("{}", sync::measure(sync, &progress)?);
            Ok(())
        }
        None => curves(&cli.curves, &progress),
    }
}

fn curves(curves: &Curves, progress: &Progress) -> Result<()> {
    let folder = &curves.out;
    std::fs::create_dir_all(folder).map_err(|error| Error::file("create", folder, &error))?;
    let effort = Effort {
        runs: curves.runs.into(),
        many: curves.transactions,
    };
    for curve in Curve::value_variants() {
        if !curves.only.is_empty() && !curves.only.contains(curve) {
            continue;
        }
        let table = match curve {
            Curve::Accounts => accounts::measure(curves.scale, effort, progress),
            Curve::Markets => markets::measure(effort, progress),
            Curve::Book => book::measure(curves.scale - 1, effort, progress),
            Curve::Reporters => reporters::measure(effort, progress),
            Curve::Size => size::measure(progress),
            Curve::Import => import::measure(progress),
            Curve::Overhead => overhead::measure(effort, progress),
        };
        println!("{table}");
        table.write_csv(folder)?;
        for (suffix, unit, columns) in plots(*curve) {
            plot::draw(&table, (suffix, unit), columns, folder)?;
        }
    }
    progress.say(&format!("done; see {}", folder.display()));
    Ok(())
}

/// Which columns of a curve are drawn together, under which suffix and with which unit.
fn plots(curve: Curve) -> &'static [(&'static str, &'static str, &'static [usize])] {
    match curve {
        Curve::Accounts => &[
            ("quiet", "us", &[1, 7]),
            ("acts", "transfers", &[3, 4, 5, 6]),
        ],
        Curve::Markets | Curve::Book => {
            &[("quiet", "us", &[1]), ("acts", "transfers", &[3, 4, 5, 6])]
        }
        Curve::Reporters => &[("blocks", "us", &[1, 2, 4])],
        Curve::Size | Curve::Import | Curve::Overhead => &[],
    }
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
    fn command_line_should_take_curves_or_a_network() {
        let parse = |words: &[&str]| Cli::try_parse_from(["caisson-growth"].iter().chain(words));
        assert!(parse(&[]).is_ok_and(|cli| cli.command.is_none()));
        assert!(parse(&["--scale", "6", "--only", "size"]).is_ok());
        assert!(parse(&["--scale", "7"]).is_err());
        assert!(parse(&["sync", "--blocks", "9"]).is_ok_and(|cli| cli.command.is_some()));
        assert!(parse(&["--scale", "4", "sync"]).is_err());
    }
}
