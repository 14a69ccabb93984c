//! The prices that play: found by name or file, checked, and described.

use crate::error::{Error, Result};
use caisson_price_server::{History, Options, Server, Speed};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What plays unless something else is asked for.
pub const DEFAULT: &str = "real-btc-2025-02-03";

/// The symbols that the markets of a development chain need.
const NEEDED: [&str; 2] = ["BTC/USD", "ETH/USD"];

/// How long a row of the file stays, unless a speed is asked for.
const ROW_MS: u64 = 1_000;

/// A history that can be played.
#[derive(Debug)]
pub struct Played {
    about: String,
    history: History,
}

/// The history of that name in a folder, or in the file of that path.
pub fn find(name: &str, folder: &Path) -> Result<Played> {
    let file = [folder.join(format!("{name}.csv")), PathBuf::from(name)]
        .into_iter()
        .find(|file| file.is_file())
        .ok_or_else(|| no_such(name, folder))?;
    let history = History::read(&file).map_err(|error| Error::new(error.to_string()))?;
    if let Some(missing) = NEEDED
        .iter()
        .find(|symbol| history.index_of(symbol).is_none())
    {
        return Err(Error::new(format!(
            "{} has no column {missing}; the markets of a development chain need {}",
            file.display(),
            NEEDED.join(" and ")
        )));
    }
    Ok(Played {
        about: describe(&file, &history),
        history,
    })
}

impl Played {
    /// What it is: the first line of the file's comments, which says whether the prices are real.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Serves it in the shape of exchanges.
    pub fn serve(&self, speed: Option<Speed>) -> Result<Server> {
        let speed = match speed {
            Some(speed) => speed,
            None => self.a_row_a_second()?,
        };
        let options = Options {
            speed,
            looping: self.ends_where_it_began(),
            ..Options::at_free_port()
        };
        Server::start(self.history.clone(), options).map_err(|error| Error::new(error.to_string()))
    }

    /// The speed at which a row stays a second, or the file's own if its rows are closer than that.
    fn a_row_a_second(&self) -> Result<Speed> {
        let rows = u64::try_from(self.history.rows()).unwrap_or(u64::MAX);
        let each = self.history.duration_ms() / rows.saturating_sub(1).max(1);
        let times = (each / ROW_MS).max(1);
        times
            .to_string()
            .parse()
            .map_err(|error: caisson_price_server::Error| Error::new(error.to_string()))
    }

    /// Whether it can start again at its end without a jump of more than a thousandth, which would be no market's move.
    fn ends_where_it_began(&self) -> bool {
        let first = self.history.prices(0);
        let last = self.history.prices(self.history.rows() - 1);
        first.iter().zip(last).all(|(first, last)| {
            (first - last).abs() * rust_decimal::Decimal::from(1_000) <= *first
        })
    }
}

/// The name of a file, and what the history says of itself.
fn describe(file: &Path, history: &History) -> String {
    let name = file
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    match history.title() {
        Some(title) => format!("{name}: {title}"),
        None => name,
    }
}

fn no_such(name: &str, folder: &Path) -> Error {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.strip_suffix(".csv").map(str::to_owned)
        })
        .collect();
    names.sort();
    match names.is_empty() {
        true => Error::new(format!(
            "there is no history `{name}`, and none at all in {}; name a CSV file, or the folder with --histories",
            folder.display()
        )),
        false => Error::new(format!(
            "there is no history `{name}`; there are {}, or name a CSV file",
            names.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(name: &str, text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(name), text).expect("writes");
        folder
    }

    const MINUTES: &str =
        "# REAL: a day\ntime_ms,BTC/USD,ETH/USD\n0,100,10\n60000,101,10\n120000,102,10\n";

    #[test]
    fn history_should_be_found_by_name_and_describe_itself() {
        let folder = folder_with("day.csv", MINUTES);
        let played = find("day", folder.path()).expect("found");
        assert_eq!(played.about(), "day: REAL: a day");
        assert_eq!(played.a_row_a_second(), Ok("60".parse().expect("a speed")));
        assert!(!played.ends_where_it_began());
    }

    #[test]
    fn history_should_be_found_by_file_and_play_in_its_own_time_when_it_is_fine() {
        let folder = folder_with(
            "fine.csv",
            "time_ms,BTC/USD,ETH/USD\n0,1000,10\n250,1000.5,10\n",
        );
        let file = folder.path().join("fine.csv");
        let played = find(&file.to_string_lossy(), Path::new("nowhere")).expect("found");
        assert_eq!(played.about(), "fine");
        assert_eq!(played.a_row_a_second(), Ok(Speed::REAL));
        assert!(played.ends_where_it_began());
    }

    #[test]
    fn history_should_name_the_others_when_there_is_none_of_that_name() {
        let folder = folder_with("day.csv", MINUTES);
        let error = find("night", folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("`night`") && error.contains("day"),
            "{error}"
        );
        let empty = tempfile::tempdir().expect("a folder");
        let error = find("night", empty.path()).unwrap_err().to_string();
        assert!(error.contains("--histories"), "{error}");
    }

    #[test]
    fn history_should_be_refused_when_a_market_would_have_no_price() {
        let folder = folder_with("half.csv", "time_ms,BTC/USD\n0,1\n");
        let error = find("half", folder.path()).unwrap_err().to_string();
        assert!(error.contains("ETH/USD"), "{error}");
    }
}
