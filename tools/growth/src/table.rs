//! Results: a table that is printed, written as CSV, and drawn.

use std::{fmt, path::Path};

use crate::error::{Error, Result};

/// A column: its name, and how many digits after the point are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What it holds, with its unit.
    pub name: &'static str,
    /// Digits after the point in print; the file has all that are known.
    pub digits: usize,
}

/// Shorthand for a column.
pub const fn column(name: &'static str, digits: usize) -> Column {
    Column { name, digits }
}

/// A table of figures. The first column is what grows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name of its files.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// The columns, the first of which is what grows.
    pub columns: Vec<Column>,
    /// What stands before the first column, where rows have names.
    pub labels: Vec<&'static str>,
    /// The rows, each as long as there are columns.
    pub rows: Vec<Vec<f64>>,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &'static str, title: &'static str, columns: &[Column]) -> Self {
        Self {
            name,
            title,
            columns: columns.to_vec(),
            labels: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. Panics when it has not as many figures as there are columns.
    pub fn push(&mut self, row: Vec<f64>) {
        assert_eq!(row.len(), self.columns.len(), "a figure for each column");
        self.rows.push(row);
    }

    /// Adds a row with a name.
    pub fn push_named(&mut self, label: &'static str, row: Vec<f64>) {
        self.labels.push(label);
        self.push(row);
    }

    /// Writes it to `FOLDER/NAME.csv`.
    pub fn write_csv(&self, folder: &Path) -> Result<()> {
        let file = folder.join(format!("{}.csv", self.name));
        let write = || -> std::result::Result<(), csv::Error> {
            let mut writer = csv::Writer::from_path(&file)?;
            let names = self.columns.iter().map(|column| column.name);
            let corner = (!self.labels.is_empty()).then_some("what");
            writer.write_record(corner.into_iter().chain(names))?;
            for (place, row) in self.rows.iter().enumerate() {
                let label = self.labels.get(place).map(|label| (*label).to_owned());
                let figures = row.iter().map(|figure| figure.to_string());
                writer.write_record(label.into_iter().chain(figures))?;
            }
            Ok(writer.flush()?)
        };
        write().map_err(|error| Error::file("write", &file, &error))
    }
}

impl fmt::Display for Table {
    /// As Markdown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n", self.title)?;
        let corner = (!self.labels.is_empty()).then_some("");
        let names = self.columns.iter().map(|column| column.name);
        let head: Vec<_> = corner.into_iter().chain(names).collect();
        writeln!(formatter, "| {} |", head.join(" | "))?;
        writeln!(formatter, "|{}", "---|".repeat(head.len()))?;
        for (place, row) in self.rows.iter().enumerate() {
            let label = self.labels.get(place).map(|label| (*label).to_owned());
            let figures = row
                .iter()
                .zip(&self.columns)
                .map(|(figure, column)| printed(*figure, column.digits));
            let cells: Vec<_> = label.into_iter().chain(figures).collect();
            writeln!(formatter, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

/// A figure with a comma between thousands.
fn printed(figure: f64, digits: usize) -> String {
    let text = format!("{figure:.digits$}");
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_should_group_thousands() {
        assert_eq!(printed(1_234_567.0, 0), "1,234,567");
        assert_eq!(printed(-1_234.56, 1), "-1,234.6");
        assert_eq!(printed(123.0, 0), "123");
        assert_eq!(printed(0.126, 2), "0.13");
    }

    #[test]
    fn tables_should_be_written_and_printed_with_their_names() {
        let mut table = Table::new("t", "T", &[column("n", 0), column("cost, us", 1)]);
        table.push_named("first", vec![1_000.0, 2.25]);
        let text = table.to_string();
        assert!(text.contains("|  | n | cost, us |"), "{text}");
        assert!(text.contains("| first | 1,000 | 2.2 |"), "{text}");
        let folder = tempfile::tempdir().expect("a folder");
        table.write_csv(folder.path()).expect("writes");
        let written = std::fs::read_to_string(folder.path().join("t.csv")).expect("reads");
        assert_eq!(written, "what,n,\"cost, us\"\nfirst,1000,2.25\n");
    }
}
