//! Price histories: the CSV format, and the price that holds at a moment.

use crate::error::{Error, Result};
use crate::price;
use crate::symbol::Symbol;
use rust_decimal::Decimal;
use std::fs;
use std::path::Path;

/// The name of the first column.
const TIME_COLUMN: &str = "time_ms";

/// Most symbols of a history: each of them is in every answer of `/control/prices`.
const MAX_SYMBOLS: usize = 1_000;

/// Most prices of a history: 160 MB of memory.
const MAX_PRICES: usize = 10_000_000;

/// The largest time: the largest integer that every JSON reader keeps exactly.
const MAX_TIME_MS: u64 = (1 << 53) - 1;

/// Prices of some symbols over time. A price holds until the next row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    title: Option<String>,
    symbols: Vec<Symbol>,
    /// The time of each row as the file has it, strictly ascending; never empty.
    times_ms: Vec<u64>,
    /// Row by row, one price for each symbol.
    prices: Vec<Decimal>,
}

impl History {
    /// Reads a history from a CSV file.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).map_err(|error| {
            Error::new(format!(
                "can't read the history {}: {error}",
                file.display()
            ))
        })?;
        Self::parse(&file.display().to_string(), &text)
    }

    /// Reads a history from text. Messages call it `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let place = Place::new(name, text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .quoting(false)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut records = reader.records();
        let header = records.next().ok_or_else(|| {
            Error::new(format!(
                "{name} is empty; its first line must be a header such as \
                 {TIME_COLUMN},BTC/USD,ETH/USD"
            ))
        })?;
        let header = header.map_err(|error| place.error(0, &error))?;
        let mut history = Self {
            title: title(text),
            symbols: header_symbols(&place, &header)?,
            times_ms: Vec::new(),
            prices: Vec::new(),
        };
        for (index, record) in records.enumerate() {
            let record = record.map_err(|error| place.error(index + 1, &error))?;
            history.push(&place, index + 1, &record)?;
        }
        if history.times_ms.is_empty() {
            return Err(Error::new(format!(
                "{name} has no prices; add at least one row below the header, such as 0,60000.25"
            )));
        }
        Ok(history)
    }

    /// Adds a row, the record with this index in the file.
    fn push(&mut self, place: &Place, index: usize, record: &csv::StringRecord) -> Result<()> {
        let columns = self.symbols.len() + 1;
        if record.len() != columns {
            let problem = format!(
                "the row has {} columns, the header {columns}; give each symbol a price",
                record.len()
            );
            return Err(place.error(index, &problem));
        }
        if self.prices.len() + self.symbols.len() > MAX_PRICES {
            let problem = format!("there are more than {MAX_PRICES} prices; split the history");
            return Err(place.error(index, &problem));
        }
        let time_ms = self
            .next_time(&record[0])
            .map_err(|problem| place.column_error(index, 1, TIME_COLUMN, &problem))?;
        for (column, symbol) in self.symbols.iter().enumerate() {
            let price = price::parse(&record[column + 1]).map_err(|problem| {
                place.column_error(index, column + 2, &symbol.to_string(), &problem)
            })?;
            self.prices.push(price);
        }
        self.times_ms.push(time_ms);
        Ok(())
    }

    fn next_time(&self, text: &str) -> Result<u64> {
        let time_ms = text
            .parse()
            .ok()
            .filter(|time_ms| *time_ms <= MAX_TIME_MS)
            .ok_or_else(|| {
                Error::new(format!(
                    "`{text}` isn't a time; write whole milliseconds from 0 to {MAX_TIME_MS}"
                ))
            })?;
        match self.times_ms.last() {
            Some(last) if *last >= time_ms => Err(Error::new(format!(
                "the time {time_ms} doesn't come after {last}, that of the row before; sort the \
                 rows and give each its own time"
            ))),
            _ => Ok(time_ms),
        }
    }

    /// What the file's first line says of it, if that is a comment: where the prices come from. The
    /// histories of this repository begin with `REAL` or `SYNTHETIC`; show it wherever prices are shown.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The symbols, in the order of the columns.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The index of the symbol with this very name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.symbols
            .iter()
            .position(|symbol| symbol.to_string() == name)
    }

    /// How many rows there are, at least one.
    pub fn rows(&self) -> usize {
        self.times_ms.len()
    }

    /// The time of the first row, as the file has it.
    pub fn first_ms(&self) -> u64 {
        self.times_ms[0]
    }

    /// Time from the first row to this one.
    pub fn offset_ms(&self, row: usize) -> u64 {
        self.times_ms[row] - self.first_ms()
    }

    /// Time from the first row to the last.
    pub fn duration_ms(&self) -> u64 {
        self.offset_ms(self.rows() - 1)
    }

    /// Time after which a loop starts again: the last row holds as long as the one before it did, so
    /// that it is served too.
    pub fn period_ms(&self) -> u64 {
        match self.rows() {
            1 => 1,
            rows => self.duration_ms() + (self.times_ms[rows - 1] - self.times_ms[rows - 2]),
        }
    }

    /// The row that holds this long after the first one.
    pub fn row_at(&self, offset_ms: u64) -> usize {
        let time_ms = self.first_ms().saturating_add(offset_ms);
        self.times_ms.partition_point(|row_ms| *row_ms <= time_ms) - 1
    }

    /// The prices of a row, in the order of the symbols.
    pub fn prices(&self, row: usize) -> &[Decimal] {
        let width = self.symbols.len();
        &self.prices[row * width..(row + 1) * width]
    }
}

