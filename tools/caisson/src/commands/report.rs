//! Answers, and the tables in them.

use serde_json::Value;

/// What a command answers: for people, and for programs.
#[derive(Clone, Debug)]
pub struct Report {
    /// For people.
    pub text: String,
    /// For programs: money, amounts and prices are strings with decimals.
    pub json: Value,
}

impl Report {
    /// An answer.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
        }
    }
}

/// A table of text, aligned by its columns.
#[derive(Clone, Debug)]
pub struct Table {
    /// The heads of the columns; those of numbers are marked, and stand to the right.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns. A head that begins with `>` has its column stand to the right, as numbers should.
    pub fn new(heads: &[&str]) -> Self {
        let column = |head: &&str| match head.strip_prefix('>') {
            Some(head) => (head.to_owned(), true),
            None => ((*head).to_owned(), false),
        };
        Self {
            columns: heads.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Labels and what belongs to them.
    pub fn of_pairs<const N: usize>(pairs: [(&str, String); N]) -> Self {
        let mut table = Self::new(&["", ">"]);
        for (label, value) in pairs {
            table.row([label.to_owned(), value]);
        }
        table
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        self.rows.push(cells.to_vec());
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, each line ended; without a line of heads when all are empty.
    pub fn text(&self) -> String {
        let heads: Vec<String> = self.columns.iter().map(|(head, _)| head.clone()).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells
                    .chain(heads.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let has_heads = heads.iter().any(|head| !head.is_empty());
        let lines = has_heads.then_some(&heads).into_iter().chain(&self.rows);
        lines.map(|line| self.line(line, &widths)).collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, to_the_right)) in cells.iter().zip(widths).zip(&self.columns) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            if *to_the_right {
                line.push_str(&format!("{cell:>width$}"));
            } else {
                line.push_str(&format!("{cell:<width$}"));
            }
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }
}

/// A value, or a dash for nothing.
pub fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_should_align_numbers_to_the_right_when_their_head_says_so() {
        let mut table = Table::new(&["market", ">mark"]);
        table.row(["BTC-PERP".to_owned(), "60000.1".to_owned()]);
        table.row(["X".to_owned(), "3".to_owned()]);
        assert_eq!(
            table.text(),
            "market       mark\nBTC-PERP  60000.1\nX               3\n"
        );
    }

    #[test]
    fn table_should_have_no_line_of_heads_when_they_are_empty() {
        let table = Table::of_pairs([("equity", "10".to_owned()), ("slack", "1".to_owned())]);
        assert_eq!(table.text(), "equity  10\nslack    1\n");
    }
}
