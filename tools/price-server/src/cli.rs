//! The command line.

use crate::clock::Speed;
use crate::error::{Error, Result};
use crate::history::History;
use crate::server::{Options, Server};
use crate::symbol::Symbol;
use crate::synthesis::{self, Kind};
use crate::venues::Venue;
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  caisson-price-server --history histories/real-btc-2025-02-03.csv --speed 60
  caisson-price-server --history histories/crash.csv --speed 10 --listen 127.0.0.1:0
  caisson-price-server synthesise --kind crash --seed 7 > my-crash.csv
  caisson-price-server synthesise --kind 2020-03-12 > black-thursday.csv

  curl 'http://127.0.0.1:9950/alice/binance/api/v3/ticker/price?symbol=BTCUSDT'
  curl -X PUT -d '{\"kind\":\"lie\",\"percent\":50}' http://127.0.0.1:9950/control/faults/alice/binance

Anyone who reaches the address can set faults and prices: keep it local.";

/// Said of a history that says nothing of itself.
const UNTITLED: &str =
    "of unknown origin: its first line is no comment that says where it comes from";

/// Plays a price history in the shape of eight exchanges' public tickers, with faults on demand.
///
/// Tickers are at /{observer}/{venue}/<the venue's own path and query>. Faults are set for an
/// observer and a venue under /control/faults. The README has the tables of both.
#[derive(Debug, Parser)]
#[command(
    name = "caisson-price-server",
    version,
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    /// The CSV file to play: a header `time_ms,BTC/USD,...`, then a row for each change
    #[arg(long, value_name = "FILE", required = true)]
    history: Option<PathBuf>,

    /// How many times faster than real it plays, such as 0.5 or 60
    #[arg(long, value_name = "X", default_value = "1")]
    speed: Speed,

    /// The address to listen at; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9950")]
    listen: SocketAddr,

    /// Start again when the history ends; without this the last price stays
    #[arg(long = "loop")]
    looping: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a made-up history to stdout, the same for the same seed
    Synthesise {
        /// What happens in it
        #[arg(long, value_enum)]
        kind: Kind,

        /// Any number; another one gives another history
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
    },
}

impl Cli {
    /// Does what was asked; serving ends with Ctrl-C or SIGTERM.
    pub fn run(self) -> Result<()> {
        if let Some(Command::Synthesise { kind, seed }) = self.command {
            return print(&synthesis::history(kind, seed));
        }
        let file = self
            .history
            .ok_or_else(|| Error::new("which history? name its file with --history"))?;
        let history = History::read(&file)?;
        let first = history.symbols()[0].clone();
        let title = history.title().unwrap_or(UNTITLED).to_owned();
        let options = Options {
            listen: self.listen,
            speed: self.speed,
            looping: self.looping,
        };
        let server = Server::start(history, options)?;
        // Before the line that says it serves: whoever reads it may stop the server at once.
        let signals = server.catch_stop_signals()?;
        print(&format!("Serving prices at {}\n", server.url("")))?;
        // The table is a courtesy; nobody may be reading.
        let notes = format!("history   {title}\n{}", table(&server, &first));
        let _ = io::stderr().write_all(notes.as_bytes());
        signals.wait();
        Ok(())
    }
}

fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Error::new(format!("can't write to stdout: {error}")))
}

/// Example URLs, one a line.
fn table(server: &Server, symbol: &Symbol) -> String {
    let mut table = String::new();
    for venue in Venue::ALL {
        let path = format!("/alice/{venue}{}", venue.example(symbol));
        table += &format!("{:<9} {}\n", venue.name(), server.url(&path));
    }
    for (name, path) in [("prices", "/control/prices"), ("faults", "/control/faults")] {
        table += &format!("{name:<9} {}\n", server.url(path));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::DEFAULT_PORT;
    use clap::CommandFactory;

    fn parse(arguments: &[&str]) -> std::result::Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once(&"caisson-price-server").chain(arguments))
    }

    #[test]
    fn cli_should_be_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cli_should_have_the_defaults_of_the_options() {
        let cli = parse(&["--history", "x.csv"]).expect("enough arguments");
        let defaults = Options::default();
        assert_eq!(cli.listen, defaults.listen);
        assert_eq!(cli.listen.port(), DEFAULT_PORT);
        assert_eq!((cli.speed, cli.looping), (defaults.speed, defaults.looping));
    }

    #[test]
    fn cli_should_take_all_options() {
        let cli = parse(&[
            "--history",
            "x.csv",
            "--speed",
            "2.5",
            "--listen",
            "[::1]:0",
            "--loop",
        ])
        .expect("good arguments");
        assert_eq!(Ok(cli.speed), "2.5".parse());
        assert!(cli.looping && cli.listen.is_ipv6());
    }

    #[test]
    fn cli_should_need_no_history_when_it_synthesises() {
        let cli = parse(&["synthesise", "--kind", "crash", "--seed", "3"]).expect("good arguments");
        assert!(matches!(
            cli.command,
            Some(Command::Synthesise {
                kind: Kind::Crash,
                seed: 3
            })
        ));
    }

    #[test]
    fn cli_should_take_a_famous_day_when_it_synthesises() {
        let cli = parse(&["synthesise", "--kind", "2025-10-10"]).expect("good arguments");
        assert!(matches!(
            cli.command,
            Some(Command::Synthesise {
                kind: Kind::October2025,
                seed: 1
            })
        ));
    }

    #[test]
    fn cli_should_fail_when_an_argument_is_bad_or_missing() {
        for arguments in [
            &[][..],
            &["--history", "x.csv", "--speed", "0"],
            &["--history", "x.csv", "--listen", "nowhere"],
            &["synthesise"],
            &["synthesise", "--kind", "boom"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
    }
}