/// The text of the first line, if it is a comment with any.
fn title(text: &str) -> Option<String> {
    let first = text.trim_start_matches('\u{feff}').lines().next()?;
    let title = first.strip_prefix('#')?.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

fn header_symbols(place: &Place, header: &csv::StringRecord) -> Result<Vec<Symbol>> {
    if header.get(0) != Some(TIME_COLUMN) || header.len() < 2 {
        let problem = format!(
            "this must be the header: {TIME_COLUMN} first, then at least one symbol, such as \
             {TIME_COLUMN},BTC/USD,ETH/USD"
        );
        return Err(place.error(0, &problem));
    }
    if header.len() - 1 > MAX_SYMBOLS {
        let problem = format!("there are more than {MAX_SYMBOLS} symbols; split the history");
        return Err(place.error(0, &problem));
    }
    let mut symbols: Vec<Symbol> = Vec::new();
    for (column, name) in header.iter().enumerate().skip(1) {
        let fail = |problem: &Error| place.column_error(0, column + 1, name, problem);
        let symbol = name.parse().map_err(|problem| fail(&problem))?;
        if symbols.contains(&symbol) {
            return Err(fail(&Error::new("the symbol has a column already")));
        }
        symbols.push(symbol);
    }
    Ok(symbols)
}

/// Where a record stands. The CSV reader counts a record from the end of the one before, so the
/// comments between them would shift its line numbers.
struct Place<'a> {
    name: &'a str,
    /// The line of each record, from 1.
    lines: Vec<usize>,
}

impl<'a> Place<'a> {
    fn new(name: &'a str, text: &str) -> Self {
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(index, _)| index + 1)
            .collect();
        Self { name, lines }
    }

    fn error(&self, record: usize, problem: &dyn std::fmt::Display) -> Error {
        Error::new(format!("{}{}: {problem}", self.name, self.line(record)))
    }

    fn column_error(&self, record: usize, column: usize, title: &str, problem: &Error) -> Error {
        Error::new(format!(
            "{}{}, column {column} ({title}): {problem}",
            self.name,
            self.line(record)
        ))
    }

    fn line(&self, record: usize) -> String {
        self.lines
            .get(record)
            .map_or_else(String::new, |line| format!(", line {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# made up\ntime_ms,BTC/USD,ETH/USD\n1000,60000.10,3000\n\n# a gap\n\
                        2000,60001,3001\n4500,60002,3002\n";

    fn parse(text: &str) -> Result<History> {
        History::parse("test.csv", text)
    }

    fn message(text: &str) -> String {
        parse(text).expect_err("a bad history").to_string()
    }

    #[test]
    fn history_should_hold_a_price_until_the_next_row() {
        let history = parse(GOOD).expect("a good history");
        for (offset_ms, row) in [(0, 0), (999, 0), (1000, 1), (3499, 1), (3500, 2)] {
            assert_eq!(history.row_at(offset_ms), row, "{offset_ms}");
        }
        assert_eq!(history.row_at(u64::MAX), 2);
        assert_eq!(history.prices(0)[0].to_string(), "60000.10");
        assert_eq!(history.prices(2)[1].to_string(), "3002");
    }

    #[test]
    fn history_should_know_its_length() {
        let history = parse(GOOD).expect("a good history");
        assert_eq!(history.rows(), 3);
        assert_eq!(history.first_ms(), 1000);
        assert_eq!(history.duration_ms(), 3500);
        assert_eq!(history.period_ms(), 6000);
        assert_eq!(history.index_of("ETH/USD"), Some(1));
        assert_eq!(history.index_of("ETH/EUR"), None);
    }

    #[test]
    fn history_should_have_a_title_when_its_first_line_is_a_comment() {
        let rows = "time_ms,BTC/USD\n7,1\n";
        for (comment, title) in [
            ("# SYNTHETIC: made up\n# more\n", Some("SYNTHETIC: made up")),
            ("\u{feff}#REAL: traded\r\n", Some("REAL: traded")),
            ("#\n# SYNTHETIC\n", None),
            ("", None),
        ] {
            let history = parse(&format!("{comment}{rows}")).expect("a good history");
            assert_eq!(history.title(), title);
        }
    }

    #[test]
    fn history_should_loop_at_once_when_it_has_one_row() {
        let history = parse("time_ms,BTC/USD\n7,1\n").expect("a good history");
        assert_eq!((history.duration_ms(), history.period_ms()), (0, 1));
    }

    #[test]
    fn history_should_be_read_when_it_comes_from_a_spreadsheet() {
        let text = "\u{feff}time_ms, BTC/USD\r\n0, 1.5\r\n10, 2\r\n";
        assert_eq!(parse(text).expect("a good history").rows(), 2);
    }

    #[test]
    fn history_should_name_line_and_column_when_a_price_is_bad() {
        let text = GOOD.replace("3001", "-3001");
        assert_eq!(
            message(&text),
            "test.csv, line 6, column 3 (ETH/USD): `-3001` isn't a positive decimal number; write a \
             price like 60000.25"
        );
    }

    #[test]
    fn history_should_name_line_and_column_when_a_time_is_bad() {
        for bad in ["x", "-1", "1.5", "9007199254740992", ""] {
            let text = GOOD.replace("4500", bad);
            let message = message(&text);
            assert!(
                message.contains("line 7, column 1 (time_ms)"),
                "{bad}: {message}"
            );
        }
    }

    #[test]
    fn history_should_name_both_times_when_they_do_not_ascend() {
        for bad in ["2000", "1999"] {
            let message = message(&GOOD.replace("4500", bad));
            assert!(message.contains("line 7, column 1"), "{message}");
            assert!(
                message.contains(bad) && message.contains("2000"),
                "{message}"
            );
        }
    }

    #[test]
    fn history_should_name_the_line_when_a_row_has_other_columns() {
        for bad in ["2000,60001", "2000,60001,3001,5", "2000"] {
            let message = message(&GOOD.replace("2000,60001,3001", bad));
            assert!(
                message.contains("test.csv, line 6: the row has"),
                "{message}"
            );
        }
    }

    #[test]
    fn history_should_say_what_a_header_is_when_it_is_bad() {
        for (bad, part) in [
            ("time,BTC/USD,ETH/USD", "line 2: this must be the header"),
            ("time_ms", "line 2: this must be the header"),
            ("time_ms,BTC/USD,ethusd", "line 2, column 3 (ethusd)"),
            ("time_ms,BTC/USD,BTC/USD", "line 2, column 3 (BTC/USD)"),
        ] {
            let message = message(&GOOD.replace("time_ms,BTC/USD,ETH/USD", bad));
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn history_should_fail_when_there_is_nothing_in_it() {
        assert!(message("").contains("is empty"));
        assert!(message("# only this\n").contains("is empty"));
        assert!(message("time_ms,BTC/USD\n").contains("has no prices"));
    }

    #[test]
    fn history_should_name_the_file_when_it_is_not_there() {
        let error = History::read(Path::new("no-such.csv")).expect_err("no such file");
        assert!(error.to_string().contains("no-such.csv"), "{error}");
    }
}
